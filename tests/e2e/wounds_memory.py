# SPDX-License-Identifier: GPL-3.0-or-later
"""Wounds of stacks, of the tables that are needed to read them, and of page tables."""
import random

from patient import PAGE, WILD, wound
from wounds_kernel import PROCESS, module


def saved_sp(p, comm):
    return p.task(comm) + p.member("task_struct.thread.sp")


def top_page(p, comm):
    return p.read_ptr(saved_sp(p, comm)) & ~(PAGE - 1)


def stack_member(p, comm):
    return p.task(comm) + p.member("task_struct.stack")


def frames(p, comm):
    return p.ask("bt", comm, "--engine", "native")["stacks"][0]["frames"]


# Stacks ----------------------------------------------------------------------------------

STRAY = "its saved stack pointer (0|0x[0-9a-f]+) lies outside of its stack"
MOVED = "its stack is not at 0x[0-9a-f]+, but at 0x[0-9a-f]+, where its saved stack pointer leads"


@wound(finding=STRAY, stop=STRAY, guess=True, gdb=True)
def sp_in_another_stack(p):
    p.write_ptr(saved_sp(p, PROCESS), p.read_ptr(saved_sp(p, "kthreadd")))


@wound(finding=STRAY, stop=STRAY, guess=True, gdb=True)
def sp_nowhere(p):
    p.write_ptr(saved_sp(p, PROCESS), 0x4141414141414141)


@wound(finding=STRAY, stop=STRAY, guess=True)
def sp_null(p):
    p.write_ptr(saved_sp(p, PROCESS), 0)


@wound(finding=MOVED, gdb=True)
def stack_of_another(p):
    p.write_ptr(stack_member(p, PROCESS), p.read_ptr(stack_member(p, "kthreadd")))


@wound(finding=MOVED, gdb=True)
def stack_nowhere(p):
    p.write_ptr(stack_member(p, PROCESS), 0x41414000)


@wound(stop="switch frame at .* was excluded from the dump by a filter", stacks={PROCESS}, gdb=True)
def stack_excluded(p):
    p.exclude(top_page(p, PROCESS))


@wound(stop="no code; that page of the stack holds only zeros", stacks={PROCESS}, gdb=True)
def stack_zeroed(p):
    p.write(top_page(p, PROCESS), bytes(PAGE))


def make_deep(p, size):
    """Repeat a function's frame until the stack is SIZE bytes deeper, as recursion would: what
    was deeper moves down, and saved frame pointers with it."""
    at = next(i for i, f in enumerate(frames(p, PROCESS)) if f["function"] == "hrtimer_nanosleep")
    sps = [int(f["sp"], 16) for f in frames(p, PROCESS)[at:]]
    # from the return address into it to below the one out of it
    start, end = sps[0] - p.ptr, next(sp for sp in sps if sp > sps[0]) - p.ptr
    sp, length = p.read_ptr(saved_sp(p, PROCESS)), end - start
    n = size // length
    low, copy = p.read(sp, start - sp), p.read(start, length)
    link = end - p.ptr  # of the frame pointer, where there is one

    def moved(data, at, by, border):
        """Words that point above themselves, and below BORDER, point BY lower."""
        out = b""
        for i in range(0, len(data), p.ptr):
            v = int.from_bytes(data[i:i + p.ptr], "little")
            if at + i < v < border:
                v -= by
            out += v.to_bytes(p.ptr, "little")
        return out

    for k in range(1, n + 1):
        data = bytearray(copy)
        if p.ptr == 4:
            data[-p.ptr:] = (link - (k - 1) * length).to_bytes(p.ptr, "little")
        p.write(start - k * length, bytes(data))
    p.write(sp - n * length, moved(low, sp, n * length, end))
    p.write_ptr(saved_sp(p, PROCESS), sp - n * length)
    return n


@wound(stacks={PROCESS}, deep=True)
def stack_deep(p):
    """No damage yet: that the next ones are about what they say."""
    make_deep(p, 9000 if p.ptr == 8 else 5000)


@wound(stop="excluded from the dump by a filter", guess=True, stacks={PROCESS}, archs=("x86_64",),
       gdb=True)
def stack_excluded_in_the_middle(p):
    page = top_page(p, PROCESS)
    make_deep(p, 9000)
    p.exclude(page - PAGE)


@wound(stop="holds only zeros", guess=True, stacks={PROCESS}, archs=("x86_64",), gdb=True)
def stack_zeroed_in_the_middle(p):
    page = top_page(p, PROCESS)
    make_deep(p, 9000)
    p.write(page - PAGE, bytes(PAGE))


@wound(stop="excluded from the dump by a filter", stacks={PROCESS})
def stack_excluded_above(p):
    page = top_page(p, PROCESS)
    make_deep(p, 5000)
    p.exclude(page)


@wound(stop="the return address 0x1234567 is no code", guess=True, stacks={PROCESS}, gdb=True)
def return_address_wild(p):
    f = next(f for f in frames(p, PROCESS) if f["function"] == "schedule")
    p.write_ptr(int(f["sp"], 16) - p.ptr, 0x1234567)


# Tables of unwinding: without a vmlinux nothing else tells -----------------------------------

X86_64 = {"archs": ("x86_64",)}


@wound(warning="ORC tables: 100 of [0-9]+ entries make no sense", alone=True, **X86_64)
def orc_addresses_garbage(p):
    p.write(p.sym("__start_orc_unwind_ip") + 4000, random.Random(2).randbytes(400))


@wound(warning="ORC tables: [0-9]+ of [0-9]+ entries make no sense", alone=True, rough=True, **X86_64)
def orc_entries_garbage(p):
    at, end = p.sym("__start_orc_unwind"), p.sym("__stop_orc_unwind")
    for i in range(0, end - at - 6000, 24000):
        p.write(at + i // 6 * 6, random.Random(i).randbytes(600))


@wound(warning="ORC tables: entries of a layout not known here", alone=True, rough=True, guess=True,
       **X86_64)
def orc_all_garbage(p):
    at, end = p.sym("__start_orc_unwind"), p.sym("__stop_orc_unwind")
    p.write(at, random.Random(3).randbytes(end - at))


@wound(warning="ORC tables: [0-9]+ of [0-9]+ addresses are out of order", alone=True, rough=True,
       guess=True, **X86_64)
def orc_zeroed(p):
    at, end = p.sym("__start_orc_unwind_ip"), p.sym("__stop_orc_unwind_ip")
    p.write(at, bytes(end - at))


@wound(warning="ORC tables: .* excluded from the dump by a filter", alone=True, **X86_64)
def orc_excluded(p):
    p.exclude(p.sym("__start_orc_unwind_ip") + 2 * 4096)


@wound(warning="module kdcrash: ORC tables: .* out of order", alone=True, **X86_64)
def module_orc_garbage(p):
    n = int.from_bytes(p.read(module(p, "arch.num_orcs"), 4), "little")
    p.write(p.read_ptr(module(p, "arch.orc_unwind_ip")), random.Random(1).randbytes(4 * n))


@wound(alone=True, stacks={"kworker/1:1", "kd-dstate"}, rough=True, **X86_64)
def module_text_excluded(p):
    p.exclude(p.read_ptr(module(p, "core_layout.base")))


# Types and names, likewise -------------------------------------------------------------------

NO_TYPES = {"alone": True, "blind": True}


@wound(finding="types: the BTF in its memory makes no sense", **NO_TYPES, **X86_64)
def btf_no_magic(p):
    p.write(p.sym("__start_BTF"), b"\0\0")


@wound(finding="types: the BTF in its memory makes no sense", **NO_TYPES, **X86_64)
def btf_header_wild(p):
    p.write(p.sym("__start_BTF") + 8, random.Random(4).randbytes(16))


@wound(finding="types: the BTF in its memory makes no sense", **NO_TYPES, **X86_64)
def btf_types_garbage(p):
    p.write(p.sym("__start_BTF") + 4096, random.Random(5).randbytes(20000))


@wound(finding="types: BTF: .* excluded from the dump by a filter", **NO_TYPES, **X86_64)
def btf_excluded(p):
    p.exclude(p.sym("__start_BTF") + 5 * PAGE)


@wound(finding="types: the BTF in its memory is damaged: it has no ", **NO_TYPES, **X86_64)
def btf_of_itself(p):
    """Pointers, typedefs and qualifiers of the first page of types lead to themselves."""
    at = p.sym("__start_BTF")
    types = at + int.from_bytes(p.read(at + 4, 4), "little")
    data, off, number = p.read(types, 4096), 0, 1
    tail = {1: 4, 3: 12, 14: 4, 17: 4}
    each = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}
    while off + 12 <= len(data):
        info = int.from_bytes(data[off + 4:off + 8], "little")
        kind, n = info >> 24 & 31, info & 0xffff
        if kind in (2, 8, 9, 10, 11):
            p.write_u32(types + off + 8, number)
        off += 12 + tail.get(kind, 0) + n * each.get(kind, 0)
        number += 1


@wound(finding="symbols: .*there are [0-9]+ symbols, not 4294967295", alone=True)
def kallsyms_count_wild(p):
    p.write_u32(p.vmcoreinfo("kallsyms_num_syms"), ~0)


@wound(finding="symbols: .*there are [0-9]+ symbols, not [0-9]+", alone=True)
def kallsyms_count_half(p):
    at = p.vmcoreinfo("kallsyms_num_syms")
    p.write_u32(at, int.from_bytes(p.read(at, 4), "little") // 2)


@wound(finding="symbols: [0-9]+ names in kallsyms are damaged", alone=True, rough=True)
def kallsyms_names_garbage(p):
    p.write(p.vmcoreinfo("kallsyms_names") + 30000, random.Random(6).randbytes(3000))


@wound(finding="symbols: kallsyms", **NO_TYPES)
def kallsyms_tokens_garbage(p):
    p.write(p.vmcoreinfo("kallsyms_token_table"), random.Random(7).randbytes(300))


@wound(finding="symbols: kallsyms", **NO_TYPES)
def kallsyms_index_garbage(p):
    p.write(p.vmcoreinfo("kallsyms_token_index"), random.Random(8).randbytes(512))


@wound(finding="symbols: [0-9]+ addresses in kallsyms are damaged", alone=True, rough=True)
def kallsyms_addresses_garbage(p):
    p.write(p.vmcoreinfo("kallsyms_offsets") + 8000, random.Random(9).randbytes(4000))


@wound(finding="symbols: [0-9]+ names in kallsyms are damaged", alone=True, rough=True)
def kallsyms_excluded(p):
    p.exclude(p.vmcoreinfo("kallsyms_names") + 3 * PAGE)


# Page tables ------------------------------------------------------------------------------------

TABLES = "page tables: damaged or not in the dump"
SPARE = "page tables: the kernel's top one is missing or damaged: a process' is used"


def steps(p, va):
    return p.ask("vtop", f"{va:#x}")["walk"]


def write_entry(p, step, value):
    size = 8 if p.levels > 2 else 4
    p.write_phys(int(step["at"], 16), (value & ((1 << 8 * size) - 1)).to_bytes(size, "little"))


@wound(stop="not mapped by the kernel's page tables", stacks={PROCESS}, archs=("x86_64",))
def pte_cleared(p):
    write_entry(p, steps(p, top_page(p, PROCESS))[-1], 0)


# on i386 stacks are in the linear map, whose place is known
@wound(finding={"i386": TABLES}, stop={"x86_64": "no code"}, stacks={PROCESS})
def pte_flipped(p):
    step = steps(p, top_page(p, PROCESS))[-1]
    write_entry(p, step, int(step["entry"], 16) ^ 1 << 20)


@wound(finding={"i386": TABLES}, stop={"x86_64": "is no memory of this machine"}, stacks={PROCESS})
def pte_beyond_memory(p):
    step = steps(p, top_page(p, PROCESS))[-1]
    write_entry(p, step, int(step["entry"], 16) | 0x7f << 24)


@wound(finding=TABLES)
def table_maps_itself(p):
    """An upper entry of the linear map leads back to its own table."""
    step = steps(p, p.task(PROCESS))[0]
    write_entry(p, step, int(p.ask("vtop", f"{p.task(PROCESS):#x}")["root"], 16) |
                int(step["entry"], 16) & 0xfff)


@wound(finding="its stack at 0x[0-9a-f]+: not mapped .* more like this", archs=("x86_64",), rough=True)
def directory_zeroed(p):
    """Of vmalloc space, with all stacks in it."""
    at = int(steps(p, top_page(p, PROCESS))[-2]["at"], 16) & ~(PAGE - 1)
    p.write_phys(at, bytes(PAGE))


@wound(finding=SPARE, gdb=True)
def root_zeroed(p):
    p.write_phys(int(p.ask("vtop", "init_task")["root"], 16), bytes(PAGE))


@wound(finding=SPARE)
def root_entry_flipped(p):
    step = steps(p, p.sym("init_task"))[0]
    write_entry(p, step, int(step["entry"], 16) ^ 1 << 22)


@wound(stop="lies outside|not mapped|no code|not a canonical", finding="saved stack pointer", guess=True)
def sp_wild(p):
    p.write_ptr(saved_sp(p, PROCESS), WILD[p.ptr])
