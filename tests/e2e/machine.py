#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What "kdview load --root" looks at.

machine.py unpack TEXT DIR       the files of a machine (tests/unit/data/machines) below DIR
machine.py bzimage OUT [K=V]...  a file with the setup header of a bzImage, and nothing to run:
                                 code, init_size, cmdline_size, relocatable, xloadflags, protocol
machine.py vmlinux OUT [K=V]...  an ELF file like a vmlinux, linked at 16 MB: machine, memsz
machine.py uki OUT linux=FILE    FILE in the section .linux (or name=) of a PE file for x86_64
"""
import os
import random
import struct
import sys


def unpack(text, folder):
    out, as_hex = None, False
    for line in open(text, encoding="ascii"):
        if line.startswith("== "):
            name, _, kind = line[3:].rstrip("\n").partition(" ")
            as_hex = kind == "hex"
            out = None
            if kind in ("", "hex"):
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                out = open(path, "wb")
        elif out:
            out.write(bytes.fromhex(line) if as_hex else line.encode())


def bzimage(path, code=1 << 20, init_size=32 << 20, cmdline_size=2047, relocatable=1,
            xloadflags=0x3, protocol=0x20f):
    head = bytearray(4096)

    def put(offset, fmt, value):
        struct.pack_into("<" + fmt, head, offset, value)

    put(0x1f1, "B", 7)  # sectors of setup code: 8 of 512 bytes with the first
    put(0x1fe, "H", 0xaa55)
    put(0x200, "H", 0x6aeb)  # jump over the header
    head[0x202:0x206] = b"HdrS"
    put(0x206, "H", protocol)
    put(0x211, "B", 1)  # loaded high
    put(0x214, "I", 0x100000)
    put(0x22c, "I", 0x7fffffff)
    put(0x230, "I", 0x200000)
    put(0x234, "B", relocatable)
    put(0x236, "H", xloadflags)
    put(0x238, "I", cmdline_size)
    put(0x258, "Q", 0x1000000)
    put(0x260, "I", init_size)
    with open(path, "wb") as out:
        out.write(head)
        out.write(b"\x90" * code)


def vmlinux(path, machine=62, memsz=32 << 20):
    data = random.Random(1).randbytes(8192)  # which gzip cannot make small
    phys = 0x1000000
    if machine == 62:
        virt = 0xffffffff81000000
        head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, machine, 1, virt, 64, 0, 0,
                           64, 56, 1, 0, 0, 0)
        head += struct.pack("<IIQQQQQQ", 1, 7, 4096, virt, phys, len(data), memsz, 4096)
    else:
        virt = 0xc1000000
        head = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01", 2, machine, 1, phys, 52, 0, 0,
                           52, 32, 1, 0, 0, 0)
        head += struct.pack("<IIIIIIII", 1, 4096, virt, phys, len(data), memsz, 7, 4096)
    with open(path, "wb") as out:
        out.write(head.ljust(4096, b"\0") + data)


def uki(path, linux, name=".linux"):
    data = open(linux, "rb").read()
    data += bytes(-len(data) % 512)
    size = -(-len(data) // 4096) * 4096
    head = bytearray(b"MZ".ljust(64, b"\0"))
    struct.pack_into("<I", head, 0x3c, 64)
    head += struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, 1, 0, 0, 0, 240, 0x22e)
    head += struct.pack("<HBBIIIIIQIIHHHHHHIIIIHHQQQQII", 0x20b, 0, 0, 0, len(data), 0, 0x1000,
                        0x1000, 0, 0x1000, 512, 0, 0, 0, 0, 0, 0, 0, 0x1000 + size, 512, 0, 10, 0,
                        0, 0, 0, 0, 0, 16)
    head += bytes(16 * 8)
    head += struct.pack("<8sIIIIIIHHI", name.encode(), len(data), 0x1000, len(data), 512, 0, 0, 0,
                        0, 0x40000040)
    with open(path, "wb") as out:
        out.write(head.ljust(512, b"\0") + data)


def main():
    what, path, *rest = sys.argv[1:]
    if what == "unpack":
        unpack(path, rest[0])
    else:
        values = {k: v for k, _, v in (word.partition("=") for word in rest)}
        if what == "uki":
            uki(path, **values)
        else:
            {"bzimage": bzimage, "vmlinux": vmlinux}[what](
                path, **{k: int(v, 0) for k, v in values.items()})


main()
