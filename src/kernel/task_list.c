// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finding tasks: the kernel's list of processes, their lists of threads, the CPUs.
 *
 * An entry of a list is believed when it points back to the one before it, or looks like
 * a task; what is found by no list is searched elsewhere (task_rescue.c) as soon as
 * something is wrong: a list that breaks off, one that may have been cut short, or
 * another number of tasks than the kernel counted.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "kernel/listwalk.h"
#include "kernel/task_priv.h"

#define IDLE_THREAD_ID 0x40000000u
#define SPARE_THREAD_ID 0x60000000u

/* What was taken ----------------------------------------------------------------- */

static size_t slot_of(const vaddr_t *slots, size_t cap, vaddr_t addr)
{
	size_t i = (size_t)((addr >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (cap - 1);

	while (slots[i] && slots[i] != addr)
		i = (i + 1) & (cap - 1);
	return i;
}

bool task_walk_saw(const struct task_walk *w, vaddr_t addr)
{
	return w->seen.n && w->seen.slots[slot_of(w->seen.slots, w->seen.cap, addr)] == addr;
}

static int see(struct task_walk *w, vaddr_t addr)
{
	size_t cap = w->seen.cap;
	vaddr_t *grown;

	if (2 * w->seen.n >= cap) {
		cap = cap ? 2 * cap : 1024;
		grown = calloc(cap, sizeof(*grown));
		if (!grown)
			return kd_nomem(w->err);
		for (size_t i = 0; i < w->seen.cap; i++)
			if (w->seen.slots[i])
				grown[slot_of(grown, cap, w->seen.slots[i])] = w->seen.slots[i];
		free(w->seen.slots);
		w->seen.slots = grown;
		w->seen.cap = cap;
	}
	w->seen.slots[slot_of(w->seen.slots, cap, addr)] = addr;
	w->seen.n++;
	return 0;
}

static int push(struct task_walk *w, const struct task *t)
{
	if (w->tasks->n == w->room) {
		size_t room = w->room ? 2 * w->room : 256;
		struct task *grown = reallocarray(w->tasks->list, room, sizeof(*grown));

		if (!grown)
			return kd_nomem(w->err);
		w->tasks->list = grown;
		w->room = room;
	}
	w->tasks->list[w->tasks->n] = *t;
	w->tasks->list[w->tasks->n++].source = w->source;
	return 0;
}

void task_walk_fault(struct task_walk *w, enum task_fault kind, const char *fmt, ...)
{
	va_list ap;

	if (w->faults[kind].n++)
		return;
	va_start(ap, fmt);
	vsnprintf(w->faults[kind].first, sizeof(w->faults[kind].first), fmt, ap);
	va_end(ap);
}

static void note_faults(struct task_walk *w)
{
	for (size_t i = 0; i < FAULTS; i++) {
		if (w->faults[i].n == 1)
			damage_note(&w->tasks->damage, "%s", w->faults[i].first);
		else if (w->faults[i].n)
			damage_note(&w->tasks->damage, "%s, and %zu more like this",
				    w->faults[i].first, w->faults[i].n - 1);
	}
}

/* What is odd about a task that is one all the same. */
static void note_oddities(struct task_walk *w, struct task_facts *f)
{
	struct task *t = &f->t;

	if (f->missing.status)
		task_walk_fault(w, FAULT_MISSING, "task %#" PRIx64 " (PID %" PRIu32 "): %s", t->addr,
				t->pid, f->missing.text);
	if (f->has_comm && !f->comm_ends)
		task_walk_fault(w, FAULT_NAME,
				"task %#" PRIx64 " (PID %" PRIu32 "): its name has no end", t->addr,
				t->pid);
	if (t->pid > TASKS_MAX)
		task_walk_fault(w, FAULT_PID, "task %#" PRIx64 ": its PID can not be %" PRIu32,
				t->addr, t->pid);
	if (t->cpu >= 0 && w->k->cpus.n && !cpus_get(&w->k->cpus, (unsigned)t->cpu)) {
		task_walk_fault(w, FAULT_CPU,
				"task %#" PRIx64 " (PID %" PRIu32 "): there is no CPU %" PRId32,
				t->addr, t->pid, t->cpu);
		t->cpu = -1;
	}
}

static int take_facts(struct task_walk *w, struct task_facts *f)
{
	int status = see(w, f->t.addr);

	if (status)
		return status;
	note_oddities(w, f);
	f->t.strayed = task_has_strayed(w->k, w->windows, w->stack_size, &f->t);
	return push(w, &f->t);
}

int task_walk_take(struct task_walk *w, vaddr_t addr, bool only_sound)
{
	struct kd_err missing = KD_ERR_INIT;
	struct task_facts f;
	char why[128];

	if (task_walk_saw(w, addr) || w->tasks->n >= TASKS_MAX)
		return 0;
	if (task_load(&w->k->layout, w->windows, addr, &f, &missing)) {
		task_walk_fault(w, FAULT_MISSING, "%s", missing.text);
		w->broken = true;
		return see(w, addr);
	}
	if (only_sound && task_oddities(w->k, &f, why, sizeof(why)) > 1)
		return 0;
	return take_facts(w, &f);
}

/* Rings ---------------------------------------------------------------------------- */

/* A circular list_head list. It ends at its head, or where it is broken. */
struct ring {
	vaddr_t head;
	bool backwards;
	uint64_t offset; /* of the list_head in a task_struct */
	/* An entry's task; FROM is the list_head before. 1: go no further, and r->why says why. */
	int (*each)(struct task_walk *w, struct ring *r, vaddr_t task, vaddr_t from);
	const struct task_facts *of; /* whose threads they are; NULL: the list of tasks */
	vaddr_t *found;		     /* backwards: tasks in the order they came; owned */
	size_t n, room;
	struct kd_err why; /* it ends */
};

static const struct member *way(const struct task_walk *w, bool backwards)
{
	return backwards ? &w->k->layout.list_head_prev : &w->k->layout.list_head_next;
}

/* "after PID 12 (0x...)": where a ring broke. NODE is the last list_head that is sound. */
static void where(const struct task_walk *w, const struct ring *r, vaddr_t node, char *buf,
		  size_t size)
{
	uint64_t pid;

	if (node == r->head)
		snprintf(buf, size, "at its head");
	else if (member_window(w->windows, node - r->offset, &w->k->layout.task_struct_pid, &pid, NULL))
		snprintf(buf, size, "after task %#" PRIx64, node - r->offset);
	else
		snprintf(buf, size, "after PID %" PRIu32 " (%#" PRIx64 ")", (uint32_t)pid,
			 node - r->offset);
}

static void ring_broke(struct task_walk *w, const struct ring *r, vaddr_t node, const char *how)
{
	char at[96];

	w->broken = true;
	where(w, r, node, at, sizeof(at));
	if (r->of)
		task_walk_fault(w, FAULT_THREADS, "the list of threads of PID %" PRIu32 " (%#" PRIx64
				") %s %s%s%s", r->of->t.pid, r->of->t.addr, how, at,
				r->why.status ? ": " : "", r->why.text);
	else
		damage_note(&w->tasks->damage, "the list of tasks%s %s %s%s%s",
			    r->backwards ? ", followed backwards," : "", how, at,
			    r->why.status ? ": " : "", r->why.text);
}

static int ring_walk(struct task_walk *w, struct ring *r)
{
	struct list_loop loop = { .steps = 0 }; /* one that leaves the head out */
	vaddr_t node = r->head, from;
	uint64_t next;

	for (;;) {
		int status = member_window_ptr(w->windows, node, way(w, r->backwards), &next,
					       &r->why);

		if (status) {
			ring_broke(w, r, node, "breaks off");
			return 0;
		}
		from = node;
		node = next;
		if (node == r->head)
			return 0;
		if (!node || list_loop_met(&loop, node)) {
			ring_broke(w, r, from, node ? "runs in a circle" : "has a NULL");
			return 0;
		}
		status = r->each(w, r, node - r->offset, from);
		if (status > 0)
			ring_broke(w, r, from, r->why.status ? "leads astray" : "runs in a circle");
		if (status)
			return status < 0 ? status : 0;
	}
}

/* Does the entry point back to the one it was reached from? */
static bool points_back(const struct task_walk *w, const struct ring *r, vaddr_t task, vaddr_t from)
{
	uint64_t back;

	return !member_window_ptr(w->windows, task + r->offset, way(w, !r->backwards), &back, NULL) &&
	       back == from;
}

/*
 * Can it be an entry of the ring? What points back is believed unless hardly anything of
 * it fits; what does not, only if next to nothing is wrong with it.
 */
static bool belongs(struct task_walk *w, struct ring *r, const struct task_facts *f, vaddr_t from)
{
	bool back = points_back(w, r, f->t.addr, from);
	char odd[128];
	unsigned n = task_oddities(w->k, f, odd, sizeof(odd));

	if (!f->t.pid)
		n++; /* no idle task is in a list */
	if (n > (back ? 3 : 1)) {
		kd_fail(&r->why, KD_CORRUPT, "at %#" PRIx64 " there is no task: %s", f->t.addr,
			odd);
		return false;
	}
	if (!back) {
		w->broken = true;
		task_walk_fault(w, FAULT_BACK_LINK,
				"task %#" PRIx64 " (PID %" PRIu32
				") does not point back to the one before it in the list",
				f->t.addr, f->t.pid);
	}
	return true;
}

/* Of a task that is missing nothing can be said but that; its list may go on. */
static int load_entry(struct task_walk *w, struct ring *r, vaddr_t task, vaddr_t from,
		      struct task_facts *f)
{
	struct kd_err missing = KD_ERR_INIT;
	int status = task_load(&w->k->layout, w->windows, task, f, &missing);

	if (!status)
		return belongs(w, r, f, from) ? 0 : 1;
	if (points_back(w, r, task, from)) {
		task_walk_fault(w, FAULT_MISSING, "%s", missing.text);
		w->broken = true;
		return see(w, task);
	}
	r->why = missing;
	return 1;
}

/* Threads ---------------------------------------------------------------------------- */

static int each_thread(struct task_walk *w, struct ring *r, vaddr_t task, vaddr_t from)
{
	struct task_facts f;
	int status;

	if (task_walk_saw(w, task))
		return 0;
	status = load_entry(w, r, task, from, &f);
	if (status || task_walk_saw(w, task))
		return status;
	if (f.signal != r->of->signal) {
		kd_fail(&r->why, KD_CORRUPT,
			"task %#" PRIx64 " (PID %" PRIu32 ") is of another process", task,
			f.t.pid);
		return 1;
	}
	return take_facts(w, &f);
}

static int walk_threads(struct task_walk *w, const struct task_facts *leader)
{
	const struct layout *l = &w->k->layout;
	struct ring r = { .each = each_thread, .of = leader };

	if (l->task_struct_thread_node.found && l->signal_struct_thread_head.found) {
		r.head = leader->signal + l->signal_struct_thread_head.offset;
		r.offset = l->task_struct_thread_node.offset;
	} else if (l->task_struct_thread_group.found) {
		r.offset = l->task_struct_thread_group.offset;
		r.head = leader->t.addr + r.offset;
	}
	if (!r.head || !r.offset)
		return 0;
	if (leader->has_signal && leader->signal < 4096) {
		task_walk_fault(w, FAULT_THREADS,
				"PID %" PRIu32 " (%#" PRIx64 ") has no signal_struct, and so no list of "
				"threads", leader->t.pid, leader->t.addr);
		w->broken = true;
		return 0;
	}
	return ring_walk(w, &r);
}

int task_walk_threads(struct task_walk *w, vaddr_t leader)
{
	struct task_facts f;

	return task_load(&w->k->layout, w->windows, leader, &f, NULL) ? 0 : walk_threads(w, &f);
}

/* Processes ---------------------------------------------------------------------------- */

/* A thread group, by its leader: the leader comes first in the list of its threads. */
static int each_leader(struct task_walk *w, struct ring *r, vaddr_t task, vaddr_t from)
{
	struct task_facts f;
	int status;

	if (task_walk_saw(w, task))
		return 1; /* a circle */
	status = load_entry(w, r, task, from, &f);
	if (status || task_walk_saw(w, task))
		return status;
	status = take_facts(w, &f);
	return status ? status : walk_threads(w, &f);
}

/* Backwards, what is known already is passed by; the rest waits to be put in order. */
static int each_backwards(struct task_walk *w, struct ring *r, vaddr_t task, vaddr_t from)
{
	struct task_facts f;
	int status;

	if (task_walk_saw(w, task))
		return 0;
	status = load_entry(w, r, task, from, &f);
	if (status || task_walk_saw(w, task))
		return status;
	if (r->n == r->room) {
		size_t room = r->room ? 2 * r->room : 64;
		vaddr_t *grown = reallocarray(r->found, room, sizeof(*grown));

		if (!grown)
			return kd_nomem(w->err);
		r->found = grown;
		r->room = room;
	}
	r->found[r->n++] = task;
	return 0;
}

static vaddr_t list_of_tasks(const struct task_walk *w, vaddr_t init_task)
{
	return init_task + w->k->layout.task_struct_tasks.offset;
}

static int walk_backwards(struct task_walk *w, vaddr_t init_task)
{
	struct ring r = { .head = list_of_tasks(w, init_task),
			  .backwards = true,
			  .offset = w->k->layout.task_struct_tasks.offset,
			  .each = each_backwards };
	int status;

	if (!w->k->layout.list_head_prev.found)
		return 0;
	w->source = TASK_FROM_BACKWARDS;
	status = ring_walk(w, &r);
	for (size_t i = r.n; i-- && !status;) {
		status = task_walk_take(w, r.found[i], false);
		if (!status)
			status = task_walk_threads(w, r.found[i]);
	}
	free(r.found);
	return status;
}

/* CPUs ----------------------------------------------------------------------------------- */

/* Is there an idle task at ADDR? */
static bool is_idle(struct task_walk *w, vaddr_t addr, struct task_facts *f, struct kd_err *why)
{
	char odd[128] = "";

	if (!addr)
		return false;
	if (task_load(&w->k->layout, w->windows, addr, f, why))
		return false;
	if (task_oddities(w->k, f, odd, sizeof(odd)) <= 1 && !f->t.pid)
		return true;
	kd_fail(why, KD_CORRUPT, "%s", *odd ? odd : "its PID is not 0");
	return false;
}

/* The idle task of a CPU's run queue; if that is none, the one the CPU was started with. */
static int take_idle(struct task_walk *w, const struct cpu *cpu, vaddr_t init_task)
{
	struct kd_err why = KD_ERR_INIT;
	struct task_facts f;
	uint64_t addr = 0, first = cpu->nr ? 0 : init_task;
	bool lost = false;
	vaddr_t at;

	if (cpu_symbol(w->k, cpu, "runqueues", &at) && w->k->layout.rq_idle.found &&
	    member_window_ptr(w->windows, at, &w->k->layout.rq_idle, &addr, &why) && cpu->online) {
		damage_note(&w->tasks->damage, "CPU %u: its run queue, and with it its idle task: %s",
			    cpu->nr, why.text);
		lost = true;
	}
	if (!is_idle(w, addr, &f, &why)) {
		if (addr)
			damage_note(&w->tasks->damage,
				    "CPU %u: at %#" PRIx64 " there is no idle task: %s", cpu->nr,
				    addr, why.text);
		if (!first && cpu_symbol(w->k, cpu, "idle_threads", &at))
			space_read_ptr(&w->k->space, at, &first, NULL);
		if (!is_idle(w, first, &f, &why)) {
			w->idle_lost |= lost;
			return 0;
		}
	}
	if (task_walk_saw(w, f.t.addr))
		return 0;
	f.t.idle = true;
	f.t.cpu = (int32_t)cpu->nr;
	f.t.thread_id = IDLE_THREAD_ID + cpu->nr;
	return take_facts(w, &f);
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
static int take_noted(struct task_walk *w, const char *lack)
{
	int status = 0;

	damage_note(&w->tasks->damage,
		    "%s is not known, so the list can not be read: only the tasks on the CPUs are "
		    "known, by their crash notes", lack);
	w->source = TASK_FROM_NOTE;
	for (size_t i = 0; i < w->k->cpus.n && !status; i++) {
		const struct cpu *cpu = &w->k->cpus.list[i];
		uint32_t pid = cpu->has_pid ? cpu->note_pid : 0;
		struct task t = {
			.addr = cpu->current,
			.pid = pid,
			.tgid = pid,
			.no_pid = !cpu->has_pid,
			.cpu = (int32_t)cpu->nr,
			.on_cpu = true,
			.idle = cpu->has_pid && !pid,
			.thread_id = pid ? pid : IDLE_THREAD_ID + cpu->nr,
		};

		if (cpu->has_note)
			status = push(w, &t);
	}
	return status;
}

static struct task *taken(const struct task_walk *w, vaddr_t addr)
{
	for (size_t i = 0; addr && i < w->tasks->n; i++)
		if (w->tasks->list[i].addr == addr)
			return &w->tasks->list[i];
	return NULL;
}

/* The task of a CPU by its crash note, which has the PID; 0: not known. */
static vaddr_t noted_task(const struct task_walk *w, const struct cpu *cpu)
{
	for (size_t i = 0; cpu->has_pid && i < w->tasks->n; i++) {
		const struct task *t = &w->tasks->list[i];

		if (t->pid == cpu->note_pid && (!t->idle || t->cpu == (int32_t)cpu->nr))
			return t->addr;
	}
	return 0;
}

/* Is cpu->current a task? If not, it becomes the one of the crash note. */
static void check_current(struct task_walk *w, struct cpu *cpu)
{
	struct kd_err lost = KD_ERR_INIT;
	struct task_facts f;
	char why[128] = "";

	if (taken(w, cpu->current))
		return;
	if (cpu->current && !task_load(&w->k->layout, w->windows, cpu->current, &f, &lost) &&
	    !task_oddities(w->k, &f, why, sizeof(why)))
		return;
	if (cpu->current)
		damage_note(&w->tasks->damage,
			    "CPU %u: its current task is not at %#" PRIx64 ": %s", cpu->nr,
			    cpu->current, lost.status ? lost.text : why);
	cpu->current = noted_task(w, cpu);
}

/* What ran when the kernel died; a task no list holds any more is found here. */
static int take_running(struct task_walk *w)
{
	w->source = TASK_FROM_CPU;
	for (size_t i = 0; i < w->k->cpus.n; i++) {
		struct cpu *cpu = &w->k->cpus.list[i];
		struct task *t;
		int status;

		if (!cpu_counts(cpu))
			continue;
		check_current(w, cpu);
		if (!cpu->current)
			continue;
		t = taken(w, cpu->current);
		if (!t) {
			status = task_walk_take(w, cpu->current, false);
			if (status)
				return status;
			t = taken(w, cpu->current);
			if (!t)
				continue;
			damage_note(&w->tasks->damage, "the task on CPU %u (%#" PRIx64
				    ", PID %" PRIu32 ") is in no list", cpu->nr, t->addr, t->pid);
		}
		t->on_cpu = true;
		t->cpu = (int32_t)cpu->nr;
	}
	return 0;
}

/* The whole of it ------------------------------------------------------------------------- */

/* gdb needs thread ids that differ: a pid that comes twice is damage. */
static int by_thread_id(const void *a, const void *b)
{
	const struct task *x = *(const struct task *const *)a, *y = *(const struct task *const *)b;

	if (x->thread_id != y->thread_id)
		return x->thread_id < y->thread_id ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int settle_thread_ids(struct task_walk *w)
{
	struct tasks *t = w->tasks;
	_cleanup_(freep) struct task **sorted = calloc(t->n ? t->n : 1, sizeof(*sorted));
	uint32_t spare = SPARE_THREAD_ID;

	if (!sorted)
		return kd_nomem(w->err);
	for (size_t i = 0; i < t->n; i++)
		sorted[i] = &t->list[i];
	qsort(sorted, t->n, sizeof(*sorted), by_thread_id);
	for (size_t i = 0; i < t->n; i++) {
		bool twice = i && sorted[i - 1]->thread_id == sorted[i]->thread_id;

		if (twice)
			task_walk_fault(w, FAULT_TWICE, "PID %" PRIu32 " belongs to two tasks",
					sorted[i]->pid);
		/* 0 and all ones mean "any" and "all" in gdb's protocol */
		if (twice || !sorted[i]->thread_id || sorted[i]->thread_id >= IDLE_THREAD_ID) {
			if (sorted[i]->idle && !twice)
				continue;
			sorted[i]->thread_id = spare++;
			sorted[i] = sorted[i ? i - 1 : 0]; /* compare the next with the same id */
		}
	}
	return 0;
}

static int64_t count_listed(const struct tasks *t)
{
	int64_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += !t->list[i].idle;
	return n;
}

static int take_lists(struct task_walk *w, vaddr_t init_task)
{
	struct ring r = { .head = list_of_tasks(w, init_task),
			  .offset = w->k->layout.task_struct_tasks.offset,
			  .each = each_leader };
	uint64_t n;
	int status = 0;

	w->listed = true;
	w->source = TASK_FROM_CPU;
	for (size_t i = 0; i < w->k->cpus.n && !status; i++)
		status = take_idle(w, &w->k->cpus.list[i], init_task);
	w->source = TASK_FROM_LIST;
	if (!status)
		status = ring_walk(w, &r);
	if (!kernel_read_symbol(w->k, "nr_threads", 4, &n, NULL))
		w->tasks->nr_threads = (int32_t)n;
	if (status || (!w->broken && (w->tasks->nr_threads < 0 ||
				      count_listed(w->tasks) == w->tasks->nr_threads)))
		return status;
	status = walk_backwards(w, init_task);
	return status ? status : task_rescue(w);
}

static void note_sources(struct task_walk *w)
{
	static const struct {
		enum task_source source;
		const char *how;
	} ways[] = {
		{ TASK_FROM_BACKWARDS, "by following the list backwards" },
		{ TASK_FROM_PIDS, "in the kernel's table of PIDs alone" },
		{ TASK_FROM_FAMILY, "as children of other tasks alone" },
	};

	for (size_t i = 0; i < KD_ARRAY_SIZE(ways); i++) {
		size_t n = 0;

		for (size_t j = 0; j < w->tasks->n; j++)
			n += w->tasks->list[j].source == ways[i].source;
		if (n)
			damage_note(&w->tasks->damage, "%zu task%s %s found %s", n,
				    n == 1 ? "" : "s", n == 1 ? "was" : "were", ways[i].how);
	}
}

/* Broken lists are made up for when as many tasks were found as the kernel counted. */
static void judge(struct task_walk *w)
{
	struct tasks *t = w->tasks;
	int64_t found = count_listed(t);

	t->partial = !w->listed || w->idle_lost || (w->broken && (t->nr_threads < 0 || found < t->nr_threads));
	if (w->listed && t->n && t->nr_threads >= 0 && found != t->nr_threads)
		damage_note(&t->damage, "%" PRId64 " tasks were found, but the kernel counted %" PRId64
			    " (nr_threads)", found, t->nr_threads);
}

int tasks_read(struct kernel *k, struct tasks *t, struct kd_err *err)
{
	_cleanup_(freep) struct windows *windows = windows_new(&k->space);
	struct task_walk w = { .k = k, .windows = windows, .tasks = t, .err = err };
	vaddr_t init_task = 0;
	const char *lack = missing(k, &init_task);
	int status;

	*t = (struct tasks){ .nr_threads = -1 };
	if (!windows)
		return kd_nomem(err);
	w.stack_size = kernel_stack_size(k);
	status = lack ? take_noted(&w, lack) : take_lists(&w, init_task);
	if (!status)
		status = take_running(&w);
	if (!status)
		status = settle_thread_ids(&w);
	free(w.seen.slots);
	if (status)
		return status;
	task_walk_stacks(&w);
	note_faults(&w);
	note_sources(&w);
	judge(&w);
	return 0;
}
