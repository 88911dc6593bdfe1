// SPDX-License-Identifier: GPL-3.0-or-later
/* Symbols and types out of the dump: see alone.h. */
#include "kernel/alone.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/damage.h"
#include "kernel/kallsyms_search.h"
#include "kernel/kernel.h"

#define BTF_MAX (256u << 20)   /* bytes; distributions' kernels have 5 MB */
#define IMAGE_MAX (128u << 20) /* bytes of a kernel's image; these have less than 64 MB */

/* Symbols --------------------------------------------------------------------- */

static int read_space(void *data, vaddr_t at, void *buf, size_t len, size_t *done,
		      struct kd_err *err)
{
	const struct kernel *k = data;

	return space_read(&k->space, at, buf, len, done, err);
}

/* nm(1) has letters of their own for weak symbols: 'W' if they are no objects, else 'V'. */
static char strong_type(char type)
{
	switch (type) {
	case 'W':
		return 'T';
	case 'w':
		return 't';
	case 'V':
		return 'D';
	case 'v':
		return 'd';
	default:
		return type;
	}
}

static int add_symbol(void *data, const struct kallsym *sym, struct kd_err *err)
{
	struct symbols *s = data;

	if (!symbols_is_name(sym->name))
		return 0;
	return symbols_add(s, sym->name, NULL, sym->addr, 0, strong_type(sym->type), err);
}

/*
 * Where VMCOREINFO does not say where they are. Variables, of which it has several, lie
 * behind the read-only data, and the tables at its end.
 */
static int search_kallsyms(const struct kernel *k, struct kallsyms_source *src, struct kd_err *err)
{
	const struct vmcoreinfo *vi = k->dump->vmcoreinfo;
	vaddr_t near = src->stext, end = src->stext + IMAGE_MAX;
	int status;

	vmcoreinfo_number(vi, "SYMBOL", "init_uts_ns", &near);
	status = kallsyms_search(src, src->stext, kd_min(near, end), end, err);
	if (status != KD_NOTFOUND)
		return status;
	return kd_context(err, status, "VMCOREINFO does not say where kallsyms are, and there are");
}

static int add_kallsyms(struct kernel *k, struct kd_err *err)
{
	struct kallsyms_source src = {
		.data = k,
		.read = read_space,
		.ptr_size = k->arch->ptr_size,
	};
	int status = kallsyms_locate(k->dump->vmcoreinfo, &src, err);
	struct kallsyms_damage bad = { .names = 0 };

	if (status == KD_NOTFOUND && src.stext)
		status = search_kallsyms(k, &src, err);
	if (!status)
		status = kallsyms_walk(&src, add_symbol, k->symbols, &bad, err);
	if (!status)
		k->symbols_from = "kallsyms";
	if (status)
		return status;
	if (bad.said != bad.there)
		damage_note(&k->lack, "symbols: in kallsyms there are %" PRIu32 " symbols, not %" PRIu32
			    " as it says", bad.there, bad.said);
	if (bad.names)
		damage_note(&k->lack, "symbols: %zu names in kallsyms are damaged", bad.names);
	if (bad.addresses)
		damage_note(&k->lack, "symbols: %zu addresses in kallsyms are damaged",
			    bad.addresses);
	return 0;
}

/*
 * SYMBOL(NAME)= of what the table does not have: data symbols, where the kernel keeps
 * names of functions only (CONFIG_KALLSYMS_ALL=n), or all. The parts of kallsyms leave
 * themselves out. Of an array the line has what a pointer to it holds
 * (VMCOREINFO_SYMBOL_ARRAY), which may lie outside of the image.
 */
static int add_vmcoreinfo(struct kernel *k, bool *added, struct kd_err *err)
{
	const struct vmcoreinfo *vi = k->dump->vmcoreinfo;
	const char *key, *value;
	uint64_t stext = 0, addr;
	int status = 0;

	*added = false;
	if (!vi || !vmcoreinfo_number(vi, "SYMBOL", "_stext", &stext))
		return 0;
	for (size_t i = 0; !status && vmcoreinfo_line(vi, i, &key, &value); i++) {
		size_t len = strlen(key);
		char name[128];

		if (len < 9 || len - 8 >= sizeof(name) || strncmp(key, "SYMBOL(", 7) ||
		    key[len - 1] != ')' || !strncmp(key + 7, "kallsyms_", 9))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(len - 8), key + 7);
		if (!vmcoreinfo_number(vi, "SYMBOL", name, &addr) || addr < stext ||
		    symbols_by_name(k->symbols, name))
			continue;
		*added = true;
		status = symbols_add(k->symbols, name, NULL, addr, 0, addr == stext ? 'T' : 'D',
				     err);
	}
	return status;
}

static int read_symbols(struct kernel *k, struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	bool added = false;
	int status = symbols_new(&k->symbols, err);

	if (status)
		return status;
	k->symbols_from = "VMCOREINFO";
	status = add_kallsyms(k, &why);
	if (status == KD_NOMEM)
		return kd_nomem(err);
	if (status) {
		/* half a table would name addresses wrongly */
		symbols_free(k->symbols);
		damage_note(&k->lack, "symbols: %s", why.text);
		status = symbols_new(&k->symbols, err);
	}
	if (!status)
		status = symbols_finish(k->symbols, err);
	if (!status)
		status = add_vmcoreinfo(k, &added, err);
	return status || !added ? status : symbols_finish(k->symbols, err);
}

/* Types ----------------------------------------------------------------------- */

static int no_btf(const struct kernel *k, struct kd_err *err)
{
	vaddr_t at;

	if (strcmp(k->symbols_from, "kallsyms"))
		return kd_fail(err, KD_NOTFOUND,
			       "BTF in its memory can not be found without symbols");
	if (!kernel_symbol(k, "init_task", &at)) /* CONFIG_KALLSYMS_ALL=n */
		return kd_fail(err, KD_NOTFOUND,
			       "its kallsyms name functions only, so that BTF in its memory, if "
			       "there is any, can not be found");
	return kd_fail(err, KD_NOTFOUND, "this kernel keeps no BTF in its memory");
}

static void release_copy(const void *bytes, size_t size)
{
	(void)size;
	free((void *)(uintptr_t)bytes);
}

int alone_read_btf(const struct kernel *k, struct types **out, struct kd_err *err)
{
	static const char where[] = "the BTF in its memory";
	_cleanup_(freep) void *copy = NULL;
	const void *bytes;
	vaddr_t start, stop;
	int status;

	/* BTF_SECTION of include/asm-generic/vmlinux.lds.h, since v5.2 */
	if (!kernel_symbol(k, "__start_BTF", &start) || !kernel_symbol(k, "__stop_BTF", &stop))
		return no_btf(k, err);
	if (stop <= start || stop - start > BTF_MAX)
		return kd_fail(err, KD_CORRUPT, "BTF from %#" PRIx64 " to %#" PRIx64 " can not be",
			       start, stop);
	bytes = space_map(&k->space, start, stop - start);
	if (bytes)
		return types_take_btf(bytes, stop - start, source_unmap, k->arch->ptr_size, where,
				      out, err);
	copy = malloc(stop - start);
	if (!copy)
		return kd_nomem(err);
	status = space_read(&k->space, start, copy, stop - start, NULL, err);
	if (status)
		return kd_context(err, status, "BTF");
	bytes = copy;
	copy = NULL;
	return types_take_btf(bytes, stop - start, release_copy, k->arch->ptr_size, where, out, err);
}

/* Types that lack what every kernel has are damaged, though they hold together. */
static void check_types(struct kernel *k)
{
	const struct layout *l = &k->layout;
	const struct {
		const struct member *m;
		const char *name;
	} needed[] = {
		{ &l->task_struct_pid, "task_struct.pid" },
		{ &l->task_struct_tasks, "task_struct.tasks" },
		{ &l->task_struct_stack, "task_struct.stack" },
		{ &l->task_struct_comm, "task_struct.comm" },
	};

	for (size_t i = 0; k->types && i < KD_ARRAY_SIZE(needed); i++) {
		if (needed[i].m->found)
			continue;
		damage_note(&k->lack, "types: the BTF in its memory is damaged: it has no %s",
			    needed[i].name);
		return;
	}
}

static int read_types(struct kernel *k, struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	int status = alone_read_btf(k, &k->types, &why);

	if (status == KD_NOMEM)
		return kd_nomem(err);
	if (status)
		damage_note(&k->lack, "types: %s", why.text);
	/* without types VMCOREINFO alone fills it */
	status = layout_resolve(k->types, k->dump->vmcoreinfo, &k->layout, &why);
	if (status == KD_NOMEM)
		return kd_nomem(err);
	if (status)
		damage_note(&k->lack, "types: %s", why.text);
	check_types(k);
	return 0;
}

int alone_open(struct kernel *k, struct kd_err *err)
{
	vaddr_t start;
	int status = read_symbols(k, err);

	if (status)
		return status;
	/* x86_64 until v6.14 (9d7de2aa8b41): the per-CPU section is linked at 0 */
	k->percpu_fixed = kernel_symbol(k, "__per_cpu_start", &start) && !start;
	k->kaslr_known = vmcoreinfo_hex(k->dump->vmcoreinfo, "KERNELOFFSET", &k->kaslr_offset);
	return read_types(k, err);
}
