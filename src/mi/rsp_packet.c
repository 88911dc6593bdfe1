// SPDX-License-Identifier: GPL-3.0-or-later
#include "mi/rsp_packet.h"

#include <stdarg.h>
#include <string.h>

/* A run is the byte, '*', and a printable byte: the number of repeats plus this. */
#define RUN_BIAS 29
#define RUN_MIN 3
#define RUN_MAX ('~' - RUN_BIAS)

static const char hex_digits[] = "0123456789abcdef";

void rsp_buf_fini(struct rsp_buf *b)
{
	free(b->data);
	*b = RSP_BUF_INIT(b->max);
}

void rsp_buf_reset(struct rsp_buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data)
		b->data[0] = '\0';
}

/* Make room for MORE bytes and the NUL. */
static bool buf_reserve(struct rsp_buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 256;
	char *data;

	if (b->failed || !range_contains(b->max, b->len, more)) {
		b->failed = true;
		return false;
	}
	if (b->len + more < b->cap)
		return true;
	while (cap <= b->len + more)
		cap *= 2;
	data = realloc(b->data, cap);
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

void rsp_buf_add(struct rsp_buf *b, const void *data, size_t len)
{
	if (!len || !buf_reserve(b, len))
		return;
	memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void rsp_buf_puts(struct rsp_buf *b, const char *text)
{
	rsp_buf_add(b, text, strlen(text));
}

void rsp_buf_putc(struct rsp_buf *b, char c)
{
	rsp_buf_add(b, &c, 1);
}

void rsp_buf_printf(struct rsp_buf *b, const char *fmt, ...)
{
	char piece[256];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(piece, sizeof(piece), fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(piece))
		b->failed = true;
	else
		rsp_buf_add(b, piece, (size_t)len);
}

void rsp_buf_hex(struct rsp_buf *b, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	if (len > SIZE_MAX / 2 || !buf_reserve(b, 2 * len) || !len)
		return;
	for (size_t i = 0; i < len; i++) {
		b->data[b->len++] = hex_digits[bytes[i] >> 4];
		b->data[b->len++] = hex_digits[bytes[i] & 15];
	}
	b->data[b->len] = '\0';
}

static uint8_t checksum(const char *data, size_t len)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + (uint8_t)data[i]);
	return sum;
}

static bool needs_escape(char c)
{
	return c == '#' || c == '$' || c == '}' || c == '*';
}

/* How often the byte at DATA repeats after it, as far as one run can say. */
static size_t run_length(const char *data, size_t len)
{
	size_t n = 0;

	while (n + 1 < len && n < RUN_MAX && data[n + 1] == data[0])
		n++;
	/* These would end or start a packet, or look like an acknowledgement. */
	while (n >= RUN_MIN && strchr("#$+-", (int)(n + RUN_BIAS)))
		n--;
	return n >= RUN_MIN ? n : 0;
}

void rsp_packet_put(struct rsp_buf *out, const char *payload, size_t len)
{
	size_t start;
	uint8_t sum;

	rsp_buf_putc(out, '$');
	start = out->len;
	for (size_t i = 0; i < len && !out->failed; i++) {
		size_t run;

		if (needs_escape(payload[i])) {
			rsp_buf_putc(out, '}');
			rsp_buf_putc(out, (char)(payload[i] ^ 0x20));
			continue;
		}
		rsp_buf_putc(out, payload[i]);
		run = run_length(payload + i, len - i);
		if (run) {
			rsp_buf_putc(out, '*');
			rsp_buf_putc(out, (char)(run + RUN_BIAS));
			i += run;
		}
	}
	if (out->failed)
		return;
	sum = checksum(out->data + start, out->len - start);
	rsp_buf_printf(out, "#%02x", sum);
}

/*
 * gdb undoes runs first and escapes afterwards, so a run repeats the byte as it
 * was sent, and `escaped` has to live across runs.
 */
bool rsp_packet_decode(struct rsp_buf *out, const char *raw, size_t len)
{
	bool escaped = false;

	rsp_buf_reset(out);
	for (size_t i = 0; i < len; i++) {
		size_t count = 1;
		char c = raw[i];

		if (c == '*') {
			if (i == 0 || i + 1 == len || raw[i + 1] < RUN_BIAS + RUN_MIN ||
			    raw[i + 1] > '~')
				return false;
			c = raw[i - 1];
			count = (size_t)raw[++i] - RUN_BIAS;
		}
		while (count--) {
			if (!escaped && c == '}') {
				escaped = true;
				continue;
			}
			rsp_buf_putc(out, escaped ? (char)(c ^ 0x20) : c);
			escaped = false;
		}
		if (out->failed)
			return false;
	}
	return !escaped;
}

void rsp_reader_init(struct rsp_reader *r)
{
	*r = (struct rsp_reader){
		.state = RSP_IDLE,
		.raw = RSP_BUF_INIT(RSP_PACKET_MAX),
		.payload = RSP_BUF_INIT(RSP_PACKET_MAX),
	};
}

void rsp_reader_fini(struct rsp_reader *r)
{
	rsp_buf_fini(&r->raw);
	rsp_buf_fini(&r->payload);
}

static void reader_start(struct rsp_reader *r)
{
	rsp_buf_reset(&r->raw);
	r->sum = 0;
	r->state = RSP_DATA;
}

static enum rsp_event reader_idle(struct rsp_reader *r, char c)
{
	switch (c) {
	case '$':
		reader_start(r);
		return RSP_NONE;
	case '+':
		return RSP_ACK;
	case '-':
		return RSP_NAK;
	case 3:
		return RSP_BREAK;
	default:
		return RSP_NONE;
	}
}

static void reader_data(struct rsp_reader *r, char c)
{
	if (c == '#') {
		r->state = RSP_SUM_HIGH;
		return;
	}
	/* A '$' is never part of a packet: the end of the one before was lost. */
	if (c == '$') {
		reader_start(r);
		return;
	}
	r->sum = (uint8_t)(r->sum + (uint8_t)c);
	rsp_buf_putc(&r->raw, c);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static enum rsp_event reader_end(struct rsp_reader *r, char c)
{
	int low = hex_value(c);

	r->state = RSP_IDLE;
	if (r->said < 0 || low < 0 || r->said * 16 + low != r->sum)
		return RSP_DAMAGED;
	if (r->raw.failed || !rsp_packet_decode(&r->payload, r->raw.data, r->raw.len))
		return RSP_REFUSED;
	return RSP_PACKET;
}

size_t rsp_reader_feed(struct rsp_reader *r, const char *data, size_t len, enum rsp_event *event)
{
	*event = RSP_NONE;
	for (size_t i = 0; i < len; i++) {
		switch (r->state) {
		case RSP_IDLE:
			*event = reader_idle(r, data[i]);
			break;
		case RSP_DATA:
			reader_data(r, data[i]);
			break;
		case RSP_SUM_HIGH:
			r->said = hex_value(data[i]);
			r->state = RSP_SUM_LOW;
			break;
		case RSP_SUM_LOW:
			*event = reader_end(r, data[i]);
			break;
		}
		if (*event != RSP_NONE)
			return i + 1;
	}
	return len;
}
