#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare kdview's stacks with the call traces the kernel itself printed.

    oops_compare.py KDVIEW VMLINUX VMCORE STACKS.json [CONSOLE]

STACKS.json is what `kdview bt --all --json` printed. The traces are those of the log
in the dump, or of the file CONSOLE. Two kinds can be compared:
  - the last one of the task that panicked,
  - the last one of a task that the kernel printed while it slept (hung tasks, sysrq-t),
    if it is still in that state and has not run since.
Both are read from the outermost frame inward. Each frame of kdview that is not inlined
must be an entry of the trace, with the same offset and module; each reliable entry
(no "?") must be a frame of kdview. Only this is excused:
  unsure    a frame of kdview is a "?" entry at this place of the trace
  jumped    a frame of kdview is of a function that was left by a jump: the code ahead
            of its pc is one, to the function below it. It is not on the stack.
  hidden    a frame of kdview lies where the trace goes from one stack to another: the
            kernel goes on from the stack pointer it saved, which is further out. The
            code ahead of its pc calls the function below it.
  went on   a trace that panic() printed: it (vpanic(), in newer kernels) has gone on since; frames
            further in are not compared
The registers that a trace shows for user mode are compared with those of kdview.

Prints a line per trace. Exit status 1 when one differs, or the panic task has none.
"""
import collections
import json
import re
import struct
import subprocess
import sys

Entry = collections.namedtuple("Entry", "function offset size module sure")

STAMP = re.compile(r"^(?:<\d+>)?\[ *(\d+\.\d+)\](?:\[ *[TC]\d+\])? ?")
CPU = re.compile(r"CPU: (\d+) (?:UID: \d+ )?PID: (\d+) Comm: ")
ASLEEP = re.compile(r"task:.* state:(\S)\b.*\bpid: *(\d+) ")
PLACE = r"([\w.]+)\+0x([0-9a-f]+)/0x([0-9a-f]+)(?: \[(\w+)[^\]]*\])?"
ENTRY = re.compile(r"^ *(\? )?" + PLACE + "$")
KERNEL_IP = re.compile(r"^(?:RIP: 0010|EIP): ?:?" + PLACE + "$")
USER_IP = re.compile(r"^(?:RIP: 0033:|EIP: )0x([0-9a-f]+)$")
MARK = re.compile(r"^ *<(/?)[A-Z#!0-9a-z]+>$")
REGS = re.compile(r"^(Code: |PKRU: |([A-Z][A-Z0-9]{1,2}|EFLAGS|ORIG_RAX): ?[0-9a-f])")
REG = re.compile(r"\b([A-Z][A-Z0-9]{1,2}|EFLAGS): ?(?:00[0-9a-f]{2}:)?([0-9a-f]{4,16})\b")
PRINTS_STACK = {"dump_stack_lvl", "dump_stack", "show_stack"}


class Trace:
    def __init__(self, cpu, pid, state, seconds):
        self.cpu, self.pid, self.state = cpu, pid, state
        self.seconds = seconds  # when it was printed
        self.entries = []
        self.switches = set()  # ahead of these entries one stack ends
        self.exact = False  # begins where an exception hit
        self.user = None
        self.user_regs = {}

    def name(self):
        return f"pid {self.pid}" + (f" on CPU {self.cpu}" if self.cpu is not None else "")


def entry_of(m, sure):
    g = m.groups()[-4:]
    return Entry(g[0], int(g[1], 16), int(g[2], 16), g[3], sure)


def add_line(trace, line):
    """A line of a trace; False: the trace is over."""
    m = ENTRY.match(line)
    if m:
        trace.entries.append(entry_of(m, not m[1]))
        return True
    m = KERNEL_IP.match(line)
    if m:
        trace.entries.append(entry_of(m, True))
        return True
    m = USER_IP.match(line)
    if m:
        trace.user = int(m[1], 16)
        return True
    m = MARK.match(line)
    if m:
        trace.switches |= {len(trace.entries)} if m[1] else set()
        return True
    if REGS.match(line):
        if trace.user is not None:
            for name, value in REG.findall(line):
                trace.user_regs.setdefault(name.lower().replace("r0", "r"), int(value, 16))
        return True
    return False


def traces_of(text):
    out = []
    trace, inside = None, False
    for line in text.splitlines():
        stamp = STAMP.match(line)
        line = STAMP.sub("", line.rstrip("\r"))
        seconds = float(stamp[1]) if stamp else None
        cpu, asleep = CPU.match(line), ASLEEP.match(line)
        if cpu or asleep:
            trace = Trace(int(cpu[1]), int(cpu[2]), None, seconds) if cpu else None
            trace = trace or Trace(None, int(asleep[2]), asleep[1], seconds)
            inside = False
        elif trace and line == "Call Trace:":
            inside = True
            out.append(trace)
        elif inside:
            inside = add_line(trace, line)
            trace = trace if inside else None
        elif trace and KERNEL_IP.match(line) and not trace.entries:
            trace.entries.append(entry_of(KERNEL_IP.match(line), True))
            trace.exact = True
    return out


def call(*argv):
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout.decode(errors="replace")


class Dump:
    """The dump, by kdview's own reading of memory and symbols."""

    def __init__(self, kdview, vmlinux, vmcore):
        self.argv = [kdview, "--json", vmlinux, vmcore]
        self.places = {}

    def ask(self, command, *args):
        kdview, *rest = self.argv
        return json.loads(call(kdview, command, *rest, *args))

    def places_of(self, function):
        """Addresses of that name."""
        if function not in self.places:
            try:
                found = self.ask("sym", function)["symbols"]
            except subprocess.CalledProcessError:
                found = []
            self.places[function] = {int(s["address"], 16) for s in found}
        return self.places[function]

    def ran_since(self, task, seconds):
        """Was that task put on a CPU after SECONDS of the log's clock?"""
        try:
            answer = self.ask("struct", "task_struct.sched_info.last_arrival", task)
        except subprocess.CalledProcessError:
            return False
        at = answer["objects"][0]["members"][0]["value"]
        return seconds is not None and int(at.split()[0], 0) > seconds * 1e9

    def ahead(self, pc):
        """(target of the direct jump, target of the direct call) that ends at PC, or None."""
        answer = self.ask("mem", "-1", f"{pc - 6:#x}", "6")
        b = bytes.fromhex("".join(m["bytes"] for m in answer["memory"] if m["bytes"]))
        if len(b) != 6:
            return None, None
        near = pc + struct.unpack("<i", b[2:])[0]
        if b[1] == 0xE8:
            return None, near
        if b[1] == 0xE9 or (b[0] == 0x0F and b[1] & 0xF0 == 0x80):
            return near, None
        if b[4] == 0xEB or b[4] & 0xF0 == 0x70:
            return pc + struct.unpack("<b", b[5:])[0], None
        return None, None


def same(frame, entry, dump):
    # of several names of one place any will do
    start = int(frame["pc"], 16) - frame["offset"]
    return (
        frame["offset"] == entry.offset
        and (
            frame["function"] == entry.function
            or start in dump.places_of(entry.function) & dump.places_of(frame["function"])
        )
        and frame["module"] == entry.module
        # the kernel counts up to the next symbol: padding, but labels inside assembly
        and ((frame["size"] or 0) <= entry.size or (frame["file"] or "").endswith(".S"))
    )


def show(frame):
    name = f"{frame['function']}+{frame['offset']:#x}"
    return name + (f" [{frame['module']}]" if frame["module"] else "")


def not_in_trace(trace, left, dump, frames, j):
    """Why a frame has no entry between LEFT and the reliable one ahead of it, or None."""
    if j == 0:
        return None
    below = frames[j - 1]
    start = int(below["pc"], 16) - below["offset"]
    jump, called = dump.ahead(int(frames[j]["pc"], 16))
    if jump == start:
        return "jumped"
    at = left
    while at > 0 and not trace.entries[at - 1].sure:
        at -= 1
    if called == start and trace.switches & set(range(at, left + 1)):
        return "hidden"
    return None


def went_on(trace, frame, at):
    """Is this panic(), or vpanic() below it, which prints the trace on its way?"""
    inner = {e.function for e in trace.entries[:at] if e.sure}
    return (
        not trace.exact
        and trace.state is None
        and frame["function"] == trace.entries[at].function
        and frame["function"] in ("panic", "vpanic")
        and inner <= PRINTS_STACK
    )


def find_entry(trace, frame, left, dump):
    """The entry of a frame ahead of LEFT, a reliable one if there is; -1: none."""
    unsure = -1
    for at in range(left - 1, -1, -1):
        entry = trace.entries[at]
        if same(frame, entry, dump):
            if entry.sure:
                return at
            unsure = at if unsure < 0 else unsure
        elif entry.sure:
            return unsure if unsure >= 0 else at
    return unsure


def compare(trace, frames, dump):
    """(what was found, what is wrong or None)"""
    found = collections.Counter()
    entries = trace.entries
    left = len(entries)
    for j in range(len(frames) - 1, -1, -1):
        frame = frames[j]
        at = find_entry(trace, frame, left, dump)
        if at >= 0 and same(frame, entries[at], dump):
            found["the same" if entries[at].sure else "unsure"] += 1
            left = at
            continue
        if at >= 0 and went_on(trace, frame, at):
            found["went on"] += 1
            return found, None
        excuse = not_in_trace(trace, left, dump, frames, j)
        if excuse:
            found[excuse] += 1
            continue
        where = "the trace is over" if at < 0 else f"the trace has {entries[at].function}"
        if at >= 0:
            where += f"+{entries[at].offset:#x}/{entries[at].size:#x}"
        return found, f"kdview has {show(frame)} (of {frame['size']:#x}) where {where}"
    rest = [e.function for e in entries[:left] if e.sure]
    return found, f"kdview lacks {', '.join(rest)}" if rest else None


def compare_user(trace, stack, found):
    """The user mode a trace ends in; what is wrong or None."""
    frames = stack["frames"]
    if trace.user is None:
        return None
    if not frames or frames[-1]["kind"] != "user":
        return "the trace ends in user mode, kdview's stack does not"
    if int(frames[-1]["pc"], 16) != trace.user:
        return f"user pc {frames[-1]['pc']}, the trace has {trace.user:#x}"
    regs = frames[-2].get("registers", {}) if len(frames) > 1 else {}
    for name, value in trace.user_regs.items():
        ours = regs.get(name)
        if ours is None:
            continue
        # selectors are shown as the word they are, not as what was pushed
        if int(ours, 16) != value and not (len(name) == 2 and int(ours, 16) & 0xFFFF == value):
            return f"user {name} {ours}, the trace has {value:#x}"
        found["user registers"] += 1
    return None


def stacks_of(answer):
    return answer["stacks"] if "stacks" in answer else [answer["stack"]]


def find_stack(stacks, trace):
    for s in stacks:
        t = s["task"]
        if t["pid"] == trace.pid and (trace.cpu is None or t["pid"] or t["cpu"] == trace.cpu):
            return s
    return None


def chosen(traces, stacks):
    """The traces that can be compared, with their stacks; the last of each task."""
    out = {}
    for t in traces:
        s = find_stack(stacks, t)
        if s is None:
            continue
        # What was runnable when it was printed may have run since.
        if t.state == "R":
            continue
        if s["task"]["panicked"] if t.state is None else s["task"]["state"] == t.state:
            out[t.pid] = (t, s)
    return list(out.values())


def main():
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    kdview, vmlinux, vmcore, json_path = sys.argv[1:5]
    with open(json_path) as f:
        stacks = stacks_of(json.load(f))
    if len(sys.argv) == 6:
        with open(sys.argv[5], errors="replace") as f:
            text = f.read()
    else:
        text = call(kdview, "log", vmlinux, vmcore)
    dump = Dump(kdview, vmlinux, vmcore)
    wrong = 0
    panicked = False
    for trace, stack in chosen(traces_of(text), stacks):
        frames = [f for f in stack["frames"] if f["kind"] in ("normal", "entry")]
        found, why = compare(trace, frames, dump)
        why = why or compare_user(trace, stack, found)
        if why and trace.state and dump.ran_since(stack["task"]["task"], trace.seconds):
            print(f"ran since: {trace.name()}")
            continue
        wrong += why is not None
        panicked |= stack["task"]["panicked"]
        kind = "panicked" if stack["task"]["panicked"] else "asleep"
        print(
            f"{'differs' if why else 'same'}: {trace.name()} ({kind}): {len(frames)} frames: "
            + ", ".join(f"{n} {k}" for k, n in found.items())
            + (f": {why}" if why else "")
        )
    if not panicked:
        print("differs: the log has no call trace of the task that panicked")
    sys.exit(1 if wrong or not panicked else 0)


main()
