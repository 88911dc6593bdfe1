#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernels damaged in one place that is known: wounds.py KDVIEW CORES TMP [WOUND...]

Each wound (wounds_kernel.py, wounds_memory.py) is given to a real dump; then every command has to
end in time, with an exit code of its own and without raw control bytes, the finding has to name
what is wrong, and what is not wounded has to be shown as before. Dumps that are cut, and pages
that are missing or corrupt in a kdump-compressed one, follow. Prints "ok - " and "not ok - " lines.
"""
import json
import os
import re
import shutil
import subprocess
import sys

import wounds_kernel  # noqa: F401
import wounds_memory  # noqa: F401
from patient import WOUNDS, Kdump, Patient, complaints, run

PROCESS = wounds_kernel.PROCESS
SWEEP = ["info", "ps", "ps -w", "bt --all", "stacks", "log", "mod", "cpu", "irq", "files 1",
         "mount", "net", "struct task_struct init_task", "list -h modules", "whatis init_task",
         "regs", "verdict", "report", "search -s panic", "sym schedule", "vtop init_task"]
NATIVE = ["--engine", "native"]


def ok(good, name, why=""):
    print(f"ok - {name}" if good else f"not ok - {name} ({why})", flush=True)


def by_task(doc):
    return {s["task"]["task"]: s for s in doc.get("stacks", [])}


def functions(stack):
    """Those that are inlined, or named by DWARF alone, differ with what is known of files."""
    return [f["function"] for f in stack["frames"]]


class Trial:
    """One wound on one dump."""

    def __init__(self, p, w, arch):
        self.p, self.w, self.arch, self.bad = p, w, arch, []
        self.files = [p.path] if w.get("alone") else [p.path, p.vmlinux]
        # the i386 kernels keep no types
        self.blind = w.get("blind") or (w.get("alone") and arch == "i386")

    def wrong(self, text):
        self.bad.append(text)

    def ask(self, *args, codes=(0, 1)):
        a = run(self.p.kdview, [args[0], *self.files, *args[1:]])
        for c in complaints(a, codes):
            self.wrong(f"{' '.join(args)}: {c}")
        return a

    def doc(self, *args):
        a = self.ask(*args, "--json")
        try:
            return a, a.json()
        except json.JSONDecodeError as e:
            self.wrong(f"{' '.join(args)}: {e}: {a.out[-200:]}")
            return a, {}

    def sweep(self):
        """All commands in one session; the exit code is 1 if one of them failed."""
        a = run(self.p.kdview, [*self.files, *NATIVE], "\n".join(SWEEP) + "\n")
        for c in complaints(a):
            self.wrong(f"all commands: {c}")

    def findings(self):
        text, (a, doc) = self.ask(self.w.at, *NATIVE), self.doc(self.w.at, *NATIVE)
        want, warning = self.w.get("finding", self.arch), self.w.get("warning", self.arch)
        told = [n for n in doc.get("notes", []) if isinstance(n, str)]
        if want and not re.search(want, "\n".join(told)):
            self.wrong(f"no finding /{want}/ in JSON: {told}")
        if want and not re.search(f"^! .*({want})", text.out, re.M):
            self.wrong(f"no finding /{want}/ in text")
        if warning and not re.search(warning, run(
                self.p.kdview, ["bt", "--all", *self.files, *NATIVE]).err):
            self.wrong(f"no warning /{warning}/")
        fails = self.w.at in (self.w.get("fails") or ())
        if self.w.at != "ps" and (a.rc != 0) != fails:
            self.wrong(f"{self.w.at} ended with {a.rc}: {a.err}")

    def may_lose(self, t):
        lost = self.w.get("lost") or ()
        return t["tgid"] != t["pid"] if lost == "threads" else t["comm"] in lost

    def tasks(self):
        a, doc = self.doc("ps", *NATIVE)
        now = {t["task"] for t in doc.get("tasks", [])}
        lost = [t for t in self.p.tasks() if t["task"] not in now]
        if self.blind:
            return
        if not now <= {t["task"] for t in self.p.tasks()}:
            self.wrong("ps shows tasks that are none")
        if any(not self.may_lose(t) for t in lost):
            self.wrong(f"ps lacks {[t['comm'] for t in lost]}")
        if (a.rc != 0) != bool(lost):
            self.wrong(f"ps ended with {a.rc}, {len(lost)} tasks are missing")

    def stacks(self):
        a, doc = self.doc("bt", "--all", *NATIVE)
        now = by_task(doc)
        was = self.p.alone if self.w.get("alone") else self.p.whole
        cut = [t for t, s in now.items() if s["stop"] and s["frames"] is not None and
               self.p.has_stack.get(t, True)]
        if not self.blind and not self.w.get("lost") and bool(cut) != (a.rc != 0):
            self.wrong(f"bt --all ended with {a.rc}, {len(cut)} stacks are not whole: {a.err}")
        if self.w.get("rough") or self.blind:
            return
        may = {f"{self.p.task(c):#0{2 + 2 * self.p.ptr}x}" for c in self.w.get("stacks") or ()}
        other = [t for t in was if t in now and t not in may and
                 functions(was[t]) != functions(now[t])]
        if other:
            self.wrong(f"stacks that are not wounded are others: {other}")

    def wounded(self):
        """The stack that is."""
        stop = self.w.get("stop", self.arch)
        if not stop and not self.w.get("guess") and not self.w.get("deep"):
            return
        comm = f"{self.p.task(PROCESS):#x}"
        text, (_, doc) = self.ask("bt", comm, *NATIVE), self.doc("bt", comm, *NATIVE)
        s = (doc.get("stacks") or [{"frames": [], "stop": ""}])[0]
        if stop and not re.search(stop, s["stop"] or ""):
            self.wrong(f"the stack stops for {s['stop']}, not /{stop}/")
        if stop and not re.search(f"^    -- .*({stop}).* --$", text.out, re.M):
            self.wrong(f"no /{stop}/ below the stack")
        if self.w.get("guess"):
            self.guesses(text, s)
        if self.w.get("deep") and (s["stop"] or len(s["frames"]) < 40):
            self.wrong(f"{len(s['frames'])} frames, {s['stop']}")

    def guesses(self, text, s):
        i = s.get("guess_from")
        if i is None or s["frames"][i]["how"] != "guess":
            self.wrong(f"no guess in JSON: {i}")
        elif any(f["how"] == "guess" for f in s["frames"][:i]):
            self.wrong("a guess ahead of the first")
        if not re.search(r"^#[0-9]+ +\? ", text.out, re.M):
            self.wrong("no frame marked ? in text")
        if not re.search(f"-- from #{i} on it is a guess: ", text.out):
            self.wrong("it is not said from which frame on it is a guess")

    def gdb(self):
        if not self.w.get("gdb"):
            return
        for engine in "gdb", "auto":
            a = self.ask("bt", f"{self.p.task(PROCESS):#x}", "--engine", engine,
                         "--gdb-timeout", "30")
            if a.rc == 0 and self.w.get("stop"):
                self.wrong(f"bt by {engine} finds nothing wrong")
        if self.w.get("guess") and not re.search(r"^#[0-9]+ +\? ", a.out, re.M):
            self.wrong("where gdb gives up there is no guess")

    def judge(self, fixture):
        self.w.give(self.p)
        for part in self.sweep, self.findings, self.tasks, self.stacks, self.wounded, self.gdb:
            part()
        ok(not self.bad, f"{fixture}: {self.w.name}", "\n    ".join(self.bad))


# Cut dumps ----------------------------------------------------------------------------------------

def sane(p, name, path, codes=(0, 1, 3)):
    """What is shown of a dump that lacks much: nothing that is not so, and why."""
    bad = []
    for c in ["info", "ps", "bt --all --engine native", "log", "mod", "verdict"]:
        a = run(p.kdview, [*c.split(), path, p.vmlinux])
        bad += [f"{c}: {x}" for x in complaints(a, codes)]
    a = run(p.kdview, ["ps", "--json", path, p.vmlinux])
    now = a.json().get("tasks", []) if a.rc in (0, 1) else []
    true = {t["task"] for t in p.tasks()}
    if not {t["task"] for t in now} <= true:
        bad.append("ps shows tasks that are none")
    if a.rc == 0 and len(now) < len(true):
        bad.append(f"ps is content with {len(now)} tasks")
    ok(not bad, name, "; ".join(bad))
    return len(now)


def cut(p, fixture, path, shares):
    size, seen = os.path.getsize(path), []
    for share in shares:
        with open(path, "r+b") as f:
            f.truncate(int(size * share))
        seen.append(sane(p, f"{fixture}: cut to {share:.2%}", path))
    return seen


def cut_elf(p, fixture, tmp):
    path = f"{tmp}/cut"
    subprocess.run(["cp", "--sparse=always", p.healthy, path], check=True)
    seen = cut(p, fixture, path, [1 - n / 24 for n in range(1, 24)] + [0.01, 0.002, 0.0001])
    ok(max(seen) > 30, f"{fixture}: of a dump that is cut there are tasks", str(seen))
    os.unlink(path)


# kdump-compressed ------------------------------------------------------------------------------------

def kdump(p, fixture, tmp, how):
    whole, path = f"{tmp}/kdump", f"{tmp}/kdump.bad"
    made = run(p.kdview, ["convert", "-q", "-f", "-d", "1", "--compress", how, p.healthy, whole])
    ok(made.rc == 0, f"{fixture}: converted, {how}", made.err)
    page = p.vtop(wounds_memory.top_page(p, PROCESS)) // 4096
    damage = {
        "nothing": (lambda k: None, None),
        "a corrupt page": (lambda k: k.spoil(page), "corrupt"),
        "an excluded page": (lambda k: k.exclude(page), "excluded from the dump by a filter"),
        "a page beyond the file": (lambda k: k.set_desc(page, k.size + 4096, 100, k.desc(page)[2]),
                                   "lost|beyond|truncated|past"),
        "a page of 4 GB": (lambda k: k.set_desc(page, k.desc(page)[0], 0xffffffff, k.desc(page)[2]),
                           "corrupt|can not be|lost"),
        "a page of no compressor": (lambda k: k.set_desc(page, *k.desc(page)[:2], 0x4000),
                                    "corrupt|compress|flags"),
    }
    for what, (give, stop) in damage.items():
        shutil.copyfile(whole, path)
        give(Kdump(path))
        one_page(p, f"{fixture}, {how}: {what}", path, stop)
    return whole


def cut_kdump(p, fixture, what, path):
    seen = cut(p, f"{fixture}, {what}", path, [1 - n / 16 for n in range(1, 16)] + [0.01])
    ok(max(seen) > 30, f"{fixture}, {what}: of a dump that is cut there are tasks", str(seen))
    os.unlink(path)


def kdumps(p, fixture, tmp):
    for how in "zlib", "zstd":
        path = kdump(p, fixture, tmp, how)
    cut_kdump(p, fixture, "zstd", path)
    # pages in the order of their addresses
    if shutil.which("makedumpfile") and not subprocess.run(
            ["makedumpfile", "--message-level", "4", "-c", "-d", "1", p.healthy, path],
            capture_output=True, check=False).returncode:
        cut_kdump(p, fixture, "makedumpfile", path)


def one_page(p, name, path, stop):
    """The page of one stack is missing: that stack says so, and all else is as it was."""
    a = run(p.kdview, ["bt", "--all", "--json", path, p.vmlinux, *NATIVE])
    bad = complaints(a)
    now = by_task(a.json()) if a.rc in (0, 1) else {}
    hurt = f"{p.task(PROCESS):#0{2 + 2 * p.ptr}x}"
    bad += [f"{t} is another" for t in p.whole
            if t != hurt and (t not in now or functions(now[t]) != functions(p.whole[t]))]
    why = (now.get(hurt) or {}).get("stop")
    if bool(why) != bool(stop) or not re.search(stop or "", why or ""):
        bad.append(f"stop: {why}")
    if a.rc != (1 if stop else 0):
        bad.append(f"ended with {a.rc}")
    ok(not bad, name, "; ".join(bad))


def main():
    kdview, cores, tmp, *wanted = sys.argv[1:]
    for n in os.environ.get("FIXTURES", "x86_64 i386-nopae-elf64").split():
        p = Patient(kdview, f"{cores}/{n}/vmcore", f"{cores}/{n}/vmlinux", f"{tmp}/vmcore")
        arch = {8: "x86_64", 4: "i386"}[p.ptr]
        p.whole = by_task(p.ask("bt", "--all", *NATIVE))
        p.alone = by_task(run(kdview, ["bt", "--all", "--json", p.path, *NATIVE]).json())
        p.has_stack = {t["task"]: int(t["stack"], 16) != 0 for t in p.tasks()}
        for w in WOUNDS:
            if arch in w.archs and (not wanted or w.name in wanted):
                Trial(p, w, arch).judge(n)
                p.heal()
        if not wanted or "cut" in wanted:
            cut_elf(p, n, tmp)
        if not wanted or "kdump" in wanted:
            kdumps(p, n, tmp)


main()
