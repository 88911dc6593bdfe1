/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The face with panes: kdview VMCORE [VMLINUX] on a terminal. */
#ifndef KD_TUI_TUI_H
#define KD_TUI_TUI_H

#include "ui/cli.h"

/*
 * Open the dump and show it until the user quits; the exit code. Where there is no
 * terminal for it, or the user wants lines, it is the prompt or the verdict as text.
 */
int tui_main(const struct cli *c);

#endif
