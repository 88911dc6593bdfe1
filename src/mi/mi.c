// SPDX-License-Identifier: GPL-3.0-or-later
/* Asking gdb and waiting for the answer, or for the end of patience: see mi.h. */
#include "mi/mi_priv.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

enum {
	WAIT_MS = 50, /* between looks at the clocks */
	TICK_MS = 100,
	INTERRUPT_MS = 300, /* SIGINT before gdb has read the command does nothing */
	GRACE_MS = 5000,
	START_MS = 60000,
	CLOSE_MS = 1000,
	STALE_READS = 256, /* at most 16 MiB of what came while nobody asked */
	LINE_MAX_BYTES = 64 << 20,
	STDERR_LINE_MAX = 4096,
	FIRST_TOKEN = 1000001, /* long enough not to be met by chance in raw text */
};

/* Cheap, known since gdb 6, and it changes nothing. */
static const char sentinel[] = "-list-features";

/*
 * An unknown setting of an older gdb is an error text and no more. Nothing may ask,
 * wrap, page, load code that the dump or its vmlinux names, or use the network.
 */
static const char *const fixed_args[] = {
	"-q",
	"-nx",
	"--interpreter=mi3",
	"-iex",
	"set auto-load off",
	"-iex",
	"set debuginfod enabled off",
	"-iex",
	"set confirm off",
	"-iex",
	"set pagination off",
	"-iex",
	"set width 0",
	"-iex",
	"set height 0",
	"-iex",
	"set print elements 200",
	"-iex",
	"set charset ASCII",
	"-iex",
	"set history save off",
	"-iex",
	"set style enabled off",
};

static bool tick(struct mi *mi, const struct mi_call *call, uint64_t now)
{
	if (!mi->tick || now < mi->next_tick)
		return true;
	mi->next_tick = now + TICK_MS;
	return mi->tick(mi->data, call->what, (unsigned)kd_min(now - call->began, UINT32_MAX));
}

static int reason_to_stop(struct mi *mi, const struct mi_call *call, uint64_t now)
{
	if (atomic_exchange(&mi->cancelled, false) || !tick(mi, call, now))
		return KD_CANCELLED;
	if (mi->timeout_ms && now - call->began >= mi->timeout_ms)
		return KD_TIMEOUT;
	return 0;
}

static bool hurried(const struct mi *mi)
{
	return mi->hurry && atomic_load(mi->hurry);
}

static void give_up(struct mi *mi, const struct mi_call *call)
{
	char fate[512];

	snprintf(fate, sizeof(fate),
		 "gdb did not answer its interruption for %u.%u s while %.256s, and was killed",
		 mi->grace_ms / 1000, mi->grace_ms / 100 % 10, call->what);
	mi_give_up(mi, fate);
}

static void interrupt(struct mi *mi)
{
	mi_trace(mi, '#', "SIGINT", strlen("SIGINT"));
	mi_process_signal(&mi->process, SIGINT);
}

/* Wait for CALL; why it had to be interrupted, or 0. */
static int await(struct mi *mi, struct mi_call *call)
{
	uint64_t give_up_at = 0, interrupt_at = 0;
	unsigned interrupts = 0;
	int why = 0;

	while (call->state == CALL_PENDING && mi->alive) {
		uint64_t now = mi_now();

		if (why) {
			tick(mi, call, now);
		} else {
			why = reason_to_stop(mi, call, now);
			give_up_at = now + mi->grace_ms;
			interrupt_at = now;
		}
		if (why && (mi->starting || hurried(mi))) {
			mi_give_up(mi, mi->starting ? "gdb did not start" : "gdb was ended");
			break;
		}
		if (why && now >= give_up_at) {
			give_up(mi, call);
			break;
		}
		if (why && now >= interrupt_at) {
			interrupt(mi);
			/* Should the result be lost, the one behind it tells. */
			if (!interrupts++)
				mi_send(mi, mi->next_token++, sentinel, NULL);
			interrupt_at = now + INTERRUPT_MS;
		}
		mi_pump(mi, WAIT_MS);
	}
	return why;
}

/*
 * The last SIGINT may have come too late for the request: what is sent next would be
 * hit instead. So send something that may be.
 */
static void settle(struct mi *mi, const struct mi_call *interrupted)
{
	struct mi_call call = {
		.token = mi->next_token++,
		.what = interrupted->what,
		.began = interrupted->began,
	};
	uint64_t start = mi_now();

	mi->call = &call;
	if (mi_send(mi, call.token, sentinel, NULL) < 0)
		mi_give_up(mi, "gdb was ended: out of memory");
	while (call.state == CALL_PENDING && mi->alive) {
		uint64_t now = mi_now();

		tick(mi, &call, now);
		if (hurried(mi))
			mi_give_up(mi, "gdb was ended");
		else if (now - start >= mi->grace_ms)
			give_up(mi, &call);
		else
			mi_pump(mi, WAIT_MS);
	}
	mi_record_free(call.answer);
	mi->call = NULL;
}

/* ^error as a status and a sentence. */
static int refused(const struct mi_call *call, struct kd_err *err)
{
	const struct mi_value *v = &call->answer->results;
	const char *msg = mi_text(v, "msg");
	const char *code = mi_text(v, "code");
	int status = KD_NOTFOUND;

	if (!msg || !*msg)
		msg = "gdb refused without a reason";
	if (code && !strcmp(code, "undefined-command"))
		status = KD_UNSUPPORTED;
	else if (!strcmp(msg, "Quit"))
		status = KD_CANCELLED; /* interrupted from outside */
	return kd_fail(err, status, "%s: %s", call->what, msg);
}

static int unanswered(const struct mi *mi, const struct mi_call *call, struct kd_err *err)
{
	switch (call->state) {
	case CALL_LOST:
		return kd_fail(err, KD_CORRUPT, "%s: gdb left out its answer", call->what);
	case CALL_GARBLED:
		return kd_fail(err, KD_CORRUPT, "%s: gdb's answer makes no sense", call->what);
	case CALL_OVERLONG:
		return kd_fail(err, KD_UNSUPPORTED, "%s: gdb's answer is over %zu MiB", call->what,
			       mi->lines.limit >> 20);
	case CALL_NOMEM:
		return kd_nomem(err);
	case CALL_PENDING:
	case CALL_ANSWERED:
		break;
	}
	return kd_fail(err, KD_GDB, "%s", mi->fate);
}

static int stopped(const struct mi *mi, const struct mi_call *call, int why, struct kd_err *err)
{
	uint64_t ms = mi_now() - call->began;

	if (!mi->alive && !mi->starting)
		return kd_fail(err, KD_GDB, "%s", mi->fate);
	return kd_fail(err, why, "%s: %s after %u.%u s", call->what,
		       why == KD_CANCELLED ? "cancelled" : "no answer from gdb",
		       (unsigned)(ms / 1000), (unsigned)(ms / 100 % 10));
}

/* What became of CALL, as mi_call() says it. */
static int verdict(const struct mi *mi, const struct mi_call *call, int why, struct kd_err *err)
{
	bool good = call->state == CALL_ANSWERED && call->answer->class_ &&
		    strcmp(call->answer->class_, "error") != 0;

	if (good && why != KD_CANCELLED)
		return 0;
	if (why)
		return stopped(mi, call, why, err);
	if (call->state == CALL_ANSWERED)
		return refused(call, err);
	return unanswered(mi, call, err);
}

/* Send COMMAND and see it through; the answer of a successful one stays in CALL. */
static int ask(struct mi *mi, struct mi_call *call, const char *command, struct kd_err *err)
{
	int r, why;

	if (command[0] != '-' || strchr(command, '\n'))
		return kd_fail(err, KD_USAGE, "%s: not one MI command", call->what);
	if (mi->call)
		return kd_fail(err, KD_USAGE, "%s: gdb is busy %s", call->what, mi->call->what);
	/* Stale output must not count as this request's, nor an old ^C or last word. */
	for (int i = 0; i < STALE_READS && !mi->starting && mi->alive && mi_pump(mi, 0); i++)
		;
	atomic_store(&mi->cancelled, false);
	mi->words_len = 0;
	if (!mi->alive)
		return kd_fail(err, KD_GDB, "%s: gdb is gone: %s", call->what, mi->fate);
	call->began = mi_now();
	if (!tick(mi, call, call->began))
		return kd_fail(err, KD_CANCELLED, "%s: cancelled", call->what);
	call->token = mi->next_token++;
	r = mi_send(mi, call->token, command, err);
	if (r < 0)
		return r;
	mi->call = call;
	why = await(mi, call);
	mi->call = NULL;
	if (why && mi->alive)
		settle(mi, call);
	r = verdict(mi, call, why, err);
	if (r < 0) {
		mi_record_free(call->answer);
		call->answer = NULL;
	}
	return r;
}

int mi_call(struct mi *mi, const char *what, struct mi_record **out, struct kd_err *err,
	    const char *fmt, ...)
{
	_cleanup_(freep) char *command = NULL;
	struct mi_call call = { .what = what };
	va_list ap;
	int r;

	if (out)
		*out = NULL;
	va_start(ap, fmt);
	r = vasprintf(&command, fmt, ap);
	va_end(ap);
	if (r < 0) {
		command = NULL;
		return kd_nomem(err);
	}
	r = ask(mi, &call, command, err);
	if (out)
		*out = call.answer;
	else
		mi_record_free(call.answer);
	return r;
}

/* gdb prints the message of an error as well: whoever shows both would repeat it. */
static void drop_message(struct mi_output *o, const char *what, const struct kd_err *err)
{
	size_t n = strlen(what);
	char tail[sizeof(err->text) + 1];

	mi_output_drop_tail(o, "Quit\n");
	if (strncmp(err->text, what, n) != 0 || strncmp(err->text + n, ": ", 2) != 0)
		return;
	snprintf(tail, sizeof(tail), "%s\n", err->text + n + 2);
	mi_output_drop_tail(o, tail);
}

int mi_console(struct mi *mi, const char *what, const char *command, size_t max, char **text,
	       struct kd_err *err)
{
	static const char prefix[] = "-interpreter-exec console ";
	_cleanup_(freep) char *quoted = mi_quote(command);
	_cleanup_(freep) char *line = NULL;
	struct mi_output output = MI_OUTPUT_INIT(max);
	struct mi_call call = { .what = what, .output = &output };
	struct kd_err mine = KD_ERR_INIT;
	int r;

	*text = NULL;
	if (!quoted || asprintf(&line, "%s%s", prefix, quoted) < 0) {
		line = NULL;
		return kd_nomem(err);
	}
	r = ask(mi, &call, line, &mine);
	mi_record_free(call.answer);
	if (!r && output.nomem)
		r = kd_nomem(&mine);
	if (r < 0) {
		drop_message(&output, what, &mine);
		if (err)
			*err = mine;
	}
	*text = mi_output_take(&output);
	if (!r && !*text) {
		*text = strdup("");
		if (!*text)
			return kd_nomem(err);
	}
	return r;
}

void mi_cancel(struct mi *mi)
{
	const uint64_t one = 1;
	int error = errno;

	atomic_store(&mi->cancelled, true);
	(void)!write(mi->wake, &one, sizeof(one));
	errno = error;
}

/* "GNU gdb (Debian 13.1-3) 13.1": the last word of that line. */
static void read_version(struct mi *mi, const char *text)
{
	size_t len, start;

	text = text ? strstr(text, "GNU gdb") : NULL;
	if (!text)
		text = "unknown";
	len = start = strcspn(text, "\n");
	while (start && text[start - 1] != ' ')
		start--;
	snprintf(mi->version, sizeof(mi->version), "%.*s", (int)kd_min(len - start, 31),
		 text + start);
}

static int say_hello(struct mi *mi, struct kd_err *err)
{
	struct mi_output output = MI_OUTPUT_INIT(4096);
	struct mi_call call = { .what = "starting", .output = &output };
	unsigned timeout_ms = mi->timeout_ms;
	_cleanup_(freep) char *text = NULL;
	int r;

	mi->starting = true;
	if (!timeout_ms)
		mi->timeout_ms = START_MS;
	r = ask(mi, &call, "-gdb-version", err);
	mi->timeout_ms = timeout_ms;
	mi->starting = false;
	mi_record_free(call.answer);
	text = mi_output_take(&output);
	if (r < 0)
		return r;
	read_version(mi, text);
	return 0;
}

static int start(struct mi *mi, const struct mi_options *opt, struct kd_err *err)
{
	size_t fixed = KD_ARRAY_SIZE(fixed_args), more = 0;
	_cleanup_(freep) const char **argv = NULL;
	int r;

	while (opt->args && opt->args[more])
		more++;
	argv = calloc(1 + fixed + more + 1, sizeof(*argv));
	if (!argv)
		return kd_nomem(err);
	argv[0] = opt->gdb ? opt->gdb : "gdb";
	memcpy(argv + 1, fixed_args, sizeof(fixed_args));
	for (size_t i = 0; i < more; i++)
		argv[1 + fixed + i] = opt->args[i];
	r = mi_process_start(&mi->process, argv, err);
	if (r < 0)
		return r;
	mi->alive = true;
	return say_hello(mi, err);
}

int mi_open(const struct mi_options *opt, struct mi **out, struct kd_err *err)
{
	struct mi *mi = calloc(1, sizeof(*mi));
	int r;

	if (!mi)
		return kd_nomem(err);
	mi->process = MI_PROCESS_INIT;
	mi->lines = MI_LINEBUF_INIT(opt->line_max ? opt->line_max : LINE_MAX_BYTES);
	mi->stderr_lines = MI_LINEBUF_INIT(STDERR_LINE_MAX);
	mi->next_token = FIRST_TOKEN;
	mi->opened = mi_now();
	mi->next_tick = mi->opened + TICK_MS;
	mi->timeout_ms = opt->timeout_ms;
	mi->grace_ms = opt->grace_ms ? opt->grace_ms : GRACE_MS;
	mi->tick = opt->tick;
	mi->data = opt->data;
	mi->wake_fd = opt->wake_fd;
	mi->hurry = opt->hurry;
	mi->trace = opt->trace;
	atomic_init(&mi->cancelled, false);
	mi->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (mi->wake < 0)
		r = kd_fail(err, KD_IO, "eventfd: %s", strerror(errno));
	else
		r = start(mi, opt, err);
	if (r < 0) {
		mi_close(mi);
		return r;
	}
	*out = mi;
	return 0;
}

void mi_close(struct mi *mi)
{
	if (!mi)
		return;
	if (mi->alive)
		mi_process_stop(&mi->process, CLOSE_MS);
	closep(&mi->wake);
	mi_linebuf_fini(&mi->lines);
	mi_linebuf_fini(&mi->stderr_lines);
	free(mi->queue);
	free(mi);
}

bool mi_alive(const struct mi *mi)
{
	siginfo_t info = { .si_pid = 0 };

	if (!mi->alive)
		return false;
	/* Look without taking: whoever asks next is to learn how it ended. */
	return waitid(P_PID, (id_t)mi->process.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       !info.si_pid;
}

const char *mi_version(const struct mi *mi)
{
	return mi->version;
}

pid_t mi_pid(const struct mi *mi)
{
	return mi->process.pid;
}
