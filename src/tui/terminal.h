/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the terminal's description (terminfo) says of it. */
#ifndef KD_TUI_TERMINAL_H
#define KD_TUI_TERMINAL_H

#include "core/err.h"

/*
 * Can panes be shown here? KD_UNSUPPORTED, with a sentence: input or output is no
 * terminal, nothing is known of it, it cannot place the cursor.
 */
int terminal_check(struct kd_err *err);

/* What has to be written to a terminal that is left in a hurry. */
void terminal_farewell(char *buf, size_t size);

/* Does it take texts for the clipboard of the machine one sits at? */
bool terminal_has_clipboard(void);

#endif
