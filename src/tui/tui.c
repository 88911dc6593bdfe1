// SPDX-License-Identifier: GPL-3.0-or-later
/* The face with panes: start, loop, end. See tui.h. */
#include "tui/tui.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "tui/command_line.h"
#include "tui/terminal.h"
#include "tui/tui_priv.h"
#include "ui/commands.h"
#include "ui/parts.h"
#include "ui/signals.h"

#define OPEN_MS 100   /* a dump that opens in less needs no screen about it */
#define HOLD_MS 250   /* for keys typed ahead of an answer, */
#define OPENING_HOLD_MS 2000 /* and of the first one */
#define REDRAW_MS 500 /* the time something takes; more often would fill a slow line */

/* Words for the user ------------------------------------------------------------ */

static void say(struct tui *t, enum doc_style style, const char *fmt, va_list ap) KD_PRINTF(3, 0);

static void say(struct tui *t, enum doc_style style, const char *fmt, va_list ap)
{
	_cleanup_(freep) char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	else
		messages_add(&t->messages, style, "%s", text);
}

void tui_say(struct tui *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, DOC_PLAIN, fmt, ap);
	va_end(ap);
}

void tui_complain(struct tui *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, DOC_BAD, fmt, ap);
	va_end(ap);
}

struct pane *tui_pane(struct tui *t)
{
	return &t->panes[t->focus];
}

struct view *tui_view(struct tui *t)
{
	return history_now(tui_pane(t)->views);
}

/* Opening ----------------------------------------------------------------------- */

/* What the opening is at, as a step of its own. */
static void note_step(struct tui *t)
{
	struct view *v = t->npanes ? tui_view(t) : NULL;
	unsigned ms;
	char what[48];

	if (t->k || !engine_progress(t->engine, LANE_NATIVE, what, sizeof(what), &ms) || !*what)
		return;
	if (t->nsteps && !strcmp(t->steps[t->nsteps - 1].what, what))
		return;
	if (t->nsteps < KD_ARRAY_SIZE(t->steps)) {
		snprintf(t->steps[t->nsteps].what, sizeof(t->steps[0].what), "%s", what);
		t->steps[t->nsteps++].ms = (unsigned)(clock_ms() - t->begun);
	}
	if (v && !strcmp(view_command(v), ":opening"))
		open_request(t, v);
}

/* The dump is open: the first screen. */
static int start(struct tui *t, struct kd_err *err)
{
	struct pane *p = &t->panes[0];
	int ret;

	t->k = engine_kernel(t->engine);
	/* The screen about opening is nothing to go back to. */
	open_pane_free(t, p);
	ret = open_pane_new(t, p, err);
	if (!ret)
		ret = command_line_begin(t->k, words_ours, err);
	if (ret)
		return ret;
	if (t->k->lack)
		tui_complain(t, "no vmlinux: %s", t->k->lack);
	open_line(t, "verdict");
	return 0;
}

static int take_answers(struct tui *t, struct kd_err *err)
{
	struct answer a;
	int ret = 0;

	note_step(t);
	while (!ret && engine_take(t->engine, &a)) {
		if (a.id) {
			open_answer(t, &a);
			continue;
		}
		ret = a.status;
		*err = a.err;
		answer_fini(&a);
		if (!ret)
			ret = start(t, err);
	}
	return ret;
}

/* The loop ---------------------------------------------------------------------- */

static bool is_busy(const struct tui *t)
{
	char what[8];
	unsigned ms;

	return engine_progress(t->engine, LANE_NATIVE, what, sizeof(what), &ms) ||
	       engine_progress(t->engine, LANE_GDB, what, sizeof(what), &ms);
}

/* Keys typed ahead are for the view that is about to come, unless it takes its time. */
static bool holds_keys(struct tui *t)
{
	struct view *v = t->mode == MODE_KEYS ? tui_view(t) : NULL;

	if (!t->k)
		return clock_ms() - t->begun < OPENING_HOLD_MS;
	return v && t->k && view_answer(v) == VIEW_NOTHING && view_jobs(v)[LANE_NATIVE] &&
	       clock_ms() - t->asked < HOLD_MS;
}

static void take_keys(struct tui *t)
{
	int key;

	for (;;) {
		if (t->mode != MODE_KEYS && t->mode != MODE_QUIT) {
			words_feed(t);
			return;
		}
		key = t->quit || holds_keys(t) ? 0 : screen_key(t->screen);
		if (!key)
			return;
		act_key(t, key);
	}
}

static void take_messages(struct tui *t)
{
	char *text;

	while ((text = screen_message(t->screen))) {
		if (*text)
			tui_complain(t, "%s", text);
		free(text);
	}
}

/* Has a signal come that ends the program? */
static bool is_ended(struct tui *t)
{
	int signo = signals_pending();

	if (!signo || signo == SIGINT)
		return false;
	t->signo = signo;
	return true;
}

static int wait_ms(const struct tui *t, bool hold)
{
	return hold ? HOLD_MS : is_busy(t) ? REDRAW_MS : -1;
}

static int loop(struct tui *t, struct kd_err *err)
{
	struct pollfd fds[] = {
		{ .fd = screen_key_fd(t->screen), .events = POLLIN },
		{ .fd = screen_event_fd(t->screen), .events = POLLIN },
		{ .fd = screen_message_fd(t->screen), .events = POLLIN },
		{ .fd = engine_fd(t->engine), .events = POLLIN },
	};
	int ret = 0;

	while (!ret && !t->quit && !is_ended(t)) {
		bool hold = holds_keys(t);

		open_follow(t);
		/* An empty pane for a moment would cost a slow line two screens. */
		if (!hold || !t->k)
			panes_draw(t);
		fds[0].events = hold ? 0 : POLLIN;
		if (poll(fds, KD_ARRAY_SIZE(fds), wait_ms(t, hold)) < 0)
			continue;
		/* A terminal that is gone says so for ever. */
		if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) {
			t->signo = SIGHUP;
			break;
		}
		if (fds[1].revents)
			screen_events(t->screen);
		if (fds[3].revents)
			ret = take_answers(t, err);
		if (fds[2].revents)
			take_messages(t);
		/* What curses has read is no news to poll(). */
		if (!ret && (fds[0].revents || hold))
			take_keys(t);
	}
	return ret;
}

/* Start and end ----------------------------------------------------------------- */

static int open_engine(struct tui *t, const struct cli *c, struct session_options *opt,
		       struct kd_err *err)
{
	int ret = cli_session_options(c, true, opt, err);

	if (!ret)
		ret = engine_open(opt, &t->engine, err);
	t->begun = clock_ms();
	return ret;
}

/* Give the dump a moment: most need no more, and what fails then needs no screen. */
static void await_opening(const struct tui *t)
{
	struct pollfd p = { .fd = engine_fd(t->engine), .events = POLLIN };
	uint64_t until = t->begun + OPEN_MS, now;
	uint64_t n;

	while (!engine_kernel(t->engine) && (now = clock_ms()) < until) {
		if (poll(&p, 1, (int)(until - now)) <= 0)
			continue;
		/* Steps come and go; only the end of them matters. */
		if (engine_failed(t->engine))
			return;
		(void)!read(p.fd, &n, sizeof(n));
	}
}

static int run(struct tui *t, struct kd_err *err)
{
	int ret;

	await_opening(t);
	if (engine_failed(t->engine))
		return take_answers(t, err);
	ret = screen_open(args_has(&t->cli->args, "no-color"), &t->screen, err);
	if (!ret)
		ret = open_pane_new(t, &t->panes[0], err);
	if (ret)
		return ret;
	t->npanes = 1;
	open_line(t, ":opening");
	ret = take_answers(t, err);
	return ret ? ret : loop(t, err);
}

static void finish(struct tui *t)
{
	int error;

	for (size_t i = 0; i < t->npanes; i++)
		open_pane_free(t, &t->panes[i]);
	screen_close(t->screen);
	if (t->k) {
		error = command_line_end();
		if (error)
			complain("the history of commands: cannot write: %s", strerror(error));
	}
	engine_close(t->engine);
	messages_fini(&t->messages);
	console_fini(&t->console);
	for (size_t i = 0; i < KD_ARRAY_SIZE(t->recent); i++)
		free(t->recent[i]);
	free(t->filter_before);
	free(t->last_line);
}

static int panes_main(const struct cli *c)
{
	struct tui t = { .cli = c, .detail_wanted = true };
	struct session_options opt;
	struct kd_err err = KD_ERR_INIT;
	int ret = open_engine(&t, c, &opt, &err);

	if (!ret)
		ret = run(&t, &err);
	finish(&t);
	if (ret) {
		cli_complain(NULL, ret, &err);
		return ret == KD_USAGE ? CLI_USAGE : CLI_DUMP;
	}
	if (t.signo)
		signals_die(t.signo);
	return CLI_OK;
}

int tui_main(const struct cli *c)
{
	struct kd_err err = KD_ERR_INIT;

	/* Who asks for lines, or gives them, gets the prompt. */
	if (c->named || args_has(&c->args, "prompt") || args_has(&c->args, "command") ||
	    args_has(&c->args, "batch") || !isatty(STDIN_FILENO))
		return prompt_main(c);
	if (!terminal_check(&err))
		return panes_main(c);
	if (isatty(STDOUT_FILENO))
		complain("%s: here is the prompt instead", err.text);
	return prompt_main(c);
}
