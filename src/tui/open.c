// SPDX-License-Identifier: GPL-3.0-or-later
/* Views brought into panes, and answers into views: see tui_priv.h. */
#include <inttypes.h>
#include <string.h>

#include "ui/commands.h"
#include "tui/tui_priv.h"
#include "ui/parts.h"

#define MEMORY_WORDS 512 /* of a view of memory */

/* The parts of a frame that the lower pane shows: options of the command "frame". */
static const char *const parts[] = { "", " --locals", " --source", " --code", " --regs" };

/* Panes ------------------------------------------------------------------------- */

/* Nobody waits for what a view has asked for. */
static void drop_jobs(void *data, struct view *v)
{
	struct tui *t = data;

	for (size_t i = 0; i < LANES; i++) {
		if (view_jobs(v)[i])
			engine_forget(t->engine, view_jobs(v)[i]);
		view_jobs(v)[i] = 0;
	}
}

int open_pane_new(struct tui *t, struct pane *p, struct kd_err *err)
{
	int ret = history_new(HISTORY_VIEWS, HISTORY_BYTES, &p->views, err);

	if (!ret)
		history_on_drop(p->views, drop_jobs, t);
	return ret;
}

static void drop_next(struct tui *t, struct pane *p)
{
	if (!p->next)
		return;
	drop_jobs(t, p->next);
	view_free(p->next);
	p->next = NULL;
}

void open_pane_free(struct tui *t, struct pane *p)
{
	drop_next(t, p);
	history_free(p->views);
	*p = (struct pane){ 0 };
}

/* The second pane, empty; false: it cannot be had. */
static bool second_pane(struct tui *t)
{
	struct kd_err err = KD_ERR_INIT;

	if (t->npanes == 2)
		open_pane_free(t, &t->panes[1]);
	t->npanes = 1;
	if (open_pane_new(t, &t->panes[1], &err)) {
		tui_complain(t, "%s", err.text);
		return false;
	}
	t->npanes = 2;
	return true;
}

static void close_second(struct tui *t)
{
	if (t->npanes < 2)
		return;
	open_pane_free(t, &t->panes[1]);
	t->npanes = 1;
	t->focus = 0;
	t->detail = false;
	t->maximised = false;
}

/* Views ------------------------------------------------------------------------- */

static struct view *make_view(struct tui *t, const char *line)
{
	struct kd_err err = KD_ERR_INIT;
	struct view *v = NULL;

	if (view_new(line, t->k ? 2 * t->k->arch->ptr_size : 16, &v, &err))
		tui_complain(t, "%s", err.text);
	return v;
}

static const struct command *command_of(const struct view *v)
{
	const char *line = view_command(v);
	char word[32];

	snprintf(word, sizeof(word), "%.*s", (int)kd_min(strcspn(line, " "), 31), line);
	return command_find(word, CMD_PROMPT);
}

bool view_is_stack(const struct view *v)
{
	return command_of(v) == &cmd_bt;
}

static void request_from(struct tui *t, struct view *v, enum lane lane)
{
	const char *line = view_command(v);
	struct kd_err err = KD_ERR_INIT;
	struct doc d;

	drop_jobs(t, v);
	if (*line == ':') {
		own_doc(t, line, &d);
		if (view_replace(v, &d, VIEW_NATIVE, NULL, &err))
			tui_complain(t, "%s", err.text);
		return;
	}
	t->asked = clock_ms();
	view_jobs(v)[lane] = engine_submit(t->engine, lane, line);
	if (!view_jobs(v)[lane])
		tui_complain(t, "out of memory");
}

void open_request(struct tui *t, struct view *v)
{
	request_from(t, v, LANE_NATIVE);
}

/* Frames are numbered by the engine that found them: who named one is to show it. */
static enum lane lane_for(const struct view *from, const char *line)
{
	bool frame = !strncmp(line, "frame ", 6);

	return frame && from && view_answer(from) == VIEW_GDB ? LANE_GDB : LANE_NATIVE;
}

/* Which digit's view is this line? NULL: none's. */
static const struct key_view *digit_of(const char *line)
{
	char word[32];

	snprintf(word, sizeof(word), "%.*s", (int)kd_min(strcspn(line, " "), 31), line);
	return keys_view_of(word);
}

/* A line that is shown: digits come back to it. */
static void note_recent(struct tui *t, const char *line)
{
	const struct key_view *kv = digit_of(line);
	char **slot = kv ? &t->recent[kv->digit - '0'] : NULL;
	char *old = slot ? *slot : NULL;

	if (!slot)
		return;
	/* The line may be the old one. */
	*slot = strdup(line);
	free(old);
}

/* The view that showed this line before, for its cursor. */
static const struct view *find_before(const struct pane *p, const char *line)
{
	const struct view *found = NULL, *v;

	for (size_t i = 0; (v = history_at(p->views, i)); i++)
		if (!strcmp(view_command(v), line) && view_answer(v) != VIEW_NOTHING)
			found = v;
	return found;
}

static void start_detail(struct tui *t, const struct view *v)
{
	unsigned rows, columns;

	screen_size(t->screen, &rows, &columns);
	if (t->focus || !view_is_stack(v)) {
		if (!t->focus && t->detail)
			close_second(t);
	} else if (t->detail_wanted && t->npanes == 1 && rows >= 16 && second_pane(t)) {
		t->detail = true;
	}
}

void open_line(struct tui *t, const char *line)
{
	struct pane *p = tui_pane(t);
	const struct view *before = find_before(p, line);
	enum lane lane = lane_for(history_now(p->views), line);
	struct view *v = make_view(t, line);

	if (!v)
		return;
	p->wanted_line = before ? view_cursor(before) : SIZE_MAX;
	history_push(p->views, v);
	note_recent(t, line);
	request_from(t, v, lane);
	start_detail(t, v);
}

/* The line a digit stands for where nothing was looked at yet. */
static void default_line(const struct tui *t, const struct key_view *kv, char *buf, size_t size)
{
	uint64_t at = t->address;

	snprintf(buf, size, "%s", kv->line);
	if (kv->digit == '0')
		snprintf(buf, size, ":gdb");
	if (kv->digit != '4')
		return;
	if (!at && t->k->panic_task)
		at = t->k->panic_task->addr;
	if (at)
		snprintf(buf, size, "mem %#" PRIx64 " %d", at, MEMORY_WORDS);
	else
		snprintf(buf, size, "mem linux_banner");
}

void open_digit(struct tui *t, int digit)
{
	const struct key_view *kv = keys_view(digit);
	const struct view *v = tui_view(t);
	const char *recent;
	char line[64];

	if (!kv || !t->k)
		return;
	if (t->focus == 1 && t->detail)
		t->focus = 0;
	default_line(t, kv, line, sizeof(line));
	recent = t->recent[digit - '0'];
	/* Pressed again, it is the one that everybody starts with. */
	if (recent && v && digit_of(view_command(v)) == kv)
		recent = NULL;
	open_line(t, recent ? recent : line);
}

static void came_back(struct tui *t, struct view *v)
{
	if (!v)
		return;
	note_recent(t, view_command(v));
	if (view_answer(v) == VIEW_NOTHING && !view_jobs(v)[LANE_NATIVE])
		open_request(t, v);
	start_detail(t, v);
}

void open_back(struct tui *t)
{
	came_back(t, history_back(tui_pane(t)->views));
}

void open_forward(struct tui *t)
{
	came_back(t, history_forward(tui_pane(t)->views));
}

void open_split(struct tui *t)
{
	const struct view *v = tui_view(t);
	_cleanup_(freep) char *line = v ? strdup(view_command(v)) : NULL;

	if (t->npanes == 2 && !t->detail) {
		close_second(t);
		return;
	}
	if (!line || !second_pane(t))
		return;
	t->detail = false;
	t->focus = 1;
	open_line(t, line);
}

/* The frame under the cursor ------------------------------------------------------ */

size_t open_detail_parts(void)
{
	return KD_ARRAY_SIZE(parts);
}

void open_detail_close(struct tui *t)
{
	if (t->detail)
		close_second(t);
}

void open_detail(struct tui *t, size_t part)
{
	if (!t->detail && !second_pane(t))
		return;
	t->detail = true;
	t->detail_part = part % KD_ARRAY_SIZE(parts);
}

/* The line of the detail that belongs there now; NULL: none. */
static char *detail_line(const struct tui *t)
{
	const struct view *v = history_now(t->panes[0].views);
	_cleanup_(freep) char *target = v ? view_target(v) : NULL;
	char *line;

	if (!target || strncmp(target, "frame ", 6) != 0)
		return NULL;
	return asprintf(&line, "%s%s", target, parts[t->detail_part]) < 0 ? NULL : line;
}

void open_follow(struct tui *t)
{
	struct pane *p = &t->panes[1];
	_cleanup_(freep) char *line = NULL;
	const struct view *now;

	if (!t->detail || t->npanes < 2)
		return;
	/* Who reads the lower pane is not to lose it. */
	line = detail_line(t);
	now = p->next ? p->next : history_at(p->views, 0);
	if (!line || (now && !strcmp(view_command(now), line)))
		return;
	drop_next(t, p);
	p->next = make_view(t, line);
	if (p->next)
		request_from(t, p->next, lane_for(history_now(t->panes[0].views), line));
}

/* The detail that was waited for takes its place. */
static void take_next(struct tui *t, struct pane *p)
{
	struct view *v = p->next;
	struct kd_err err = KD_ERR_INIT;
	struct history *old = p->views;

	p->next = NULL;
	if (open_pane_new(t, p, &err)) {
		p->views = old;
		view_free(v);
		return;
	}
	history_free(old);
	history_push(p->views, v);
}

/* Answers ------------------------------------------------------------------------ */

static bool waits_for(struct view *v, const struct answer *a)
{
	return v && view_jobs(v)[a->lane] == a->id;
}

/* The view that waits for an answer, and its pane; NULL: none. */
static struct view *find_waiting(struct tui *t, const struct answer *a, struct pane **pane)
{
	for (size_t i = 0; i < t->npanes; i++) {
		struct view *v;

		*pane = &t->panes[i];
		if (waits_for(t->panes[i].next, a))
			return t->panes[i].next;
		for (size_t k = 0; (v = history_at(t->panes[i].views, k)); k++)
			if (waits_for(v, a))
				return v;
	}
	return NULL;
}

static bool is_empty(const struct answer *a)
{
	return !a->doc.root.first;
}

static void put(struct tui *t, struct view *v, struct answer *a)
{
	struct kd_err err = KD_ERR_INIT;
	enum view_answer from = a->lane == LANE_GDB ? VIEW_GDB : VIEW_NATIVE;

	if (view_replace(v, &a->doc, from, a->status ? &a->err : NULL, &err))
		tui_complain(t, "%s", err.text);
}

/* A line that answers nothing but an error is told, and one stays where one was. */
static bool is_told_only(struct tui *t, struct pane *p, const struct view *v,
			 const struct answer *a)
{
	if (!a->status || !is_empty(a) || view_answer(v) != VIEW_NOTHING || p->next == v ||
	    v != history_now(p->views) || !history_behind(p->views))
		return false;
	tui_complain(t, "%s", a->err.text);
	came_back(t, history_back(p->views));
	return true;
}

static void native_answer(struct tui *t, struct pane *p, struct view *v, struct answer *a)
{
	bool only_gdb = a->gdb_adds && a->status && is_empty(a), first;

	if (a->gdb_adds)
		view_jobs(v)[LANE_GDB] =
			engine_submit(t->engine, LANE_GDB, view_command(v));
	if (only_gdb || is_told_only(t, p, v, a))
		return;
	first = view_answer(v) == VIEW_NOTHING;
	put(t, v, a);
	if (first && v == history_now(p->views) && p->wanted_line != SIZE_MAX)
		view_goto(v, p->wanted_line);
	p->wanted_line = SIZE_MAX;
}

static void gdb_answer(struct tui *t, struct pane *p, struct view *v, struct answer *a)
{
	bool failed = a->status == KD_CANCELLED || a->status == KD_GDB || a->status == KD_TIMEOUT;

	if (is_told_only(t, p, v, a))
		return;
	if (failed)
		tui_complain(t, "%s", a->err.text);
	/* What the other engine knows is more than half an answer. */
	if (!failed || view_answer(v) == VIEW_NOTHING)
		put(t, v, a);
}

void open_answer(struct tui *t, struct answer *a)
{
	struct pane *p = NULL;
	struct view *v = find_waiting(t, a, &p);

	if (console_has(&t->console, a->id)) {
		console_answer(&t->console, a->id, &a->doc, &a->err);
		v = tui_view(t);
		if (v && !strcmp(view_command(v), ":gdb")) {
			open_request(t, v);
			view_end(v);
		}
	} else if (v) {
		view_jobs(v)[a->lane] = 0;
		if (a->lane == LANE_NATIVE)
			native_answer(t, p, v, a);
		else
			gdb_answer(t, p, v, a);
		if (p->next == v && view_answer(v) != VIEW_NOTHING)
			take_next(t, p);
		history_trim(p->views);
	}
	answer_fini(a);
}
