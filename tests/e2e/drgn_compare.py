#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare kdview's stacks of all tasks with drgn's, frame by frame (x86_64).

    drgn_compare.py VMLINUX VMCORE STACKS.json [MODULE.ko...]

STACKS.json is what `kdview bt --all --json` printed. Two frames are the same when
these are: pc, function, file and line, and whether it is inlined. The user-mode pc at
the end of a stack is compared too. Whatever kdview calls a frame that is not inlined,
its function and offset must lead to the pc by drgn's symbol table; in assembly, where
labels lie inside of functions and DWARF has no names, this takes the place of the name.

A task is one of
  same      all frames are
  tail      the same, but for frames of functions that were left by a jump: gdb finds
            them in the debug information, drgn does not look for them. Each is proven
            here: the instruction ahead of its pc jumps to the function below it, and
            its own function is what the frame above calls.
  longer    all that drgn has is the same, but it stopped in a C function, which no
            stack ends in; or in a module whose debug information it could not load
  freed     the task is dead and its stack gone: kdview has no frame
  refused   drgn does not unwind this task
  differs   none of these
  missing   the task is in drgn's list only
  extra     the task is in kdview's list only
Exit status 1 when there is one of the last three, or nothing was compared.
"""
import collections
import json
import struct
import sys

import drgn
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.pid import for_each_task
from drgn.helpers.linux.sched import idle_task

USER_END = 1 << 47

Frame = collections.namedtuple("Frame", "kind pc function place offset", defaults=[None])


def text(frame):
    if frame is None:
        return "-"
    if frame.kind == "user":
        return f"user mode, pc {frame.pc:#x}"
    inlined = " (inlined)" if frame.kind == "inlined" else ""
    return f"{frame.pc:#x} {frame.function}{inlined} {frame.place}"


def stacks_of(node, out):
    """All stacks in kdview's answer, by the address of their task."""
    if isinstance(node, dict):
        if "frames" in node and "task" in node:
            out[int(node["task"]["task"], 16)] = node
            return
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            stacks_of(child, out)


def same_file(a, b):
    """One path may lack leading folders of the other: where it was built."""
    a = a[2:] if a.startswith("./") else a
    b = b[2:] if b.startswith("./") else b
    return a == b or a.endswith("/" + b) or b.endswith("/" + a)


def same_place(a, b):
    if a is None or b is None:
        return a is b
    return a[1] == b[1] and same_file(a[0], b[0])


def base(name):
    """foo.cold, foo.isra.0: parts of foo, which is what DWARF calls them."""
    return name.split(".")[0] if name else name


class Peer:
    def __init__(self, vmlinux, vmcore, modules):
        self.prog = drgn.Program()
        self.prog.set_core_dump(vmcore)
        self.vmlinux = vmlinux
        self.blind = False  # not all modules are loaded
        try:
            self.prog.load_debug_info([vmlinux, *modules])
        except drgn.MissingDebugInfoError as e:
            # vmlinux is loaded all the same; an older drgn does not know the struct
            # module of a newer kernel
            print(f"drgn says: {' '.join(str(e).split())}")
            self.blind = True

    def tasks(self, ours):
        found = {t.value_(): t for t in for_each_task(self.prog)}
        try:
            idle = [idle_task(self.prog, cpu) for cpu in for_each_possible_cpu(self.prog)]
        except (TypeError, LookupError, AttributeError):
            # A vmlinux with little debug information has no runqueues; what kdview calls
            # idle tasks are none if they are called anything but "swapper/N".
            print("drgn finds no idle tasks by itself: they are looked up where kdview has them")
            idle = [
                drgn.Object(self.prog, "struct task_struct *", addr)
                for addr, stack in ours.items()
                if stack["task"]["pid"] == 0
            ]
            idle = [t for t in idle if t.comm.string_().startswith(b"swapper/")]
        return found | {t.value_(): t for t in idle if t.value_()}

    def frames(self, task):
        """drgn's frames; whether it came to an end it knows to be one."""
        out = []
        for f in self.prog.stack_trace(task):
            try:
                pc = f.pc
            except LookupError:
                return out, False
            if pc < USER_END:
                out.append(Frame("user", pc, None, None))
                return out, True
            try:
                place = f.source()[:2]
            except LookupError:
                place = None
            out.append(Frame("inlined" if f.is_inline else "normal", pc, f.name, place))
        # The bottom of a kernel thread's stack is assembly.
        last = out[-1] if out else None
        return out, bool(last and last.place and last.place[0].endswith(".S"))

    def leads_to(self, frame):
        """Do the function and offset of a frame give its pc?"""
        return frame.function is not None and any(
            s.address + frame.offset == frame.pc for s in self.prog.symbols(frame.function)
        )

    def unknown(self, pc):
        """Is this code of a module that drgn could not load?"""
        return self.blind and not self.prog.symbols(pc) and not self.prog.symbols(pc - 1)

    def code(self, start, size):
        """Code as it ran: the memory of init code is somebody else's by now."""
        first, last = (self.prog.symbol(s).address for s in ("_sinittext", "_einittext"))
        if not first <= start < last:
            return self.prog.read(start, size)
        with open(self.vmlinux, "rb") as f:
            head = f.read(64)
            at, step, n = *struct.unpack_from("<Q", head, 32), *struct.unpack_from("<HH", head, 54)
            moved = None  # by KASLR: the first segment begins with _text
            for i in range(n):
                f.seek(at + i * step)
                kind, _, offset, vaddr, _, length = struct.unpack("<IIQQQQ", f.read(40))
                if kind != 1:
                    continue
                if moved is None:
                    moved = self.prog.symbol("_text").address - vaddr
                if vaddr <= start - moved < vaddr + length:
                    f.seek(offset + start - moved - vaddr)
                    return f.read(size)
        return bytes(size)

    def target(self, end, call):
        """Where the direct call, or else jump, that ends at END goes to; None: it is none."""
        b = self.code(end - 6, 6)
        near = b[1] == 0xE8 if call else b[1] == 0xE9 or (b[0] == 0x0F and b[1] & 0xF0 == 0x80)
        short = not call and (b[4] == 0xEB or b[4] & 0xF0 == 0x70)
        if near:
            return (end + struct.unpack("<i", b[2:])[0]) & ((1 << 64) - 1)
        if short:
            return (end + struct.unpack("<b", b[5:])[0]) & ((1 << 64) - 1)
        return None

    def starts(self, address, name):
        return any(
            s.address == address and base(s.name) == base(name)
            for s in self.prog.symbols(address)
        )

    def is_tail(self, ours, i):
        """
        Was the function of frame I left by a jump to the one below it, and entered by
        a call, or by a jump from a function that was left the same way?
        """
        below = next((f for f in reversed(ours[:i]) if f.kind == "normal"), None)
        above = next((f for f in ours[i + 1 :] if f.kind == "normal"), None)
        if not below or not above or ours[i].kind != "normal":
            return False
        left = self.target(ours[i].pc, False)
        entered = self.target(above.pc, True) or self.target(above.pc, False)
        return (
            left is not None
            and entered is not None
            and self.starts(left, below.function)
            and self.starts(entered, ours[i].function)
        )

    def same(self, ours, theirs):
        if (ours.kind, ours.pc) != (theirs.kind, theirs.pc):
            return False
        if ours.kind == "user":
            return True
        if not same_place(ours.place, theirs.place):
            return False
        if theirs.function is None or (ours.place and ours.place[0].endswith(".S")):
            return self.leads_to(ours)
        return base(ours.function) == theirs.function

    def compare(self, ours, theirs, whole):
        """(class, pairs): the pairs are what lies beside each other in a table."""
        pairs = []
        kind = "same"
        i = 0
        for j, frame in enumerate(ours):
            if i < len(theirs) and self.same(frame, theirs[i]):
                pairs.append((frame, theirs[i], ""))
                i += 1
            elif i < len(theirs) and self.is_tail(ours, j):
                pairs.append((frame, None, "left by a jump"))
                kind = "tail"
            elif kind == "longer" or (i == len(theirs) and i and not whole):
                pairs.append((frame, None, "drgn stopped"))
                kind = "longer"
            elif self.unknown(frame.pc):
                pairs.append((frame, None, "drgn has no symbols"))
                kind = "longer"
                i = len(theirs)
            else:
                rest = theirs[i:]
                n = max(len(ours) - j, len(rest))
                for k in range(n):
                    pairs.append(
                        (
                            ours[j + k] if j + k < len(ours) else None,
                            rest[k] if k < len(rest) else None,
                            "differs",
                        )
                    )
                return "differs", pairs
        if i < len(theirs):
            pairs += [(None, f, "differs") for f in theirs[i:]]
            kind = "differs"
        return kind, pairs


def our_frames(stack):
    out = []
    for f in stack["frames"]:
        place = (f["file"], f["line"]) if f["file"] and f["line"] else None
        kind = {"entry": "normal"}.get(f["kind"], f["kind"])
        out.append(Frame(kind, int(f["pc"], 16), f["function"], place, f["offset"]))
    return out


def wrong_offsets(peer, frames):
    return [
        f"{f.function}+{f.offset:#x} is not {f.pc:#x}"
        for f in frames
        if f.kind == "normal" and f.function and not peer.unknown(f.pc) and not peer.leads_to(f)
    ]


def compare_task(peer, task, stack):
    """(class, frames that were compared, lines that say what differs)"""
    ours = our_frames(stack)
    try:
        if not task.stack.value_():
            return ("differs" if ours else "freed"), 0, [stack["stop"]]
        theirs, whole = peer.frames(task)
    except Exception as e:  # what drgn raises for damaged or unknown data is not one class
        return "refused", 0, [f"drgn says: {e}; kdview has {len(ours)} frames"]
    kind, pairs = peer.compare(ours, theirs, whole)
    lines = []
    for i, (a, b, why) in enumerate(pairs):
        if why:
            lines += [f"{i:3} {why}: kdview {text(a)}", f"{'':{len(why) + 6}}drgn   {text(b)}"]
    wrong = wrong_offsets(peer, ours)
    if wrong:
        return "differs", len(theirs), lines + wrong
    return kind, sum(1 for a, b, why in pairs if not why), lines


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    vmlinux, vmcore, json_path, *modules = sys.argv[1:]
    peer = Peer(vmlinux, vmcore, modules)
    ours = {}
    with open(json_path) as f:
        stacks_of(json.load(f), ours)
    tasks = peer.tasks(ours)
    counts = collections.Counter()
    frames = 0
    for addr, task in sorted(tasks.items(), key=lambda kv: kv[1].pid.value_()):
        lines = []
        if addr not in ours:
            kind = "missing"
        else:
            kind, n, lines = compare_task(peer, task, ours[addr])
            frames += n
        counts[kind] += 1
        if kind != "same":
            print(f"{kind}: pid {task.pid.value_()} {task.comm.string_()!r}")
            for line in lines:
                print("    " + line)
    for addr in sorted(set(ours) - set(tasks)):
        counts["extra"] += 1
        print(f"extra: {ours[addr]['task']}")
    print(
        f"drgn {drgn.__version__}: {len(tasks)} tasks, {frames} frames the same; "
        + ", ".join(f"{counts[k]} {k}" for k in sorted(counts))
    )
    bad = counts["differs"] + counts["missing"] + counts["extra"]
    sys.exit(1 if bad or not frames else 0)


main()
