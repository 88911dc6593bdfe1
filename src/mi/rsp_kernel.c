// SPDX-License-Identifier: GPL-3.0-or-later
/* The protocol's target over a crashed kernel: see rsp_target.h. */
#include <string.h>

#include "kernel/kernel.h"
#include "mi/module_place.h"
#include "mi/rsp_copies.h"
#include "mi/rsp_target.h"

struct rsp_kernel {
	struct rsp_target target;
	const struct kernel *k;
	const struct task **tasks;     /* in the order of target.thread_ids */
	uint32_t *ids;		       /* target.thread_ids */
	const struct module **modules; /* those with a file; target.nlibraries of them */
	struct rsp_copies *copies;     /* owned: of files gdb would place wrongly */
};

/* The struct around a target; its first member. */
static const struct rsp_kernel *of(const struct rsp_target *t)
{
	return (const struct rsp_kernel *)t;
}

static int kernel_read(const struct rsp_target *t, vaddr_t va, void *buf, size_t len, size_t *done,
		       struct kd_err *err)
{
	return space_read(&of(t)->k->space, va, buf, len, done, err);
}

static void kernel_regs(const struct rsp_target *t, size_t i, struct regs *out)
{
	struct regs r = { .known = 0 };

	/* What was found before something was missing is still true. */
	task_regs(of(t)->k, of(t)->tasks[i], &r, NULL);
	*out = r;
}

/* As ps(1) and the kernel name them (fs/proc/array.c). */
static const char *state_word(char letter)
{
	switch (letter) {
	case 'R':
		return "runnable";
	case 'S':
		return "sleeping S";
	case 'D':
		return "sleeping D";
	case 'I':
		return "idle I";
	case 'T':
		return "stopped T";
	case 't':
		return "traced t";
	case 'P':
		return "parked P";
	case 'Z':
		return "zombie Z";
	case 'X':
		return "dead X";
	default:
		return "state not known";
	}
}

static void kernel_thread(const struct rsp_target *t, size_t i, struct rsp_thread *out)
{
	const struct kernel *k = of(t)->k;
	const struct task *task = of(t)->tasks[i];
	struct kd_err why = KD_ERR_INIT;
	char cpu[32] = "", lack[160] = "";
	struct regs r = { .known = 0 };

	out->cpu = task->cpu;
	snprintf(out->name, sizeof(out->name), "%.*s", (int)sizeof(task->comm), task->comm);
	if (task->cpu >= 0)
		snprintf(cpu, sizeof(cpu), "CPU %d, ", (int)task->cpu);
	if (task_regs(k, task, &r, &why) && !r.known)
		snprintf(lack, sizeof(lack), "; no registers: %.140s", why.text);
	snprintf(out->info, sizeof(out->info), "%s%s%s%s", cpu,
		 task->on_cpu ? "running" : state_word(task_state_letter(k, task)),
		 task->panicked ? ", panicked" : "", lack);
}

/* Libraries ---------------------------------------------------------------------- */

struct section_walk {
	struct module_place place;
	struct rsp_library *library;
	size_t room;
};

static int place_section(void *data, const struct rsp_elf_section *section)
{
	struct section_walk *w = data;
	struct rsp_library *l = w->library;

	if (l->nsections == w->room) {
		size_t room = w->room ? 2 * w->room : 64;
		vaddr_t *more = reallocarray(l->sections, room, sizeof(*more));

		if (!more)
			return KD_NOMEM;
		l->sections = more;
		w->room = room;
	}
	l->sections[l->nsections++] = module_place_next(&w->place, section);
	return 0;
}

static int kernel_library(const struct rsp_target *t, size_t i, struct rsp_library *out,
			  struct kd_err *err)
{
	const struct module *m = of(t)->modules[i];
	struct section_walk w = { .library = out };
	int ret;

	module_place_init(&w.place, t->arch, m, i);
	ret = rsp_elf_sections(m->debug_path, place_section, &w, err);
	if (ret)
		return ret;
	if (!w.place.placed)
		return kd_fail(err, KD_NOTFOUND, "module %s: its sections' addresses are not known",
			       m->name);
	if (w.place.linked)
		return rsp_copies_add(of(t)->copies, m->debug_path, &out->path, err);
	out->path = realpath(m->debug_path, NULL);
	return out->path ? 0 : kd_nomem(err);
}

/* Making one --------------------------------------------------------------------- */

static void kernel_target_free(struct rsp_target *t)
{
	struct rsp_kernel *rk = (struct rsp_kernel *)t;

	free(rk->tasks);
	free(rk->ids);
	free(rk->modules);
	rsp_copies_free(rk->copies);
	free(rk);
}

static const struct rsp_target_ops kernel_ops = {
	.read = kernel_read,
	.regs = kernel_regs,
	.thread = kernel_thread,
	.library = kernel_library,
	.free = kernel_target_free,
};

/* Who crashed comes first, as gdb's thread 1; then what ran, by CPU; then the others. */
static int by_interest(const void *a, const void *b)
{
	const struct task *x = *(const struct task *const *)a, *y = *(const struct task *const *)b;

	if (x->panicked != y->panicked)
		return x->panicked ? -1 : 1;
	if (x->on_cpu != y->on_cpu)
		return x->on_cpu ? -1 : 1;
	if (x->on_cpu && x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	if (x->idle != y->idle)
		return x->idle ? 1 : -1;
	return x < y ? -1 : x > y;
}

static int list_threads(struct rsp_kernel *rk, struct kd_err *err)
{
	const struct tasks *all = &rk->k->tasks;

	rk->tasks = calloc(all->n + 1, sizeof(*rk->tasks));
	rk->ids = calloc(all->n + 1, sizeof(*rk->ids));
	if (!rk->tasks || !rk->ids)
		return kd_nomem(err);
	for (size_t i = 0; i < all->n; i++)
		rk->tasks[i] = &all->list[i];
	qsort(rk->tasks, all->n, sizeof(*rk->tasks), by_interest);
	for (size_t i = 0; i < all->n; i++)
		rk->ids[i] = rk->tasks[i]->thread_id;
	rk->target.thread_ids = rk->ids;
	rk->target.nthreads = all->n;
	return 0;
}

static int list_modules(struct rsp_kernel *rk, struct kd_err *err)
{
	const struct modules *all = &rk->k->modules;

	rk->modules = calloc(all->n + 1, sizeof(*rk->modules));
	if (!rk->modules)
		return kd_nomem(err);
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].debug_path && all->list[i].nsections)
			rk->modules[rk->target.nlibraries++] = &all->list[i];
	return 0;
}

/*
 * gdb moves vmlinux so that its first PT_LOAD segment begins where TextSeg= says
 * (elf_symfile_segments() and symfile_map_offsets_to_segments() in gdb 13).
 */
static void find_text(struct rsp_kernel *rk)
{
	const struct kernel *k = rk->k;
	uint64_t mask = k->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;
	vaddr_t linked;

	if (!k->vmlinux || rsp_elf_first_load(k->vmlinux->fd, &linked, NULL))
		return;
	rk->target.text = (linked + k->kaslr_offset) & mask;
	rk->target.has_text = true;
}

int rsp_kernel_new(const struct kernel *k, struct rsp_target **out, struct kd_err *err)
{
	struct rsp_kernel *rk = calloc(1, sizeof(*rk));
	int ret;

	*out = NULL;
	if (!rk)
		return kd_nomem(err);
	rk->k = k;
	rk->target.ops = &kernel_ops;
	rk->target.arch = k->arch;
	ret = rsp_copies_new(&rk->copies, err);
	if (!ret)
		ret = list_threads(rk, err);
	if (!ret)
		ret = list_modules(rk, err);
	if (ret) {
		rsp_target_free(&rk->target);
		return ret;
	}
	find_text(rk);
	*out = &rk->target;
	return 0;
}
