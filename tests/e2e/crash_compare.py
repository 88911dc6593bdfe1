#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare kdview's stacks with what `foreach bt` of crash printed.

    crash_compare.py VMLINUX CRASH.txt STACKS.json

STACKS.json is what `kdview bt --all --json` printed. Only names of functions are
compared: crash has no inlined frames, and shows the address of the call, not of what it
returns to. Names of one address are the same name; so are the parts of a split function.

Tasks that ran on a CPU begin at different places: kdview where the registers in the
crash note are from, crash further in (what wrote the note, the handler of the crash
NMI) or, on i386, further out (panic()). What is ahead of the common beginning is not
compared. A task is
  same     the names are the same, in the same order
  stale    all of kdview's names in order, with others between or after them: crash also
           takes words for frames that earlier calls left on the stack
  less     all of crash's names in order: crash stopped early, or left frames out
  skips    stale, but that crash lacks one frame, which an exception or the crash NMI
           interrupted, or which is in a module: crash for i386 does that
  user     kdview says the CPU was in user mode; crash has the crash NMI's frames alone
  freed    the task is dead and neither has a stack
  none     crash has no stack: the task is not in its list
  differs  none of these
Exit status 1 when one differs, or nothing could be compared.
"""
import collections
import json
import re
import subprocess
import sys

HEAD = re.compile(r"^PID: (\d+) +TASK: ([0-9a-f]+) +CPU: (\d+) +COMMAND: ")
EXCEPTION = re.compile(r"^ *\[exception [RE]IP: ([^+\]]+)")
COMPARED = ("same", "stale", "less", "skips", "user")
SAVES_REGS = ("__crash_kexec", "crash_kexec")
FRAME = re.compile(r"^ *#\d+ \[[0-9a-f]+\] (\S+)(?: \(via .*\))? at [0-9a-f]+")


def crash_stacks(path):
    out, current, after_exception = {}, None, False
    with open(path, errors="replace") as f:
        for line in f:
            head = HEAD.match(line)
            if head:
                current = out.setdefault(int(head[2], 16), [])
                continue
            frame, exception = FRAME.match(line), EXCEPTION.match(line)
            if current is None:
                continue
            if exception:
                current.append(exception[1])
            # what an exception hit is shown again as a frame
            elif frame and not (after_exception and current[-1] == frame[1]):
                current.append(frame[1])
            after_exception = bool(exception) or (after_exception and not frame)
    return out


def our_names(stack):
    return [f["function"] for f in stack["frames"] if f["kind"] in ("normal", "entry")]


class Names:
    """Which names are one function's."""

    def __init__(self, vmlinux):
        self.addr = {}
        text = subprocess.run(["nm", vmlinux], check=True, stdout=subprocess.PIPE).stdout
        for line in text.decode().splitlines():
            word = line.split()
            if len(word) == 3 and word[1] in "tTwW":
                # a name that static functions share tells nothing
                self.addr[word[2]] = None if word[2] in self.addr else word[0]

    def key(self, name):
        return self.addr.get(name) or (name or "?").split(".")[0]

    def same(self, a, b):
        return self.key(a) == self.key(b) or (a or "?").split(".")[0] == b.split(".")[0]

    def inside(self, some, more):
        """Are SOME in MORE, in order?"""
        rest = iter(more)
        return all(any(self.same(x, y) for y in rest) for x in some)

    def equal(self, a, b):
        return len(a) == len(b) and all(map(self.same, a, b))


def from_common_start(names, ours, theirs):
    for i, name in enumerate(theirs):
        if ours and names.same(ours[0], name):
            return ours, theirs[i:]
    i = 0
    while i < len(ours) and ours[i] in SAVES_REGS:
        i += 1
    return (ours[i:], theirs) if i < len(ours) else (ours, theirs)


def skippable(stack, n):
    """Which of the outermost N names crash for i386 may leave out."""
    frames = [f for f in stack["frames"] if f["kind"] in ("normal", "entry")]
    if not stack["task"]["on_cpu"] or len(stack["task"]["task"]) != len("0x12345678"):
        return []
    frames = frames[len(frames) - n :]
    return [i for i, f in enumerate(frames) if i == 0 or f["module"]]


def classify(names, stack, ours, theirs):
    if not theirs:
        return "none" if ours else "freed"
    if not ours:
        at_user = stack["frames"] and theirs[-1] == "asm_exc_nmi"
        return "user" if at_user else "differs"
    if names.equal(ours, theirs):
        return "same"
    if names.inside(ours, theirs):
        return "stale"
    if names.inside(theirs, ours):
        return "less"
    if any(names.inside(ours[:i] + ours[i + 1 :], theirs) for i in skippable(stack, len(ours))):
        return "skips"
    return "differs"


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    names = Names(sys.argv[1])
    theirs = crash_stacks(sys.argv[2])
    with open(sys.argv[3]) as f:
        stacks = json.load(f)["stacks"]
    counts = collections.Counter()
    for stack in stacks:
        t = stack["task"]
        ours, other = our_names(stack), theirs.get(int(t["task"], 16), [])
        if t["on_cpu"]:
            ours, other = from_common_start(names, ours, other)
        kind = classify(names, stack, ours, other)
        counts[kind] += 1
        if kind in ("same", "none", "freed"):
            continue
        print(f"{kind}: pid {t['pid']} {t['comm']!r}")
        print(f"    kdview {' '.join(map(str, ours))}\n    crash  {' '.join(other)}")
    print(f"crash: {len(stacks)} tasks; " + ", ".join(f"{counts[k]} {k}" for k in sorted(counts)))
    sys.exit(1 if counts["differs"] or not sum(counts[k] for k in COMPARED) else 0)


main()
