/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packets of gdb's remote serial protocol: framing, checksum, escapes and
 * run-length encoding (gdb manual, appendix E.1). No commands, no I/O: bytes in,
 * bytes out. What is read is hostile.
 */
#ifndef KD_MI_RSP_PACKET_H
#define KD_MI_RSP_PACKET_H

#include "core/base.h"

/* Longest packet taken, in bytes, as sent and after decoding. */
#define RSP_PACKET_MAX ((size_t)1 << 20)

/*
 * A growing buffer that never holds more than MAX bytes. When something does not
 * fit or memory runs out it turns `failed` and takes nothing more, so that a
 * writer need check only once, at the end. Always terminated by a NUL not counted.
 */
struct rsp_buf {
	char *data; /* owned; NULL as long as empty */
	size_t len, cap, max;
	bool failed;
};

#define RSP_BUF_INIT(limit) ((struct rsp_buf){ .max = (limit) })

void rsp_buf_fini(struct rsp_buf *b);
/* Empty it and forget a failure; memory is kept. */
void rsp_buf_reset(struct rsp_buf *b);
void rsp_buf_add(struct rsp_buf *b, const void *data, size_t len);
void rsp_buf_puts(struct rsp_buf *b, const char *text);
void rsp_buf_putc(struct rsp_buf *b, char c);
/* One formatted piece of at most 255 bytes; longer is a failure. */
void rsp_buf_printf(struct rsp_buf *b, const char *fmt, ...) KD_PRINTF(2, 3);
/* LEN bytes as 2 * LEN hex digits. */
void rsp_buf_hex(struct rsp_buf *b, const void *data, size_t len);

/* Append PAYLOAD to OUT as one packet: '$', escaped and run-length encoded, '#', sum. */
void rsp_packet_put(struct rsp_buf *out, const char *payload, size_t len);

/*
 * Undo run-length encoding and escapes of what stood between '$' and '#', into
 * OUT (emptied first). false: no valid encoding, or too long for OUT.
 */
bool rsp_packet_decode(struct rsp_buf *out, const char *raw, size_t len);

enum rsp_event {
	RSP_NONE,    /* nothing complete yet */
	RSP_PACKET,  /* a packet: reader.payload */
	RSP_DAMAGED, /* a packet whose checksum is wrong */
	RSP_REFUSED, /* a packet too long or wrongly encoded, checksum aside */
	RSP_ACK,     /* '+' */
	RSP_NAK,     /* '-' */
	RSP_BREAK,   /* 0x03: the user wants the target to stop */
};

struct rsp_reader {
	enum { RSP_IDLE, RSP_DATA, RSP_SUM_HIGH, RSP_SUM_LOW } state;
	struct rsp_buf raw;	/* of the packet being read */
	struct rsp_buf payload; /* of the last RSP_PACKET, decoded */
	uint8_t sum;		/* of raw, so far */
	int said;		/* checksum in the packet; -1: no hex */
};

void rsp_reader_init(struct rsp_reader *r);
void rsp_reader_fini(struct rsp_reader *r);

/*
 * Take bytes up to the end of the first event and say how many; *event is
 * RSP_NONE when all LEN were taken without one. Bytes between packets that mean
 * nothing are skipped.
 */
size_t rsp_reader_feed(struct rsp_reader *r, const char *data, size_t len, enum rsp_event *event);

#endif
