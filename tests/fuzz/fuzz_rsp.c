// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A hostile client of the remote protocol. The first byte chooses the machine and
 * whether the rest goes in as it is or, line by line, as well-formed packets,
 * which gets past the checksum. Each answer must be a sound packet.
 */
#include <string.h>

#include "../unit/rsp_fake.h"
#include "mi/rsp_session.h"

#define FUZZ_X86_64 1
#define FUZZ_LINES 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read back what the session answered. */
static void check_answer(const struct rsp_buf *out)
{
	struct rsp_reader r;
	enum rsp_event event;

	if (out->failed)
		abort();
	rsp_reader_init(&r);
	for (size_t off = 0; off < out->len;) {
		off += rsp_reader_feed(&r, out->data + off, out->len - off, &event);
		if (event != RSP_PACKET && event != RSP_ACK && event != RSP_NAK)
			abort();
	}
	rsp_reader_fini(&r);
}

static void input(struct rsp_session *s, const char *data, size_t len)
{
	struct rsp_buf out = RSP_BUF_INIT(4 * RSP_PACKET_SIZE);

	while (len && !rsp_session_over(s)) {
		size_t used = rsp_session_input(s, data, len, &out);

		if (!used || used > len)
			abort();
		check_answer(&out);
		rsp_buf_reset(&out);
		data += used;
		len -= used;
	}
	rsp_buf_fini(&out);
}

static void input_lines(struct rsp_session *s, const char *data, size_t len)
{
	struct rsp_buf packet = RSP_BUF_INIT(2 * len + 16);

	while (len) {
		const char *end = memchr(data, '\n', len);
		size_t line = end ? (size_t)(end - data) : len;

		rsp_buf_reset(&packet);
		rsp_packet_put(&packet, data, line);
		input(s, packet.data, packet.len);
		line += end != NULL;
		data += line;
		len -= line;
	}
	rsp_buf_fini(&packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rsp_target target;
	struct rsp_session *s;
	struct rsp_docs docs;

	if (!size)
		return 0;
	target = fake_target(data[0] & FUZZ_X86_64 ? &arch_x86_64 : &arch_i386);
	rsp_docs_init(&docs);
	if (!rsp_session_new(&target, &docs, NULL, &s, NULL)) {
		if (data[0] & FUZZ_LINES)
			input_lines(s, (const char *)data + 1, size - 1);
		else
			input(s, (const char *)data + 1, size - 1);
		rsp_session_free(s);
	}
	rsp_docs_fini(&docs);
	return 0;
}
