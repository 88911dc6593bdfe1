// SPDX-License-Identifier: GPL-3.0-or-later
/* x86_64: registers, the kernel's address space; see core/arch.h. */
#include <elf.h>
#include <inttypes.h>

#include "core/space.h"
#include "x86_64/frame.h"
#include "x86_64/qemu_note.h"
#include "x86_64/walk.h"
#include "x86_64/x86_64.h"

#define CORE "org.gnu.gdb.i386.core"
#define SEGMENTS "org.gnu.gdb.i386.segments"

/* struct elf_prstatus of the x86_64 ABI: pr_reg (struct user_regs_struct) is at 112. */
#define PR_REG(slot) (112 + 8 * (slot))
#define GP(n, dw, slot) { .name = n, .size = 8, .dwarf = dw, .prstatus = PR_REG(slot), \
			  .prstatus_size = 8, .gdb_type = "int64", .feature = CORE }
#define PTR(n, dw, slot, t) { .name = n, .size = 8, .dwarf = dw, .prstatus = PR_REG(slot), \
			      .prstatus_size = 8, .gdb_type = t, .feature = CORE }
#define SEG(n, dw, slot) { .name = n, .size = 4, .dwarf = dw, .prstatus = PR_REG(slot), \
			   .prstatus_size = 4, .gdb_type = "int32", .feature = CORE }
#define BASE(n, dw, slot) { .name = n, .size = 8, .dwarf = dw, .prstatus = PR_REG(slot), \
			    .prstatus_size = 8, .gdb_type = "int", .feature = SEGMENTS }

static const struct arch_reg regs[] = {
	[X86_64_RAX] = GP("rax", 0, 10),
	[X86_64_RBX] = GP("rbx", 3, 5),
	[X86_64_RCX] = GP("rcx", 2, 11),
	[X86_64_RDX] = GP("rdx", 1, 12),
	[X86_64_RSI] = GP("rsi", 4, 13),
	[X86_64_RDI] = GP("rdi", 5, 14),
	[X86_64_RBP] = PTR("rbp", 6, 4, "data_ptr"),
	[X86_64_RSP] = PTR("rsp", 7, 19, "data_ptr"),
	[X86_64_R8] = GP("r8", 8, 9),
	[X86_64_R9] = GP("r9", 9, 8),
	[X86_64_R10] = GP("r10", 10, 7),
	[X86_64_R11] = GP("r11", 11, 6),
	[X86_64_R12] = GP("r12", 12, 3),
	[X86_64_R13] = GP("r13", 13, 2),
	[X86_64_R14] = GP("r14", 14, 1),
	[X86_64_R15] = GP("r15", 15, 0),
	[X86_64_RIP] = PTR("rip", 16, 16, "code_ptr"),
	[X86_64_EFLAGS] = { .name = "eflags", .size = 4, .dwarf = 49, .prstatus = PR_REG(18),
			    .prstatus_size = 4, .gdb_type = "i386_eflags", .feature = CORE },
	[X86_64_CS] = SEG("cs", 51, 17),
	[X86_64_SS] = SEG("ss", 52, 20),
	[X86_64_DS] = SEG("ds", 53, 23),
	[X86_64_ES] = SEG("es", 50, 24),
	[X86_64_FS] = SEG("fs", 54, 25),
	[X86_64_GS] = SEG("gs", 55, 26),
	[X86_64_FS_BASE] = BASE("fs_base", 58, 21),
	[X86_64_GS_BASE] = BASE("gs_base", 59, 22),
};

static const struct arch_switch_reg switch_frame[] = {
	{ "r15", X86_64_R15 }, { "r14", X86_64_R14 }, { "r13", X86_64_R13 },
	{ "r12", X86_64_R12 }, { "bx", X86_64_RBX },  { "bp", X86_64_RBP },
	{ "ret_addr", X86_64_RIP }, { NULL, 0 },
};

static const struct x86_paging paging4 = {
	.entry_size = 8,
	.nlevels = 4,
	.level = { { 39, 9, false }, { 30, 9, true }, { 21, 9, true }, { 12, 9, false } },
};

static const struct x86_paging paging5 = {
	.entry_size = 8,
	.nlevels = 5,
	.level = { { 48, 9, false }, { 39, 9, false }, { 30, 9, true }, { 21, 9, true },
		   { 12, 9, false } },
};

/* Addresses whose upper bits are no sign extension do not exist. */
static bool is_canonical(const struct space *s, vaddr_t va)
{
	int64_t sign = (int64_t)va >> (s->levels == 5 ? 56 : 47);

	return sign == 0 || sign == -1;
}

static int walk(const struct space *s, vaddr_t va, struct arch_walk *out, struct kd_err *err)
{
	*out = (struct arch_walk){ .nsteps = 0 };
	if (!is_canonical(s, va))
		return kd_fail(err, KD_UNMAPPED, "not a canonical address");
	return x86_walk_steps(s, s->levels == 5 ? &paging5 : &paging4, va, out, err);
}

static int translate(const struct space *s, vaddr_t va, paddr_t *pa, uint64_t *run,
		     struct kd_err *err)
{
	if (!is_canonical(s, va))
		return kd_fail(err, KD_UNMAPPED, "not a canonical address");
	return x86_walk(s, s->levels == 5 ? &paging5 : &paging4, va, pa, run, err);
}

static bool next_mapped(const struct space *s, vaddr_t from, struct arch_mapping *out)
{
	vaddr_t first = ~UINT64_C(0) << (s->levels == 5 ? 56 : 47);

	return x86_next_mapped(s, s->levels == 5 ? &paging5 : &paging4, from > first ? from : first,
			       UINT64_MAX, out);
}

static size_t read_tables(const struct space *s, size_t max)
{
	return x86_read_tables(s, s->levels == 5 ? &paging5 : &paging4,
			       ~UINT64_C(0) << (s->levels == 5 ? 56 : 47), max);
}

/* Do the tables map their own top page to where we think it is? */
static bool root_holds(struct space *s, vaddr_t root_va, uint64_t phys_base, unsigned levels)
{
	paddr_t pa = 0;

	s->phys_base = phys_base;
	s->levels = levels;
	s->root = root_va - X86_64_START_KERNEL_MAP + phys_base;
	return !translate(s, root_va, &pa, NULL, NULL) && pa == s->root;
}

/* phys_base as the dump's own headers show it: the segment of the kernel's text. */
static bool phys_base_by_map(const struct dump *d, size_t i, uint64_t *phys_base)
{
	const struct dump_map *m = &d->maps[i];

	if (m->vaddr < X86_64_START_KERNEL_MAP)
		return false;
	*phys_base = m->paddr - (m->vaddr - X86_64_START_KERNEL_MAP);
	return true;
}

/* The depth that VMCOREINFO says comes first; kernels before v4.13 do not say. */
static bool try_phys_base(struct space *s, vaddr_t root_va, uint64_t base)
{
	uint64_t l5 = 0;
	bool known = vmcoreinfo_number(s->dump->vmcoreinfo, "NUMBER", "pgtable_l5_enabled", &l5);
	unsigned levels = known && l5 ? 5 : 4;

	return root_holds(s, root_va, base, levels) || root_holds(s, root_va, base, 9 - levels);
}

/* The image may lie at any multiple of this (CONFIG_PHYSICAL_ALIGN, at least 2 MB). */
#define IMAGE_ALIGN (UINT64_C(2) << 20)

/* Where nothing says it: everywhere. What maps itself just there is the kernel's. */
static bool try_all_places(struct space *s, vaddr_t root_va)
{
	uint64_t in_image = (root_va - X86_64_START_KERNEL_MAP) & ~(IMAGE_ALIGN - 1);
	struct dump_range r = { 0 };

	while (dump_next_range(s->dump, r.end, &r))
		for (paddr_t at = r.start & ~(IMAGE_ALIGN - 1); at < r.end; at += IMAGE_ALIGN)
			if (try_phys_base(s, root_va, at - in_image))
				return true;
	return false;
}

static bool find_root(struct space *s, vaddr_t root_va)
{
	const struct dump *d = s->dump;
	uint64_t base;
	/* before v4.10 it names a variable, which lies in the very image that is searched */
	bool said = vmcoreinfo_number(d->vmcoreinfo, "NUMBER", "phys_base", &base);

	if ((said && try_phys_base(s, root_va, base)) ||
	    (d->has_phys_base && try_phys_base(s, root_va, d->phys_base)))
		return true;
	for (size_t i = 0; i < d->nmaps; i++)
		if (phys_base_by_map(d, i, &base) && try_phys_base(s, root_va, base))
			return true;
	return !said && try_all_places(s, root_va);
}

/*
 * Where the linear map starts: the core's headers tell, or it is where it always was
 * before it was moved at random (Documentation/arch/x86/x86_64/mm.rst); else the kernel
 * has a variable for it, for which symbols are needed.
 */
static void find_page_offset(struct space *s)
{
	static const uint64_t usual[] = { 0xffff888000000000, 0xff11000000000000,
					  0xffff880000000000 };
	const struct dump *d = s->dump;

	for (size_t i = 0; i < d->nmaps; i++) {
		const struct dump_map *m = &d->maps[i];

		if ((int64_t)m->vaddr >= 0 || m->vaddr >= X86_64_START_KERNEL_MAP)
			continue;
		if (space_learn_linear(s, m->vaddr - m->paddr, false))
			return;
		s->page_offset = m->vaddr - m->paddr;
	}
	for (size_t i = 0; i < KD_ARRAY_SIZE(usual) && !s->page_offset; i++)
		space_learn_linear(s, usual[i], false);
}

#define IMAGE_MAX (UINT64_C(512) << 20) /* KERNEL_IMAGE_SIZE without KASLR */

/* Where things must be if the tables are damaged: for space_init_torn(). */
static void guess_places(struct space *s, vaddr_t root_va)
{
	const struct dump *d = s->dump;
	uint64_t base = d->phys_base, l5 = 0;
	bool known = vmcoreinfo_number(d->vmcoreinfo, "NUMBER", "phys_base", &base) ||
		     d->has_phys_base;

	for (size_t i = 0; i < d->nmaps && !known; i++)
		known = phys_base_by_map(d, i, &base);
	vmcoreinfo_number(d->vmcoreinfo, "NUMBER", "pgtable_l5_enabled", &l5);
	s->levels = l5 ? 5 : 4;
	s->phys_base = base;
	s->root = root_va - X86_64_START_KERNEL_MAP + base;
	find_page_offset(s);
	s->image = (struct space_fixed){ X86_64_START_KERNEL_MAP, known ? IMAGE_MAX : 0, base };
}

static int space_init(struct space *s, struct kd_err *err)
{
	static const char *const roots[] = { "swapper_pg_dir", "init_top_pgt", "init_level4_pgt" };
	const struct vmcoreinfo *vi = s->dump->vmcoreinfo;
	vaddr_t root_va = 0;
	bool named = false;

	if (!vi)
		return kd_fail(err, KD_NOTFOUND,
			       "the dump has no VMCOREINFO, so its page tables can not be found");
	vmcoreinfo_number(vi, "NUMBER", "sme_mask", &s->enc_mask);
	for (size_t i = 0; i < KD_ARRAY_SIZE(roots); i++) {
		if (!vmcoreinfo_number(vi, "SYMBOL", roots[i], &root_va))
			continue;
		named = true;
		if (find_root(s, root_va)) {
			find_page_offset(s);
			return 0;
		}
	}
	if (!named)
		return kd_fail(err, KD_NOTFOUND,
			       "VMCOREINFO names no top page table (swapper_pg_dir, init_top_pgt)");
	guess_places(s, root_va);
	return kd_fail(err, KD_CORRUPT,
		       "the kernel's top page table at %#" PRIx64
		       " is missing or does not map itself: the dump is damaged or truncated", root_va);
}

static bool user_mode(const struct regs *r)
{
	return regs_known(r, X86_64_CS) && (r->value[X86_64_CS] & 3) == 3;
}

const struct arch arch_x86_64 = {
	.name = "x86_64",
	.gdb_arch = "i386:x86-64",
	.machine = EM_X86_64,
	.ptr_size = 8,
	.page_shift = 12,
	.regs = regs,
	.nregs = KD_ARRAY_SIZE(regs),
	.pc = X86_64_RIP,
	.sp = X86_64_RSP,
	.fp = X86_64_RBP,
	.prstatus_pid = 32,
	.prstatus_min = PR_REG(27),
	.switch_frame = switch_frame,
	.space_init = space_init,
	.translate = translate,
	.walk = walk,
	.next_mapped = next_mapped,
	.read_tables = read_tables,
	.cpu_ran = x86_cpu_ran,
	.user_mode = user_mode,
	.cfi = x86_64_cfi,
	.unwind_open = x86_64_unwind_open,
	.unwind_close = x86_64_unwind_close,
	.unwind = x86_64_unwind,
	.cpu_stacks = x86_64_cpu_stacks,
	.after_call = x86_after_call,
};
