#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stacks of all tasks by drgn, to be timed: all_stacks.py VMLINUX VMCORE"""
import sys

import drgn
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.pid import for_each_task
from drgn.helpers.linux.sched import idle_task


def main():
    prog = drgn.Program()
    prog.set_core_dump(sys.argv[2])
    try:
        prog.load_debug_info([sys.argv[1]])
    except drgn.MissingDebugInfoError:
        pass  # modules; vmlinux is there
    tasks = list(for_each_task(prog))
    try:
        tasks += [idle_task(prog, cpu) for cpu in for_each_possible_cpu(prog)]
    except TypeError:
        pass  # too little debug information for runqueues
    for task in tasks:
        try:
            frames = list(prog.stack_trace(task))
        except Exception:  # what it raises for data it does not know is of no one class
            continue
        print(f"PID {task.pid.value_()} {task.comm.string_()!r}")
        for f in frames:
            try:
                file, line, _ = f.source()
            except LookupError:
                file, line = "?", 0
            print(f"  {f.name} {'inlined ' if f.is_inline else ''}{file}:{line}")


main()
