#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare kdview's stacks with those of a gdb that knows nothing of kdview (i386).

    gdb_compare.py VMLINUX VMCORE STACKS.json [GDB [ARGUMENT...]]

For ELF32 cores, which are the only ones gdb opens by itself: there the stacks of all
tasks are in the linear map, which the core describes. STACKS.json is what
`kdview bt --all --json` printed.

A core shows gdb only the tasks that ran on a CPU. So gdb is started twice: first on the
core, to walk the list of tasks and read where each sleeping one was switched out; then
on a copy of the core with a note (NT_PRSTATUS) for each of these as well. Nothing of
kdview takes part: not its task list, its registers, its server or its companion.

Frames are the same when pc, function, file and line, and whether it is inlined are.
Without a companion gdb has no information about assembly, and what it shows beyond is
chance; so a stack is compared up to and with its first frame in assembly. A task is
  same      all frames up to there are; and there are no others
  module    the same up to a frame in a module, of which gdb alone has no symbols
  freed     it is dead, its stack is gone: kdview has no frame
  unknown   gdb has no registers of it (it ran on a CPU, which left no note)
  differs, missing (gdb alone has it), extra (kdview alone has it)
Exit status 1 when there is one of the last three, or nothing was compared.
"""
import collections
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

try:
    import gdb
except ImportError:
    gdb = None

FRAME_LIMIT = 100
IDLE = 0x40000000  # thread ids of idle tasks: all have pid 0
REGS = ("ebx ecx edx esi edi ebp eax ds es fs gs orig_eax eip cs eflags esp ss").split()
EMPTY = {"cs": 0x60, "ds": 0x7B, "es": 0x7B, "ss": 0x68}
PT_LOAD, PT_NOTE = 1, 4
NT_PRSTATUS = 1
PRSTATUS_SIZE, PR_PID, PR_REG = 144, 24, 72

Frame = collections.namedtuple("Frame", "kind pc function place")


# In gdb ---------------------------------------------------------------------------


def offset_of(name, *members):
    t = gdb.lookup_type("struct " + name)
    at = 0
    for m in members:
        field = next(f for f in t.fields() if f.name == m)
        at += field.bitpos // 8
        t = field.type
    return at


class Memory:
    def __init__(self):
        self.inferior = gdb.selected_inferior()

    def word(self, addr):
        return struct.unpack("<I", self.inferior.read_memory(addr, 4).tobytes())[0]

    def list(self, head):
        """The addresses of a list's nodes."""
        out, node = [], self.word(head)
        while node != head and len(out) < 100000:
            out.append(node)
            node = self.word(node)
        return out


def task_record(m, task):
    at = {n: offset_of("task_struct", n) for n in ("pid", "stack", "comm")}
    sp = m.word(task + offset_of("task_struct", "thread", "sp"))
    stack = m.word(task + at["stack"])
    comm = m.inferior.read_memory(task + at["comm"], 16).tobytes().split(b"\0")[0]
    regs = dict(EMPTY)
    if stack and m.word(task + offset_of("task_struct", "on_cpu")) == 0:
        frame = gdb.lookup_type("struct inactive_task_frame")
        for name, reg in (("bx", "ebx"), ("bp", "ebp"), ("si", "esi"), ("di", "edi")):
            regs[reg] = m.word(sp + offset_of(frame.name, name))
        regs["eip"] = m.word(sp + offset_of(frame.name, "ret_addr"))
        regs["esp"] = sp + frame.sizeof
    return {
        "task": task,
        "pid": m.word(task + at["pid"]),
        "comm": comm.decode(errors="replace"),
        "freed": not stack,
        "regs": regs if "eip" in regs else None,
    }


def idle_tasks(m, init_task):
    """init_task is CPU 0's; the others hang in their runqueues, in per-CPU memory."""
    offsets = int(gdb.parse_and_eval("(unsigned long)&__per_cpu_offset"))
    rq = int(gdb.parse_and_eval("(unsigned long)&runqueues"))
    idle = offset_of("rq", "idle")
    count = int(gdb.parse_and_eval("nr_cpu_ids"))
    out = [m.word(m.word(offsets + 4 * cpu) + rq + idle) for cpu in range(count)]
    return out if init_task in out else [init_task]


def list_tasks():
    m = Memory()
    init_task = int(gdb.parse_and_eval("(unsigned long)&init_task"))
    tasks = offset_of("task_struct", "tasks")
    thread_node = offset_of("task_struct", "thread_node")
    signal = offset_of("task_struct", "signal")
    head = offset_of("signal_struct", "thread_head")
    out = []
    for cpu, task in enumerate(idle_tasks(m, init_task)):
        out.append(dict(task_record(m, task), lwp=IDLE + cpu))
    for leader in m.list(init_task + tasks):
        for node in m.list(m.word(leader - tasks + signal) + head):
            r = task_record(m, node - thread_node)
            out.append(dict(r, lwp=r["pid"]))
    return out


def frame_record(f):
    sal = f.find_sal()
    symtab = sal.symtab
    return {
        "pc": f.pc(),
        "function": f.name(),
        "inlined": f.type() == gdb.INLINE_FRAME,
        "file": symtab.filename if symtab else None,
        "line": sal.line if symtab else None,
    }


def list_stacks():
    out = {}
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        frames = []
        f = gdb.newest_frame()
        try:
            while f and len(frames) < FRAME_LIMIT:
                frames.append(frame_record(f))
                f = f.older()
        except gdb.error:
            pass
        out[thread.ptid[1]] = frames
    return out


# Around gdb -----------------------------------------------------------------------


class Core:
    """An ELF32 core: its notes, and a copy with more of them."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as f:
            self.head = f.read(52)
            if self.head[:5] != b"\x7fELF\x01":
                sys.exit(f"{path} is no ELF32 core: gdb does not open it by itself")
            (phoff,) = struct.unpack_from("<I", self.head, 28)
            (phnum,) = struct.unpack_from("<H", self.head, 44)
            self.kernel_start = 1 << 32
            for i in range(phnum):
                f.seek(phoff + 32 * i)
                kind, offset, vaddr, _, size = struct.unpack("<5I", f.read(20))
                if kind == PT_LOAD:
                    self.kernel_start = min(self.kernel_start, vaddr & ~0xFFFFFF)
                elif kind == PT_NOTE:
                    self.note_header = phoff + 32 * i
                    f.seek(offset)
                    self.notes = f.read(size)

    def running(self):
        """pids of the tasks that have notes, and VMCOREINFO."""
        pids, info, at = [], "", 0
        while at + 12 <= len(self.notes):
            namesz, descsz, kind = struct.unpack_from("<3I", self.notes, at)
            name = self.notes[at + 12 : at + 12 + namesz].rstrip(b"\0")
            desc = self.notes[at + 12 + (namesz + 3 & ~3) :][:descsz]
            at += 12 + (namesz + 3 & ~3) + (descsz + 3 & ~3)
            if name == b"CORE" and kind == NT_PRSTATUS:
                pids.append(struct.unpack_from("<I", desc, PR_PID)[0])
            elif name == b"VMCOREINFO":
                info = desc.decode(errors="replace")
        return pids, dict(l.split("=", 1) for l in info.splitlines() if "=" in l)

    def with_tasks(self, tasks, path):
        notes = self.notes
        for t in tasks:
            desc = bytearray(PRSTATUS_SIZE)
            struct.pack_into("<I", desc, PR_PID, t["lwp"])
            for i, name in enumerate(REGS):
                struct.pack_into("<I", desc, PR_REG + 4 * i, t["regs"].get(name, 0))
            notes += struct.pack("<3I", 5, len(desc), NT_PRSTATUS) + b"CORE\0\0\0\0" + desc
        shutil.copyfile(self.path, path)
        with open(path, "r+b") as f:
            end = f.seek(0, os.SEEK_END)
            f.write(notes)
            f.seek(self.note_header + 4)
            f.write(struct.pack("<I", end))
            f.seek(self.note_header + 16)
            f.write(struct.pack("<I", len(notes)))


def run_gdb(argv, vmlinux, core, offset, what):
    """Run this file in gdb; what it found."""
    with tempfile.NamedTemporaryFile("r") as out:
        env = dict(os.environ, GDB_COMPARE=what, GDB_COMPARE_OUT=out.name)
        command = [*argv, "-nx", "-q", "-batch", "-iex", "set auto-load off"]
        command += ["-ex", f"symbol-file {vmlinux} -o {offset:#x}", "-ex", f"core-file {core}"]
        r = subprocess.run(
            [*command, "-x", os.path.abspath(__file__)],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        text = out.read()
        if not text:
            sys.exit(f"gdb found nothing; it says:\n{r.stdout.decode(errors='replace')}")
        return json.loads(text)


def symbol(vmlinux, name):
    text = subprocess.run(["nm", vmlinux], check=True, stdout=subprocess.PIPE).stdout.decode()
    return next(int(l.split()[0], 16) for l in text.splitlines() if l.split()[-1] == name)


def same_place(a, b):
    if a is None or b is None:
        return a is b
    x, y = a[0].removeprefix("./"), b[0].removeprefix("./")
    return a[1] == b[1] and (x == y or x.endswith("/" + y) or y.endswith("/" + x))


def upto_assembly(frames):
    out = []
    for f in frames:
        out.append(f)
        if f.place and f.place[0].endswith(".S"):
            break
    return out


def our_frames(stack):
    out = []
    for f in stack["frames"]:
        if f["kind"] == "user":
            out.append(Frame("user", int(f["pc"], 16), None, None))
            break
        place = (f["file"], f["line"]) if f["file"] and f["line"] else None
        kind = "inlined" if f["kind"] == "inlined" else "normal"
        out.append(Frame(kind, int(f["pc"], 16), f["function"], place))
    return upto_assembly(out)


def their_frames(frames, kernel_start):
    if frames and frames[0]["pc"] < kernel_start:
        return [Frame("user", frames[0]["pc"], None, None)]
    return upto_assembly(
        Frame(
            "inlined" if f["inlined"] else "normal",
            f["pc"],
            f["function"],
            (f["file"], f["line"]) if f["file"] and f["line"] else None,
        )
        for f in frames
    )


def show(frames, i):
    if i >= len(frames):
        return "-"
    f = frames[i]
    return f"{f.pc:#x} {f.function} ({f.kind}) {f.place}"


def same(a, b):
    # the parts of a split function have its name in DWARF
    return (
        (a.kind, a.pc) == (b.kind, b.pc)
        and (a.function or "").split(".")[0] == (b.function or "").split(".")[0]
        and same_place(a.place, b.place)
    )


def compare_task(name, ours, theirs, image):
    """(class, frames that are the same); IMAGE: the addresses of vmlinux"""
    n = 0
    while n < min(len(ours), len(theirs)) and same(ours[n], theirs[n]):
        n += 1
    if ours and n == len(ours) == len(theirs):
        return "same", n
    if n < min(len(ours), len(theirs)) and theirs[n].function is theirs[n].place is None:
        if theirs[n].pc not in image:
            return "module", n
    print(f"differs: {name}")
    for i in range(n, max(len(ours), len(theirs))):
        print(f"    {i:3} kdview {show(ours, i)}\n        gdb    {show(theirs, i)}")
    return "differs", n


def find_task(tasks, running, stack):
    t = tasks.get(int(stack["task"]["task"], 16))
    if t and not t["regs"] and t["pid"] in running:
        t = dict(t, lwp=t["pid"])
    return t


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    vmlinux, vmcore, json_path, *argv = sys.argv[1:]
    argv = argv or ["gdb"]
    core = Core(vmcore)
    running, info = core.running()
    offset = int(info["SYMBOL(_stext)"], 16) - symbol(vmlinux, "_stext")
    image = range(offset + symbol(vmlinux, "_stext"), offset + symbol(vmlinux, "_end"))
    with open(json_path) as f:
        stacks = json.load(f)["stacks"]
    tasks = run_gdb(argv, vmlinux, vmcore, offset, "tasks")
    with tempfile.TemporaryDirectory() as tmp:
        wide = os.path.join(tmp, "core")
        core.with_tasks([t for t in tasks if t["regs"]], wide)
        theirs = run_gdb(argv, vmlinux, wide, offset, "stacks")
    tasks = {t["task"]: t for t in tasks}
    counts = collections.Counter()
    frames = 0
    for stack in stacks:
        t = find_task(tasks, running, stack)
        name = f"pid {stack['task']['pid']} {stack['task']['comm']!r}"
        if not t:
            kind = "extra"
        elif t["freed"]:
            kind = "differs" if stack["frames"] else "freed"
        elif str(t["lwp"]) not in theirs:
            kind = "unknown"
        else:
            frames_of = their_frames(theirs[str(t["lwp"])], core.kernel_start)
            kind, n = compare_task(name, our_frames(stack), frames_of, image)
            frames += n
        if kind not in ("same", "differs"):
            print(f"{kind}: {name}")
        counts[kind] += 1
    listed = {int(s["task"]["task"], 16) for s in stacks}
    for t in tasks.values():
        if t["task"] not in listed:
            counts["missing"] += 1
            print(f"missing: pid {t['pid']} {t['comm']!r}")
    print(
        f"gdb alone: {len(tasks)} tasks, {frames} frames the same; "
        + ", ".join(f"{counts[k]} {k}" for k in sorted(counts))
    )
    bad = counts["differs"] + counts["missing"] + counts["extra"]
    sys.exit(1 if bad or not frames else 0)


if gdb:
    found = list_tasks() if os.environ["GDB_COMPARE"] == "tasks" else list_stacks()
    with open(os.environ["GDB_COMPARE_OUT"], "w") as report:
        json.dump(found, report)
else:
    main()
