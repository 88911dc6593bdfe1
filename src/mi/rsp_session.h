/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One gdb at the other end: its packets in, our answers out, no I/O. Read-only:
 * writes are refused, and a target told to run stops at once where it is.
 *
 * Errors are "E" and two hex digits: the negated enum kd_status (E01 excluded by
 * the dump's filter, E02 lost, E03 corrupt, E04 no such physical memory, E05 not
 * mapped, E06 no such thread, E09 out of memory), E0d: a dump can not be written,
 * E10: the packet makes no sense.
 */
#ifndef KD_MI_RSP_SESSION_H
#define KD_MI_RSP_SESSION_H

#include "mi/rsp_packet.h"
#include "mi/rsp_target.h"

/* Bytes in one packet, as qSupported says; half of it is the longest memory read. */
#define RSP_PACKET_SIZE 0x20000

/*
 * The documents of a target, each made when first asked for and kept: gdb fetches
 * them in pieces of 4 KB and again for each client. One thread only.
 */
struct rsp_docs {
	struct rsp_buf features, threads, libraries;
};

void rsp_docs_init(struct rsp_docs *d);
void rsp_docs_fini(struct rsp_docs *d);
/* Make all of them now. */
void rsp_docs_fill(struct rsp_docs *d, const struct rsp_target *t);

struct rsp_session;

/* TARGET and DOCS are borrowed, TRACE too; it may be NULL. */
int rsp_session_new(const struct rsp_target *target, struct rsp_docs *docs, FILE *trace,
		    struct rsp_session **out, struct kd_err *err);
void rsp_session_free(struct rsp_session *s);
void rsp_session_freep(struct rsp_session **s);

/*
 * Take bytes from the client up to the end of one packet, append what there is
 * to answer to OUT, and say how many bytes were taken: at least 1 of LEN > 0.
 * Send OUT before the next call, so that it stays small. When OUT turns failed
 * the answer is lost and the client can only be left.
 */
size_t rsp_session_input(struct rsp_session *s, const char *data, size_t len, struct rsp_buf *out);

/* The client has said good-bye. */
bool rsp_session_over(const struct rsp_session *s);

#endif
