#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Damage a dump in some way that SEED decides: damage.py DUMP OUT SEED

Prints what it did: bytes of headers or notes changed, pages or words overwritten (many of them
with what looks like a pointer to kernel data), or the end cut off.
"""
import os
import random
import struct
import subprocess
import sys


def segments(f):
    """(type, offset, vaddr, filesz) of each program header, and where the headers end."""
    ident = f.read(64)
    if ident[4] == 2:
        phoff, phnum = struct.unpack_from("<Q", ident, 32)[0], struct.unpack_from("<H", ident, 56)[0]
        size, form, pick = 56, "<IIQQQQ", (0, 2, 3, 5)
    else:
        phoff, phnum = struct.unpack_from("<I", ident, 28)[0], struct.unpack_from("<H", ident, 44)[0]
        size, form, pick = 32, "<IIIII", (0, 1, 2, 4)
    out = []
    for i in range(phnum):
        f.seek(phoff + size * i)
        p = struct.unpack_from(form, f.read(size))
        out.append(tuple(p[k] for k in pick))
    return out, phoff + size * phnum


def main():
    src, dst, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
    r = random.Random(seed)
    subprocess.run(["cp", "--sparse=always", src, dst], check=True)
    os.chmod(dst, 0o600)
    with open(dst, "r+b") as f:
        segs, headers_end = segments(f)
        notes = next(s for s in segs if s[0] == 4)
        loads = [s for s in segs if s[0] == 1 and s[3] > 8192]
        # kernel data is early in each segment
        def place():
            s = r.choice(loads)
            return s[1] + r.randrange(min(s[3] - 4096, 16 << 20))

        kind = r.choice(["headers", "notes", "pages", "words", "words", "cut"])
        if kind == "headers":
            # past e_ident and e_type: a file that does not say it is a core is none
            for _ in range(r.randint(1, 6)):
                f.seek(r.randrange(18, headers_end))
                f.write(bytes([r.randrange(256)]))
        elif kind == "notes":
            for _ in range(r.randint(1, 30)):
                f.seek(notes[1] + r.randrange(notes[3]))
                f.write(bytes([r.randrange(256)]))
        elif kind == "pages":
            for _ in range(r.randint(1, 300)):
                f.seek(place() & ~4095)
                f.write(r.choice([b"\0" * 4096, b"\xff" * 4096, r.randbytes(4096)]))
        elif kind == "words":
            for _ in range(r.randint(10, 3000)):
                pointer = r.choice(loads)[2] + r.randrange(8 << 20)
                word = r.choice([0, (1 << 64) - 1, r.getrandbits(64), pointer])
                f.seek(place() & ~7)
                f.write(struct.pack("<Q", word & ((1 << 64) - 1)))
        else:
            f.truncate(r.randrange(1000, os.path.getsize(src)))
    print(kind)


main()
