// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mi/rsp_packet.h"

/* What the reader makes of TEXT, fed in pieces of STEP bytes: one letter per event. */
static const char *events_of(struct rsp_reader *r, const char *text, size_t len, size_t step,
			     char *events)
{
	static const char letters[] = {
		[RSP_PACKET] = 'P', [RSP_DAMAGED] = 'D', [RSP_REFUSED] = 'R',
		[RSP_ACK] = '+',    [RSP_NAK] = '-',	 [RSP_BREAK] = 'B',
	};
	size_t n = 0;

	while (len) {
		enum rsp_event event;
		size_t used = rsp_reader_feed(r, text, kd_min(step, len), &event);

		assert_int_not_equal(used, 0);
		if (event != RSP_NONE)
			events[n++] = letters[event];
		text += used;
		len -= used;
	}
	events[n] = '\0';
	return events;
}

static void read_text(struct rsp_reader *r, const char *text, const char *expected)
{
	char events[64];

	for (size_t step = 1; step <= 64; step *= 4) {
		rsp_reader_init(r);
		assert_string_equal(events_of(r, text, strlen(text), step, events), expected);
		if (step * 4 <= 64)
			rsp_reader_fini(r);
	}
}

static void assert_payload(const struct rsp_reader *r, const char *data, size_t len)
{
	assert_int_equal(r->payload.len, len);
	if (len)
		assert_memory_equal(r->payload.data, data, len);
}

static void packet_is_read_whatever_its_pieces(void **state)
{
	struct rsp_reader r;

	(void)state;
	read_text(&r, "+$m1000,4#8e", "+P");
	assert_payload(&r, "m1000,4", 7);
	rsp_reader_fini(&r);
}

static void empty_packet_is_a_packet(void **state)
{
	struct rsp_reader r;

	(void)state;
	read_text(&r, "$#00", "P");
	assert_payload(&r, "", 0);
	rsp_reader_fini(&r);
}

static void wrong_checksum_is_damage(void **state)
{
	struct rsp_reader r;

	(void)state;
	read_text(&r, "$g#68$g#zz$g#6z$g#67", "DDDP");
	rsp_reader_fini(&r);
}

static void bytes_between_packets_are_skipped(void **state)
{
	struct rsp_reader r;

	(void)state;
	read_text(&r, "hello#00\n-\x03$g#67", "-BP");
	rsp_reader_fini(&r);
}

static void dollar_starts_anew(void **state)
{
	struct rsp_reader r;

	(void)state;
	read_text(&r, "$half a pack$g#67", "P");
	assert_payload(&r, "g", 1);
	rsp_reader_fini(&r);
}

static void escapes_and_runs_are_undone(void **state)
{
	static const struct {
		const char *raw, *decoded;
	} cases[] = {
		{ "a}\x03}\x04}]}\x0a", "a#$}*" },
		{ "0* ", "0000" },
		{ "ab*\"c", "abbbbbbc" },
	};
	struct rsp_buf b = RSP_BUF_INIT(1000);

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		assert_true(rsp_packet_decode(&b, cases[i].raw, strlen(cases[i].raw)));
		assert_string_equal(b.data, cases[i].decoded);
	}
	/* the longest run: 97 more */
	assert_true(rsp_packet_decode(&b, "x0*~1", 5));
	assert_int_equal(b.len, 1 + 98 + 1);
	assert_int_equal(strspn(b.data + 1, "0"), 98);
	rsp_buf_fini(&b);
}

static void senseless_encoding_is_refused(void **state)
{
	static const char *const cases[] = {
		"*0", "a*", "a}", "a*\x1f", "a*\x7f", "a*\xff", "}}}"
	};
	struct rsp_buf b = RSP_BUF_INIT(1000);

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++)
		assert_false(rsp_packet_decode(&b, cases[i], strlen(cases[i])));
	rsp_buf_fini(&b);
}

static void put_is_the_reverse_of_read(void **state)
{
	struct rsp_buf out = RSP_BUF_INIT(RSP_PACKET_MAX);
	struct rsp_reader r;
	char payload[300];

	(void)state;
	rsp_reader_init(&r);
	for (int byte = 0; byte < 256; byte++) {
		for (size_t run = 0; run < sizeof(payload) - 2; run++) {
			enum rsp_event event;

			payload[0] = 'a';
			memset(payload + 1, byte, run);
			payload[run + 1] = 'z';
			rsp_buf_reset(&out);
			rsp_packet_put(&out, payload, run + 2);
			assert_int_equal(rsp_reader_feed(&r, out.data, out.len, &event), out.len);
			assert_int_equal(event, RSP_PACKET);
			assert_payload(&r, payload, run + 2);
		}
	}
	rsp_buf_fini(&out);
	rsp_reader_fini(&r);
}

/* '#' and '$' would confuse the frame, '+' and '-' are what acknowledgements look like. */
static void runs_avoid_bytes_that_mean_something(void **state)
{
	struct rsp_buf out = RSP_BUF_INIT(1000);
	char zeros[32];

	(void)state;
	memset(zeros, '0', sizeof(zeros));
	for (size_t n = 1; n <= sizeof(zeros); n++) {
		rsp_buf_reset(&out);
		rsp_packet_put(&out, zeros, n);
		for (size_t i = 1; i + 3 < out.len; i++)
			assert_null(strchr("#$+-", out.data[i]));
	}
	rsp_buf_reset(&out);
	rsp_packet_put(&out, zeros, 4);
	assert_string_equal(out.data, "$0* #7a");
	rsp_buf_fini(&out);
}

static void oversize_packet_is_refused_and_the_next_read(void **state)
{
	size_t len = RSP_PACKET_MAX + 1;
	char *text = malloc(len + 16), events[8];
	struct rsp_reader r;

	(void)state;
	assert_non_null(text);
	text[0] = '$';
	memset(text + 1, '@', len);
	/* 0x40 * (2^20 + 1) is 0x40 modulo 256 */
	memcpy(text + 1 + len, "#40$g#67", 8);
	rsp_reader_init(&r);
	events_of(&r, text, len + 9, 8192, events);
	assert_string_equal(events, "RP");
	assert_payload(&r, "g", 1);
	rsp_reader_fini(&r);
	free(text);
}

/* 97 bytes for 3: a packet that fits as sent may not fit decoded. */
static void packet_that_decodes_to_too_much_is_refused(void **state)
{
	size_t runs = RSP_PACKET_MAX / 90;
	struct rsp_buf raw = RSP_BUF_INIT(RSP_PACKET_MAX), decoded = RSP_BUF_INIT(RSP_PACKET_MAX);

	(void)state;
	for (size_t i = 0; i < runs; i++)
		rsp_buf_puts(&raw, "0*~");
	assert_false(raw.failed);
	assert_false(rsp_packet_decode(&decoded, raw.data, raw.len));
	rsp_buf_fini(&raw);
	rsp_buf_fini(&decoded);
}

static void full_buffer_fails_and_stays_so(void **state)
{
	struct rsp_buf b = RSP_BUF_INIT(5);

	(void)state;
	rsp_buf_puts(&b, "12345");
	assert_false(b.failed);
	rsp_buf_putc(&b, '6');
	assert_true(b.failed);
	assert_string_equal(b.data, "12345");
	rsp_buf_reset(&b);
	assert_false(b.failed);
	rsp_buf_hex(&b, "\xab\x01", 2);
	assert_string_equal(b.data, "ab01");
	rsp_buf_hex(&b, "\xab", 1);
	assert_true(b.failed);
	rsp_buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_is_read_whatever_its_pieces),
		cmocka_unit_test(empty_packet_is_a_packet),
		cmocka_unit_test(wrong_checksum_is_damage),
		cmocka_unit_test(bytes_between_packets_are_skipped),
		cmocka_unit_test(dollar_starts_anew),
		cmocka_unit_test(escapes_and_runs_are_undone),
		cmocka_unit_test(senseless_encoding_is_refused),
		cmocka_unit_test(put_is_the_reverse_of_read),
		cmocka_unit_test(runs_avoid_bytes_that_mean_something),
		cmocka_unit_test(oversize_packet_is_refused_and_the_next_read),
		cmocka_unit_test(packet_that_decodes_to_too_much_is_refused),
		cmocka_unit_test(full_buffer_fails_and_stays_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
