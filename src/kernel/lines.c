// SPDX-License-Identifier: GPL-3.0-or-later
/* From code to source: see lines.h. */
#include "kernel/lines.h"

#include <dwarf.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/line_file.h"
#include "kernel/stack.h"

#define DEPTH_MAX 64	/* blocks in blocks */
#define HOPS_MAX 8	/* from a function to what it is an instance of */
#define SLOTS_FIRST 256 /* of answers, a power of 2 */

/* An answer; info.n 0: nothing is known there. */
struct answer {
	vaddr_t pc;
	bool ready;	       /* else a thread is at it: its info is that thread's alone */
	struct line_info info; /* files in it are owned, functions are the debug file's */
};

struct lines {
	const struct kernel *k;
	struct line_file **files; /* of the kernel, then of its modules; NULL: not opened yet */
	bool *tried;
	char *root; /* see source_below(); known once the kernel's file is open */
	pthread_mutex_t opening; /* of files, tried and root */

	struct answer **slots; /* open addressing; by pc */
	size_t nslots, used;
	pthread_mutex_t lock; /* of slots and answers' ready */
	pthread_cond_t answered;
};

/* Answers --------------------------------------------------------------------------- */

static size_t slot_of(const struct lines *l, vaddr_t pc)
{
	size_t at = (size_t)((pc * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (l->nslots - 1);

	while (l->slots[at] && l->slots[at]->pc != pc)
		at = (at + 1) & (l->nslots - 1);
	return at;
}

static bool grow(struct lines *l)
{
	struct answer **old = l->slots;
	size_t n = l->nslots;

	l->slots = calloc(2 * n, sizeof(*l->slots));
	if (!l->slots) {
		l->slots = old;
		return false;
	}
	l->nslots = 2 * n;
	for (size_t i = 0; i < n; i++)
		if (old[i])
			l->slots[slot_of(l, old[i]->pc)] = old[i];
	free(old);
	return true;
}

static void answer_free(struct answer *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->info.n; i++)
		free((char *)(uintptr_t)a->info.frames[i].file);
	free(a->info.frames);
	free(a);
}

/*
 * The answer for PC, and whether it is the caller's to find (*mine): else another thread has, or
 * is about to, which is waited for. Tasks have much of their stacks in common, so threads ask the
 * same at the same time. NULL: out of memory.
 */
static struct answer *claim(struct lines *l, vaddr_t pc, bool *mine)
{
	struct answer *a;

	pthread_mutex_lock(&l->lock);
	a = l->slots[slot_of(l, pc)];
	*mine = !a;
	while (a && !a->ready)
		pthread_cond_wait(&l->answered, &l->lock);
	if (!a && (2 * (l->used + 1) <= l->nslots || grow(l)))
		a = calloc(1, sizeof(*a));
	if (a && *mine) {
		a->pc = pc;
		l->slots[slot_of(l, pc)] = a;
		l->used++;
	}
	pthread_mutex_unlock(&l->lock);
	return a;
}

static void publish(struct lines *l, struct answer *a)
{
	pthread_mutex_lock(&l->lock);
	a->ready = true;
	pthread_cond_broadcast(&l->answered);
	pthread_mutex_unlock(&l->lock);
}

/* Asking ---------------------------------------------------------------------------- */

struct place {
	struct line_file *file;
	const struct line_unit *unit;
	uint64_t pc; /* as the file has it */
};

/* DIEs that hold pc, outermost first: a function and what is inlined there. */
struct scopes {
	struct dwarf_die list[DEPTH_MAX];
	size_t n;
};

static bool holds(const struct dwarf_die *d, uint64_t pc)
{
	struct dwarf_ranges r;
	uint64_t low, high;

	dw_ranges_start(&r, d);
	while (dw_ranges_next(&r, &low, &high))
		if (pc >= low && pc < high)
			return true;
	return false;
}

/* The block or inlined function in PARENT whose code PC is in. */
static bool child_with(const struct dwarf_die *parent, uint64_t pc, struct dwarf_die *out)
{
	bool more = dw_child(parent, out);

	while (more) {
		switch (dw_tag(out)) {
		case DW_TAG_subprogram:
		case DW_TAG_inlined_subroutine:
		case DW_TAG_lexical_block:
			if (holds(out, pc))
				return true;
			break;
		default:
			break;
		}
		more = dw_sibling(out, out);
	}
	return false;
}

static const struct line_function *function_at(const struct line_unit *u, uint64_t pc)
{
	size_t low = 0, high = u->nfunctions;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (u->functions[mid].start <= pc)
			low = mid + 1;
		else
			high = mid;
	}
	return low && pc < u->functions[low - 1].end ? &u->functions[low - 1] : NULL;
}

static void find_scopes(const struct place *p, struct scopes *s)
{
	const struct line_function *f = function_at(p->unit, p->pc);
	struct dwarf_die die, next;

	s->n = 0;
	if (!f || !dw_die_at(&p->unit->unit, f->die, &die))
		return;
	s->list[s->n++] = die;
	for (unsigned depth = 0; depth < DEPTH_MAX && child_with(&die, p->pc, &next); depth++) {
		die = next;
		if (dw_tag(&die) != DW_TAG_lexical_block && s->n < DEPTH_MAX)
			s->list[s->n++] = die;
	}
}

/* Its own, or that of what it is an instance or the definition of. */
static const char *function_name(struct line_file *f, struct dwarf_die d)
{
	for (unsigned hop = 0; hop < HOPS_MAX; hop++) {
		const struct dwarf_unit *u = d.unit;
		const char *name = dw_text(&d, DW_AT_name);
		uint64_t to;

		if (name)
			return name;
		if (!dw_reference(&d, DW_AT_abstract_origin, &to) &&
		    !dw_reference(&d, DW_AT_specification, &to))
			return NULL;
		if (to < u->offset || to >= u->end) {
			const struct line_unit *other = line_file_unit_of(f, to);

			if (!other)
				return NULL;
			u = &other->unit;
		}
		if (!dw_die_at(u, to, &d))
			return NULL;
	}
	return NULL;
}

static char *file_name(const struct lines *l, const struct place *p, uint64_t number)
{
	char name[PATH_MAX];

	if (line_table_file(line_file_data(p->file), p->unit->unit.line_table, number, name,
			    sizeof(name), NULL))
		return NULL;
	return strdup(source_below(l->root, name));
}

/* Functions and where in each the next one is, from the outside in. */
static void fill(const struct lines *l, const struct place *p, const struct scopes *s,
		 struct line_info *out)
{
	struct line_place at;

	for (size_t i = 0; i < s->n; i++) {
		struct line_frame *f = &out->frames[out->n - 1 - i];
		uint64_t file, line;

		f->function = function_name(p->file, s->list[i]);
		if (i + 1 == s->n || !dw_number(&s->list[i + 1], DW_AT_call_line, &line) ||
		    !dw_number(&s->list[i + 1], DW_AT_call_file, &file))
			continue;
		f->line = (unsigned)line;
		f->file = file_name(l, p, file);
	}
	if (line_table_find(line_file_data(p->file), p->unit->unit.line_table, p->pc, &at, NULL))
		return;
	out->frames[0].line = at.line;
	out->frames[0].file = file_name(l, p, at.file);
}

static bool place_of(struct line_file *f, uint64_t pc, struct place *out)
{
	*out = (struct place){ .file = f, .pc = pc, .unit = line_file_unit(f, pc) };
	return out->unit != NULL;
}

/* What stands before "init/main.c" in the name of that file, which has start_kernel(). */
static char *learn_root(const struct kernel *k, struct line_file *f)
{
	static const char main_c[] = "init/main.c";
	char name[PATH_MAX];
	struct line_place at;
	struct place p;
	vaddr_t start;
	size_t len;

	if (!kernel_symbol(k, "start_kernel", &start) || !place_of(f, line_file_pc(f, start), &p) ||
	    line_table_find(line_file_data(f), p.unit->unit.line_table, p.pc, &at, NULL) ||
	    line_table_file(line_file_data(f), p.unit->unit.line_table, at.file, name, sizeof(name),
			    NULL))
		return NULL;
	len = strlen(name);
	if (len <= strlen(main_c) || strcmp(name + len - strlen(main_c), main_c))
		return NULL;
	return strndup(name, len - strlen(main_c));
}

/* File number I: of the kernel, then of its modules; NULL: it can not be had. */
static struct line_file *file_at(struct lines *l, size_t i)
{
	const struct module *m = i ? &l->k->modules.list[i - 1] : NULL;
	struct line_file *f;

	pthread_mutex_lock(&l->opening);
	if (!l->tried[i]) {
		l->tried[i] = true;
		line_file_open(l->k, m, &l->files[i], NULL);
		if (!i && l->files[0])
			l->root = learn_root(l->k, l->files[0]);
	}
	f = l->files[i];
	pthread_mutex_unlock(&l->opening);
	return f;
}

static void ask(struct lines *l, struct answer *a)
{
	const struct module *m = modules_by_addr(&l->k->modules, a->pc);
	struct line_file *f;
	struct scopes s;
	struct place p;

	file_at(l, 0); /* which tells where the source begins */
	f = file_at(l, m ? (size_t)(m - l->k->modules.list) + 1 : 0);
	if (!f || !place_of(f, line_file_pc(f, a->pc), &p))
		return;
	find_scopes(&p, &s);
	a->info.frames = calloc(s.n ? s.n : 1, sizeof(*a->info.frames));
	if (!a->info.frames)
		return;
	a->info.n = s.n ? s.n : 1;
	fill(l, &p, &s, &a->info);
}

const struct line_info *lines_find(struct lines *l, vaddr_t pc)
{
	bool mine;
	struct answer *a = claim(l, pc, &mine);

	if (a && mine) {
		ask(l, a);
		publish(l, a);
	}
	return a && a->info.n ? &a->info : NULL;
}

/* Opening ------------------------------------------------------------------------------- */

static bool has_dwarf(const struct kernel *k)
{
	if (k->vmlinux && k->vmlinux->has_dwarf)
		return true;
	for (size_t i = 0; i < k->modules.n; i++)
		if (k->modules.list[i].debug_path)
			return true;
	return false;
}

char *lines_lack(const struct kernel *k, const char *also)
{
	char *text = NULL;

	if (k->vmlinux && k->vmlinux->has_dwarf)
		return NULL;
	if (asprintf(&text,
		     "%s%s: stacks come without source lines, arguments and inlined functions%s; "
		     "the debug package has it (Debian: linux-image-%s-dbg)",
		     k->vmlinux ? k->vmlinux->path : "no vmlinux was found",
		     k->vmlinux ? " has no debug information (DWARF)" : "", also,
		     k->release ? k->release : "...") < 0)
		return NULL;
	return text;
}

int lines_open(const struct kernel *k, struct lines **out, struct kd_err *err)
{
	struct lines *l;

	if (!has_dwarf(k))
		return kd_fail(err, KD_NOTFOUND, "no file of this kernel has source lines (DWARF)");
	l = calloc(1, sizeof(*l));
	if (!l)
		return kd_nomem(err);
	l->k = k;
	pthread_mutex_init(&l->opening, NULL);
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->answered, NULL);
	l->nslots = SLOTS_FIRST;
	l->slots = calloc(l->nslots, sizeof(*l->slots));
	l->files = calloc(k->modules.n + 1, sizeof(*l->files));
	l->tried = calloc(k->modules.n + 1, sizeof(*l->tried));
	if (!l->slots || !l->files || !l->tried) {
		lines_close(l);
		return kd_nomem(err);
	}
	*out = l;
	return 0;
}

void lines_close(struct lines *l)
{
	if (!l)
		return;
	for (size_t i = 0; l->slots && i < l->nslots; i++)
		answer_free(l->slots[i]);
	for (size_t i = 0; l->files && i <= l->k->modules.n; i++)
		line_file_close(l->files[i]);
	pthread_mutex_destroy(&l->opening);
	pthread_mutex_destroy(&l->lock);
	pthread_cond_destroy(&l->answered);
	free(l->slots);
	free(l->files);
	free(l->tried);
	free(l->root);
	free(l);
}
