// SPDX-License-Identifier: GPL-3.0-or-later
/* terminfo: see terminal.h. In a file of its own: term.h has macros named "lines", "columns". */
#include "tui/terminal.h"

#include <string.h>

#include <curses.h>
#include <term.h>

int terminal_check(struct kd_err *err)
{
	const char *term = getenv("TERM");
	bool can_place;
	int found = 0;

	if (!isatty(STDOUT_FILENO))
		return kd_fail(err, KD_UNSUPPORTED, "standard output is no terminal");
	if (!isatty(STDIN_FILENO))
		return kd_fail(err, KD_UNSUPPORTED, "standard input is no terminal");
	if (!term || !*term)
		return kd_fail(err, KD_UNSUPPORTED, "TERM does not say which terminal this is");
	if (setupterm(term, STDOUT_FILENO, &found) == ERR)
		return kd_fail(err, KD_UNSUPPORTED, "the terminal '%.60s' is not known", term);
	can_place = cursor_address != NULL;
	del_curterm(cur_term);
	/* ncurses itself would go on and write garbage. */
	if (!can_place)
		return kd_fail(err, KD_UNSUPPORTED, "the terminal '%.60s' cannot place the cursor",
			       term);
	return 0;
}

/* Delays ("$<5>") are for tputs() alone. */
static size_t append(char *buf, size_t used, size_t size, const char *s)
{
	for (; s && *s && used + 1 < size; s++) {
		if (s[0] == '$' && s[1] == '<') {
			s = strchr(s, '>');
			if (!s)
				break;
			continue;
		}
		buf[used++] = *s;
	}
	buf[used] = '\0';
	return used;
}

void terminal_farewell(char *buf, size_t size)
{
	size_t used = append(buf, 0, size, exit_attribute_mode);

	used = append(buf, used, size, keypad_local);
	used = append(buf, used, size, cursor_normal);
	append(buf, used, size, exit_ca_mode);
}

bool terminal_has_clipboard(void)
{
	char name[] = "Ms";
	const char *words = tigetstr(name);

	return words && words != (const char *)-1;
}
