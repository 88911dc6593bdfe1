#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""cut_dump.py IN OUT PERCENT: what a capture leaves that ends when PERCENT of the data of the
kdump-compressed file IN are written: page descriptors of what comes later are zero, the status says
"incomplete". Layout: makedumpfile's diskdump_mod.h, x86_64."""
import struct
import sys

STATUS = 424  # struct disk_dump_header: status, block_size, sub_hdr_size, bitmap_blocks
INCOMPLETE = 8
DESC = 24


def main(path, out, percent):
    with open(path, 'rb') as f:
        b = bytearray(f.read())
    status, block, sub, bitmap = struct.unpack_from('<IiiI', b, STATUS)
    descs = (1 + sub + bitmap) * block
    second = b[descs - bitmap * block // 2:descs]
    n = sum(bin(x).count('1') for x in second)
    data = descs + n * DESC
    end = data + int((len(b) - data) * float(percent) / 100)
    for at in range(descs, data, DESC):
        offset, size = struct.unpack_from('<QI', b, at)
        if offset + size > end:
            b[at:at + DESC] = bytes(DESC)
    struct.pack_into('<I', b, STATUS, status | INCOMPLETE)
    with open(out, 'wb') as f:
        f.write(b[:end])


main(*sys.argv[1:])
