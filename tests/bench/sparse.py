#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""
sparse.py elf|kdump DUMP COPY

A copy of a dump that says that its machine had a terabyte more: a hole in the file. Exit status 1:
it is none of which that can be made.
"""
import os
import shutil
import struct
import subprocess
import sys

TERABYTE = 1 << 40


def copy(source, target):
    """With its holes."""
    if subprocess.run(["cp", "--sparse=always", source, target], check=False).returncode:
        shutil.copyfile(source, target)


def elf(source, target):
    """An ELF64 core whose last segment goes on; False: it is none that can."""
    with open(source, "rb") as f:
        head = f.read(64)
        if head[:5] != b"\x7fELF\x02":
            return False
        offset, = struct.unpack_from("<Q", head, 32)
        size, number = struct.unpack_from("<HH", head, 54)
        f.seek(offset)
        table = f.read(size * number)
    headers = [struct.unpack_from("<IIQQQQQQ", table, size * i) for i in range(number)]
    loads = [i for i, h in enumerate(headers) if h[0] == 1]
    # physically and in the file the last, and all of it is there
    last = max(loads, key=lambda i: headers[i][4])
    _, _, at, _, _, in_file, in_memory, _ = headers[last]
    if last != max(loads, key=lambda i: headers[i][2]) or in_file != in_memory:
        return False
    copy(source, target)
    with open(target, "r+b") as f:
        f.seek(offset + size * last + 32)
        f.write(struct.pack("<QQ", TERABYTE, TERABYTE))
        f.truncate(at + TERABYTE)
    return True


def kdump(source, target):
    """
    A kdump-compressed file (of a 64-bit producer, little endian) whose lists of pages go on, all
    of them set, with descriptors that are a hole and data behind a terabyte.
    """
    with open(source, "rb") as f:
        dump = f.read()
    if dump[:8] != b"KDUMP   ":
        return False
    counts = 424  # of struct disk_dump_header: block_size, sub_hdr_size, bitmap_blocks, max_mapnr
    block, sub, bitmaps, _ = struct.unpack_from("<iiiI", dump, counts + 4)
    old = struct.unpack_from("<Q", dump, block + 96)[0]  # kdump_sub_header.max_mapnr_64
    start = (1 + sub) * block
    half = bitmaps * block // 2
    lists = [dump[start + i * half:start + i * half + (old + 7) // 8] for i in range(2)]
    descs = start + 2 * half
    stored = sum(bin(byte).count("1") for byte in lists[1])
    pages = TERABYTE // block
    length = (pages // 8 + block - 1) // block * block
    head = bytearray(dump[:start])
    struct.pack_into("<iI", head, counts + 12, 2 * length // block, pages)
    struct.pack_into("<Q", head, block + 96, pages)
    table = bytearray(dump[descs:descs + 24 * stored])
    data = descs + 24 * stored
    for i in range(stored):
        at, = struct.unpack_from("<Q", table, 24 * i)
        struct.pack_into("<Q", table, 24 * i, at - data + TERABYTE)
    with open(target, "wb") as f:
        f.write(head)
        for bits in lists:
            f.write(bits.ljust(length, b"\xff"))
        f.write(table)
        f.seek(TERABYTE)
        f.write(dump[data:])
    os.chmod(target, 0o600)
    return True


if __name__ == "__main__":
    sys.exit(not {"elf": elf, "kdump": kdump}[sys.argv[1]](*sys.argv[2:]))
