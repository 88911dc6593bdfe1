# SPDX-License-Identifier: GPL-3.0-or-later
"""Wounds of what the kernel keeps of itself: tasks, modules, the log, CPUs."""
import random

from patient import WILD, wound

PROCESS = "kd-sleep"  # wounded in most of them


def node(p, comm, which="next"):
    """Where a task's pointer in the kernel's list of tasks is."""
    base = p.sym("init_task") if comm == "init_task" else p.task(comm)
    return base + p.member("task_struct.tasks." + which)


# The list of tasks -------------------------------------------------------------------

@wound(finding="the list of tasks runs in a circle after PID")
def tasks_loop(p):
    p.write_ptr(node(p, "kd-busy"), node(p, "kthreadd"))


@wound(finding="the list of tasks runs in a circle after PID")
def tasks_loop_to_itself(p):
    p.write_ptr(node(p, "kd-busy"), node(p, "kd-busy"))


@wound(finding="the list of tasks has a NULL after PID", gdb=True)
def tasks_null(p):
    p.write_ptr(node(p, "kd-busy"), 0)


@wound(finding="the list of tasks has a NULL at its head")
def tasks_null_at_head(p):
    p.write_ptr(node(p, "init_task"), 0)


@wound(finding="the list of tasks leads astray after PID .* not (mapped|a canonical)")
def tasks_nowhere(p):
    p.write_ptr(node(p, "kd-busy"), WILD[p.ptr])


@wound(finding="the list of tasks leads astray after PID .* there is no task")
def tasks_astray(p):
    """Into memory that is there, but no task."""
    p.write_ptr(node(p, "kd-busy"), p.sym("linux_banner"))


@wound(finding="the list of tasks leads astray after PID .* there is no task")
def tasks_astray_in_code(p):
    p.write_ptr(node(p, "kd-busy"), p.sym("schedule") & ~7)


@wound(finding="does not point back")
def tasks_cut_short(p):
    """To a task, but not the next: those between are skipped."""
    p.write_ptr(node(p, PROCESS), node(p, "kd-stopped"))


@wound(finding="followed backwards, has a NULL after PID .*|in the kernel's table of PIDs alone")
def tasks_null_both_ways(p):
    """Forwards at one place, backwards at a later one: what is between is in no list."""
    p.write_ptr(node(p, PROCESS), 0)
    p.write_ptr(node(p, "kd-parent", "prev"), 0)


@wound(finding="[0-9]+ tasks were found in the kernel's table of PIDs alone")
def tasks_head_both_ways(p):
    p.write_ptr(node(p, "init_task"), 0)
    p.write_ptr(node(p, "init_task", "prev"), 0)


@wound(finding="[0-9]+ tasks were found as children of other tasks alone", lost="threads")
def tasks_and_pids(p):
    """No list, and no table of PIDs either: parents know their children."""
    p.write_ptr(node(p, "init_task"), 0)
    p.write_ptr(node(p, "init_task", "prev"), 0)
    p.write_ptr(p.sym("init_pid_ns") + p.member("pid_namespace.idr.idr_rt.xa_head"), WILD[p.ptr])


@wound(finding="the list of threads of PID [0-9]+ .* has a NULL")
def threads_null(p):
    p.write_ptr(p.task("kd-threads") + p.member("task_struct.thread_node.next"), 0)


@wound(finding="the list of threads of PID [0-9]+ .* runs in a circle")
def threads_loop(p):
    at = p.task("kd-thr-sleep") + p.member("task_struct.thread_node.next")
    p.write_ptr(at, at)


@wound(finding="has no signal_struct, and so no list of threads")
def threads_no_signal(p):
    p.write_ptr(p.task("kd-threads") + p.member("task_struct.signal"), 0)


@wound(finding="PID 2 belongs to two tasks", gdb=True)
def pid_twice(p):
    p.write_u32(p.task(PROCESS) + p.member("task_struct.pid"), 2)


@wound(finding="its PID can not be 4294967280", gdb=True)
def pid_wild(p):
    p.write_u32(p.task(PROCESS) + p.member("task_struct.pid"), 0xfffffff0)


@wound(finding=r"\(PID [0-9]+\): its name has no end", gdb=True)
def comm_wild(p):
    p.write(p.task(PROCESS) + p.member("task_struct.comm"),
            b"\x1b[31m\xff\xfe\x07\r\x9b\xc2\x9b\x90\"\\\x7f")


@wound(finding="there is no task: there are only zeros", lost={PROCESS})
def task_zeroed(p):
    p.write(p.task(PROCESS), bytes(4096))


# Modules ----------------------------------------------------------------------------------

def module(p, member):
    return p.module("kdcrash") + p.member("module." + member)


@wound(finding="the list runs in a circle", at="mod")
def modules_loop(p):
    p.write_ptr(module(p, "list.next"), module(p, "list.next"))


@wound(finding="1 module was found by following the list backwards", at="mod")
def modules_null(p):
    p.write_ptr(p.sym("modules"), 0)


@wound(finding="the list leads astray .* there is no module", at="mod")
def modules_nowhere(p):
    p.write_ptr(p.sym("modules"), WILD[p.ptr])


@wound(finding="the list leads astray .* there is no module", at="mod")
def modules_astray(p):
    p.write_ptr(module(p, "list.next"), p.sym("linux_banner") & ~7)


@wound(finding="1 module was found in sysfs alone", at="mod")
def modules_both_ways(p):
    p.write_ptr(p.sym("modules"), 0)
    p.write_ptr(p.sym("modules") + p.ptr, 0)


@wound(finding="can not be its memory: 16384 are mapped there", at="mod")
def module_size_wild(p):
    p.write_u32(module(p, "core_layout.size"), 0xfffffff0)


@wound(finding="at 0x1000 can not be its memory", at="mod")
def module_base_wild(p):
    p.write_ptr(module(p, "core_layout.base"), 0x1000)


# without its name its file is not found, and with that the functions that were inlined
@wound(finding="has no module's name", at="mod", stacks={"kworker/1:1", "kd-dstate"})
def module_name_wild(p):
    p.write(module(p, "name"), b"\x1b[2J\xff\x9b" * 9)


@wound(finding="4294967295 symbols can not be", at="mod")
def module_symbols_wild(p):
    p.write_u32(p.read_ptr(module(p, "kallsyms")) + p.member("mod_kallsyms.num_symtab"), ~0)


@wound(finding="2147483647 ORC entries can not be", at="mod", archs=("x86_64",))
def module_orc_wild(p):
    p.write_u32(module(p, "arch.num_orcs"), 0x7fffffff)


# The log -------------------------------------------------------------------------------------

def ring(p, member):
    return p.read_ptr(p.sym("prb")) + p.member("printk_ringbuffer." + member)


@wound(finding="prb does not lead to the ring buffer: printk_rb_static it is", at="log")
def log_pointer_wild(p):
    p.write_ptr(p.sym("prb"), WILD[p.ptr])


@wound(finding=r"a ring buffer of 2\^4294967295 records and 2\^[0-9]+ bytes can not be", at="log")
def log_bits_wild(p):
    p.write_u32(ring(p, "desc_ring.count_bits"), ~0)


@wound(finding="the ring buffer claims [0-9]+ records, but holds 1024", at="log")
def log_head_wild(p):
    p.write_ptr(ring(p, "desc_ring.head_id"), 0x3fffffff)


@wound(finding="records beyond its head or tail", at="log")
def log_head_early(p):
    at = ring(p, "desc_ring.head_id")
    p.write_ptr(at, p.read_ptr(at) - 5)


@wound(finding="the ring buffer's descriptors are not at", at="log")
def log_descs_wild(p):
    p.write_ptr(ring(p, "desc_ring.descs"), WILD[p.ptr])


@wound(finding="the ring buffer's infos are not at", at="log")
def log_infos_wild(p):
    p.write_ptr(ring(p, "desc_ring.infos"), WILD[p.ptr])


@wound(finding="the ring buffer's texts are not at", at="log")
def log_data_wild(p):
    p.write_ptr(ring(p, "text_data_ring.data"), WILD[p.ptr])


def descriptors(p):
    return p.read_ptr(ring(p, "desc_ring.descs")), p.ask("struct", "prb_desc")["size"]


@wound(finding="[0-9]+ records make no sense", at="log", fails=("log",))
def log_positions_garbage(p):
    descs, size = descriptors(p)
    for i in range(20, 40):
        p.write(descs + i * size + p.member("prb_desc.text_blk_lpos"),
                random.Random(i).randbytes(2 * p.ptr))


@wound(finding="20 descriptors do not belong to their place", at="log", fails=("log",))
def log_states_garbage(p):
    descs, size = descriptors(p)
    for i in range(20, 40):
        p.write_ptr(descs + i * size + p.member("prb_desc.state_var"),
                    0x8123456789abcdef >> (64 - 8 * p.ptr))


@wound(finding="20 records make no sense", at="log", fails=("log",))
def log_lengths_wild(p):
    infos, size = p.read_ptr(ring(p, "desc_ring.infos")), p.ask("struct", "printk_info")["size"]
    for i in range(20, 40):
        p.write(infos + i * size + p.member("printk_info.text_len"), b"\xff\xff")


# CPUs ----------------------------------------------------------------------------------------

def offset_of_cpu(p, nr):
    return p.sym("__per_cpu_offset") + nr * p.ptr


def percpu(p, address, nr):
    return (address + p.read_ptr(offset_of_cpu(p, nr))) & ((1 << 8 * p.ptr) - 1)


OFFSET = "the per-CPU offset of CPU 1 can not be 0x[0-9a-f]+: by the allocator's own numbers"


@wound(finding=OFFSET, at="cpu", gdb=True)
def percpu_offset_wild(p):
    p.write_ptr(offset_of_cpu(p, 1), WILD[p.ptr])


@wound(finding=OFFSET, at="cpu")
def percpu_offset_astray(p):
    p.write_ptr(offset_of_cpu(p, 1), p.read_ptr(offset_of_cpu(p, 1)) + 0x1238)


@wound(finding=OFFSET, at="cpu")
def percpu_offset_of_another(p):
    p.write_ptr(offset_of_cpu(p, 1), p.read_ptr(offset_of_cpu(p, 0)))


@wound(finding="CPU 1: its current task is not at")
def current_wild(p):
    p.write_ptr(percpu(p, p.sym("current_task"), 1), p.sym("linux_banner") & ~7)


@wound(finding="CPU 1: its crash note in memory is none", at="cpu")
def crash_note_wiped(p):
    p.write(percpu(p, p.read_ptr(p.sym("crash_notes")), 1), bytes(300))


@wound(finding="CPU 1: at 0x[0-9a-f]+ there is no idle task")
def idle_wild(p):
    p.write_ptr(percpu(p, p.sym("runqueues"), 1) + p.member("rq.idle"), p.sym("linux_banner") & ~7)
