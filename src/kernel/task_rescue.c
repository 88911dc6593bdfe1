// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Tasks that no list leads to: from the kernel's table of PIDs, where every thread stands
 * until its parent has waited for it, and from the children of tasks that are known.
 *
 * The table is an idr of struct pid since v4.15 (95846ecf9dac), before a hash table of
 * struct upid; a struct pid leads to its task, and the task back to it.
 */
#include <inttypes.h>
#include <string.h>

#include "kernel/listwalk.h"
#include "kernel/objects.h"
#include "kernel/radix.h"
#include "kernel/task_priv.h"

#define HASH_BITS_MAX 20 /* of pid_hash; the kernel itself makes 2^12 at most */

struct pids {
	struct task_walk *w;
	const struct objects *o;
};

/* The task of a struct pid: it must lead back to it. */
static int take_pid(void *data, vaddr_t pid)
{
	struct pids *p = data;
	const struct space *s = &p->w->k->space;
	const struct objects *o = p->o;
	uint64_t node, back;
	vaddr_t task;

	/* PIDTYPE_PID is the first of its lists */
	if (space_read_ptr(s, pid + o->pid_tasks.offset, &node, NULL) || !node)
		return 0;
	task = node - o->task_pid_links.offset;
	if (task_walk_saw(p->w, task))
		return 0;
	if (member_read_ptr(s, task, &p->w->k->layout.task_struct_thread_pid, &back, NULL) ||
	    back != pid)
		return 0;
	return task_walk_take(p->w, task, true);
}

static int take_idr(struct pids *p, vaddr_t ns)
{
	const struct objects *o = p->o;
	struct radix_walk r = {
		.space = &p->w->k->space,
		.slots = &o->xa_node_slots,
		.internal = o->radix_tree_head.found ? 2 : 1,
		.step = take_pid,
		.data = p,
	};
	uint64_t root;
	int status;

	if (!o->xa_node_slots.found ||
	    member_read_ptr(r.space, ns, &o->pid_namespace_idr, &root, NULL))
		return 0;
	status = radix_walk(&r, root);
	if (r.missing)
		damage_note(&p->w->tasks->damage,
			    "the kernel's table of PIDs is damaged, too: %" PRIu64
			    " parts of it, the first is %s",
			    r.missing, kd_status_name(r.status));
	return status;
}

/* One chain of pid_hash: of each namespace's number there is an entry. */
static int take_chain(struct pids *p, vaddr_t ns, vaddr_t node)
{
	const struct space *s = &p->w->k->space;
	const struct objects *o = p->o;
	struct list_loop loop = { .steps = 0 };
	uint64_t its_ns;
	int status = 0;

	while (node && !list_loop_met(&loop, node) && !status) {
		vaddr_t upid = node - o->upid_pid_chain.offset;

		if (!member_read_ptr(s, upid, &o->upid_ns, &its_ns, NULL) && its_ns == ns)
			status = take_pid(p, upid - o->pid_numbers.offset);
		if (space_read_ptr(s, node, &node, NULL))
			break;
	}
	return status;
}

static int take_hash(struct pids *p, vaddr_t ns)
{
	const struct kernel *k = p->w->k;
	const struct objects *o = p->o;
	uint64_t table, bits, node;
	int status = 0;

	if (!o->upid_pid_chain.found || !o->upid_ns.found || !o->pid_numbers.found ||
	    kernel_read_symbol(k, "pid_hash", k->arch->ptr_size, &table, NULL) ||
	    kernel_read_symbol(k, "pidhash_shift", 4, &bits, NULL) || bits > HASH_BITS_MAX)
		return 0;
	for (uint64_t i = 0; i < UINT64_C(1) << bits && !status; i++)
		if (!space_read_ptr(&k->space, table + i * k->arch->ptr_size, &node, NULL))
			status = take_chain(p, ns, node);
	return status;
}

static int take_pids(struct task_walk *w)
{
	static const char *const types[] = { "pid_namespace", "pid", "upid", "task_struct",
					     "xarray", "xa_node", NULL };
	_cleanup_(freep) struct objects *o = malloc(sizeof(*o));
	struct pids p = { .w = w, .o = o };
	vaddr_t ns;

	if (!o)
		return kd_nomem(w->err);
	objects_resolve(w->k, types, o);
	if (!kernel_symbol(w->k, "init_pid_ns", &ns) || !o->pid_tasks.found ||
	    !o->task_pid_links.found || !w->k->layout.task_struct_thread_pid.found)
		return 0;
	w->source = TASK_FROM_PIDS;
	return o->pid_namespace_idr.found ? take_idr(&p, ns) : take_hash(&p, ns);
}

/* The children of a task: each must name it as its parent. Breaks are of no interest here. */
static int take_children(struct task_walk *w, vaddr_t parent)
{
	const struct layout *l = &w->k->layout;
	vaddr_t head = parent + l->task_struct_children.offset, node = head;
	struct list_loop loop = { .steps = 0 };
	uint64_t named;
	int status = 0;

	while (!status) {
		vaddr_t task;

		if (member_window_ptr(w->windows, node, &l->list_head_next, &node, NULL) || !node ||
		    node == head || list_loop_met(&loop, node))
			return 0;
		task = node - l->task_struct_sibling.offset;
		if (member_window_ptr(w->windows, task, &l->task_struct_real_parent, &named, NULL) ||
		    named != parent)
			return 0;
		if (task_walk_saw(w, task))
			continue;
		status = task_walk_take(w, task, true);
		if (!status && task_walk_saw(w, task))
			status = task_walk_threads(w, task);
	}
	return status;
}

/* Those that are found are asked for their children in turn. */
static int take_families(struct task_walk *w)
{
	const struct layout *l = &w->k->layout;
	int status = 0;

	if (!l->task_struct_children.found || !l->task_struct_sibling.found ||
	    !l->task_struct_real_parent.found)
		return 0;
	w->source = TASK_FROM_FAMILY;
	for (size_t i = 0; i < w->tasks->n && !status; i++)
		status = take_children(w, w->tasks->list[i].addr);
	return status;
}

int task_rescue(struct task_walk *w)
{
	int status = take_pids(w);

	return status ? status : take_families(w);
}
