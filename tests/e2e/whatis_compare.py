#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""whatis_compare.py KDVIEW VMLINUX DUMP [COUNT]: what `kdview whatis` says of COUNT (100) addresses of
each kind, chosen by chance, against what drgn knows of them. x86_64.

Kinds: slab objects that are used and free, pages by their memory and by their struct page, vmalloc
areas, stacks, task_structs, per-CPU variables, per-CPU memory that was allocated. Which pages are
free is compared over all of memory: a page is free when it lies in a block of the page allocator.
Prints a line per kind and one per difference. Exit status 1: there is one."""
import collections
import json
import random
import subprocess
import sys

import drgn
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.list import list_for_each_entry
from drgn.helpers.linux.mm import (compound_head, page_to_pfn, page_to_virt, pfn_to_page, pfn_to_virt,
                                   virt_to_page)
from drgn.helpers.linux.pid import for_each_task
from drgn.helpers.linux.slab import for_each_slab_cache, slab_cache_for_each_allocated_object

Asked = collections.namedtuple("Asked", "kind address wanted")


class Machine:
    def __init__(self, vmlinux, dump, count):
        self.prog = drgn.Program()
        self.prog.set_core_dump(dump)
        self.prog.load_debug_info([vmlinux])
        self.count = count
        self.cpus = list(for_each_possible_cpu(self.prog))

    def some(self, items):
        items = list(items)
        return random.sample(items, min(self.count, len(items)))

    def percpu(self, pointer, cpu):
        return (pointer + int(self.prog["__per_cpu_offset"][cpu])) & (1 << 64) - 1

    def slab_end(self, page):
        head = compound_head(page)
        try:
            slab = drgn.cast("struct slab *", head)
        except LookupError:
            slab = head
        return int(page_to_virt(head)) + int(slab.objects) * int(slab.slab_cache.size)

    def slabs(self):
        used, free = [], []
        for cache in for_each_slab_cache(self.prog):
            name, size = cache.name.string_().decode(), int(cache.size)
            objects = {int(o) for o in slab_cache_for_each_allocated_object(cache, "char")}
            for at in random.sample(sorted(objects), min(4, len(objects))):
                inside = random.randrange(int(cache.object_size))
                used.append(Asked("used object", at + inside, {
                    "slab_cache": name, "object": at, "object_state": "allocated",
                    "object_offset": inside}))
                end = self.slab_end(virt_to_page(self.prog, at))
                gap = next((a for a in range(at, end, size) if a not in objects), None)
                if gap is not None:
                    free.append(Asked("free object", gap, {
                        "slab_cache": name, "object": gap, "object_state": "free"}))
        return self.some(used) + self.some(free)

    def is_free(self, page):
        kind = int(page.page_type) & 0xffffffff
        try:
            return kind >> 24 == int(self.prog.constant("PGTY_buddy"))
        except LookupError:
            return kind & 0xf0000080 == 0xf0000000

    def pages(self):
        last = int(self.prog["max_pfn"])
        free, there = set(), []
        for pfn in range(last):
            page = pfn_to_page(self.prog, pfn)
            try:
                if self.is_free(page):
                    free.update(range(pfn, pfn + (1 << int(page.private))))
            except drgn.FaultError:
                continue
            there.append(pfn)
        asked = []
        for pfn in self.some(there) + self.some(free):
            page = pfn_to_page(self.prog, pfn)
            flags = int(page.flags.f if hasattr(page.flags, "f") else page.flags)
            asked.append(Asked("page", int(pfn_to_virt(self.prog, pfn)), {
                "page": int(page), "flags": flags, "page_refs": int(page._refcount.counter),
                "physical": pfn << 12, "is_free": pfn in free}))
            asked.append(Asked("struct page", int(page) + random.randrange(page.type_.type.size), {
                "page_of": pfn, "flags": flags, "is_free": pfn in free}))
        return asked

    def areas(self):
        prog = self.prog
        if "vmap_area_list" in prog:
            heads = [prog["vmap_area_list"]]
        else:
            heads = [prog["vmap_nodes"][i].busy.head for i in range(prog["nr_vmap_nodes"])]
        for head in heads:
            yield from list_for_each_entry("struct vmap_area", head.address_of_(), "list")

    def vmalloc(self):
        asked = []
        for area in self.some(self.areas()):
            start, end = int(area.va_start), int(area.va_end)
            wanted = {"vmalloc_start": start, "vmalloc_size": end - start}
            try:
                wanted["caller"] = self.prog.symbol(area.vm.caller).name
            except (LookupError, drgn.FaultError):
                pass  # no caller, or one in a module: drgn has no files of those
            asked.append(Asked("vmalloc area", start + random.randrange(end - start), wanted))
        return asked

    def tasks(self):
        asked = []
        for task in for_each_task(self.prog):
            pid = {"pid": int(task.pid)}
            if task.stack:
                asked.append(Asked("stack", int(task.stack) + random.randrange(16384), pid))
            asked.append(Asked("task_struct", int(task) + random.randrange(1024), pid))
        return asked

    def variables(self):
        prog = self.prog
        start, end = (prog.symbol(n).address for n in ("__per_cpu_start", "__per_cpu_end"))
        # where the section is linked at 0, KASLR does not move it, but drgn's symbols
        moved = prog["runqueues"].address_ - prog.symbol("runqueues").address
        names = collections.defaultdict(set)
        for s in prog.symbols():
            if start <= s.address < end and s.size and not s.name.startswith("__per_cpu_"):
                names[s.address, s.size].add(s.name)
        asked = []
        for (address, size), names in self.some(names.items()):
            for cpu in self.cpus:
                inside = random.randrange(size)
                asked.append(Asked("per-CPU variable", self.percpu(address + moved + inside, cpu), {
                    "cpu": cpu, "percpu": {f"{n}+0x{inside:x}" for n in names}}))
        return asked

    def allocated(self):
        asked = []
        for cache in self.some(for_each_slab_cache(self.prog)):
            has = hasattr(cache, "cpu_slab")
            pointer = int(cache.cpu_slab if has else cache.cpu_sheaves)
            for cpu in self.cpus if pointer else []:
                asked.append(Asked("per-CPU memory", self.percpu(pointer, cpu), {
                    "cpu": cpu, "percpu_pointer": pointer}))
        return asked

    def all(self):
        """What this drgn can not find out of this kernel is left out, and said."""
        asked = []
        for what in (self.slabs, self.pages, self.vmalloc, self.tasks, self.variables,
                     self.allocated):
            try:
                asked += what()
            except (LookupError, AttributeError, TypeError, drgn.FaultError) as e:
                print(f"left out: {what.__name__}: {e}")
        return asked


def number(text):
    return int(text, 16) if isinstance(text, str) and text.startswith("0x") else text


def said(doc, key):
    """An answer of kdview, as the other side has it."""
    if key == "flags":
        return number(doc.get("page_flags", " ").split()[0])
    if key == "is_free":
        return doc.get("page_is") == "free"
    if key == "caller":
        return (doc.get("vmalloc_caller") or "").split("+")[0]
    if key == "pid":
        text = doc.get("stack") or doc.get("task")
        return int(text.split()[0]) if text else None
    if key == "cpu":
        return int(doc["cpu"].split()[1]) if doc.get("cpu") else None
    if key == "percpu":
        return {doc.get("percpu")}
    return number(doc.get(key))


def ask(program, files, asked):
    lines = "".join(f"whatis 0x{a.address:x}\n" for a in asked)
    run = subprocess.run([program, "prompt", "--json", *files], input=lines, text=True,
                         stdout=subprocess.PIPE, check=False)
    text, at, decoder = run.stdout, 0, json.JSONDecoder()
    for _ in asked:
        at = text.index("{", at)
        doc, at = decoder.raw_decode(text, at)
        yield doc


def differs(key, wanted, got):
    return not wanted & got if isinstance(wanted, set) else wanted != got


def main():
    program, vmlinux, dump = sys.argv[1:4]
    random.seed(1)
    asked = Machine(vmlinux, dump, int(sys.argv[4]) if len(sys.argv) > 4 else 100).all()
    count, bad = collections.Counter(), 0
    for a, doc in zip(asked, ask(program, [vmlinux, dump], asked)):
        count[a.kind] += 1
        # struct pages lie in memory too: their own page is not what is shown
        if a.kind == "page" and doc.get("page_of"):
            continue
        for key, wanted in a.wanted.items():
            got = said(doc, key)
            if differs(key, wanted, got):
                bad += 1
                print(f"differs: {a.kind} 0x{a.address:x}: {key}: drgn {wanted}, kdview {got}")
                break
    print(", ".join(f"{n} {kind}" for kind, n in count.items()))
    print(f"{sum(count.values())} addresses of {len(count)} kinds, {bad} differences")
    sys.exit(bool(bad) or not count)


if __name__ == "__main__":
    main()
