// SPDX-License-Identifier: GPL-3.0-or-later
/* i386: registers, the kernel's address space with and without PAE; see core/arch.h. */
#include <elf.h>
#include <inttypes.h>

#include "core/space.h"
#include "i386/i386.h"
#include "x86_64/frame.h"
#include "x86_64/qemu_note.h"
#include "x86_64/walk.h"

#define CORE "org.gnu.gdb.i386.core"

/* struct elf_prstatus of the i386 ABI: pr_reg (struct user_regs_struct) is at 72. */
#define PR_REG(slot) (72 + 4 * (slot))
#define REG(n, dw, slot, t) { .name = n, .size = 4, .dwarf = dw, .prstatus = PR_REG(slot), \
			      .prstatus_size = 4, .gdb_type = t, .feature = CORE }
/* Segment registers have 16 bits; pushes leave the upper half undefined. */
#define SEG(n, dw, slot) { .name = n, .size = 4, .dwarf = dw, .prstatus = PR_REG(slot), \
			   .prstatus_size = 2, .gdb_type = "int32", .feature = CORE }

static const struct arch_reg regs[] = {
	[I386_EAX] = REG("eax", 0, 6, "int32"),
	[I386_ECX] = REG("ecx", 1, 1, "int32"),
	[I386_EDX] = REG("edx", 2, 2, "int32"),
	[I386_EBX] = REG("ebx", 3, 0, "int32"),
	[I386_ESP] = REG("esp", 4, 15, "data_ptr"),
	[I386_EBP] = REG("ebp", 5, 5, "data_ptr"),
	[I386_ESI] = REG("esi", 6, 3, "int32"),
	[I386_EDI] = REG("edi", 7, 4, "int32"),
	[I386_EIP] = REG("eip", 8, 12, "code_ptr"),
	[I386_EFLAGS] = REG("eflags", 9, 14, "i386_eflags"),
	[I386_CS] = SEG("cs", 41, 13),
	[I386_SS] = SEG("ss", 42, 16),
	[I386_DS] = SEG("ds", 43, 7),
	[I386_ES] = SEG("es", 40, 8),
	[I386_FS] = SEG("fs", 44, 9),
	[I386_GS] = SEG("gs", 45, 10),
};

static const struct arch_switch_reg switch_frame[] = {
	{ "si", I386_ESI }, { "di", I386_EDI }, { "bx", I386_EBX },
	{ "bp", I386_EBP }, { "ret_addr", I386_EIP }, { NULL, 0 },
};

static const struct x86_paging paging_plain = {
	.entry_size = 4,
	.nlevels = 2,
	.level = { { 22, 10, true }, { 12, 10, false } },
};

static const struct x86_paging paging_pae = {
	.entry_size = 8,
	.nlevels = 3,
	.level = { { 30, 2, false }, { 21, 9, true }, { 12, 9, false } },
};

static int translate(const struct space *s, vaddr_t va, paddr_t *pa, uint64_t *run,
		     struct kd_err *err)
{
	if (va > UINT32_MAX)
		return kd_fail(err, KD_UNMAPPED, "beyond 32 bits");
	return x86_walk(s, s->levels == 3 ? &paging_pae : &paging_plain, va, pa, run, err);
}

static int walk(const struct space *s, vaddr_t va, struct arch_walk *out, struct kd_err *err)
{
	*out = (struct arch_walk){ .nsteps = 0 };
	if (va > UINT32_MAX)
		return kd_fail(err, KD_UNMAPPED, "beyond 32 bits");
	return x86_walk_steps(s, s->levels == 3 ? &paging_pae : &paging_plain, va, out, err);
}

static bool next_mapped(const struct space *s, vaddr_t from, struct arch_mapping *out)
{
	vaddr_t first = s->page_offset ? s->page_offset : UINT32_C(0x40000000);

	return x86_next_mapped(s, s->levels == 3 ? &paging_pae : &paging_plain,
			       from > first ? from : first, UINT32_MAX, out);
}

static size_t read_tables(const struct space *s, size_t max)
{
	return x86_read_tables(s, s->levels == 3 ? &paging_pae : &paging_plain,
			       s->page_offset ? s->page_offset : UINT32_C(0x40000000), max);
}

/* Do the tables map their own top page to where we think it is? */
static bool root_holds(struct space *s, vaddr_t root_va, uint64_t page_offset, unsigned levels)
{
	paddr_t pa = 0;

	if (root_va < page_offset)
		return false;
	s->page_offset = page_offset;
	s->levels = levels;
	s->root = root_va - page_offset;
	return !translate(s, root_va, &pa, NULL, NULL) && pa == s->root;
}

static bool find_root(struct space *s, vaddr_t root_va, unsigned levels)
{
	/* CONFIG_PAGE_OFFSET's choices (arch/x86/Kconfig), the usual one first */
	static const uint32_t choices[] = { 0xc0000000, 0xb0000000, 0x80000000, 0x78000000,
					    0x40000000 };
	const struct dump *d = s->dump;

	for (size_t i = 0; i < d->nmaps; i++)
		if (d->maps[i].vaddr > d->maps[i].paddr &&
		    root_holds(s, root_va, d->maps[i].vaddr - d->maps[i].paddr, levels))
			return true;
	for (size_t i = 0; i < KD_ARRAY_SIZE(choices); i++)
		if (root_holds(s, root_va, choices[i], levels))
			return true;
	return false;
}

/* Where things must be if the tables are damaged: for space_init_torn(). */
static void guess_places(struct space *s, vaddr_t root_va, unsigned levels)
{
	const struct dump *d = s->dump;

	s->page_offset = 0xc0000000;
	for (size_t i = 0; i < d->nmaps; i++)
		if (d->maps[i].vaddr > d->maps[i].paddr && d->maps[i].vaddr <= root_va)
			s->page_offset = d->maps[i].vaddr - d->maps[i].paddr;
	s->levels = levels;
	s->root = root_va - s->page_offset;
}

static int space_init(struct space *s, struct kd_err *err)
{
	const struct vmcoreinfo *vi = s->dump->vmcoreinfo;
	vaddr_t root_va;
	unsigned levels;

	if (!vi)
		return kd_fail(err, KD_NOTFOUND,
			       "the dump has no VMCOREINFO, so its page tables can not be found");
	if (!vmcoreinfo_number(vi, "SYMBOL", "swapper_pg_dir", &root_va))
		return kd_fail(err, KD_NOTFOUND, "VMCOREINFO does not name swapper_pg_dir");
	levels = vmcoreinfo_get(vi, "CONFIG_X86_PAE") ? 3 : 2;
	if (find_root(s, root_va, levels) || find_root(s, root_va, 5 - levels))
		return 0;
	guess_places(s, root_va, levels);
	return kd_fail(err, KD_CORRUPT,
		       "the kernel's top page table at %#" PRIx64
		       " is missing or does not map itself: the dump is damaged or truncated", root_va);
}

static bool user_mode(const struct regs *r)
{
	return regs_known(r, I386_CS) && (r->value[I386_CS] & 3) == 3;
}

const struct arch arch_i386 = {
	.name = "i386",
	.gdb_arch = "i386",
	.machine = EM_386,
	.ptr_size = 4,
	.page_shift = 12,
	.regs = regs,
	.nregs = KD_ARRAY_SIZE(regs),
	.pc = I386_EIP,
	.sp = I386_ESP,
	.fp = I386_EBP,
	.prstatus_pid = 24,
	.prstatus_min = PR_REG(17),
	.switch_frame = switch_frame,
	.space_init = space_init,
	.translate = translate,
	.walk = walk,
	.next_mapped = next_mapped,
	.read_tables = read_tables,
	.cpu_ran = x86_cpu_ran,
	.user_mode = user_mode,
	.cfi = i386_cfi,
	.unwind_open = i386_unwind_open,
	.unwind_close = i386_unwind_close,
	.unwind = i386_unwind,
	.cpu_stacks = i386_cpu_stacks,
	.after_call = x86_after_call,
};
