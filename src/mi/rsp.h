/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gdb's remote serial protocol, as served from a crashed kernel: memory through
 * its page tables, one thread per task, registers, target description, modules.
 * Read-only: writes and execution are refused. (gdb manual, appendix E.)
 */
#ifndef KD_MI_RSP_H
#define KD_MI_RSP_H

#include "kernel/kernel.h"

struct rsp_server;

/*
 * Serve one client on a pair of file descriptors until it detaches or closes.
 * 0, or KD_IO. The kernel is borrowed.
 */
int rsp_serve(const struct kernel *k, int in, int out, FILE *trace, struct kd_err *err);

/*
 * Listen on a Unix socket and serve clients, one after another, in a thread of
 * its own. PATH NULL: a socket in a private folder (0700) of its own. The
 * socket is 0600; an existing file is not replaced (KD_IO).
 */
int rsp_server_start(const struct kernel *k, const char *path, FILE *trace,
		     struct rsp_server **out, struct kd_err *err);
const char *rsp_server_path(const struct rsp_server *s);
/* End the thread, remove socket and folder; NULL is fine. */
void rsp_server_stop(struct rsp_server *s);

#endif
