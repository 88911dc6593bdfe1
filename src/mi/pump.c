// SPDX-License-Identifier: GPL-3.0-or-later
/* Bytes to and from gdb, and what each line means to the request in flight. */
#include "mi/mi_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

enum {
	BURIAL_MS = 2000, /* between the end of gdb's output and its own */
	LOOK_MS = 100,	  /* how often to see whether it still lives */
};

void mi_trace(struct mi *mi, char direction, const char *text, size_t len)
{
	uint64_t ms = mi_now() - mi->opened;

	if (!mi->trace)
		return;
	fprintf(mi->trace, "%6" PRIu64 ".%03u %c ", ms / 1000, (unsigned)(ms % 1000), direction);
	fwrite(text, 1, len, mi->trace);
	putc('\n', mi->trace);
}

/* Remember the end of what is said, in one line, for the case that it was the last. */
static void add_words(struct mi *mi, const char *text, size_t len)
{
	static const char between[] = " / ";
	size_t room = sizeof(mi->words) - sizeof(between) - 1;

	while (len && (text[len - 1] == '\n' || text[len - 1] == ' '))
		len--;
	if (!len)
		return;
	if (len > room) {
		text += len - room;
		len = room;
	}
	if (mi->words_len) {
		size_t drop = 0;

		if (mi->words_len + strlen(between) + len >= sizeof(mi->words))
			drop = mi->words_len + strlen(between) + len + 1 - sizeof(mi->words);
		drop = kd_min(drop, mi->words_len);
		memmove(mi->words, mi->words + drop, mi->words_len - drop);
		mi->words_len -= drop;
		memcpy(mi->words + mi->words_len, between, strlen(between));
		mi->words_len += strlen(between);
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		mi->words[mi->words_len++] = c < ' ' || c >= 0x7f ? ' ' : (char)c;
	}
	mi->words[mi->words_len] = 0;
}

static void print(struct mi *mi, const char *text, size_t len)
{
	struct mi_call *call = mi->call;

	if (call && call->state == CALL_PENDING && call->output)
		mi_output_add(call->output, text, len);
}

/* How much of TEXT is the name of a result class; 0: none is there. */
static size_t result_class(const char *text, size_t len)
{
	static const char *const classes[] = { "done", "error", "running", "connected", "exit" };

	for (size_t i = 0; i < KD_ARRAY_SIZE(classes); i++) {
		size_t n = strlen(classes[i]);

		if (len >= n && !memcmp(text, classes[i], n))
			return n;
	}
	return 0;
}

/* Takes the record when it is the awaited one. */
static bool take_result(struct mi *mi, struct mi_record *r)
{
	struct mi_call *call = mi->call;
	size_t len = strlen(r->class_);

	if (!call || call->state != CALL_PENDING || !r->has_token)
		return false;
	if (r->token == call->token && result_class(r->class_, len) != len) {
		call->state = CALL_GARBLED;
		return false;
	}
	if (r->token == call->token) {
		call->answer = r;
		call->state = CALL_ANSWERED;
		return true;
	}
	/* gdb answers in order. */
	if (r->token > call->token && r->token < mi->next_token)
		call->state = CALL_LOST;
	return false;
}

/*
 * Where in a line that is no MI the awaited result stands: a command that gdb ran in a
 * shell may have printed text without a newline right in front of it. NULL: nowhere.
 */
static const char *find_result(const struct mi *mi, const char *text, size_t len)
{
	const struct mi_call *call = mi->call;
	char start[32];
	const char *p;
	size_t n;

	if (!call || call->state != CALL_PENDING)
		return NULL;
	n = (size_t)snprintf(start, sizeof(start), "%" PRIu64 "^", call->token);
	p = memmem(text, len, start, n);
	if (!p)
		return NULL;
	len -= (size_t)(p - text) + n;
	return result_class(p + n, len) ? p : NULL;
}

static void raw_line(struct mi *mi, const char *text, size_t len)
{
	const char *result = find_result(mi, text, len);
	size_t head = result ? (size_t)(result - text) : len;
	struct mi_record *r = NULL;

	print(mi, text, head);
	add_words(mi, text, head);
	if (!result) {
		print(mi, "\n", 1);
		return;
	}
	if (mi_record_parse(result, len - head, &r, NULL) < 0)
		mi->call->state = CALL_NOMEM;
	else if (r->kind != MI_RESULT || !take_result(mi, r))
		mi->call->state = CALL_GARBLED;
	else
		return;
	mi_record_free(r);
}

/* Only the head of the line is here. */
static void overlong_line(struct mi *mi, const struct mi_line *line)
{
	char note[64];
	int n;

	if (find_result(mi, line->text, line->len)) {
		mi->call->state = CALL_OVERLONG;
		return;
	}
	n = snprintf(note, sizeof(note), "[a line of %" PRIu64 " bytes left out]\n",
		     line->cut + line->len);
	print(mi, note, (size_t)n);
}

static void take_line(struct mi *mi, const struct mi_line *line)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;

	mi_trace(mi, '<', line->text, line->len);
	if (line->cut) {
		overlong_line(mi, line);
		return;
	}
	if (mi_record_parse(line->text, line->len, &r, NULL) < 0) {
		if (find_result(mi, line->text, line->len))
			mi->call->state = CALL_NOMEM;
		return;
	}
	switch (r->kind) {
	case MI_RESULT:
		if (take_result(mi, r))
			r = NULL;
		break;
	case MI_LOG:
		add_words(mi, r->text, r->len);
		print(mi, r->text, r->len);
		break;
	case MI_CONSOLE:
	case MI_TARGET:
		print(mi, r->text, r->len);
		break;
	case MI_RAW:
		raw_line(mi, r->text, r->len);
		break;
	case MI_EXEC:
	case MI_STATUS:
	case MI_NOTIFY:
	case MI_PROMPT:
		break;
	}
}

/* One read(): 1: bytes, 0: none now, -1: end of file. */
static int read_some(int fd, struct mi_linebuf *b)
{
	char *to;
	size_t room;
	ssize_t n;

	if (fd < 0)
		return -1;
	if (mi_linebuf_room(b, &to, &room, NULL) < 0)
		return -1;
	n = read(fd, to, room);
	if (n > 0)
		mi_linebuf_added(b, (size_t)n);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	return n > 0 ? 1 : -1;
}

/* False: there will be no more. */
static bool read_stderr(struct mi *mi)
{
	struct mi_line line;
	int r = read_some(mi->process.err, &mi->stderr_lines);

	while (mi_linebuf_next(&mi->stderr_lines, &line) ||
	       (r < 0 && mi_linebuf_rest(&mi->stderr_lines, &line))) {
		mi_trace(mi, '!', line.text, line.len);
		add_words(mi, line.text, line.len);
	}
	if (r < 0) {
		closep(&mi->process.err);
		mi->process.err = -1;
	}
	return r >= 0;
}

static bool read_stdout(struct mi *mi)
{
	struct mi_line line;
	int r = read_some(mi->process.out, &mi->lines);

	while (mi_linebuf_next(&mi->lines, &line))
		take_line(mi, &line);
	/* Without its newline it may be the half of an answer that looks whole. */
	if (r < 0 && mi_linebuf_rest(&mi->lines, &line)) {
		mi_trace(mi, '<', line.text, line.len);
		add_words(mi, line.text, line.len);
	}
	return r >= 0;
}

static void flush(struct mi *mi)
{
	while (mi->queue_done < mi->queue_len && !mi->broken) {
		ssize_t n = mi_process_write(&mi->process, mi->queue + mi->queue_done,
					     mi->queue_len - mi->queue_done);

		if (n >= 0)
			mi->queue_done += (size_t)n;
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			mi->broken = true;
	}
	mi->queue_len = mi->queue_done = 0;
}

int mi_send(struct mi *mi, uint64_t token, const char *command, struct kd_err *err)
{
	char digits[32];
	size_t n = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, token);
	size_t len = n + strlen(command) + 1;
	char *queue = realloc(mi->queue, mi->queue_len + len);

	if (!queue)
		return kd_nomem(err);
	mi->queue = queue;
	queue += mi->queue_len;
	memcpy(queue, digits, n);
	memcpy(queue + n, command, len - n - 1);
	queue[len - 1] = '\n';
	mi->queue_len += len;
	mi_trace(mi, '>', queue, len - 1);
	flush(mi);
	return 0;
}

/* Its last words may still be on their way; who holds the pipe may outlive it. */
static void await_end(struct mi *mi)
{
	uint64_t start = mi_now();

	while (!mi_process_ended(&mi->process) && mi_now() - start < BURIAL_MS) {
		struct pollfd fd = { .fd = mi->process.err, .events = POLLIN };

		poll(&fd, 1, 10);
		if (fd.revents)
			read_stderr(mi);
	}
	for (int i = 0; i < 16 && read_stderr(mi); i++)
		;
}

static void bury(struct mi *mi)
{
	char how[128];

	await_end(mi);
	mi_process_fate(&mi->process, how, sizeof(how));
	snprintf(mi->fate, sizeof(mi->fate), "gdb %s%s%.256s%s%.512s", how,
		 mi->call ? " while " : "", mi->call ? mi->call->what : "",
		 mi->words_len ? "; its last words: " : "", mi->words_len ? mi->words : "");
	mi_trace(mi, '#', mi->fate, strlen(mi->fate));
	mi_process_stop(&mi->process, 0);
	mi->alive = false;
}

void mi_give_up(struct mi *mi, const char *fate)
{
	snprintf(mi->fate, sizeof(mi->fate), "%s", fate);
	mi_trace(mi, '#', mi->fate, strlen(mi->fate));
	mi_process_stop(&mi->process, 0);
	mi->alive = false;
}

bool mi_pump(struct mi *mi, int ms)
{
	struct pollfd fds[] = {
		{ .fd = mi->process.out, .events = POLLIN },
		{ .fd = mi->process.err, .events = POLLIN },
		{ .fd = mi->wake, .events = POLLIN },
		{ .fd = mi->queue_len && !mi->broken ? mi->process.in : -1, .events = POLLOUT },
		{ .fd = mi->wake_fd ? mi->wake_fd : -1, .events = POLLIN },
	};
	bool open = true;
	uint64_t woken;

	if (poll(fds, KD_ARRAY_SIZE(fds), ms < LOOK_MS ? ms : LOOK_MS) < 0)
		return false; /* EINTR: the caller looks at its clocks */
	if (fds[2].revents)
		(void)!read(mi->wake, &woken, sizeof(woken));
	if (fds[3].revents)
		flush(mi);
	if (fds[4].revents)
		mi->next_tick = 0;
	if (fds[1].revents)
		read_stderr(mi);
	if (fds[0].revents)
		open = read_stdout(mi);
	/* Its pipe may be held open by a command that it left behind. */
	if (!open || (!fds[0].revents && (mi->broken || mi_process_ended(&mi->process))))
		bury(mi);
	return fds[0].revents && open;
}
