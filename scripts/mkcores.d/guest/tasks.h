/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of tasks as /proc shows it right before the crash: what a reader of the dump has to
 * find again.
 */
#ifndef GUEST_TASKS_H
#define GUEST_TASKS_H

/*
 * Prints one line per task, threads and kernel threads too, but not the idle tasks, which /proc
 * does not show:
 *   kd: task PID TGID PPID STATE "COMM"
 * COMM has bytes outside 0x20-0x7e, '"' and '\' as \xHH. The last line is "kd: tasks: N".
 */
void tasks_print(void);

#endif
