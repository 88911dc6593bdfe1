// SPDX-License-Identifier: GPL-3.0-or-later
/* Tasks: see task.h. */
#include "kernel/task.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/damage.h"
#include "kernel/kernel.h"
#include "kernel/window.h"

/* PID_MAX_LIMIT of a 64-bit kernel: no list of threads is longer. */
#define TASKS_MAX (4u << 20)
#define IDLE_THREAD_ID 0x40000000u
#define FRAME_MAX 128u /* bytes of a struct inactive_task_frame */

void tasks_fini(struct tasks *t)
{
	free(t->list);
	free(t->damage);
	*t = (struct tasks){ 0 };
}

/* Reading one task ------------------------------------------------------------ */

/* Members that this kernel lacks, or that can not be read, are 0. */
static uint64_t number(struct windows *w, vaddr_t task, const struct member *m)
{
	uint64_t v = 0;

	return member_window(w, task, m, &v, NULL) ? 0 : v;
}

static int32_t task_cpu(const struct layout *l, struct windows *w, const struct task *t)
{
	uint64_t cpu;

	if (l->task_struct_cpu.found && !member_window(w, t->addr, &l->task_struct_cpu, &cpu, NULL))
		return (int32_t)cpu;
	/* before v4.9 thread_info lay at the bottom of the stack */
	if (t->stack && l->thread_info_cpu.found &&
	    !member_window(w, t->stack, &l->thread_info_cpu, &cpu, NULL))
		return (int32_t)cpu;
	return -1;
}

static int read_task(const struct layout *l, struct windows *w, vaddr_t addr, struct task *t,
		     struct kd_err *err)
{
	uint64_t pid, parent;
	int status;

	*t = (struct task){ .addr = addr, .cpu = -1 };
	status = member_window(w, addr, &l->task_struct_pid, &pid, err);
	if (status)
		return kd_context(err, status, "task %#" PRIx64, addr);
	t->pid = (uint32_t)pid;
	t->tgid = (uint32_t)number(w, addr, &l->task_struct_tgid);
	t->state = number(w, addr, &l->task_struct_state);
	t->exit_state = number(w, addr, &l->task_struct_exit_state);
	t->flags = number(w, addr, &l->task_struct_flags);
	t->stack = number(w, addr, &l->task_struct_stack);
	t->mm = number(w, addr, &l->task_struct_mm);
	t->cpu = task_cpu(l, w, t);
	parent = number(w, addr, &l->task_struct_real_parent);
	if (parent)
		t->ppid = (uint32_t)number(w, parent, &l->task_struct_tgid);
	if (l->task_struct_comm.found)
		windows_read(w, addr + l->task_struct_comm.offset, t->comm, sizeof(t->comm) - 1,
			     NULL);
	t->thread_id = t->pid;
	return 0;
}

/* Walking the lists ----------------------------------------------------------- */

struct walk {
	struct kernel *k;
	struct windows *windows;
	struct tasks *tasks;
	size_t room;
	bool listed; /* the kernel's list was read, as far as it goes */
	struct kd_err *err;
};

static int push(struct walk *w, const struct task *t)
{
	if (w->tasks->n == w->room) {
		size_t room = w->room ? 2 * w->room : 256;
		struct task *grown = reallocarray(w->tasks->list, room, sizeof(*grown));

		if (!grown)
			return kd_nomem(w->err);
		w->tasks->list = grown;
		w->room = room;
	}
	w->tasks->list[w->tasks->n++] = *t;
	return 0;
}

/*
 * Walk a circular list_head list from HEAD, calling EACH with the address of each
 * node but the head. Brent's method finds a loop that leaves HEAD out.
 */
static int walk_list(struct walk *w, const char *what, vaddr_t head,
		     int (*each)(struct walk *w, vaddr_t node))
{
	vaddr_t node = head, mark = 0;
	size_t steps = 0, next_mark = 1;

	for (;;) {
		struct kd_err why = KD_ERR_INIT;
		uint64_t next;
		int status = member_window_ptr(w->windows, node, &w->k->layout.list_head_next,
					       &next, &why);

		if (status) {
			damage_note(&w->tasks->damage, "%s breaks off at %#" PRIx64 ": %s", what, node,
				    why.text);
			return 0;
		}
		node = next;
		if (node == head)
			return 0;
		if (!node || node == mark || ++steps > TASKS_MAX) {
			damage_note(&w->tasks->damage, "%s %s", what,
				    !node ? "has a NULL in the middle" :
				    node == mark ? "runs in a circle" : "does not end");
			return 0;
		}
		if (steps == next_mark) {
			mark = node;
			next_mark *= 2;
		}
		status = each(w, node);
		if (status)
			return status;
	}
}

static int take_task(struct walk *w, vaddr_t addr)
{
	struct kd_err why = KD_ERR_INIT;
	struct task t;

	if (w->tasks->n >= TASKS_MAX)
		return 0;
	if (read_task(&w->k->layout, w->windows, addr, &t, &why)) {
		damage_note(&w->tasks->damage, "%s", why.text);
		return 0;
	}
	return push(w, &t);
}

static int take_thread(struct walk *w, vaddr_t node)
{
	return take_task(w, node - w->k->layout.task_struct_thread_node.offset);
}

static int take_group_thread(struct walk *w, vaddr_t node)
{
	return take_task(w, node - w->k->layout.task_struct_thread_group.offset);
}

/* A thread group, by its leader: all its threads, the leader included. */
static int take_leader(struct walk *w, vaddr_t node)
{
	const struct layout *l = &w->k->layout;
	vaddr_t leader = node - l->task_struct_tasks.offset;
	size_t before = w->tasks->n;
	uint64_t signal;
	int status;

	if (l->task_struct_thread_node.found && l->signal_struct_thread_head.found &&
	    !member_window_ptr(w->windows, leader, &l->task_struct_signal, &signal, NULL) && signal) {
		status = walk_list(w, "a process' list of threads",
				   signal + l->signal_struct_thread_head.offset, take_thread);
		if (status)
			return status;
	} else if (l->task_struct_thread_group.found) {
		status = take_task(w, leader);
		if (!status)
			status = walk_list(w, "a process' list of threads",
					   leader + l->task_struct_thread_group.offset,
					   take_group_thread);
		if (status)
			return status;
	}
	/* a damaged list of threads must not cost the leader */
	for (size_t i = before; i < w->tasks->n; i++)
		if (w->tasks->list[i].addr == leader)
			return 0;
	return take_task(w, leader);
}

static int take_idle(struct walk *w, const struct cpu *cpu, vaddr_t init_task)
{
	uint64_t addr = 0;
	vaddr_t rq;
	size_t before = w->tasks->n;
	int status;

	if (cpu_symbol(w->k, cpu, "runqueues", &rq))
		member_window_ptr(w->windows, rq, &w->k->layout.rq_idle, &addr, NULL);
	if (!addr && cpu->nr == 0)
		addr = init_task;
	if (!addr)
		return 0;
	status = take_task(w, addr);
	if (w->tasks->n > before) {
		struct task *t = &w->tasks->list[before];

		t->idle = true;
		t->cpu = (int32_t)cpu->nr;
		t->thread_id = IDLE_THREAD_ID + cpu->nr;
	}
	return status;
}

/* What every kernel must have for its tasks to be found at all. */
static const char *missing(const struct kernel *k, vaddr_t *init_task)
{
	const struct layout *l = &k->layout;

	if (!kernel_symbol(k, "init_task", init_task))
		return "symbol init_task";
	if (!l->task_struct_tasks.found)
		return "task_struct.tasks";
	if (!l->task_struct_pid.found)
		return "task_struct.pid";
	if (!l->list_head_next.found)
		return "list_head.next";
	return NULL;
}

/*
 * Where nothing tells what a task_struct looks like: the tasks on the CPUs. Their
 * crash notes have the PID (crash_save_cpu() of kernel/crash_core.c), no list is needed.
 */
static int take_noted(struct walk *w, const char *lack)
{
	int status = 0;

	damage_note(&w->tasks->damage,
		    "%s is not known, so the list can not be read: only the tasks on the CPUs are "
		    "known, by their crash notes", lack);
	for (size_t i = 0; i < w->k->cpus.n && !status; i++) {
		const struct cpu *cpu = &w->k->cpus.list[i];
		struct task t = {
			.addr = cpu->current,
			.pid = cpu->note_pid,
			.tgid = cpu->note_pid,
			.cpu = (int32_t)cpu->nr,
			.on_cpu = true,
			.idle = !cpu->note_pid,
			.thread_id = cpu->note_pid ? cpu->note_pid : IDLE_THREAD_ID + cpu->nr,
		};

		if (cpu->has_note)
			status = push(w, &t);
	}
	return status;
}

static int take_all(struct walk *w)
{
	vaddr_t init_task = 0;
	const char *lack = missing(w->k, &init_task);
	int status = 0;

	if (lack)
		return take_noted(w, lack);
	w->listed = true;
	for (size_t i = 0; i < w->k->cpus.n && !status; i++)
		status = take_idle(w, &w->k->cpus.list[i], init_task);
	if (status)
		return status;
	return walk_list(w, "the list of tasks", init_task + w->k->layout.task_struct_tasks.offset,
			 take_leader);
}

/* What ran when the kernel died; a task no list holds any more is found here. */
static int take_running(struct walk *w)
{
	for (size_t i = 0; i < w->k->cpus.n; i++) {
		const struct cpu *cpu = &w->k->cpus.list[i];
		struct task *t = NULL;

		if (!cpu->current || !cpu->online)
			continue;
		for (size_t j = 0; j < w->tasks->n && !t; j++)
			if (w->tasks->list[j].addr == cpu->current)
				t = &w->tasks->list[j];
		if (!t) {
			size_t before = w->tasks->n;
			int status = take_task(w, cpu->current);

			if (status)
				return status;
			if (w->tasks->n == before)
				continue;
			t = &w->tasks->list[before];
			damage_note(&w->tasks->damage, "the task on CPU %u (%#" PRIx64
				    ", pid %u) is in no list", cpu->nr, t->addr, t->pid);
		}
		t->on_cpu = true;
		t->cpu = (int32_t)cpu->nr;
	}
	return 0;
}

/* gdb needs thread ids that differ: a pid that comes twice is damage. */
static int by_thread_id(const void *a, const void *b)
{
	const struct task *x = *(const struct task *const *)a, *y = *(const struct task *const *)b;

	if (x->thread_id != y->thread_id)
		return x->thread_id < y->thread_id ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int settle_thread_ids(struct walk *w)
{
	struct tasks *t = w->tasks;
	_cleanup_(freep) struct task **sorted = calloc(t->n ? t->n : 1, sizeof(*sorted));
	uint32_t spare = 0x60000000;

	if (!sorted)
		return kd_nomem(w->err);
	for (size_t i = 0; i < t->n; i++)
		sorted[i] = &t->list[i];
	qsort(sorted, t->n, sizeof(*sorted), by_thread_id);
	for (size_t i = 0; i < t->n; i++) {
		bool twice = i && sorted[i - 1]->thread_id == sorted[i]->thread_id;

		if (twice)
			damage_note(&t->damage, "pid %u belongs to two tasks", sorted[i]->pid);
		/* 0 and all ones mean "any" and "all" in gdb's protocol */
		if (twice || !sorted[i]->thread_id || sorted[i]->thread_id == UINT32_MAX) {
			sorted[i]->thread_id = spare++;
			sorted[i] = sorted[i ? i - 1 : 0]; /* compare the next with the same id */
		}
	}
	return 0;
}

static void compare_count(const struct kernel *k, struct tasks *t)
{
	uint64_t n;
	int64_t listed = 0;

	t->nr_threads = -1;
	if (kernel_read_symbol(k, "nr_threads", 4, &n, NULL))
		return;
	t->nr_threads = (int32_t)n;
	for (size_t i = 0; i < t->n; i++)
		listed += !t->list[i].idle;
	if (listed != t->nr_threads)
		damage_note(&t->damage, "%" PRId64 " tasks were found, but the kernel counted %" PRId64
			    " (nr_threads)", listed, t->nr_threads);
}

int tasks_read(struct kernel *k, struct tasks *t, struct kd_err *err)
{
	_cleanup_(freep) struct windows *windows = windows_new(&k->space);
	struct walk w = { .k = k, .windows = windows, .tasks = t, .err = err };
	int status;

	*t = (struct tasks){ .nr_threads = -1 };
	if (!windows)
		return kd_nomem(err);
	status = take_all(&w);
	if (!status)
		status = take_running(&w);
	if (!status)
		status = settle_thread_ids(&w);
	if (!status && t->n && w.listed)
		compare_count(k, t);
	return status;
}

/* Asking ---------------------------------------------------------------------- */

char task_state_letter(const struct kernel *k, const struct task *t)
{
	/* include/linux/sched.h; since v4.14 the letters of task_state_index() */
	static const struct {
		uint64_t bit;
		char letter;
	} states[] = {
		{ 0x001, 'S' }, { 0x002, 'D' }, { 0x004, 'T' }, { 0x008, 't' },
		{ 0x040, 'P' }, { 0x080, 'X' },
	};

	if (!k->layout.task_struct_state.found)
		return '?';
	if (t->exit_state & 0x20)
		return 'Z';
	if (t->exit_state & 0x10)
		return 'X';
	/* TASK_IDLE: uninterruptible that does not count as load (TASK_NOLOAD) */
	if ((t->state & 0x402) == 0x402)
		return 'I';
	for (size_t i = 0; i < KD_ARRAY_SIZE(states); i++)
		if (t->state & states[i].bit)
			return states[i].letter;
	return t->state & 0xff ? '?' : 'R';
}

/* Members of struct inactive_task_frame by the names struct arch uses. */
static const struct member *switch_member(const struct layout *l, const char *name)
{
	const struct {
		const char *name;
		const struct member *m;
	} members[] = {
		{ "r15", &l->inactive_task_frame_r15 }, { "r14", &l->inactive_task_frame_r14 },
		{ "r13", &l->inactive_task_frame_r13 }, { "r12", &l->inactive_task_frame_r12 },
		{ "bx", &l->inactive_task_frame_bx },	{ "bp", &l->inactive_task_frame_bp },
		{ "si", &l->inactive_task_frame_si },	{ "di", &l->inactive_task_frame_di },
		{ "ret_addr", &l->inactive_task_frame_ret_addr },
	};

	for (size_t i = 0; i < KD_ARRAY_SIZE(members); i++)
		if (!strcmp(members[i].name, name))
			return members[i].m;
	return NULL;
}

/*
 * What __switch_to_asm pushed. With the frame popped this is the state in which
 * the task goes on, so call frame information fits it exactly.
 */
static int sleeping_regs(const struct kernel *k, struct windows *w, const struct task *t,
			 struct regs *out, struct kd_err *err)
{
	const struct arch *a = k->arch;
	uint8_t frame[FRAME_MAX];
	size_t held = 0;
	uint64_t sp = 0;
	int status;

	/* a dead task gives its stack back before its parent has waited for it */
	if (t->exit_state && !t->stack)
		return kd_fail(err, KD_NOTFOUND, "it is dead and its kernel stack was freed");
	status = member_window_ptr(w, t->addr, &k->layout.task_struct_thread_sp, &sp, err);
	if (status)
		return kd_context(err, status, "saved stack pointer (thread.sp)");
	status = space_read(&k->space, sp, frame,
			    kd_min(k->layout.size_inactive_task_frame, sizeof(frame)), &held, err);
	for (const struct arch_switch_reg *r = a->switch_frame; r->member; r++) {
		const struct member *m = switch_member(&k->layout, r->member);

		if (m && m->found && range_contains(held, m->offset, a->ptr_size))
			regs_set(out, r->reg, uint_le(frame + m->offset, a->ptr_size));
		else if (r->reg == a->pc)
			return kd_context(err,
					  status ? status :
						   kd_fail(err, KD_NOTFOUND, "no layout for it"),
					  "switch frame at %#" PRIx64, sp);
	}
	regs_set(out, a->sp, sp + k->layout.size_inactive_task_frame);
	return 0;
}

int task_regs_by(const struct kernel *k, struct windows *w, const struct task *t, struct regs *out,
		 struct kd_err *err)
{
	const struct cpu *cpu;

	*out = (struct regs){ 0 };
	if (!t->on_cpu)
		return sleeping_regs(k, w, t, out, err);
	cpu = t->cpu < 0 ? NULL : cpus_get(&k->cpus, (unsigned)t->cpu);
	if (!cpu || !cpu->has_note)
		return kd_fail(err, KD_NOTFOUND,
			       "it was running on CPU %d, which saved no registers: "
			       "the CPU did not answer when the kernel crashed", t->cpu);
	*out = cpu->regs;
	return 0;
}

int task_regs(const struct kernel *k, const struct task *t, struct regs *out, struct kd_err *err)
{
	_cleanup_(freep) struct windows *w = windows_new(&k->space);

	return w ? task_regs_by(k, w, t, out, err) : kd_nomem(err);
}

const struct task *tasks_by_pid(const struct tasks *t, uint32_t pid)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].pid == pid && !t->list[i].idle)
			return &t->list[i];
	return NULL;
}

const struct task *tasks_by_addr(const struct tasks *t, vaddr_t addr)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].addr == addr)
			return &t->list[i];
	return NULL;
}

const struct task *tasks_on_cpu(const struct tasks *t, unsigned nr)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].on_cpu && t->list[i].cpu == (int32_t)nr)
			return &t->list[i];
	return NULL;
}

const struct task *tasks_by_thread_id(const struct tasks *t, uint32_t thread_id)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].thread_id == thread_id)
			return &t->list[i];
	return NULL;
}
