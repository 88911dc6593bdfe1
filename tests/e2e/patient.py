# SPDX-License-Identifier: GPL-3.0-or-later
"""A dump to be damaged on purpose, with kdview telling where in the file a thing lies.

Patient(kdview, dump, vmlinux, copy) copies an ELF dump of memory; sym(), member(), tasks() and
vtop() ask kdview about the healthy one; write() and friends change the copy, heal() undoes it all.
Kdump is the same of a kdump-compressed one, by physical pages.
"""
import json
import os
import re
import struct
import subprocess

PAGE = 4096
SECONDS = 60  # no command may take longer, sanitizers included
WILD = {8: 0xdead000000000100, 4: 0x41414140}  # an address that is none, by pointer size

WOUNDS = []


class Wound:
    """What is done to a dump, and what has to come of it.

    finding: what a finding of the command AT says. warning: what its standard error says. stop:
    what is said below the stack of kd-sleep (each may be given by architecture). lost: names of
    tasks that may be missing; "threads": those but leaders. stacks: names of tasks whose stacks
    may be others. rough: those of all may be. guess: there are guesses in kd-sleep's stack.
    fails: commands that fail. alone: without a vmlinux. blind: what then is not known, is not.
    deep: kd-sleep's stack has many more frames. gdb: ask gdb as well.
    """

    def __init__(self, give, archs=("x86_64", "i386"), at="ps", **kw):
        self.give, self.name, self.archs, self.at, self.kw = give, give.__name__, archs, at, kw

    def get(self, key, arch=None):
        v = self.kw.get(key)
        return v.get(arch) if isinstance(v, dict) else v


def wound(**kw):
    def take(give):
        WOUNDS.append(Wound(give, **kw))
        return give
    return take


class Answer:
    """What came of a command."""

    def __init__(self, rc, out, err):
        self.rc, self.raw = rc, out + err
        self.out, self.err = out.decode("utf-8", "replace"), err.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.out)


def run(kdview, args, commands=""):
    """rc 124: it did not end."""
    env = dict(os.environ, NO_COLOR="1", LC_ALL="C")
    try:
        p = subprocess.run([kdview, *args], input=commands.encode(), capture_output=True, env=env,
                           timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as e:
        return Answer(124, e.stdout or b"", e.stderr or b"")
    return Answer(p.returncode, p.stdout, p.stderr)


class Elf:
    """Program headers of a core file."""

    def __init__(self, data):
        self.wide = data[4] == 2
        if self.wide:
            self.phoff, = struct.unpack_from("<Q", data, 32)
            self.phnum, = struct.unpack_from("<H", data, 56)
            self.size, self.form = 56, "<IIQQQQQQ"
        else:
            self.phoff, = struct.unpack_from("<I", data, 28)
            self.phnum, = struct.unpack_from("<H", data, 44)
            self.size, self.form = 32, "<IIIIIIII"
        self.heads = []
        for i in range(self.phnum):
            v = struct.unpack_from(self.form, data, self.phoff + i * self.size)
            if self.wide:
                t, flags, off, va, pa, filesz, memsz, align = v
            else:
                t, off, va, pa, filesz, memsz, flags, align = v
            self.heads.append([t, flags, off, va, pa, filesz, memsz, align])

    def loads(self):
        return [h for h in self.heads if h[0] == 1]

    def pack(self, heads):
        out = b""
        for t, flags, off, va, pa, filesz, memsz, align in heads:
            if self.wide:
                out += struct.pack(self.form, t, flags, off, va, pa, filesz, memsz, align)
            else:
                out += struct.pack(self.form, t, off, va, pa, filesz, memsz, flags, align)
        return out


class Patient:
    def __init__(self, kdview, dump, vmlinux, copy):
        self.kdview, self.healthy, self.vmlinux, self.path = kdview, dump, vmlinux, copy
        subprocess.run(["cp", "--sparse=always", dump, copy], check=True)
        os.chmod(copy, 0o600)
        self.f = open(copy, "r+b")
        self.elf = Elf(self.f.read(1 << 16))
        info = self.info()
        self.ptr = {"x86_64": 8, "i386": 4}[info["architecture"]]
        self.levels = info["page_table_levels"]
        self.undo = []
        self.size = os.path.getsize(copy)
        self.cache = {}

    # Asking about the healthy dump

    def ask(self, *args):
        key = args
        if key not in self.cache:
            a = run(self.kdview, [args[0], "--json", self.healthy, self.vmlinux, *args[1:]])
            if a.rc:
                raise LookupError(f"{args}: {a.err}")
            self.cache[key] = a.json()
        return self.cache[key]

    def info(self):
        a = run(self.kdview, ["info", "--json", self.healthy, self.vmlinux])
        return a.json()

    def sym(self, name):
        return int(self.ask("sym", name)["symbols"][0]["address"], 16)

    def vmcoreinfo(self, name):
        """The address of a symbol that VMCOREINFO names."""
        for h in self.elf.heads:
            if h[0] == 4:
                self.f.seek(h[2])
                m = re.search(rb"SYMBOL\(%s\)=([0-9a-f]+)" % name.encode(), self.f.read(h[5]))
                if m:
                    return int(m[1], 16)
        raise LookupError(f"VMCOREINFO has no {name}")

    def member(self, path):
        """Offset of TYPE.MEMBER."""
        name, _, rest = path.partition(".")
        for m in self.ask("struct", name, "-d", "6")["members"]:
            if m["path"] == rest:
                return m["offset"]
        raise KeyError(path)

    def tasks(self):
        return self.ask("ps")["tasks"]

    def task(self, comm):
        """Address of a task's task_struct."""
        return next(int(t["task"], 16) for t in self.tasks() if t["comm"] == comm)

    def module(self, name):
        return next(int(m["module"], 16) for m in self.ask("mod")["modules"] if m["name"] == name)

    # Places in the file

    def vtop(self, va):
        page = va & ~(PAGE - 1)
        return int(self.ask("vtop", f"{page:#x}")["physical"], 16) + va - page

    def offsets(self, pa):
        """The kernel's image is in the file twice."""
        out = [off + pa - start for _, _, off, _, start, filesz, _, _ in self.elf.loads()
               if start <= pa < start + filesz]
        if not out:
            raise KeyError(f"physical {pa:#x} is not in the dump")
        return out

    # Reading and changing

    def read(self, va, n):
        out = b""
        while n:
            part = min(n, PAGE - va % PAGE)
            self.f.seek(self.offsets(self.vtop(va))[0])
            out += self.f.read(part)
            va, n = va + part, n - part
        return out

    def read_ptr(self, va):
        return int.from_bytes(self.read(va, self.ptr), "little")

    def write_file(self, off, data):
        self.f.seek(off)
        self.undo.append((off, self.f.read(len(data))))
        self.f.seek(off)
        self.f.write(data)
        self.f.flush()

    def write_phys(self, pa, data):
        for off in self.offsets(pa):
            self.write_file(off, data)

    def write(self, va, data):
        while data:
            part = min(len(data), PAGE - va % PAGE)
            self.write_phys(self.vtop(va), data[:part])
            va, data = va + part, data[part:]

    def write_ptr(self, va, value):
        self.write(va, (value & ((1 << 8 * self.ptr) - 1)).to_bytes(self.ptr, "little"))

    def write_u32(self, va, value):
        self.write(va, struct.pack("<I", value & 0xffffffff))

    def exclude(self, *addresses):
        """Leave the pages at these virtual addresses out, as a filter does: new program headers,
        at the end of the file, in which they have no bytes."""
        pages = sorted({self.vtop(va) & ~(PAGE - 1) for va in addresses})
        heads = []
        for h in self.elf.heads:
            heads += self.split(h, pages) if h[0] == 1 else [h]
        at = os.path.getsize(self.path)
        self.f.seek(at)
        self.f.write(self.elf.pack(heads))
        if self.elf.wide:
            self.write_file(32, struct.pack("<Q", at))
            self.write_file(56, struct.pack("<H", len(heads)))
        else:
            self.write_file(28, struct.pack("<I", at))
            self.write_file(44, struct.pack("<H", len(heads)))

    @staticmethod
    def split(h, pages):
        out, rest = [], h
        for pa in pages:
            t, flags, off, va, start, filesz, memsz, align = rest
            n = pa - start
            if not 0 <= n < filesz:
                continue
            more = min(PAGE, memsz - n)
            if n:
                out.append([t, flags, off, va, start, n, n, align])
            out.append([t, flags, off, va + n, pa, 0, more, align])
            n += more
            rest = [t, flags, off + n, va + n, start + n, max(filesz - n, 0), memsz - n, align]
        if rest[6]:
            out.append(rest)
        return out

    def heal(self):
        for off, data in reversed(self.undo):
            self.f.seek(off)
            self.f.write(data)
        self.f.flush()
        self.undo = []
        self.f.truncate(self.size)


class Kdump:
    """A kdump-compressed dump: struct disk_dump_header, bitmaps, then 24 bytes for each page that
    is there (makedumpfile's diskdump_mod.h)."""

    def __init__(self, path):
        self.path, self.f = path, open(path, "r+b")
        head = self.f.read(PAGE)
        # the time before it has longs of the producer
        at = 428 if struct.unpack_from("<I", head, 428)[0] == PAGE else 416
        self.block, self.sub, self.bitmaps = struct.unpack_from("<3I", head, at)
        assert head[:8] == b"KDUMP   " and self.block == PAGE
        self.second = (1 + self.sub) * PAGE + self.bitmaps * PAGE // 2
        self.descs = (1 + self.sub + self.bitmaps) * PAGE
        self.f.seek(self.second)
        self.dumped = bytearray(self.f.read(self.bitmaps * PAGE // 2))
        self.size = os.path.getsize(path)

    def place(self, pfn):
        """Where a page's descriptor is."""
        assert self.dumped[pfn // 8] >> pfn % 8 & 1
        n = sum(bin(b).count("1") for b in self.dumped[:pfn // 8])
        n += bin(self.dumped[pfn // 8] & ((1 << pfn % 8) - 1)).count("1")
        return self.descs + 24 * n

    def desc(self, pfn):
        self.f.seek(self.place(pfn))
        return struct.unpack("<QII", self.f.read(16))

    def set_desc(self, pfn, offset, size, flags):
        self.f.seek(self.place(pfn))
        self.f.write(struct.pack("<QII", offset, size, flags))
        self.f.flush()

    def spoil(self, pfn):
        """Its compressed bytes. Of the first it depends whether anything can come of the rest."""
        offset, size, _ = self.desc(pfn)
        self.f.seek(offset)
        self.f.write(b"\xa5" * max(size // 3, 8))
        self.f.flush()

    def exclude(self, pfn):
        """As if the filter had left it out: the descriptors behind it move up."""
        at, end = self.place(pfn), self.descs + 24 * sum(bin(b).count("1") for b in self.dumped)
        self.f.seek(at + 24)
        rest = self.f.read(end - at - 24)
        self.f.seek(at)
        self.f.write(rest)
        self.dumped[pfn // 8] &= ~(1 << pfn % 8) & 0xff
        self.f.seek(self.second)
        self.f.write(self.dumped)
        self.f.flush()


# What the text is about must not reach the terminal as it is.
CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


def complaints(answer, codes=(0, 1)):
    """What is wrong with an answer whatever was asked."""
    out = []
    if answer.rc == 124:
        out.append(f"did not end within {SECONDS} s")
    elif answer.rc not in codes:
        out.append(f"ended with {answer.rc}")
    if "Sanitizer" in answer.err or "runtime error" in answer.err:
        out.append("sanitizer: " + answer.err[:2000])
    if CONTROL.search(answer.raw):
        out.append("raw control bytes")
    if answer.rc in (1, 2, 3) and "kdview: " not in answer.err:
        out.append("failed without a sentence")
    return out
