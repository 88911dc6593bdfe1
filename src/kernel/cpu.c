// SPDX-License-Identifier: GPL-3.0-or-later
/* CPUs: see cpu.h. */
#include "kernel/cpu.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/damage.h"
#include "kernel/kernel.h"

/* A crash note's buffer holds little more than one NT_PRSTATUS (struct crash_notes). */
#define NOTE_MAX 1024

const struct cpu *cpus_get(const struct cpus *c, unsigned nr)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].nr == nr)
			return &c->list[i];
	return NULL;
}

void cpus_fini(struct cpus *c)
{
	free(c->list);
	free(c->damage);
	*c = (struct cpus){ 0 };
}

bool cpu_symbol(const struct kernel *k, const struct cpu *cpu, const char *name, vaddr_t *addr)
{
	const struct symbol *s = symbols_by_name(k->symbols, name);

	if (!s || !cpu)
		return false;
	*addr = s->addr + cpu->percpu;
	if (k->arch->ptr_size == 4)
		*addr &= UINT32_MAX;
	return true;
}

/* A mask of CPUs; bytes are little endian, so bit n is in byte n / 8. */
static bool read_mask(const struct kernel *k, const char *name, uint8_t *mask, size_t size)
{
	vaddr_t addr;
	const struct symbol *s = symbols_by_name(k->symbols, name);

	memset(mask, 0, size);
	if (!s || !kernel_symbol(k, name, &addr))
		return false;
	return !space_read(&k->space, addr, mask, kd_min(size, s->size), NULL, NULL);
}

static bool mask_has(const uint8_t *mask, unsigned nr)
{
	return mask[nr / 8] >> (nr % 8) & 1;
}

static size_t count_notes(const struct dump *d)
{
	size_t n = 0;

	while (dump_find_note(d, "CORE", NT_PRSTATUS, n))
		n++;
	return n;
}

static int fill_list(const struct kernel *k, struct cpus *c, struct kd_err *err)
{
	/* __cpu_*_mask since v4.5 (5aec01b83412); a kernel for one CPU has none */
	uint8_t possible[CPUS_MAX / 8], online[CPUS_MAX / 8];
	size_t notes = count_notes(k->dump);
	bool have_online;

	/* or its symbols are not known: then a note's place is its CPU's number */
	if (!read_mask(k, "__cpu_possible_mask", possible, sizeof(possible)))
		for (size_t nr = 0; nr < CPUS_MAX && (nr < notes || !nr); nr++)
			possible[nr / 8] |= (uint8_t)(1 << nr % 8);
	have_online = read_mask(k, "__cpu_online_mask", online, sizeof(online));
	c->list = calloc(CPUS_MAX, sizeof(*c->list));
	if (!c->list)
		return kd_nomem(err);
	for (unsigned nr = 0; nr < CPUS_MAX; nr++)
		if (mask_has(possible, nr))
			c->list[c->n++] = (struct cpu){ .nr = nr,
							.online = !have_online || mask_has(online, nr) };
	return 0;
}

/*
 * On x86 each area holds its own offset. True also where that can not be told; false: the
 * area is not there, or another's.
 */
static bool percpu_fits(const struct kernel *k, const struct cpu *cpu)
{
	uint64_t own;
	vaddr_t at;

	return !cpu_symbol(k, cpu, "this_cpu_off", &at) ||
	       (!space_read_ptr(&k->space, at, &own, NULL) && own == cpu->percpu);
}

/* The offset as setup_per_cpu_areas() has computed it, from what the allocator keeps. */
static bool percpu_computed(const struct kernel *k, struct cpu *cpu)
{
	uint64_t base, units, unit, mask = k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;
	unsigned size = k->arch->ptr_size;
	struct cpu other = *cpu;
	vaddr_t start;

	if (!kernel_symbol(k, "__per_cpu_start", &start) ||
	    kernel_read_symbol(k, "pcpu_base_addr", size, &base, NULL) ||
	    kernel_read_symbol(k, "pcpu_unit_offsets", size, &units, NULL) ||
	    space_read_ptr(&k->space, units + (uint64_t)cpu->nr * size, &unit, NULL))
		return false;
	other.percpu = (base - start + unit) & mask;
	if (!percpu_fits(k, &other))
		return false;
	cpu->percpu = other.percpu;
	return true;
}

static bool is_shared(const struct cpus *c, const struct cpu *cpu)
{
	for (size_t i = 0; i < c->n; i++)
		if (&c->list[i] != cpu && c->list[i].percpu == cpu->percpu)
			return true;
	return false;
}

static void check_percpu(const struct kernel *k, struct cpus *c, struct cpu *cpu)
{
	uint64_t said = cpu->percpu;
	bool fits = percpu_fits(k, cpu);

	if (fits && !is_shared(c, cpu))
		return;
	if (percpu_computed(k, cpu) ? cpu->percpu == said : fits)
		return;
	if (cpu->percpu != said)
		damage_note(&c->damage, "the per-CPU offset of CPU %u can not be %#" PRIx64 ": by the "
			    "allocator's own numbers it is %#" PRIx64, cpu->nr, said, cpu->percpu);
	else
		damage_note(&c->damage, "the per-CPU offset of CPU %u can not be %#" PRIx64
			    ": what it did is not known", cpu->nr, said);
}

static void fill_percpu(const struct kernel *k, struct cpus *c)
{
	const struct symbol *s = symbols_by_name(k->symbols, "__per_cpu_offset");
	unsigned size = k->arch->ptr_size;

	/* CONFIG_SMP=n: per-CPU symbols are plain ones */
	for (size_t i = 0; s && i < c->n; i++) {
		struct cpu *cpu = &c->list[i];
		struct kd_err why = KD_ERR_INIT;

		if (!range_contains(s->size, (uint64_t)cpu->nr * size, size))
			break;
		if (space_read_ptr(&k->space, s->addr + (uint64_t)cpu->nr * size, &cpu->percpu, &why))
			damage_note(&c->damage, "per-CPU area of CPU %u: %s", cpu->nr, why.text);
	}
	for (size_t i = 0; s && i < c->n; i++)
		check_percpu(k, c, &c->list[i]);
}

/* The task a CPU ran: what it thinks itself, else what its run queue says. */
static void fill_current(const struct kernel *k, struct cpus *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct cpu *cpu = &c->list[i];
		vaddr_t at;

		if (cpu_symbol(k, cpu, "current_task", &at) ||
		    (k->layout.pcpu_hot_current_task.found && cpu_symbol(k, cpu, "pcpu_hot", &at))) {
			if (!symbols_by_name(k->symbols, "current_task"))
				at += k->layout.pcpu_hot_current_task.offset;
			space_read_ptr(&k->space, at, &cpu->current, NULL);
		}
		if (!cpu->current && cpu_symbol(k, cpu, "runqueues", &at))
			member_read_ptr(&k->space, at, &k->layout.rq_curr, &cpu->current, NULL);
	}
}

/* NT_PRSTATUS: struct elf_prstatus of the crashed kernel's architecture. */
static bool take_prstatus(const struct kernel *k, struct cpu *cpu, const uint8_t *desc, size_t len)
{
	const struct arch *a = k->arch;

	if (len < a->prstatus_min)
		return false;
	memcpy(&cpu->note_pid, desc + a->prstatus_pid, sizeof(cpu->note_pid));
	cpu->has_pid = true;
	for (unsigned i = 0; i < a->nregs; i++) {
		const struct arch_reg *r = &a->regs[i];
		uint64_t v = 0;

		if (r->prstatus < 0 || !range_contains(len, (size_t)r->prstatus, r->prstatus_size))
			continue;
		memcpy(&v, desc + r->prstatus, r->prstatus_size);
		regs_set(&cpu->regs, i, v);
	}
	cpu->has_note = true;
	return true;
}

/*
 * A CPU's note where the kernel wrote it: the per-CPU buffer crash_notes. The
 * file's list of notes leaves empty ones out, so it does not say whose is whose.
 */
static bool note_from_memory(const struct kernel *k, struct cpu *cpu)
{
	uint8_t buf[NOTE_MAX];
	uint64_t notes;
	Elf64_Nhdr nh;
	size_t got = 0, desc;

	if (kernel_read_symbol(k, "crash_notes", k->arch->ptr_size, &notes, NULL))
		return false;
	notes += cpu->percpu;
	if (k->arch->ptr_size == 4)
		notes &= UINT32_MAX;
	space_read(&k->space, notes, buf, sizeof(buf), &got, NULL);
	if (got < sizeof(nh))
		return false;
	memcpy(&nh, buf, sizeof(nh));
	desc = sizeof(nh) + ((size_t)(nh.n_namesz & 0xff) + 3) / 4 * 4;
	if (nh.n_type != NT_PRSTATUS || nh.n_namesz > 0xff || !range_contains(got, desc, nh.n_descsz))
		return false;
	return take_prstatus(k, cpu, buf + desc, nh.n_descsz);
}

/* The n-th note of the file belongs to the n-th CPU that was online. For those without one. */
static void notes_from_file(const struct kernel *k, struct cpus *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct dump_note *note;

		if (!c->list[i].online)
			continue;
		note = dump_find_note(k->dump, "CORE", NT_PRSTATUS, n++);
		if (note && !c->list[i].has_note)
			take_prstatus(k, &c->list[i], note->desc, note->len);
	}
}

/*
 * Some notes are no longer in memory. The file's are each CPU's when there are as many as
 * CPUs were online.
 */
static void make_up_notes(const struct kernel *k, struct cpus *c)
{
	size_t online = 0, noted = 0;

	for (size_t i = 0; i < c->n; i++) {
		online += c->list[i].online;
		noted += c->list[i].online && c->list[i].has_note;
	}
	if (noted == online || count_notes(k->dump) != online)
		return;
	notes_from_file(k, c);
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].has_note && !c->list[i].note_in_memory)
			damage_note(&c->damage, "CPU %u: its crash note in memory is none: its registers "
				    "are those of the dump's headers", c->list[i].nr);
}

/*
 * QEMU writes two notes for each of its CPUs, of which it has as many as the kernel may have; its
 * pr_pid is a number of its own (target/i386/arch_dump.c). A CPU may have been on another kernel,
 * the second one after a crash, say, or on none.
 */
static void notes_from_qemu(const struct kernel *k, struct cpus *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct cpu *cpu = &c->list[i];
		const struct dump_note *note = dump_find_note(k->dump, "CORE", NT_PRSTATUS, cpu->nr);
		const struct dump_note *state = dump_find_note(k->dump, "QEMU", 0, cpu->nr);
		bool known = false, ran = false;

		if (state && k->arch->cpu_ran)
			ran = k->arch->cpu_ran(&k->space, state->desc, state->len, &known);
		/* one that is offline may never have been started */
		if (note && (ran || (cpu->online && !known)))
			take_prstatus(k, cpu, note->desc, note->len);
		else if (note && cpu->online)
			damage_note(&c->damage, "CPU %u was not on this kernel when the dump was "
				    "taken: its registers say nothing of it", cpu->nr);
		cpu->has_pid = false;
	}
}

/* Findings: registers that are missing, counts that disagree. */
static void judge_notes(const struct kernel *k, struct cpus *c)
{
	size_t in_file = count_notes(k->dump), in_memory = 0, known = 0;

	for (size_t i = 0; i < c->n; i++) {
		in_memory += c->list[i].note_in_memory;
		known += cpu_counts(&c->list[i]);
	}
	if (in_memory && in_file && !c->from_qemu && in_memory != in_file)
		damage_note(&c->damage, "the dump's headers have %zu CPU notes, its memory %zu", in_file,
			    in_memory);
	if (!in_memory && in_file && in_file != known)
		damage_note(&c->damage, "the dump has the registers of %zu CPU%s, but %zu %s online",
			    in_file, in_file == 1 ? "" : "s", known, known == 1 ? "was" : "were");
	if (!in_memory && !in_file)
		damage_note(&c->damage, "the dump has the registers of no CPU");
	for (size_t i = 0; in_memory && i < c->n; i++)
		if (c->list[i].online && !c->list[i].has_note)
			damage_note(&c->damage, "CPU %u was online, but left no registers: it did not "
				    "answer when the kernel crashed", c->list[i].nr);
}

static void fill_notes(const struct kernel *k, struct cpus *c)
{
	bool in_memory = false;

	c->from_qemu = dump_find_note(k->dump, "QEMU", 0, 0) != NULL;
	for (size_t i = 0; i < c->n; i++) {
		c->list[i].note_in_memory = note_from_memory(k, &c->list[i]);
		in_memory |= c->list[i].note_in_memory;
	}
	if (!in_memory && c->from_qemu)
		notes_from_qemu(k, c);
	else if (!in_memory)
		notes_from_file(k, c);
	else if (!c->from_qemu)
		make_up_notes(k, c);
	judge_notes(k, c);
}

int cpus_read(struct kernel *k, struct cpus *c, struct kd_err *err)
{
	int status;

	*c = (struct cpus){ 0 };
	status = fill_list(k, c, err);
	if (status)
		return status;
	fill_percpu(k, c);
	fill_current(k, c);
	fill_notes(k, c);
	return 0;
}
