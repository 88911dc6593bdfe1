/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A gdb that says what a script says. A test program calls fake_gdb() first in
 * main() and names itself as the gdb, with "--script TEXT" or "--replay FILE" as
 * arguments. The script is a trace of struct mi, or written by hand:
 *
 *	[SECONDS] > TOKEN COMMAND   read a line, which must be this ("TOKEN*": any)
 *	[SECONDS] < TEXT	    print it; TOKEN^ becomes the token that was read
 *	[SECONDS] ! TEXT	    the same to stderr
 *	[SECONDS] # SIGINT	    wait for this signal; any other remark is nothing
 *	@part TEXT		    print without a newline
 *	@flood BYTES		    print so many x without a newline
 *	@deaf			    take no notice of SIGINT from here on
 *	@serve			    answer ^done to every command from here on
 *	@hang			    do nothing more until killed
 *	@close, @closein	    close stdout, stdin
 *	@orphan			    leave a process behind that holds the pipes
 *	@exit STATUS, @kill SIGNAL  end so
 *
 * At the end of the script commands are read until the end of the input.
 */
#ifndef KD_TESTS_FAKE_GDB_H
#define KD_TESTS_FAKE_GDB_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FAKE_TOKENS = 512, FAKE_BAD_COMMAND = 9 };

struct fake_gdb {
	uint64_t script[FAKE_TOKENS], real[FAKE_TOKENS];
	size_t tokens;
	sigset_t interrupt;
};

/* stdout is written when the script waits or ends, so that what a test sees is not chance. */
static void fake_exit(int status)
{
	fflush(stdout);
	_exit(status);
}

/*
 * Without stdio: a command must not be read ahead of its time. A SIGINT that came before
 * it was for an earlier one. False: end of input.
 */
static bool fake_read_line(char *line, size_t size)
{
	size_t n = 0;

	fflush(stdout);
	for (;;) {
		char c;

		if (read(0, &c, 1) <= 0)
			return false;
		if (c == '\n')
			break;
		if (n + 1 < size)
			line[n++] = c;
	}
	line[n] = 0;
	return true;
}

static void fake_expect(struct fake_gdb *f, const char *want)
{
	static const struct timespec now;
	static char line[1 << 20];
	char *want_rest, *rest;
	uint64_t script = strtoull(want, &want_rest, 10), real;

	if (!fake_read_line(line, sizeof(line)))
		fake_exit(0);
	while (sigtimedwait(&f->interrupt, NULL, &now) > 0)
		;
	real = strtoull(line, &rest, 10);
	if (strcmp(want_rest, "*") != 0 && strcmp(want_rest, rest) != 0) {
		fprintf(stderr, "expected \"%s\", got \"%s\"\n", want_rest, rest);
		fake_exit(FAKE_BAD_COMMAND);
	}
	if (f->tokens < FAKE_TOKENS) {
		f->script[f->tokens] = script;
		f->real[f->tokens++] = real;
	}
}

static void fake_print(const struct fake_gdb *f, const char *s)
{
	while (*s) {
		size_t n = strspn(s, "0123456789");
		uint64_t token = strtoull(s, NULL, 10);
		size_t i = f->tokens;

		if (!n || s[n] != '^') {
			n = n ? n : 1;
			fwrite(s, 1, n, stdout);
			s += n;
			continue;
		}
		while (i-- > 0)
			if (f->script[i] == token) {
				token = f->real[i];
				break;
			}
		printf("%" PRIu64, token);
		s += n;
	}
}

static void fake_flood(uint64_t bytes)
{
	static char xs[1 << 16];

	memset(xs, 'x', sizeof(xs));
	while (bytes) {
		size_t n = bytes < sizeof(xs) ? (size_t)bytes : sizeof(xs);

		fwrite(xs, 1, n, stdout);
		bytes -= n;
	}
}

static void fake_serve(void)
{
	static char line[1 << 16];

	while (fake_read_line(line, sizeof(line)))
		printf("%" PRIu64 "^done\n", (uint64_t)strtoull(line, NULL, 10));
	fake_exit(0);
}

static void fake_orphan(void)
{
	fflush(stdout);
	if (fork() == 0) {
		setsid(); /* out of reach of a signal to the group */
		sleep(20);
		fake_exit(0);
	}
}

static void fake_directive(struct fake_gdb *f, const char *s)
{
	fflush(stdout);
	if (!strncmp(s, "part ", 5))
		fake_print(f, s + 5), fflush(stdout);
	else if (!strncmp(s, "flood ", 6))
		fake_flood(strtoull(s + 6, NULL, 10));
	else if (!strcmp(s, "deaf"))
		signal(SIGINT, SIG_IGN);
	else if (!strcmp(s, "serve"))
		fake_serve();
	else if (!strcmp(s, "hang"))
		for (;;)
			pause();
	else if (!strcmp(s, "close"))
		close(1);
	else if (!strcmp(s, "closein"))
		close(0);
	else if (!strcmp(s, "orphan"))
		fake_orphan();
	else if (!strncmp(s, "exit ", 5))
		fake_exit(atoi(s + 5));
	else if (!strncmp(s, "kill ", 5))
		kill(getpid(), atoi(s + 5));
	else
		fake_exit(FAKE_BAD_COMMAND);
}

static void fake_line(struct fake_gdb *f, char *s)
{
	s += strspn(s, " ");
	if (*s >= '0' && *s <= '9') {
		s += strspn(s, "0123456789.");
		s += *s == ' ';
	}
	if (!*s)
		return;
	if (*s == '@') {
		fake_directive(f, s + 1);
		return;
	}
	if (s[1] != ' ')
		fake_exit(FAKE_BAD_COMMAND);
	switch (*s) {
	case '>':
		fake_expect(f, s + 2);
		break;
	case '<':
		fake_print(f, s + 2);
		putchar('\n');
		break;
	case '!':
		fprintf(stderr, "%s\n", s + 2);
		break;
	case '#':
		fflush(stdout);
		if (!strcmp(s + 2, "SIGINT"))
			sigwaitinfo(&f->interrupt, NULL);
		break;
	}
}

static char *fake_read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t n = 0, size = 1 << 22;
	char *text = malloc(size + 1);

	if (file && text)
		n = fread(text, 1, size, file);
	if (file)
		fclose(file);
	if (!n) {
		fprintf(stderr, "no script in %s\n", path);
		fake_exit(FAKE_BAD_COMMAND);
	}
	text[n] = 0;
	return text;
}

/* The program that runs, as the name of a gdb. */
static const char *fake_gdb_path(void)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[n > 0 ? n : 0] = 0;
	return path;
}

/* Returns when the program was not started as a gdb. */
static void fake_gdb(int argc, char **argv)
{
	static struct fake_gdb f;
	char *script = NULL, *line;
	char drain[4096];

	for (int i = 1; i + 1 < argc; i++) {
		if (!strcmp(argv[i], "--script"))
			script = strdup(argv[i + 1]);
		if (!strcmp(argv[i], "--replay"))
			script = fake_read_file(argv[i + 1]);
	}
	if (!script)
		return;
	alarm(120); /* not to outlive a test that failed */
	/* Kept until the script asks for it, however early it comes. */
	sigemptyset(&f.interrupt);
	sigaddset(&f.interrupt, SIGINT);
	sigprocmask(SIG_BLOCK, &f.interrupt, NULL);
	while ((line = strsep(&script, "\n")))
		fake_line(&f, line);
	fflush(stdout);
	while (read(0, drain, sizeof(drain)) > 0)
		;
	fake_exit(0);
}

#endif
