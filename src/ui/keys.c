// SPDX-License-Identifier: GPL-3.0-or-later
/* The table of keys: see keys.h. */
#include "ui/keys.h"

#include <string.h>

#define CTRL(c) (KEYS_CTRL & (c))

/* No key is a Ctrl or F key alone, since lines and multiplexers eat them; k is never an action. */
static const struct key views[] = {
	{ '1', 0, "1", ACT_VIEW, KEYS_EVERYWHERE, "verdict: what crashed and why", NULL },
	{ '2', 0, "2", ACT_VIEW, KEYS_EVERYWHERE, "tasks", "tasks" },
	{ '3', 0, "3", ACT_VIEW, KEYS_EVERYWHERE, "stack", "stack" },
	{ '4', 0, "4", ACT_VIEW, KEYS_EVERYWHERE, "memory", NULL },
	{ '5', 0, "5", ACT_VIEW, KEYS_EVERYWHERE, "registers", NULL },
	{ '6', 0, "6", ACT_VIEW, KEYS_EVERYWHERE, "code (disassembly)", NULL },
	{ '7', 0, "7", ACT_VIEW, KEYS_EVERYWHERE, "kernel log", "log" },
	{ '8', 0, "8", ACT_VIEW, KEYS_EVERYWHERE, "modules", NULL },
	{ '9', 0, "9", ACT_VIEW, KEYS_EVERYWHERE, "CPUs", NULL },
	{ '0', 0, "0", ACT_VIEW, KEYS_EVERYWHERE, "gdb: a console of its own", NULL },
	{ 0 },
};

static const struct key going[] = {
	{ KEYS_ENTER, '\n', "Enter", ACT_OPEN, KEYS_EVERYWHERE,
	  "open what is under the cursor: a frame, a task, any address", "open" },
	{ ']', 0, "]", ACT_NEXT_LINK, KEYS_EVERYWHERE, "choose the next thing that can be opened",
	  NULL },
	{ '[', 0, "[", ACT_PREVIOUS_LINK, KEYS_EVERYWHERE, "choose the one before", NULL },
	{ 'q', 0, "q", ACT_LEAVE, KEYS_EVERYWHERE,
	  "one step back: close the lower pane, the view before; at the first ask to quit",
	  "back" },
	{ KEYS_ESC, 0, "Esc", ACT_ESCAPE, KEYS_EVERYWHERE, "the same, but never quit", NULL },
	{ '<', KEYS_BACKSPACE, "< Backspace", ACT_BACK, KEYS_EVERYWHERE, "the view before", NULL },
	{ '>', 0, ">", ACT_FORWARD, KEYS_EVERYWHERE, "and forward again", NULL },
	{ 'm', 0, "m", ACT_MEMORY, KEYS_EVERYWHERE, "memory at the address under the cursor",
	  NULL },
	{ 'd', 0, "d", ACT_CODE, KEYS_EVERYWHERE, "code at the address under the cursor", NULL },
	{ 'p', 0, "p", ACT_PRINT, KEYS_EVERYWHERE, "print a C expression", NULL },
	{ 'e', 0, "e", ACT_EDIT, KEYS_EVERYWHERE,
	  "edit this view's line: another address, other options (mem ... -s: symbols)", NULL },
	{ 'a', 0, "a", ACT_NOTE, KEYS_EVERYWHERE,
	  "attach a note to what is under the cursor (:notes lists them)", NULL },
	{ ':', 0, ":", ACT_LINE, KEYS_EVERYWHERE, "command line; Tab completes", "command" },
	{ '.', 0, ".", ACT_REPEAT, KEYS_EVERYWHERE, "the last command line again", NULL },
	{ 'Q', 0, "Q", ACT_QUIT, KEYS_EVERYWHERE, "quit (asks; :q does not)", NULL },
	{ 'h', KEYS_F1, "h F1", ACT_HELP, KEYS_EVERYWHERE, "this help", "help" },
	{ 0 },
};

static const struct key text[] = {
	{ 'j', KEYS_DOWN, "j Down", ACT_DOWN, KEYS_EVERYWHERE, "a line down", NULL },
	{ 'k', KEYS_UP, "k Up", ACT_UP, KEYS_EVERYWHERE, "a line up", NULL },
	{ ' ', KEYS_PAGE_DOWN, "Space PgDn", ACT_PAGE_DOWN, KEYS_EVERYWHERE, "a page down", NULL },
	{ 'b', KEYS_PAGE_UP, "b PgUp", ACT_PAGE_UP, KEYS_EVERYWHERE, "a page up", NULL },
	{ CTRL('F'), CTRL('V'), "^F", ACT_PAGE_DOWN, KEYS_EVERYWHERE, "a page down", NULL },
	{ CTRL('B'), 0, "^B", ACT_PAGE_UP, KEYS_EVERYWHERE, "a page up", NULL },
	{ '}', CTRL('D'), "} ^D", ACT_HALF_DOWN, KEYS_EVERYWHERE, "half a page down", NULL },
	{ '{', CTRL('U'), "{ ^U", ACT_HALF_UP, KEYS_EVERYWHERE, "half a page up", NULL },
	{ 'g', KEYS_HOME, "g Home", ACT_FIRST, KEYS_EVERYWHERE, "first line", NULL },
	{ 'G', KEYS_END, "G End", ACT_LAST, KEYS_EVERYWHERE, "last line", NULL },
	{ KEYS_RIGHT, ')', "Right )", ACT_RIGHT, KEYS_EVERYWHERE, "scroll sideways", NULL },
	{ KEYS_LEFT, '(', "Left (", ACT_LEFT, KEYS_EVERYWHERE, "and back", NULL },
	{ '/', 0, "/", ACT_SEARCH, KEYS_EVERYWHERE, "search (a regular expression)", "search" },
	{ '?', 0, "?", ACT_SEARCH_BACK, KEYS_EVERYWHERE, "search backward", NULL },
	{ 'n', 0, "n", ACT_NEXT, KEYS_EVERYWHERE, "next match", NULL },
	{ 'N', 0, "N", ACT_PREVIOUS, KEYS_EVERYWHERE, "previous match", NULL },
	{ '&', 0, "&", ACT_FILTER, KEYS_EVERYWHERE, "show matching lines only (empty: all)",
	  "filter" },
	{ '!', 0, "!", ACT_FINDING, KEYS_EVERYWHERE, "next finding or warning", NULL },
	{ 'W', 0, "W", ACT_WRAP, KEYS_EVERYWHERE, "wrap long lines", NULL },
	{ 0 },
};

static const struct key stack[] = {
	{ 'u', 0, "u", ACT_FRAME_UP, KEYS_STACK, "a frame up, to the caller", NULL },
	{ 'D', 0, "D", ACT_FRAME_DOWN, KEYS_STACK, "a frame down", NULL },
	{ 'o', 0, "o", ACT_DETAIL_NEXT, KEYS_STACK, "the lower pane shows the next of these:",
	  "parts" },
	{ 'l', 0, "l", ACT_LOCALS, KEYS_STACK, "arguments and local variables", "locals" },
	{ 'L', 0, "L", ACT_SOURCE, KEYS_STACK, "source", "source" },
	{ 'd', 0, "d", ACT_FRAME_CODE, KEYS_STACK, "code, the instruction marked", "code" },
	{ 'r', 0, "r", ACT_REGISTERS, KEYS_STACK, "registers", "regs" },
	{ 0 },
};

static const struct key panes[] = {
	{ KEYS_TAB, KEYS_BACKTAB, "Tab", ACT_OTHER_PANE, KEYS_EVERYWHERE, "other pane", NULL },
	{ 'S', 0, "S", ACT_SPLIT, KEYS_EVERYWHERE, "split: two panes, or one again", NULL },
	{ 'O', 0, "O", ACT_MAXIMISE, KEYS_EVERYWHERE, "this pane alone, and back", NULL },
	{ 'w', 0, "w", ACT_SAVE, KEYS_EVERYWHERE, "save this view as text (:w FILE)", NULL },
	{ 'J', 0, "J", ACT_JSON, KEYS_EVERYWHERE, "show it as JSON", NULL },
	{ '|', 0, "|", ACT_PIPE, KEYS_EVERYWHERE, "pipe it into a shell command", NULL },
	{ 'y', 0, "y", ACT_COPY, KEYS_EVERYWHERE,
	  "copy what is chosen, or the line (clipboard, and ^Y in the command line)", NULL },
	{ 'R', CTRL('L'), "R ^L", ACT_RELOAD, KEYS_EVERYWHERE, "ask again, and repaint the screen",
	  NULL },
	{ 'z', CTRL('C'), "z ^C", ACT_CANCEL, KEYS_EVERYWHERE, "cancel what is running", NULL },
	{ 'M', 0, "M", ACT_MESSAGES, KEYS_EVERYWHERE, "messages so far", NULL },
	{ CTRL('Z'), 0, "^Z", ACT_SUSPEND, KEYS_EVERYWHERE, "to the shell; fg comes back", NULL },
	{ 0 },
};

static const struct key_group groups[] = {
	{ "Views", views },
	{ "Going places", going },
	{ "Lists and text", text },
	{ "In a stack", stack },
	{ "Panes and the rest", panes },
};

static const struct key_view key_views[] = {
	{ '1', "verdict", "verdict" },
	{ '2', "tasks", "ps" },
	{ '3', "stack", "bt" },
	{ '4', "memory", "mem" },
	{ '5', "registers", "regs" },
	{ '6', "code", "dis" },
	{ '7', "log", "log" },
	{ '8', "modules", "mod" },
	{ '9', "cpus", "cpu" },
	{ '0', "gdb", "gdb" },
};

const struct key_group *keys_group(size_t i)
{
	return i < KD_ARRAY_SIZE(groups) ? &groups[i] : NULL;
}

static const struct key *find_in(const struct key *k, int code)
{
	for (; k->code; k++)
		if (k->code == code || (k->also && k->also == code))
			return k;
	return NULL;
}

const struct key *keys_find(int code, bool in_stack)
{
	const struct key *k = in_stack ? find_in(stack, code) : NULL;

	for (size_t i = 0; !k && i < KD_ARRAY_SIZE(groups); i++)
		if (groups[i].keys != stack)
			k = find_in(groups[i].keys, code);
	return k;
}

const struct key_view *keys_view(int digit)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(key_views); i++)
		if (key_views[i].digit == digit)
			return &key_views[i];
	return NULL;
}

const struct key_view *keys_view_of(const char *command)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(key_views); i++)
		if (!strcmp(key_views[i].line, command))
			return &key_views[i];
	return NULL;
}
