// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mi/rsp_regs.h"
#include "mi/rsp_session.h"
#include "mi/rsp_xml.h"
#include "rsp_fake.h"

struct client {
	struct rsp_target target;
	struct rsp_docs docs;
	struct rsp_session *session;
	struct rsp_reader reader;
	struct rsp_buf sent, got;
};

static int client_open(void **state)
{
	struct client *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->target = fake_target(&arch_x86_64);
	c->sent = RSP_BUF_INIT(2 * RSP_PACKET_MAX + 16);
	c->got = RSP_BUF_INIT(8 * RSP_PACKET_MAX);
	rsp_docs_init(&c->docs);
	rsp_reader_init(&c->reader);
	assert_int_equal(rsp_session_new(&c->target, &c->docs, NULL, &c->session, NULL), 0);
	*state = c;
	return 0;
}

static int client_close(void **state)
{
	struct client *c = *state;

	rsp_session_free(c->session);
	rsp_docs_fini(&c->docs);
	rsp_reader_fini(&c->reader);
	rsp_buf_fini(&c->sent);
	rsp_buf_fini(&c->got);
	free(c);
	return 0;
}

/* Send bytes as they are; all that comes back is in c->got. */
static const char *send_raw(struct client *c, const char *data, size_t len)
{
	rsp_buf_reset(&c->got);
	while (len) {
		size_t used = rsp_session_input(c->session, data, len, &c->got);

		assert_in_range(used, 1, len);
		data += used;
		len -= used;
	}
	assert_false(c->got.failed);
	return c->got.len ? c->got.data : "";
}

/* Send one packet and return the payload of the one that answers. */
static const char *ask(struct client *c, const char *payload)
{
	enum rsp_event event;
	size_t off = 0;

	rsp_buf_reset(&c->sent);
	rsp_packet_put(&c->sent, payload, strlen(payload));
	send_raw(c, c->sent.data, c->sent.len);
	do {
		assert_true(off < c->got.len);
		off += rsp_reader_feed(&c->reader, c->got.data + off, c->got.len - off, &event);
	} while (event == RSP_ACK);
	assert_int_equal(event, RSP_PACKET);
	assert_int_equal(off, c->got.len);
	return c->reader.payload.len ? c->reader.payload.data : "";
}

static void assert_prefix(const char *text, const char *prefix)
{
	if (strncmp(text, prefix, strlen(prefix)))
		fail_msg("\"%.80s\" does not begin with \"%s\"", text, prefix);
}

static void handshake_ends_acknowledgements(void **state)
{
	struct client *c = *state;

	assert_prefix(ask(c, "qSupported:multiprocess+;xmlRegisters=i386"), "PacketSize=20000;");
	assert_non_null(strstr(c->reader.payload.data, "qXfer:threads:read+"));
	assert_int_equal(c->got.data[0], '+');
	assert_string_equal(ask(c, "vMustReplyEmpty"), "");
	assert_string_equal(ask(c, "QStartNoAckMode"), "OK");
	assert_int_equal(c->got.data[0], '+');
	assert_string_equal(ask(c, "?"), "T05thread:64;");
	assert_int_equal(c->got.data[0], '$');
	assert_string_equal(ask(c, "qAttached"), "1");
	assert_string_equal(ask(c, "qC"), "QC64");
	assert_string_equal(ask(c, "qOffsets"), "TextSeg=ffffffff81000000");
	assert_string_equal(ask(c, "qTStatus"), "");
	assert_string_equal(ask(c, "qSymbol::"), "");
}

static void damaged_packet_is_asked_for_again(void **state)
{
	struct client *c = *state;

	assert_string_equal(send_raw(c, "$g#00", 5), "-");
	assert_string_equal(send_raw(c, "$qC#b4", 6), "+$QC64#fe");
	/* The client did not get that either. */
	assert_string_equal(send_raw(c, "-", 1), "$QC64#fe");
	assert_string_equal(send_raw(c, "+", 1), "");
}

static void damaged_packet_without_acknowledgements_is_an_error(void **state)
{
	struct client *c = *state;

	ask(c, "QStartNoAckMode");
	assert_string_equal(send_raw(c, "$g#00", 5), "$E10#a6");
	assert_string_equal(send_raw(c, "-", 1), "");
}

static void oversize_packet_is_an_error(void **state)
{
	struct client *c = *state;
	size_t len = RSP_PACKET_MAX + 1;
	char *text = malloc(len + 8);

	assert_non_null(text);
	text[0] = '$';
	memset(text + 1, '@', len);
	memcpy(text + 1 + len, "#40", 3);
	assert_string_equal(send_raw(c, text, len + 4), "+$E10#a6");
	assert_string_equal(ask(c, "qC"), "QC64");
	free(text);
}

static void memory_is_read(void **state)
{
	struct client *c = *state;

	assert_string_equal(ask(c, "mffffffff81000000,4"), "00070e15");
	assert_string_equal(ask(c, "mFFFFFFFF81000100,1"), "01");
}

static void partly_readable_range_gives_its_readable_part(void **state)
{
	struct client *c = *state;

	assert_int_equal(strlen(ask(c, "mffffffff8103fffe,10")), 4);
	assert_string_equal(ask(c, "mffffffff81040000,10"), "E01");
	assert_string_equal(ask(c, "m1000,10"), "E05");
	/* To the last byte there is, not around. */
	assert_string_equal(ask(c, "mffffffffffffffff,10"), "E05");
}

static void large_read_gives_half_a_packet(void **state)
{
	struct client *c = *state;

	assert_int_equal(strlen(ask(c, "mffffffff81000000,ffffffffffffffff")), RSP_PACKET_SIZE);
	assert_int_equal(strlen(ask(c, "mffffffff81000000,10000")), 0x20000);
}

static void senseless_packets_are_errors(void **state)
{
	static const char *const packets[] = {
		"m",
		"m,",
		"m1",
		"m1,",
		"m1,g",
		"m1,1,",
		"mx,1",
		"m1,0",
		"m-1,1",
		"m11112222333344445,1",
		"p",
		"px",
		"pff",
		"p1,",
		"pffffffffffffffff",
		"H",
		"Hx1",
		"qXfer:features:read:target.xml:",
		"qXfer:features:read:target.xml:0",
		"qXfer:threads:read::fffffffff,1",
		"qXfer:threads:read::0,1x",
	};
	struct client *c = *state;

	for (size_t i = 0; i < KD_ARRAY_SIZE(packets); i++)
		assert_string_equal(ask(c, packets[i]), "E10");
}

static void unknown_thread_is_an_error(void **state)
{
	static const char *const packets[] = {
		"T2",
		"T0",
		"T-1",
		"T",
		"Tp1.64",
		"Hg2",
		"Hcx",
		"Hgp1.64",
		"qThreadExtraInfo,2",
		"qThreadExtraInfo,0",
		"T10000000000000064",
	};
	struct client *c = *state;

	for (size_t i = 0; i < KD_ARRAY_SIZE(packets); i++)
		assert_string_equal(ask(c, packets[i]), "E06");
	assert_string_equal(ask(c, "qC"), "QC64");
}

static void writing_is_refused(void **state)
{
	static const char *const packets[] = { "M1000,1:00", "X1000,0:", "G00", "P0=00" };
	struct client *c = *state;

	for (size_t i = 0; i < KD_ARRAY_SIZE(packets); i++)
		assert_string_equal(ask(c, packets[i]), "E0d");
}

static void running_stops_at_once(void **state)
{
	static const char *const packets[] = { "vCont;c", "vCont;s:64;c", "c", "s", "C05", "S05" };
	struct client *c = *state;

	assert_string_equal(ask(c, "vCont?"), "vCont;c;C;s;S");
	for (size_t i = 0; i < KD_ARRAY_SIZE(packets); i++)
		assert_string_equal(ask(c, packets[i]), "T00thread:64;");
}

static void unknown_packets_get_the_empty_answer(void **state)
{
	static const char *const packets[] = { "",
					       "!",
					       "qRcmd,00",
					       "vFile:open:00",
					       "vRun",
					       "Z0,1000,1",
					       "gg",
					       "qXfer:auxv:read::0,10",
					       "qXfer:features:write:x:0",
					       "QNonStop:1",
					       "\x01" };
	struct client *c = *state;

	for (size_t i = 0; i < KD_ARRAY_SIZE(packets); i++)
		assert_string_equal(ask(c, packets[i]), "");
	assert_string_equal(ask(c, "qXfer:features:read:other.xml:0,10"), "E00");
}

static void unknown_register_is_not_zero(void **state)
{
	struct client *c = *state;

	assert_string_equal(ask(c, "p0"), "xxxxxxxxxxxxxxxx");
	assert_string_equal(ask(c, "p1"), "1111111111111111");
	assert_string_equal(ask(c, "p10"), "34120081ffffffff");
	assert_prefix(ask(c, "g"), "xxxxxxxxxxxxxxxx1111111111111111");
	/* x87: described, never known. */
	assert_string_equal(ask(c, "p1a"), "xxxxxxxxxxxxxxxxxxxx");
	assert_string_equal(ask(c, "Hg1"), "OK");
	assert_string_equal(ask(c, "p1"), "xxxxxxxxxxxxxxxx");
	assert_string_equal(ask(c, "p10"), "35120081ffffffff");
	assert_string_equal(ask(c, "Hg40000001"), "OK");
	assert_string_equal(ask(c, "p10"), "xxxxxxxxxxxxxxxx");
	assert_null(strpbrk(ask(c, "g"), "0123456789abcdef"));
}

static void g_has_all_registers_in_full(void **state)
{
	struct client *c = *state;
	size_t bytes = 0;

	for (size_t i = 0; i < rsp_reg_count(c->target.arch); i++)
		bytes += rsp_reg(c->target.arch, i)->size;
	assert_int_equal(strlen(ask(c, "g")), 2 * bytes);
}

static void threads_are_listed_in_order(void **state)
{
	struct client *c = *state;

	assert_string_equal(ask(c, "qfThreadInfo"), "m64,1,40000001");
	assert_string_equal(ask(c, "qsThreadInfo"), "l");
	assert_string_equal(ask(c, "T1"), "OK");
	/* "sh: CPU 0, running" */
	assert_string_equal(ask(c, "qThreadExtraInfo,64"), "73683a2043505520302c2072756e6e696e67");
}

static void many_threads_are_listed_in_pieces(void **state)
{
	struct client *c = *state;
	size_t n = 40000, seen = 0;
	uint32_t *ids = calloc(n, sizeof(*ids));
	const char *list;

	assert_non_null(ids);
	for (size_t i = 0; i < n; i++)
		ids[i] = (uint32_t)(i + 0x10000);
	c->target.thread_ids = ids;
	c->target.nthreads = n;
	for (list = ask(c, "qfThreadInfo"); *list == 'm'; list = ask(c, "qsThreadInfo")) {
		assert_true(strlen(list) < RSP_PACKET_SIZE);
		for (; *list; list++)
			seen += *list == ',' || *list == 'm';
	}
	assert_string_equal(list, "l");
	assert_int_equal(seen, n);
	free(ids);
}

/* Fetch a document in pieces of STEP bytes, as gdb does. */
static char *fetch(struct client *c, const char *object, unsigned step, struct rsp_buf *doc)
{
	const char *piece;

	rsp_buf_reset(doc);
	do {
		char packet[128];

		snprintf(packet, sizeof(packet), "qXfer:%s:%zx,%x", object, doc->len, step);
		piece = ask(c, packet);
		assert_true(*piece == 'm' || *piece == 'l');
		assert_true(c->reader.payload.len <= step + 1);
		rsp_buf_add(doc, piece + 1, c->reader.payload.len - 1);
	} while (*piece == 'm');
	return doc->data;
}

static void documents_come_in_pieces(void **state)
{
	static const char *const objects[] = { "features:read:target.xml",
					       "threads:read:", "libraries:read:" };
	struct client *c = *state;

	for (size_t i = 0; i < KD_ARRAY_SIZE(objects); i++) {
		struct rsp_buf a = RSP_BUF_INIT(RSP_PACKET_MAX), b = RSP_BUF_INIT(RSP_PACKET_MAX);

		assert_string_equal(fetch(c, objects[i], 7, &a), fetch(c, objects[i], 0x1000, &b));
		rsp_buf_fini(&a);
		rsp_buf_fini(&b);
	}
	assert_string_equal(ask(c, "qXfer:threads:read::0,0"), "m");
}

static void hostile_thread_names_are_harmless(void **state)
{
	struct client *c = *state;

	rsp_docs_fill(&c->docs, &c->target);
	assert_string_equal(c->docs.threads.data,
			    "<?xml version=\"1.0\"?>\n<threads>\n"
			    "<thread id=\"64\" core=\"0\" name=\"sh\">CPU 0, running</thread>\n"
			    "<thread id=\"1\" core=\"1\" name=\"&lt;a&amp;b&gt;&quot;&apos;??\">"
			    "CPU 1, sleeping S</thread>\n"
			    "<thread id=\"40000001\" core=\"1\">CPU 1, running; no registers: no "
			    "note</thread>\n"
			    "</threads>\n");
}

static void library_without_file_or_sayable_name_is_left_out(void **state)
{
	struct client *c = *state;

	rsp_docs_fill(&c->docs, &c->target);
	assert_string_equal(c->docs.libraries.data,
			    "<?xml version=\"1.0\"?>\n"
			    "<!DOCTYPE library-list SYSTEM \"library-list.dtd\">\n"
			    "<library-list version=\"1.0\">\n"
			    "<library name=\"/lib/m\xc3\xbc&lt;1&gt;.ko\">\n"
			    "<section address=\"0xffffffffc0000000\"/>\n"
			    "<section address=\"0x1000\"/>\n"
			    "</library>\n</library-list>\n");
}

static void description_names_each_register_once(void **state)
{
	struct client *c = *state;
	const struct arch *const archs[] = { &arch_x86_64, &arch_i386 };

	for (size_t a = 0; a < KD_ARRAY_SIZE(archs); a++) {
		struct rsp_buf doc = RSP_BUF_INIT(RSP_DOCUMENT_MAX);

		c->target.arch = archs[a];
		rsp_xml_features(&doc, &c->target);
		for (size_t i = 0; i < rsp_reg_count(archs[a]); i++) {
			char reg[64];
			const char *at;

			snprintf(reg, sizeof(reg), "<reg name=\"%s\" ", rsp_reg(archs[a], i)->name);
			at = strstr(doc.data, reg);
			assert_non_null(at);
			assert_null(strstr(at + 1, reg));
		}
		assert_non_null(strstr(doc.data, archs[a]->gdb_arch));
		rsp_buf_fini(&doc);
	}
}

static void without_threads_nothing_is_made_up(void **state)
{
	struct client *c = *state;

	c->target.nthreads = 0;
	assert_string_equal(ask(c, "?"), "T05");
	assert_string_equal(ask(c, "qC"), "");
	assert_string_equal(ask(c, "qfThreadInfo"), "l");
	assert_string_equal(ask(c, "Hg0"), "OK");
	assert_null(strpbrk(ask(c, "g"), "0123456789"));
}

static void detach_and_kill_end_the_session(void **state)
{
	struct client *c = *state;

	assert_string_equal(ask(c, "D"), "OK");
	assert_true(rsp_session_over(c->session));
	client_close(state);
	client_open(state);
	c = *state;
	assert_string_equal(ask(c, "vKill;1"), "OK");
	assert_false(rsp_session_over(c->session));
	assert_string_equal(send_raw(c, "$k#6b", 5), "+");
	assert_true(rsp_session_over(c->session));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, client_open, client_close)
	const struct CMUnitTest tests[] = {
		TEST(handshake_ends_acknowledgements),
		TEST(damaged_packet_is_asked_for_again),
		TEST(damaged_packet_without_acknowledgements_is_an_error),
		TEST(oversize_packet_is_an_error),
		TEST(memory_is_read),
		TEST(partly_readable_range_gives_its_readable_part),
		TEST(large_read_gives_half_a_packet),
		TEST(senseless_packets_are_errors),
		TEST(unknown_thread_is_an_error),
		TEST(writing_is_refused),
		TEST(running_stops_at_once),
		TEST(unknown_packets_get_the_empty_answer),
		TEST(unknown_register_is_not_zero),
		TEST(g_has_all_registers_in_full),
		TEST(threads_are_listed_in_order),
		TEST(many_threads_are_listed_in_pieces),
		TEST(documents_come_in_pieces),
		TEST(hostile_thread_names_are_harmless),
		TEST(library_without_file_or_sayable_name_is_left_out),
		TEST(description_names_each_register_once),
		TEST(without_threads_nothing_is_made_up),
		TEST(detach_and_kill_end_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
