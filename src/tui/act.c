// SPDX-License-Identifier: GPL-3.0-or-later
/* What keys do: see tui_priv.h, and ui/keys.c for which does what. */
#include <inttypes.h>
#include <string.h>

#include "tui/command_line.h"
#include "tui/tui_priv.h"

#define SHIFT 8 /* columns, sideways */

/*
 * A command line that attaches a note to what is under the cursor: the frame or task that its
 * link leads to, an address, else the dump.
 */
static void open_note(struct tui *t)
{
	_cleanup_(freep) char *target = view_target(tui_view(t));
	char line[128] = "note ", task[32];
	unsigned frame;
	uint64_t addr;

	if (target && sscanf(target, "frame %u %31s", &frame, task) == 2)
		snprintf(line, sizeof(line), "note -f %u -t %s ", frame, task);
	else if (target && sscanf(target, "bt %31s", task) == 1)
		snprintf(line, sizeof(line), "note -t %s ", task);
	else if (view_address(tui_view(t), &addr))
		snprintf(line, sizeof(line), "note -a 0x%" PRIx64 " ", addr);
	words_open(t, MODE_COMMAND, line);
}

/* The view with the stack, when its frame is shown below it. */
static struct view *stack_view(struct tui *t)
{
	return t->detail ? history_now(t->panes[0].views) : tui_view(t);
}

/* The frame the cursor is in, as a command; owned; NULL: none. */
static char *frame_of(const struct view *v)
{
	char *target = view_target(v);

	if (target && !strncmp(target, "frame ", 6))
		return target;
	free(target);
	return NULL;
}

static bool is_in(const struct view *v, const char *frame)
{
	_cleanup_(freep) char *here = frame_of(v);

	return here && !strcmp(here, frame);
}

/* To the first line of the next frame, or of the one before; none: where it was. */
static void step_frame(struct view *v, int direction)
{
	_cleanup_(freep) char *from = frame_of(v);
	_cleanup_(freep) char *to = NULL;
	size_t at = view_cursor(v);

	while (!to && view_move(v, direction))
		if (!from || !is_in(v, from))
			to = frame_of(v);
	/* Coming from below, it is the last of its lines. */
	if (to) {
		at = view_cursor(v);
		while (direction < 0 && view_move(v, -1) && is_in(v, to))
			at = view_cursor(v);
	}
	view_goto(v, at);
}

static void open_target(struct tui *t)
{
	struct view *v = tui_view(t);
	_cleanup_(freep) char *target = view_target(v);
	uint64_t addr;

	if (!strcmp(view_command(v), ":gdb")) {
		words_open(t, MODE_CONSOLE, "");
		return;
	}
	if (!target || !*target || !link_is_plain(target)) {
		tui_say(t, "nothing to open here");
		return;
	}
	if (view_address(v, &addr))
		t->address = addr;
	if (view_is_stack(v) && !strncmp(target, "frame ", 6) && !t->focus) {
		t->detail_wanted = true;
		if (t->detail)
			t->focus = 1;
		else
			open_detail(t, t->detail_part);
		return;
	}
	open_line(t, target);
}

/* Memory or code at the address under the cursor. */
static void open_at(struct tui *t, const char *fmt_before, const char *after)
{
	char line[64];
	uint64_t addr;

	if (!view_address(tui_view(t), &addr)) {
		tui_say(t, "no address here");
		return;
	}
	t->address = addr;
	snprintf(line, sizeof(line), "%s %#" PRIx64 "%s", fmt_before, addr, after);
	open_line(t, line);
}

static void close_pane(struct tui *t)
{
	if (t->detail) {
		t->detail_wanted = false;
		open_detail_close(t);
	} else {
		t->focus = 0;
		open_split(t);
	}
}

static void leave(struct tui *t, bool may_quit)
{
	struct pane *p = tui_pane(t);

	if (history_behind(p->views))
		open_back(t);
	else if (t->npanes == 2)
		close_pane(t);
	else if (may_quit)
		t->mode = MODE_QUIT;
}

static void escape(struct tui *t)
{
	struct view *v = tui_view(t);

	if (view_filtered(v))
		view_filter(v, NULL, NULL);
	else
		leave(t, false);
}

static void repeat_search(struct tui *t, int direction)
{
	struct view *v = tui_view(t);
	struct kd_err err = KD_ERR_INIT;
	enum view_found found;

	if (view_find(v, NULL, direction, &found, &err))
		tui_complain(t, "%s", err.text);
	else if (found == VIEW_NOT_FOUND)
		tui_complain(t, "no line matches \"%s\"", view_search(v));
	else if (found == VIEW_WRAPPED)
		tui_say(t, "from the %s on", direction > 0 ? "first line" : "last line");
}

static void copy(struct tui *t)
{
	struct view *v = tui_view(t);
	_cleanup_(freep) char *text = view_link_text(v);
	bool sent;

	if (!text)
		text = view_line_text(v);
	if (!text)
		return;
	command_line_yank(text);
	sent = screen_copy(t->screen, text);
	tui_say(t, "copied%s: %s", sent ? "" : " (^Y in the command line inserts it)", text);
}

static void cancel(struct tui *t)
{
	/* What one waits for in front of the screen goes first. */
	static const enum lane order[] = { LANE_NATIVE, LANE_GDB };
	char what[96];
	unsigned ms;

	for (size_t i = 0; i < KD_ARRAY_SIZE(order); i++) {
		if (!engine_progress(t->engine, order[i], what, sizeof(what), &ms))
			continue;
		engine_cancel(t->engine, order[i]);
		tui_say(t, "cancelling: %s", what);
		return;
	}
	tui_say(t, "nothing is running");
}

static void show_json(struct tui *t)
{
	const struct view *v = tui_view(t);
	_cleanup_(freep) char *line = NULL;

	if (!view_doc(v) || *view_command(v) == ':' ||
	    asprintf(&line, ":json %s", view_command(v)) < 0) {
		tui_say(t, "there is no JSON of it");
		return;
	}
	t->json_of = v;
	open_line(t, line);
	t->json_of = NULL;
}

static void reload(struct tui *t)
{
	screen_repaint(t->screen);
	engine_retry(t->engine);
	open_request(t, tui_view(t));
}

/* Moving; false: it is not that. */
static bool move(struct tui *t, enum key_action action)
{
	struct view *v = tui_view(t);

	switch (action) {
	case ACT_DOWN:
		return view_move(v, 1), true;
	case ACT_UP:
		return view_move(v, -1), true;
	case ACT_HALF_DOWN:
		return view_page(v, 1), true;
	case ACT_HALF_UP:
		return view_page(v, -1), true;
	case ACT_PAGE_DOWN:
		return view_page(v, 2), true;
	case ACT_PAGE_UP:
		return view_page(v, -2), true;
	case ACT_FIRST:
		return view_home(v), true;
	case ACT_LAST:
		return view_end(v), true;
	case ACT_RIGHT:
		return view_shift(v, SHIFT), true;
	case ACT_LEFT:
		return view_shift(v, -SHIFT), true;
	case ACT_NEXT_LINK:
		return view_link_step(v, 1), true;
	case ACT_PREVIOUS_LINK:
		return view_link_step(v, -1), true;
	case ACT_FRAME_UP:
		return step_frame(stack_view(t), 1), true;
	case ACT_FRAME_DOWN:
		return step_frame(stack_view(t), -1), true;
	default:
		return false;
	}
}

/* Within a view, but for moving; false: it is not that. */
static bool look(struct tui *t, enum key_action action)
{
	struct view *v = tui_view(t);

	switch (action) {
	case ACT_SEARCH:
		return words_open(t, MODE_SEARCH, ""), true;
	case ACT_SEARCH_BACK:
		return words_open(t, MODE_SEARCH_BACK, ""), true;
	case ACT_NEXT:
		return repeat_search(t, 1), true;
	case ACT_PREVIOUS:
		return repeat_search(t, -1), true;
	case ACT_FILTER:
		return words_open(t, MODE_FILTER, ""), true;
	case ACT_FINDING:
		if (!view_finding_step(v, 1))
			tui_say(t, "no finding from here on");
		return true;
	case ACT_WRAP:
		return view_set_wrap(v, !view_wrap(v)), true;
	case ACT_COPY:
		return copy(t), true;
	case ACT_SAVE:
		return words_open(t, MODE_COMMAND, "w "), true;
	case ACT_PIPE:
		return words_open(t, MODE_COMMAND, "|"), true;
	case ACT_JSON:
		return show_json(t), true;
	case ACT_RELOAD:
		return reload(t), true;
	default:
		return false;
	}
}

/* The frame under the cursor, below it. */
static bool detail(struct tui *t, enum key_action action)
{
	size_t part = 0;

	switch (action) {
	case ACT_DETAIL_NEXT:
		part = t->detail ? t->detail_part + 1 : t->detail_part;
		break;
	case ACT_LOCALS:
		part = 1;
		break;
	case ACT_SOURCE:
		part = 2;
		break;
	case ACT_FRAME_CODE:
		part = 3;
		break;
	case ACT_REGISTERS:
		part = 4;
		break;
	default:
		return false;
	}
	t->detail_wanted = true;
	open_detail(t, part % open_detail_parts());
	return true;
}

static bool go(struct tui *t, enum key_action action, int key)
{
	switch (action) {
	case ACT_VIEW:
		open_digit(t, key);
		if (key == '0' && t->k)
			words_open(t, MODE_CONSOLE, "");
		return true;
	case ACT_HELP:
		return open_line(t, ":help"), true;
	case ACT_MESSAGES:
		return open_line(t, ":messages"), true;
	case ACT_OPEN:
		return open_target(t), true;
	case ACT_MEMORY:
		return open_at(t, "mem", " 512"), true;
	case ACT_CODE:
		return open_at(t, "dis", ""), true;
	case ACT_EDIT:
		return words_open(t, MODE_COMMAND, view_command(tui_view(t))), true;
	case ACT_NOTE:
		return open_note(t), true;
	case ACT_PRINT:
		return words_open(t, MODE_COMMAND, "p "), true;
	case ACT_BACK:
		return open_back(t), true;
	case ACT_FORWARD:
		return open_forward(t), true;
	case ACT_REPEAT:
		if (t->last_line)
			words_run(t, t->last_line);
		return true;
	default:
		return false;
	}
}

/* What needs no view to be there. */
static bool control(struct tui *t, enum key_action action)
{
	switch (action) {
	case ACT_LINE:
		return words_open(t, MODE_COMMAND, ""), true;
	case ACT_QUIT:
		t->mode = MODE_QUIT;
		return true;
	case ACT_CANCEL:
		return cancel(t), true;
	case ACT_SUSPEND:
		return screen_suspend(t->screen), true;
	case ACT_SPLIT:
		return open_split(t), true;
	case ACT_OTHER_PANE:
		if (t->npanes == 2)
			t->focus = !t->focus;
		return true;
	case ACT_MAXIMISE:
		t->maximised = t->npanes == 2 && !t->maximised;
		return true;
	default:
		return false;
	}
}

void act_key(struct tui *t, int key)
{
	struct view *v = tui_view(t);
	const struct key *k = keys_find(key, v && (view_is_stack(v) || t->detail));

	if (t->mode == MODE_QUIT) {
		t->quit = key == 'y' || key == 'Y' || key == 'Q';
		t->mode = MODE_KEYS;
		return;
	}
	messages_seen(&t->messages);
	if (!k) {
		tui_say(t, "no such key: h shows those there are");
		return;
	}
	if (control(t, k->action))
		return;
	if (!v)
		return;
	if (k->action == ACT_LEAVE)
		leave(t, true);
	else if (k->action == ACT_ESCAPE)
		escape(t);
	else if (!move(t, k->action) && !look(t, k->action) && !detail(t, k->action))
		go(t, k->action, key);
}
