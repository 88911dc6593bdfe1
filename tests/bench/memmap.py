#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""
memmap.py DUMP COPY [GIB]

A copy of a dump of x86_64, an ELF core, that says that its machine had GIB (1024) more memory, and
has struct pages for it: so that filtering a large machine's dump can be measured on a small disk.
The memory is a hole in the file. Its struct pages are 2 MB (those of 128 MB of memory: free blocks
of order 10, some smaller ones, and 64 pages of the kernel's own) which the page tables map again
and again; each 64 GB begin with the struct pages of the dump itself. mem_section has entries for
all of it. Exit status 1: it is none of which that can be made.
"""
import re
import struct
import sys

import sparse

GIB = 1 << 30
LARGE = 2 << 20
ADDRESS = 0x000ffffffffff000
KERNEL = 0xffffffff80000000  # __START_KERNEL_map


class Cannot(Exception):
    pass


class Core:
    """Physical memory of an ELF64 core, whose last segment is made longer."""

    def __init__(self, path, more):
        self.file = open(path, "r+b")
        head = self.file.read(64)
        if head[:5] != b"\x7fELF\x02":
            raise Cannot("no ELF64 core")
        offset, = struct.unpack_from("<Q", head, 32)
        size, number = struct.unpack_from("<HH", head, 54)
        self.loads, notes = [], b""
        for i in range(number):
            self.file.seek(offset + size * i)
            kind, _, at, va, pa, stored, _, _ = struct.unpack("<IIQQQQQQ", self.file.read(56))
            if kind == 4:
                self.file.seek(at)
                notes += self.file.read(stored)
            elif kind == 1:
                self.loads.append([pa, stored, at, va, offset + size * i])
        last = max(self.loads)
        if last[2] != max(load[2] for load in self.loads):
            raise Cannot("its last memory is not last in the file")
        self.end = last[0] + last[1]
        last[1] += more
        self.file.seek(last[4] + 32)
        self.file.write(struct.pack("<QQ", last[1], last[1]))
        self.file.truncate(last[2] + last[1])
        self.info = dict(re.findall(rb"^([^\s=]+)=(.*)$", notes, re.M))

    def number(self, key, base=10):
        try:
            return int(self.info[key.encode()], base)
        except KeyError as e:
            raise Cannot(f"VMCOREINFO has no {key}") from e

    def seek(self, pa):
        for start, size, at, _, _ in self.loads:
            if start <= pa < start + size:
                return self.file.seek(at + pa - start)
        raise Cannot(f"{pa:#x} is no memory")

    def read(self, pa, size):
        self.seek(pa)
        return self.file.read(size)

    def write(self, pa, data):
        self.seek(pa)
        self.file.write(data)

    def word(self, pa):
        return struct.unpack("<Q", self.read(pa, 8))[0]


class Machine:
    def __init__(self, core):
        self.core = core
        self.linear = max(load[3] - load[0] for load in core.loads if load[3] < KERNEL)
        phys_base = core.number("NUMBER(phys_base)")
        self.root = core.number("SYMBOL(init_top_pgt)", 16) - KERNEL + phys_base
        self.shifts = [39, 30, 21]
        if core.info.get(b"NUMBER(pgtable_l5_enabled)") == b"1":
            self.shifts.insert(0, 48)

    def tables(self, va):
        """Where the entries for VA are, from the top to that of 2 MB."""
        table = self.root
        for shift in self.shifts:
            at = table + 8 * (va >> shift & 511)
            yield at
            entry = self.core.word(at)
            if not entry & 1:
                raise Cannot(f"{va:#x} is not mapped")
            table = entry & ADDRESS


def template(core, size):
    """The struct pages of 128 MB."""
    memory = bytearray(LARGE)
    buddy = core.number("NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)") & 0xffffffff
    mapcount = core.number("OFFSET(page._mapcount)")
    order_at = core.number("OFFSET(page.private)")
    pages, at = LARGE // size, 0
    while pages - at > 64:
        order = min(10, (pages - at).bit_length() - 2 if pages - at <= 1024 else 10)
        struct.pack_into("<I", memory, at * size + mapcount, buddy)
        struct.pack_into("<Q", memory, at * size + order_at, order)
        at += 1 << order
    return bytes(memory)


def extend_sections(core, machine, total):
    """Entries of mem_section for TOTAL bytes, by one root page for all. Where struct pages are."""
    section = 1 << core.number("NUMBER(SECTION_SIZE_BITS)")
    roots = core.number("SYMBOL(mem_section)", 16) - machine.linear
    size = core.number("SIZE(mem_section)")
    offset = core.number("OFFSET(mem_section.section_mem_map)")
    root = core.word(roots)
    per_root = 4096 // size
    number = (total + section * per_root - 1) // (section * per_root)
    if number > core.number("LENGTH(mem_section)"):
        raise Cannot("so much memory has no place in mem_section")
    first = core.read(root - machine.linear, size)
    where, = struct.unpack_from("<Q", first, offset)
    core.write(root - machine.linear, first * per_root)
    core.write(roots, struct.pack("<Q", root) * number)
    return where & ~0x3f


def extend_tables(core, machine, where, total, page):
    """Map the struct pages of TOTAL bytes: what was not mapped, to PAGE."""
    *_, upper, lower = machine.tables(where)
    entry = core.word(lower)
    if not entry & 0x80:
        raise Cannot("struct pages are not mapped by 2 MB")
    new = entry & ~ADDRESS | page
    table = lower & ~0xfff
    if lower != table:
        raise Cannot("struct pages do not begin at a gigabyte")
    entries = [e if e & 1 else new for e in struct.unpack("<512Q", core.read(table, 4096))]
    core.write(table, struct.pack("<512Q", *entries))
    number = (total // 4096 * core.number("SIZE(page)") + GIB - 1) // GIB
    if (upper & 0xfff) // 8 + number > 512:
        raise Cannot("its page table has no room for so much")
    core.write(upper, struct.pack("<Q", core.word(upper)) * number)


def make(source, target, gib=1024):
    sparse.copy(source, target)
    core = Core(target, gib * GIB)
    machine = Machine(core)
    total = core.end + gib * GIB
    page = (core.end + GIB // 2) // LARGE * LARGE
    core.write(page, template(core, core.number("SIZE(page)")))
    where = extend_sections(core, machine, total)
    extend_tables(core, machine, where, total, page)
    core.file.close()


if __name__ == "__main__":
    try:
        make(sys.argv[1], sys.argv[2], *(int(v) for v in sys.argv[3:]))
    except Cannot as e:
        sys.exit(f"memmap.py: {sys.argv[1]}: {e}")
