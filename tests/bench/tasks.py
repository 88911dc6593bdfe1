#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks by drgn, to be timed: tasks.py VMLINUX VMCORE"""
import sys

import drgn
from drgn.helpers.linux.pid import for_each_task
from drgn.helpers.linux.sched import task_state_to_char


def state(task):
    try:
        return task_state_to_char(task)
    except LookupError:
        return "?"  # too little debug information


def main():
    prog = drgn.Program()
    prog.set_core_dump(sys.argv[2])
    try:
        prog.load_debug_info([sys.argv[1]])
    except drgn.MissingDebugInfoError:
        pass  # modules; vmlinux is there
    for task in for_each_task(prog):
        print(f"PID {task.pid.value_()} {task.real_parent.tgid.value_()} "
              f"{state(task)} {task.value_():#x} {task.comm.string_()!r}")


main()
