#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make of a dump what a hypervisor would have written: outside.py KIND DUMP OUT

  note     the same without its VMCOREINFO note (ELF or kdump-compressed)
  raw      all of its memory, each page at its address (from ELF)
  lost     as note, and what the memory has of VMCOREINFO is gone as well
  running  as note, of a machine that had not crashed: what the crash left in memory is undone, as
           far as anybody looks at it; the CPUs' registers stay. Then the physical addresses of
           variables that hold the number of a CPU, which become -1
  poke     (no outsider's work) the same, but: ADDRESS=NUMBER puts 32 bits at a physical address,
           OLD=>NEW replaces a text of the same length everywhere
Prints the physical address of VMCOREINFO's note in memory, where that is left.
"""
import mmap
import os
import struct
import sys

NOTE = b"VMCOREINFO\0"


class Elf:
    def __init__(self, m):
        self.notes, self.loads = [], []
        if m[4] == 2:
            at, n, size, form, pick = *struct.unpack_from("<Q", m, 32), struct.unpack_from(
                "<H", m, 56)[0], 56, "<IIQQQQ", (0, 2, 4, 5)
        else:
            at, n, size, form, pick = *struct.unpack_from("<I", m, 28), struct.unpack_from(
                "<H", m, 44)[0], 32, "<IIIII", (0, 1, 3, 4)
        for i in range(n):
            p = struct.unpack_from(form, m, at + i * size)
            kind, off, pa, length = (p[k] for k in pick)
            if kind == 4:
                self.notes.append((off, length))
            elif kind == 1 and length:
                self.loads.append((off, pa, length))

    def paddr(self, at):
        return next((at - off + pa for off, pa, n in self.loads if off <= at < off + n), None)


    def places(self, pa):
        """In the file; the kernel's image may be there twice."""
        return [off + pa - start for off, start, n in self.loads if start <= pa < start + n]


def data_runs(fd, start, end):
    """Runs of the file that are no holes."""
    while start < end:
        try:
            start = os.lseek(fd, start, os.SEEK_DATA)
        except OSError:
            return
        if start >= end:
            return
        stop = min(os.lseek(fd, start, os.SEEK_HOLE), end)
        yield start, stop
        start = stop


def hits(m, fd, what, start=0):
    """Where WHAT is; holes are passed over. In copies: a map's find() reads beyond its end."""
    step = 1 << 24
    for a, b in data_runs(fd, start, len(m)):
        for base in range(a, b, step):
            piece = m[base:min(base + step + len(what) - 1, b)]
            at = piece.find(what)
            while at >= 0:
                yield base + at
                at = piece.find(what, at + 1)


def copy(src, dst):
    """With the holes."""
    with open(src, "rb") as f, open(dst, "wb") as g:
        os.fchmod(g.fileno(), 0o600)
        size = os.fstat(f.fileno()).st_size
        g.truncate(size)
        for a, b in data_runs(f.fileno(), 0, size):
            while a < b:
                a += os.sendfile(g.fileno(), f.fileno(), a, min(b - a, 1 << 24)) if g.seek(a) >= 0 else 0


def spoil_note(m, off, size):
    at = m[off:off + size].find(NOTE)
    if at >= 0:
        m[off + at:off + at + len(NOTE)] = b"NOTHINGYET\0"


def strip_diskdump(m):
    """The sub header of a 64-bit producer says where VMCOREINFO and, since v4, the notes are."""
    assert struct.unpack_from("<I", m, 8)[0] >= 4
    spoil_note(m, *struct.unpack_from("<QQ", m, 4096 + 48))
    struct.pack_into("<QQ", m, 4096 + 32, 0, 0)


def in_memory(m, fd, elf):
    """File offsets of notes in memory."""
    for at in hits(m, fd, NOTE):
        if at > 12 and elf.paddr(at) and struct.unpack_from("<I", m, at - 12)[0] == len(NOTE) and \
                struct.unpack_from("<I", m, at - 4)[0] == 0:
            yield at - 12


def raw(m, fd, elf, out):
    with open(out, "wb") as g:
        os.fchmod(g.fileno(), 0o600)
        for off, pa, n in elf.loads:
            for a, b in data_runs(fd, off, off + n):
                g.seek(pa + a - off)
                g.write(m[a:b])
        g.truncate(max(pa + n for _, pa, n in elf.loads))


def lose(m, fd):
    for at in list(hits(m, fd, b"OSRELEASE=")):
        m[at:at + 10] = b"\0" * 10


def replace_all(m, fd, old, new):
    assert len(old) == len(new)
    for at in list(hits(m, fd, old)):
        m[at:at + len(old)] = new


def undo_crash(m, fd, elf, symbols):
    """SYMBOLS: file offsets of variables that hold the number of a CPU, -1 for none."""
    for at in in_memory(m, fd, elf):
        size = struct.unpack_from("<I", m, at + 4)[0]
        cut = at + m[at:at + 24 + size].find(b"CRASHTIME=")
        if cut > at:
            m[cut:at + 24 + size] = b"\0" * (at + 24 + size - cut)
            struct.pack_into("<I", m, at + 4, cut - at - 24)
    replace_all(m, fd, b"CRASHTIME=", b"\0" * 10)
    for off, n in elf.notes:
        at = off
        while at + 12 < off + n:
            namesz, descsz, kind = struct.unpack_from("<III", m, at)
            end = at + 12 + (namesz + 3 & ~3) + (descsz + 3 & ~3)
            if kind == 1 and m[at + 12:at + 16] == b"CORE":
                # what the kernel wrote into its buffers is what the file has
                note = m[at:end]
                for copy_at in list(hits(m, fd, note, end)):
                    m[copy_at:copy_at + len(note)] = b"\0" * len(note)
            at = end
    for old, new in ((b"Kernel panic - not", b"Kernel is in fine "), (b"BUG: kernel NULL", b"All is well now!"),
                     (b"] BUG: ", b"] All: "), (b"kernel BUG at", b"kernel is at "), (b"Oops: ", b"Okay: "),
                     (b"sysrq: Trigger a crash", b"sysrq: Trigger a HELP."), (b"INFO: task ", b"Some: task ")):
        replace_all(m, fd, old, new)
    for at in symbols:
        struct.pack_into("<i", m, at, -1)


def poke(m, fd, elf, word):
    old, arrow, new = word.partition("=>")
    if arrow:
        assert list(hits(m, fd, old.encode())), word
        replace_all(m, fd, old.encode(), new.encode())
        return
    pa, value = (int(x, 0) for x in word.split("="))
    assert elf.places(pa), word
    for at in elf.places(pa):
        struct.pack_into("<i", m, at, value)


def main():
    kind, src, out = sys.argv[1:4]
    if kind == "raw":
        with open(src, "rb") as f:
            m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)
            elf = Elf(m)
            raw(m, f.fileno(), elf, out)
            for at in in_memory(m, f.fileno(), elf):
                print(f"{elf.paddr(at):#x}")
        return
    copy(src, out)
    with open(out, "r+b") as f:
        m, fd = mmap.mmap(f.fileno(), 0), f.fileno()
        if m[:4] != b"\x7fELF":
            strip_diskdump(m)
            return
        elf = Elf(m)
        if kind == "poke":
            for word in sys.argv[4:]:
                poke(m, fd, elf, word)
            return
        if kind == "running":
            undo_crash(m, fd, elf, [at for a in sys.argv[4:] for at in elf.places(int(a, 0))])
        for note in elf.notes:
            spoil_note(m, *note)
        if kind == "lost":
            lose(m, fd)
        for at in in_memory(m, fd, elf):
            print(f"{elf.paddr(at):#x}")


main()
