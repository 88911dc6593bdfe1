// SPDX-License-Identifier: GPL-3.0-or-later
/* Opening a crashed kernel: see kernel.h. */
#include "kernel/kernel.h"

#include <inttypes.h>
#include <libgen.h>
#include <string.h>

#include "core/vmcoreinfo_search.h"
#include "kernel/alone.h"
#include "kernel/damage.h"
#include "kernel/panic.h"

/* One line an architecture. */
static const struct arch *const archs[] = {
	&arch_i386,
	&arch_x86_64,
};

static const struct arch *find_arch(uint16_t machine)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(archs); i++)
		if (archs[i]->machine == machine)
			return archs[i];
	return NULL;
}

/* Say what is begun; KD_CANCELLED when that is not wanted any more. */
static int step(const struct kernel_options *opt, const char *what, struct kd_err *err)
{
	if (!opt->step || opt->step(opt->data, what))
		return 0;
	return kd_fail(err, KD_CANCELLED, "cancelled");
}

/* Memory and address space ---------------------------------------------------- */

#define PARTS_MAX 1024

static int open_dump(const struct kernel_options *opt, struct dump **out, struct kd_err *err)
{
	const char *parts[PARTS_MAX] = { opt->dump_path };
	size_t n = 1;

	if (opt->raw)
		return dump_open_raw(opt->dump_path, opt->elfcorehdr, out, err);
	for (; opt->more_dumps && opt->more_dumps[n - 1]; n++) {
		if (n == PARTS_MAX)
			return kd_fail(err, KD_UNSUPPORTED, "a dump in more than %d parts", PARTS_MAX);
		parts[n] = opt->more_dumps[n - 1];
	}
	return n == 1 ? dump_open(opt->dump_path, out, err) : dump_open_set(parts, n, out, err);
}

/* A dump taken from outside of the kernel may have no VMCOREINFO but in its memory. */
static int find_vmcoreinfo(struct kernel *k, const struct kernel_options *opt, struct kd_err *err)
{
	const struct vmcoreinfo_search how = {
		.archs = archs,
		.narchs = KD_ARRAY_SIZE(archs),
		.given = opt->has_vmcoreinfo,
		.at = opt->vmcoreinfo,
		.tick = opt->tick,
		.data = opt->data,
	};
	int status;

	if (k->dump->vmcoreinfo && !opt->has_vmcoreinfo)
		return 0;
	status = vmcoreinfo_search(k->dump, &how, err);
	return status ? kd_context(err, status, "%s", opt->dump_path) : 0;
}

static int find_machine(struct kernel *k, const struct kernel_options *opt, struct kd_err *err)
{
	int status = 0;

	/* raw memory does not say; what VMCOREINFO proves then does */
	if (!k->dump->machine || find_arch(k->dump->machine))
		status = find_vmcoreinfo(k, opt, err);
	if (status)
		return status;
	k->arch = find_arch(k->dump->machine);
	if (k->arch)
		return 0;
	return kd_fail(err, KD_UNSUPPORTED,
		       "%s: a dump of a machine this program does not know (ELF machine %u)",
		       opt->dump_path, k->dump->machine);
}

static int open_memory(struct kernel *k, const struct kernel_options *opt, struct kd_err *err)
{
	const char *id;
	int status = open_dump(opt, &k->dump, err);

	if (!status)
		k->dump->trace = opt->trace;
	for (size_t i = 0; !status && opt->careful && i < k->dump->nfiles; i++)
		source_be_careful(k->dump->files[i]);

	if (!status)
		status = find_machine(k, opt, err);
	if (status)
		return status;
	k->release = vmcoreinfo_get(k->dump->vmcoreinfo, "OSRELEASE");
	id = vmcoreinfo_get(k->dump->vmcoreinfo, "BUILD-ID");
	if (id)
		build_id_parse(id, &k->build_id);
	status = space_init_kernel(&k->space, k->arch, k->dump, err);
	if (status == KD_CORRUPT)
		status = space_init_torn(&k->space, k->arch, k->dump, err);
	k->space.mends = &k->mends;
	if (status && k->dump->remark[0])
		return kd_context(err, status, "%s (%s)", opt->dump_path, k->dump->remark);
	return status ? kd_context(err, status, "%s", opt->dump_path) : 0;
}

/* vmlinux --------------------------------------------------------------------- */

/* The vmlinux that was named, or else one that fits. *stripped as in vmlinux_follow(). */
static int find_vmlinux(struct kernel *k, const struct kernel_options *opt, bool *stripped,
			struct kd_err *err)
{
	_cleanup_(freep) char *path = strdup(opt->dump_path);
	struct vmlinux_wanted wanted = {
		.release = k->release,
		.build_id = k->build_id,
		.debug_dirs = opt->debug_dirs,
	};
	const char *dirs[2] = { NULL, NULL };

	if (!path)
		return kd_nomem(err);
	dirs[0] = dirname(path);
	wanted.dirs = dirs;
	if (opt->vmlinux_path)
		return vmlinux_follow(opt->vmlinux_path, &wanted, opt->force, &k->vmlinux, stripped,
				      err);
	if (opt->alone)
		return kd_fail(err, KD_NOTFOUND, "none was looked for");
	return vmlinux_find(&wanted, &k->vmlinux, err);
}

static const char *machine_name(uint16_t machine)
{
	const struct arch *a = find_arch(machine);

	return a ? a->name : "another";
}

static int check_build_id(const struct kernel *k, bool force, struct kd_err *err)
{
	struct vmlinux_wanted wanted = { .release = k->release, .build_id = k->build_id };

	if (k->vmlinux->machine != k->arch->machine)
		return kd_fail(err, KD_MISMATCH, "%s is an %s kernel, but the dump is of an %s one (%s)",
			       k->vmlinux->path, machine_name(k->vmlinux->machine), k->arch->name,
			       k->release ? k->release : "no release named");
	return force ? 0 : vmlinux_check(k->vmlinux, &wanted, err);
}

/* Symbols --------------------------------------------------------------------- */

/*
 * KASLR: x86_64 tells (KERNELOFFSET), i386 does not; what both tell is where
 * _stext is. A file that puts _stext elsewhere is another kernel.
 */
static int find_kaslr_offset(struct kernel *k, struct kd_err *err)
{
	const struct vmcoreinfo *vi = k->dump->vmcoreinfo;
	uint64_t mask = k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX, said, stext;
	bool have_said = vmcoreinfo_hex(vi, "KERNELOFFSET", &said);
	vaddr_t at = 0;
	bool have_stext = vmcoreinfo_number(vi, "SYMBOL", "_stext", &stext) &&
			  symbols_linked(k->vmlinux, "_stext", &at);

	if (have_stext)
		k->kaslr_offset = (stext - at) & mask;
	else if (have_said)
		k->kaslr_offset = said & mask;
	k->kaslr_known = have_stext || have_said;
	if (have_stext && have_said && k->kaslr_offset != said)
		return kd_fail(err, KD_MISMATCH,
			       "%s: its _stext does not lie where the dump says (%#" PRIx64
			       " off, KASLR explains %#" PRIx64 "): another kernel's vmlinux",
			       k->vmlinux->path, k->kaslr_offset, said);
	return 0;
}

static int link_symbols(struct kernel *k, bool force, struct kd_err *err)
{
	vaddr_t start;
	int status = find_kaslr_offset(k, err);

	if (status && !force)
		return status;
	/* x86_64 until v6.14 (9d7de2aa8b41): the per-CPU section is linked at 0 */
	k->percpu_fixed = symbols_linked(k->vmlinux, "__per_cpu_start", &start) && !start;
	status = symbols_new(&k->symbols, err);
	if (!status)
		status = symbols_add_vmlinux(k->symbols, k->vmlinux, k->kaslr_offset,
					     k->percpu_fixed, err);
	k->symbols_from = "vmlinux";
	return status ? status : symbols_finish(k->symbols, err);
}

/*
 * Without build IDs (before v5.9) the banner tells: it holds release, compiler
 * and the time of the build.
 */
static int check_banner(const struct kernel *k, bool force, struct kd_err *err)
{
	const struct symbol *s = symbols_by_name(k->symbols, "linux_banner");
	struct vmlinux_section ro;
	char ours[512];
	uint64_t off, len;

	if (force || k->build_id.len || !s || !vmlinux_section(k->vmlinux, ".rodata", &ro) || !ro.data)
		return 0;
	off = s->addr - k->kaslr_offset - ro.addr;
	len = kd_min(s->size, sizeof(ours) - 1);
	if (!range_contains(ro.size, off, len) || space_read(&k->space, s->addr, ours, len, NULL, NULL) ||
	    !memcmp(ours, ro.data + off, len))
		return 0;
	return kd_fail(err, KD_MISMATCH,
		       "%s is not the kernel that crashed: its banner is \"%.60s...\", and the dump has "
		       "another at that place. --force uses it all the same",
		       k->vmlinux->path, (const char *)ro.data + off);
}

static int open_types(struct kernel *k, bool force, struct kd_err *err)
{
	int status = 0;

	/* a debug file split off has no BTF, but the kernel has, and that is read sooner than DWARF
	 */
	if (k->vmlinux->has_btf || alone_read_btf(k, &k->types, NULL))
		status = types_open(k->vmlinux, &k->types, err);
	if (status == KD_NOTFOUND)
		return kd_fail(err, status,
			       "%s has no debug information (neither DWARF nor BTF): take the one of "
			       "the debug package, on Debian linux-image-%s-dbg",
			       k->vmlinux->path, k->release ? k->release : "...");
	if (!status)
		status = layout_resolve(k->types, k->dump->vmcoreinfo, &k->layout, err);
	/* types of another kernel: the layout is filled with the best there is */
	return status == KD_CORRUPT && force ? 0 : status;
}

static int use_vmlinux(struct kernel *k, const struct kernel_options *opt, struct kd_err *err)
{
	int status = check_build_id(k, opt->force, err);

	if (!status)
		status = link_symbols(k, opt->force, err);
	if (!status)
		status = check_banner(k, opt->force, err);
	return status ? status : open_types(k, opt->force, err);
}

static void drop_vmlinux(struct kernel *k)
{
	types_close(k->types);
	symbols_free(k->symbols);
	vmlinux_close(k->vmlinux);
	k->types = NULL;
	k->symbols = NULL;
	k->vmlinux = NULL;
	k->kaslr_offset = 0;
}

/*
 * A vmlinux that was named must do, unless it is the kernel without its debug information;
 * one that was not is no loss. Then the dump has to tell enough.
 */
static int open_image(struct kernel *k, const struct kernel_options *opt, struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	bool stripped = false;
	int status = find_vmlinux(k, opt, &stripped, &why);

	if (!status)
		status = use_vmlinux(k, opt, &why);
	if (!status)
		return 0;
	if (opt->vmlinux_path && !(stripped && status == KD_NOTFOUND)) {
		if (err)
			*err = why;
		return status;
	}
	drop_vmlinux(k);
	k->vmlinux_missing = strdup(why.text);
	if (status == KD_NOMEM || !k->vmlinux_missing)
		return kd_nomem(err);
	status = alone_open(k, err);
	if (status || !opt->vmlinux_path)
		return status;
	if (!k->types)
		return kd_fail(err, KD_NOTFOUND, "%s; and the dump alone does not tell enough (%s)",
			       why.text, k->lack ? k->lack : "no types");
	damage_note(&k->lack, "%s", why.text);
	return 0;
}

/* Facts ----------------------------------------------------------------------- */

/*
 * The code that starts the next kernel is linked into .data and runs from a copy
 * ("x86/kexec: Move relocate_kernel to kernel .data section"). Its flag makes code of
 * all that is there, in vmlinux and in kallsyms alike.
 */
static void mark_data(struct kernel *k)
{
	symbols_mark(k->symbols, "_sdata", "_edata", 'd');
	symbols_mark(k->symbols, "__start_rodata", "__end_rodata", 'r');
}

/* x86_64 moves it at random, and not every format of dumps says where it is. */
static void find_linear_map(struct kernel *k)
{
	uint64_t base, end;

	if (!k->space.page_offset &&
	    !kernel_read_symbol(k, "page_offset_base", k->arch->ptr_size, &base, NULL))
		space_learn_linear(&k->space, base, true);
	if (!kernel_read_symbol(k, "high_memory", k->arch->ptr_size, &end, NULL))
		space_learn_end(&k->space, end);
	/* nothing else is mapped by 64-bit kernels as far as there is memory */
	if (k->arch->ptr_size == 8)
		space_learn_end(&k->space, k->space.page_offset + SPACE_LINEAR_MAX);
}

#define LOOK_TASKS 1000

/* The top page table of a process has all that the kernel's own has. */
static bool take_root(struct kernel *k, vaddr_t task)
{
	uint64_t mm, pgd;
	paddr_t pa;

	return !member_read_ptr(&k->space, task, &k->layout.task_struct_mm, &mm, NULL) && mm &&
	       !member_read_ptr(&k->space, mm, &k->layout.mm_struct_pgd, &pgd, NULL) &&
	       !space_translate(&k->space, pgd, &pa, NULL, NULL) &&
	       space_replace_root(&k->space, pa);
}

/* Tasks are in the linear map, which needs no tables. */
static void find_spare_root(struct kernel *k)
{
	uint64_t offset = k->layout.task_struct_tasks.offset, node;
	vaddr_t head;

	if (!k->space.torn || !k->layout.task_struct_tasks.found || !k->layout.mm_struct_pgd.found ||
	    !kernel_symbol(k, "init_task", &head))
		return;
	node = head = head + offset;
	for (unsigned i = 0; i < LOOK_TASKS && !k->spare_root; i++) {
		if (space_read_ptr(&k->space, node, &node, NULL) || node == head)
			return;
		k->spare_root = take_root(k, node - offset);
	}
}

static int read_facts(struct kernel *k, const struct kernel_options *opt, struct kd_err *err)
{
	int status = step(opt, "reading modules", err);

	if (!status)
		status = modules_read(k, &k->modules, opt->debug_dirs, err);
	if (!status)
		status = symbols_finish(k->symbols, err);
	if (!status)
		status = modules_derive_sections(k, &k->modules, err);
	if (!status)
		status = module_types_new(k, &k->module_types, err);
	if (!status)
		status = step(opt, "reading CPUs and tasks", err);
	if (!status)
		status = cpus_read(k, &k->cpus, err);
	if (!status)
		status = tasks_read(k, &k->tasks, err);
	if (!status)
		panic_find(k);
	return status;
}

int kernel_open(const struct kernel_options *opt, struct kernel **out, struct kd_err *err)
{
	_cleanup_(kernel_closep) struct kernel *k = calloc(1, sizeof(*k));
	int status;

	if (!k)
		return kd_nomem(err);
	status = step(opt, "opening the dump", err);
	if (!status)
		status = open_memory(k, opt, err);
	if (!status)
		status = step(opt, opt->vmlinux_path ? "reading vmlinux" : "searching vmlinux", err);
	if (!status)
		status = open_image(k, opt, err);
	if (!status) {
		mark_data(k);
		find_linear_map(k);
		find_spare_root(k);
		status = read_facts(k, opt, err);
	}
	if (status)
		return status;
	*out = k;
	k = NULL;
	return 0;
}

void kernel_close(struct kernel *k)
{
	if (!k)
		return;
	module_types_free(k->module_types);
	modules_fini(&k->modules);
	tasks_fini(&k->tasks);
	cpus_fini(&k->cpus);
	types_close(k->types);
	symbols_free(k->symbols);
	vmlinux_close(k->vmlinux);
	free(k->vmlinux_missing);
	free(k->lack);
	dump_close(k->dump);
	free(k);
}

void kernel_closep(struct kernel **k)
{
	kernel_close(*k);
}

bool kernel_symbol(const struct kernel *k, const char *name, vaddr_t *addr)
{
	const struct symbol *s = symbols_by_name(k->symbols, name);

	if (s)
		*addr = s->addr;
	return s != NULL;
}

int kernel_read_symbol(const struct kernel *k, const char *name, size_t size, uint64_t *value,
		       struct kd_err *err)
{
	vaddr_t addr;

	if (!kernel_symbol(k, name, &addr))
		return kd_fail(err, KD_NOTFOUND, "no symbol %s", name);
	return space_read_uint(&k->space, addr, size, value, err);
}
