/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keys of the panes: one table that the TUI obeys, and that its help, its line of
 * hints and the manual page are made of. Pure data; which code a terminal's key has is
 * tui/screen's to say.
 */
#ifndef KD_UI_KEYS_H
#define KD_UI_KEYS_H

#include "core/base.h"

/* Keys that are no character. */
enum key_code {
	KEYS_CTRL = 0x1f, /* KEYS_CTRL & 'C' */
	KEYS_ESC = 0x1b,
	KEYS_ENTER = '\r',
	KEYS_TAB = '\t',
	KEYS_UP = 0x10000,
	KEYS_DOWN,
	KEYS_LEFT,
	KEYS_RIGHT,
	KEYS_PAGE_UP,
	KEYS_PAGE_DOWN,
	KEYS_HOME,
	KEYS_END,
	KEYS_BACKSPACE,
	KEYS_BACKTAB,
	KEYS_F1,
	KEYS_OTHER, /* one that no table knows */
};

enum key_action {
	ACT_NONE,
	ACT_VIEW, /* by the digit */
	ACT_HELP,
	ACT_OPEN,
	ACT_LEAVE, /* one step back, quit at the end */
	ACT_ESCAPE,
	ACT_QUIT,
	ACT_BACK,
	ACT_FORWARD,
	ACT_NEXT_LINK,
	ACT_PREVIOUS_LINK,
	ACT_MEMORY,
	ACT_CODE,
	ACT_PRINT,
	ACT_NOTE,
	ACT_EDIT,
	ACT_LINE,
	ACT_REPEAT,
	ACT_PIPE,
	ACT_SAVE,
	ACT_JSON,
	ACT_COPY,
	ACT_RELOAD,
	ACT_CANCEL,
	ACT_SUSPEND,
	ACT_MESSAGES,
	ACT_OTHER_PANE,
	ACT_MAXIMISE,
	ACT_SPLIT,
	ACT_DOWN,
	ACT_UP,
	ACT_HALF_DOWN,
	ACT_HALF_UP,
	ACT_PAGE_DOWN,
	ACT_PAGE_UP,
	ACT_FIRST,
	ACT_LAST,
	ACT_RIGHT,
	ACT_LEFT,
	ACT_SEARCH,
	ACT_SEARCH_BACK,
	ACT_NEXT,
	ACT_PREVIOUS,
	ACT_FILTER,
	ACT_FINDING,
	ACT_WRAP,
	ACT_FRAME_UP,
	ACT_FRAME_DOWN,
	ACT_DETAIL_NEXT,
	ACT_LOCALS,
	ACT_SOURCE,
	ACT_FRAME_CODE,
	ACT_REGISTERS,
};

enum key_where {
	KEYS_EVERYWHERE = 1,
	KEYS_STACK = 2, /* in the pane of a stack, where they go before the others */
};

struct key {
	int code, also; /* also 0: only the one */
	const char *shown;
	enum key_action action;
	unsigned where;
	const char *help;
	const char *hint; /* the word in the line of hints; NULL: not there */
};

/* A heading and its keys, in the order of help; keys end with code 0. */
struct key_group {
	const char *title;
	const struct key *keys;
};

/* The i-th group; NULL past the end. */
const struct key_group *keys_group(size_t i);

/* What a key means; STACK: the pane shows one. NULL: nothing. */
const struct key *keys_find(int code, bool stack);

/*
 * The views that have a digit: what it shows, and the line that makes it; the
 * address in the line stands for what was looked at last. NULL: no such one.
 */
struct key_view {
	char digit;
	const char *name;
	const char *line;
};

const struct key_view *keys_view(int digit);
/* The view that a command of this name makes; NULL: none of them. */
const struct key_view *keys_view_of(const char *command);

#endif
