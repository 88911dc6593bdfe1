// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cmocka.h>

#include "mi/rsp.h"
#include "mi/rsp_server.h"
#include "rsp_fake.h"

static struct rsp_server *start(struct rsp_target *t, const char *path, FILE *trace)
{
	struct rsp_server *s = NULL;
	struct kd_err err = KD_ERR_INIT;

	if (rsp_server_start_target(t, path, trace, &s, &err))
		fail_msg("%s", err.text);
	return s;
}

static int call(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

static void expect(int fd, const char *text)
{
	char got[256] = "";
	size_t n = 0;

	while (n < strlen(text)) {
		ssize_t more = read(fd, got + n, strlen(text) - n);

		assert_true(more > 0);
		n += (size_t)more;
	}
	assert_string_equal(got, text);
}

static void say(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void say_packet(int fd, const char *payload)
{
	struct rsp_buf packet = RSP_BUF_INIT(1000);

	rsp_packet_put(&packet, payload, strlen(payload));
	say(fd, packet.data);
	rsp_buf_fini(&packet);
}

static void socket_is_private_and_goes_away(void **state)
{
	struct rsp_target t = fake_target(&arch_x86_64);
	struct rsp_server *s = start(&t, NULL, NULL);
	char *path = strdup(rsp_server_path(s));
	struct stat st;

	(void)state;
	assert_non_null(path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0600);
	*strrchr(path, '/') = '\0';
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	rsp_server_stop(s);
	assert_int_equal(stat(path, &st), -1);
	assert_int_equal(errno, ENOENT);
	free(path);
}

static void existing_file_is_not_replaced(void **state)
{
	struct rsp_target t = fake_target(&arch_x86_64);
	struct rsp_server *s;
	struct kd_err err = KD_ERR_INIT;
	char path[] = "/tmp/kdview-test-XXXXXX";
	int fd = mkstemp(path);
	struct stat st;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(rsp_server_start_target(&t, path, NULL, &s, &err), KD_IO);
	assert_null(s);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	unlink(path);
}

static void too_long_path_is_an_error(void **state)
{
	struct rsp_target t = fake_target(&arch_x86_64);
	struct rsp_server *s;
	char path[200];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(rsp_server_start_target(&t, path, NULL, &s, NULL), KD_IO);
}

static void clients_are_served_one_after_another(void **state)
{
	struct rsp_target t = fake_target(&arch_x86_64);
	struct rsp_server *s = start(&t, NULL, NULL);

	(void)state;
	for (int i = 0; i < 20; i++) {
		int fd = call(rsp_server_path(s));

		say_packet(fd, "qC");
		expect(fd, "+$QC64#fe");
		close(fd);
	}
	rsp_server_stop(s);
}

static void second_client_is_sent_away(void **state)
{
	struct rsp_target t = fake_target(&arch_x86_64);
	struct rsp_server *s = start(&t, NULL, NULL);
	int first = call(rsp_server_path(s)), second;
	char c;

	(void)state;
	say_packet(first, "qC");
	expect(first, "+$QC64#fe");
	second = call(rsp_server_path(s));
	assert_int_equal(read(second, &c, 1), 0);
	say_packet(first, "qC");
	expect(first, "+$QC64#fe");
	close(first);
	close(second);
	rsp_server_stop(s);
}

static void stop_does_not_wait_for_a_client(void **state)
{
	struct rsp_target t = fake_target(&arch_x86_64);
	struct rsp_server *s = start(&t, NULL, NULL);
	int fd = call(rsp_server_path(s));
	char c;

	(void)state;
	say_packet(fd, "qC");
	expect(fd, "+$QC64#fe");
	rsp_server_stop(s);
	assert_int_equal(read(fd, &c, 1), 0);
	close(fd);
}

/* Its answers fill the socket's buffer, and the server waits to write. */
static void stop_does_not_wait_for_a_client_that_does_not_read(void **state)
{
	struct rsp_target t = fake_target(&arch_x86_64);
	struct rsp_server *s = start(&t, NULL, NULL);
	int fd = call(rsp_server_path(s));

	(void)state;
	for (int i = 0; i < 64; i++)
		say_packet(fd, "mffffffff81000000,10000");
	/* the first answer has begun, so the server is at it */
	expect(fd, "+$");
	rsp_server_stop(s);
	close(fd);
}

static void client_that_hangs_up_costs_no_signal(void **state)
{
	struct rsp_target t = fake_target(&arch_x86_64);
	int in[2], out[2];
	sigset_t pending;

	(void)state;
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	say_packet(in[1], "qC");
	say_packet(in[1], "qC");
	close(in[1]);
	close(out[0]);
	assert_int_equal(rsp_serve_target(&t, in[0], out[1], NULL, NULL), 0);
	assert_int_equal(sigpending(&pending), 0);
	assert_int_equal(sigismember(&pending, SIGPIPE), 0);
	close(in[0]);
	close(out[1]);
}

static void trace_shows_both_ways_cut(void **state)
{
	struct rsp_target t = fake_target(&arch_x86_64);
	char *text = NULL;
	size_t size;
	FILE *trace = open_memstream(&text, &size);
	int pair[2];

	(void)state;
	assert_non_null(trace);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	say_packet(pair[1], "qC");
	say_packet(pair[1], "mffffffff81000000,1000");
	say_packet(pair[1], "D");
	assert_int_equal(rsp_serve_target(&t, pair[0], pair[0], trace, NULL), 0);
	fclose(trace);
	assert_non_null(strstr(text, "rsp <- qC\nrsp -> QC64\n"));
	assert_non_null(strstr(text, " ... (8192 bytes)\n"));
	assert_non_null(strstr(text, "rsp <- D\nrsp -> OK\n"));
	assert_true(size < 1000);
	free(text);
	close(pair[0]);
	close(pair[1]);
}

/* Run the gdb of this machine with COMMANDS; all it prints, to be freed. */
static char *run_gdb(const char *path, const char *commands)
{
	char *line, *text = NULL;
	size_t size = 0;
	FILE *gdb;

	assert_true(asprintf(&line,
			     "timeout 60 gdb -nx -q -batch -iex 'set auto-load off' "
			     "-iex 'set debuginfod enabled off' -ex 'set confirm off' "
			     "-ex 'target remote %s' %s 2>&1 </dev/null",
			     path, commands) > 0);
	gdb = popen(line, "r");
	assert_non_null(gdb);
	assert_true(getdelim(&text, &size, '\0', gdb) > 0);
	assert_int_not_equal(pclose(gdb), -1);
	free(line);
	return text;
}

static void assert_shows(const char *text, const char *piece)
{
	if (!strstr(text, piece))
		fail_msg("no \"%s\" in:\n%s", piece, text);
}

static void real_gdb_understands(const struct arch *arch, const char *commands,
				 const char *const *pieces)
{
	struct rsp_target t = fake_target(arch);
	struct rsp_server *s;
	char *text;

	if (system("gdb --version >/dev/null 2>&1"))
		skip();
	s = start(&t, NULL, NULL);
	text = run_gdb(rsp_server_path(s), commands);
	for (; *pieces; pieces++)
		assert_shows(text, *pieces);
	if (strstr(text, "warning: Architecture rejected") || strstr(text, "Truncated register"))
		fail_msg("%s", text);
	free(text);
	rsp_server_stop(s);
}

static void real_gdb_sees_an_x86_64_machine(void **state)
{
	static const char *const pieces[] = {
		"* 1    Thread 100 \"sh\" (CPU 0, running)     ",
		"     0xffffffff81001234 in ?? ()",
		"  2    Thread 1 \"<a&b>\"'??\" (CPU 1, sleeping S)     ",
		"     0xffffffff81001235 in ?? ()",
		"  3    Thread 1073741825 (CPU 1, running; no registers: no note) <unavailable>",
		"$1 = 0x1111111111111111",
		"$2 = <unavailable>",
		"$3 = 0x9999999999999999",
		"$4 = [ CF AF TF RF VIP ]",
		"0xffffffff81000000:\t0x00\t0x07\t0x0e\t0x15",
		"0xffffffff8103fffe:\t0xf1\t0xf8\n",
		"Cannot access memory at address 0xffffffff81040000",
		"/lib/m\xc3\xbc<1>.ko",
		"Cannot access memory at address 0x1000",
		"done",
		NULL,
	};

	(void)state;
	real_gdb_understands(&arch_x86_64,
			     "-ex 'info threads' -ex 'p/x $rbx' -ex 'p $rax' -ex 'p/x $gs_base' "
			     "-ex 'p $eflags' "
			     "-ex 'x/4xb 0xffffffff81000000' -ex 'x/2xb 0xffffffff8103fffe' "
			     "-ex 'x/4xb 0xffffffff81040000' -ex 'info sharedlibrary' "
			     "-ex 'x/xb 0x1000' -ex 'stepi' -ex 'continue' "
			     "-ex 'set var *(char *)0xffffffff81000000 = 1' "
			     "-ex 'set var $rbx = 1' -ex 'thread 2' -ex 'echo done' -ex 'detach'",
			     pieces);
}

static void real_gdb_sees_an_i386_machine(void **state)
{
	static const char *const pieces[] = {
		"* 1    Thread 100 \"sh\" (CPU 0, running)     ",
		"     0x81001234 in ?? ()",
		"$1 = 0x11111111",
		"$2 = <unavailable>",
		"0x81000000:\t0x00\t0x07\t0x0e\t0x15",
		NULL,
	};

	(void)state;
	real_gdb_understands(&arch_i386,
			     "-ex 'info threads' -ex 'p/x $ecx' -ex 'p $eax' "
			     "-ex 'x/4xb 0x81000000'",
			     pieces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(socket_is_private_and_goes_away),
		cmocka_unit_test(existing_file_is_not_replaced),
		cmocka_unit_test(too_long_path_is_an_error),
		cmocka_unit_test(clients_are_served_one_after_another),
		cmocka_unit_test(second_client_is_sent_away),
		cmocka_unit_test(stop_does_not_wait_for_a_client),
		cmocka_unit_test(stop_does_not_wait_for_a_client_that_does_not_read),
		cmocka_unit_test(client_that_hangs_up_costs_no_signal),
		cmocka_unit_test(trace_shows_both_ways_cut),
		cmocka_unit_test(real_gdb_sees_an_x86_64_machine),
		cmocka_unit_test(real_gdb_sees_an_i386_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
