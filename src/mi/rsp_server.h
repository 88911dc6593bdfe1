/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server over any target, below the contract of mi/rsp.h.
 */
#ifndef KD_MI_RSP_SERVER_H
#define KD_MI_RSP_SERVER_H

#include "mi/rsp_session.h"

struct rsp_server;

/* Serve one client, as rsp_serve(). TARGET is borrowed. */
int rsp_serve_target(const struct rsp_target *target, int in, int out, FILE *trace,
		     struct kd_err *err);

/* Start a server, as rsp_server_start(). TARGET is taken over, on failure too. */
int rsp_server_start_target(struct rsp_target *target, const char *path, FILE *trace,
			    struct rsp_server **out, struct kd_err *err);

#endif
