#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare kdview's stacks of all tasks with drgn's, frame by frame.

    drgn_compare.py VMLINUX VMCORE KDVIEW.json [MODULE.ko...]

KDVIEW.json is what `kdview bt --all --json` printed. A frame is the same when
function, file, line and "inlined" are; drgn names no assembly functions, so there
file and line count. The user-mode frame at the end is left out on both sides.

Prints a line per task that differs and a table at the end. Exit status 1 when a
task is missing on one side, or when frames differ in a way that is not one of:
  longer    all of drgn's frames are there; drgn's unwinder stopped earlier
  tail      the same but for tail-call frames, which gdb infers from DW_TAG_call_site
"""
import json
import sys

import drgn
from drgn.helpers.linux.cpumask import for_each_online_cpu
from drgn.helpers.linux.pid import for_each_task
from drgn.helpers.linux.sched import idle_task


def place(path, line):
    """The last two components: build folders are spelled in different ways."""
    if not path or not line:
        return None
    return "/".join(path.split("/")[-2:]) + f":{line}"


def from_kdview(node, out):
    if isinstance(node, dict):
        if "frames" in node and "task" in node:
            out[int(node["task"]["task"], 16)] = node
            return
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            from_kdview(child, out)


def kdview_frames(stack):
    return [
        (f["function"], place(f["file"], f["line"]), f["kind"] == "inlined")
        for f in stack["frames"]
        if f["kind"] != "user"
    ]


def drgn_frames(prog, task):
    frames = []
    for f in prog.stack_trace(task):
        try:
            where = f.source()
            where = place(where[0], where[1])
        except LookupError:
            where = None
        try:
            pc = f.pc
        except LookupError:
            pc = None
        # Where ORC leads on into user mode, drgn shows that pc as a frame.
        if pc is not None and pc < 1 << 47:
            break
        frames.append((f.name, where, f.is_inline))
    return frames


def same(ours, theirs):
    if theirs[0] is None:
        return theirs[1] is None or ours[1] == theirs[1]
    # .cold and .isra parts keep the source's name in DWARF
    return (ours[0] or "").split(".")[0] == theirs[0] and ours[1:] == theirs[1:]


def classify(ours, theirs):
    if len(ours) == len(theirs) and all(map(same, ours, theirs)):
        return "same"
    if len(ours) > len(theirs) and all(map(same, ours, theirs)):
        return "longer"
    # drgn's frames in order, with some of ours in between
    i = 0
    for frame in ours:
        if i < len(theirs) and same(frame, theirs[i]):
            i += 1
    if i == len(theirs):
        return "tail"
    # drgn gave up inside: its last frame is an unknown one
    if theirs and theirs[-1][0] is None and i == len(theirs) - 1:
        return "longer"
    return "differs"


def main():
    vmlinux, vmcore, ours_path, *modules = sys.argv[1:]
    prog = drgn.Program()
    prog.set_core_dump(vmcore)
    prog.load_debug_info([vmlinux, *modules])
    ours = {}
    with open(ours_path) as f:
        from_kdview(json.load(f), ours)

    tasks = {t.value_(): t for t in for_each_task(prog)}
    for cpu in for_each_online_cpu(prog):
        t = idle_task(prog, cpu)
        tasks[t.value_()] = t
    counts = {}
    frames = 0
    for addr, task in sorted(tasks.items(), key=lambda kv: kv[1].pid.value_()):
        name = f"pid {task.pid.value_()} {task.comm.string_()!r}"
        if addr not in ours:
            counts["missing"] = counts.get("missing", 0) + 1
            print(f"missing: {name} is not in kdview's list")
            continue
        a = kdview_frames(ours[addr])
        try:
            b = drgn_frames(prog, task)
        except Exception as e:  # drgn refuses: nothing to compare with
            kind = "refused"
            print(f"refused: {name}: drgn says: {e}")
        else:
            kind = classify(a, b)
            frames += len(b)
        counts[kind] = counts.get(kind, 0) + 1
        if kind in ("same", "refused"):
            continue
        print(f"{kind}: {name}")
        for i in range(max(len(a), len(b))):
            x = a[i] if i < len(a) else None
            y = b[i] if i < len(b) else None
            if not (x and y and same(x, y)):
                print(f"    {i:3} kdview {x}\n        drgn   {y}")
    extra = set(ours) - set(tasks)
    for addr in extra:
        print(f"extra: {ours[addr]['task']} is not in drgn's list")
    print(
        f"drgn {drgn.__version__}: {len(tasks)} tasks, {frames} frames: "
        + ", ".join(f"{n} {k}" for k, n in sorted(counts.items()))
        + f", {len(extra)} extra"
    )
    bad = counts.get("missing", 0) + counts.get("differs", 0) + len(extra)
    sys.exit(1 if bad else 0)


main()
