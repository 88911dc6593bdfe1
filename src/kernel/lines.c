// SPDX-License-Identifier: GPL-3.0-or-later
/* From code to source: see lines.h. */
#include "kernel/lines.h"

#include <dwarf.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/line_file.h"
#include "kernel/line_table.h"
#include "kernel/stack.h"
#include "kernel/types_units.h"

#define DEPTH_MAX 64	/* blocks in blocks */
#define SLOTS_FIRST 256 /* of answers, a power of 2 */

/* An answer; info.n 0: nothing is known there. */
struct answer {
	vaddr_t pc;
	struct line_info info; /* files in it are owned, functions are libdw's */
};

struct lines {
	const struct kernel *k;
	char *root; /* see source_below() */
	bool has_root;
	struct line_file **files; /* of the kernel, then of its modules; NULL: not opened yet */
	bool *tried;
	pthread_mutex_t asking; /* of root, files and tried, and of libdw, which is none itself */

	struct answer **slots; /* open addressing; by pc */
	size_t nslots, used;
	pthread_mutex_t lock; /* of slots; never held while libdw works */
};

/* Answers --------------------------------------------------------------------------- */

static size_t slot_of(const struct lines *l, vaddr_t pc)
{
	size_t at = (size_t)((pc * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (l->nslots - 1);

	while (l->slots[at] && l->slots[at]->pc != pc)
		at = (at + 1) & (l->nslots - 1);
	return at;
}

static struct answer *recall(struct lines *l, vaddr_t pc)
{
	struct answer *a;

	pthread_mutex_lock(&l->lock);
	a = l->slots[slot_of(l, pc)];
	pthread_mutex_unlock(&l->lock);
	return a;
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

static bool keep(struct lines *l, struct answer *a)
{
	bool ok;

	pthread_mutex_lock(&l->lock);
	ok = 2 * (l->used + 1) <= l->nslots || grow(l);
	if (ok) {
		l->slots[slot_of(l, a->pc)] = a;
		l->used++;
	}
	pthread_mutex_unlock(&l->lock);
	return ok;
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

/* Asking libdw --------------------------------------------------------------------------- */

struct place {
	struct line_file *file;
	Dwarf_Die unit;
	uint64_t table; /* offset of its line table; UINT64_MAX: it has none */
	Dwarf_Addr pc;	/* as the file has it */
};

/* DIEs that hold pc, outermost first: a function and what is inlined there. */
struct scopes {
	Dwarf_Die list[DEPTH_MAX];
	size_t n;
};

/* The child of PARENT, in any namespace, whose code PC is in. */
static bool child_with(Dwarf_Die *parent, Dwarf_Addr pc, Dwarf_Die *out, unsigned depth)
{
	Dwarf_Die die;

	if (depth > DEPTH_MAX || dwarf_child(parent, &die))
		return false;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_subprogram:
		case DW_TAG_inlined_subroutine:
		case DW_TAG_lexical_block:
			if (dwarf_haspc(&die, pc) <= 0)
				break;
			*out = die;
			return true;
		case DW_TAG_namespace: /* of Rust */
			if (child_with(&die, pc, out, depth + 1))
				return true;
			break;
		default:
			break;
		}
	} while (die_step(&die));
	return false;
}

static void find_scopes(const struct place *p, struct scopes *s)
{
	Dwarf_Die die = p->unit, next;

	s->n = 0;
	for (unsigned depth = 0; depth < DEPTH_MAX && child_with(&die, p->pc, &next, 0); depth++) {
		die = next;
		if (dwarf_tag(&die) != DW_TAG_lexical_block)
			s->list[s->n++] = die;
	}
}

static char *file_name(const struct lines *l, const struct place *p, uint64_t number)
{
	char name[PATH_MAX];

	if (line_table_file(line_file_data(p->file), p->table, number, name, sizeof(name), NULL))
		return NULL;
	return strdup(source_below(l->root, name));
}

/* Functions and where in each the next one is, from the outside in. */
static void fill(const struct lines *l, const struct place *p, struct scopes *s,
		 struct line_info *out)
{
	struct line_place at;

	for (size_t i = 0; i < s->n; i++) {
		struct line_frame *f = &out->frames[out->n - 1 - i];
		uint64_t file, line;

		f->function = dwarf_diename(&s->list[i]);
		if (i + 1 == s->n || !die_number(&s->list[i + 1], DW_AT_call_line, &line) ||
		    !die_number(&s->list[i + 1], DW_AT_call_file, &file))
			continue;
		f->line = (unsigned)line;
		f->file = file_name(l, p, file);
	}
	if (line_table_find(line_file_data(p->file), p->table, p->pc, &at, NULL))
		return;
	out->frames[0].line = at.line;
	out->frames[0].file = file_name(l, p, at.file);
}

static bool place_of(struct line_file *f, Dwarf_Addr pc, struct place *out)
{
	*out = (struct place){ .file = f, .pc = pc, .table = UINT64_MAX };
	if (!line_file_unit(f, pc, &out->unit))
		return false;
	die_number(&out->unit, DW_AT_stmt_list, &out->table);
	return true;
}

/* What stands before "init/main.c" in the name of that file, which has start_kernel(). */
static void learn_root(struct lines *l)
{
	static const char main_c[] = "init/main.c";
	char name[PATH_MAX];
	struct line_place at;
	struct place p;
	vaddr_t start;
	size_t len;

	l->has_root = true;
	if (!l->files[0] || !kernel_symbol(l->k, "start_kernel", &start) ||
	    !place_of(l->files[0], line_file_pc(l->files[0], start), &p) ||
	    line_table_find(line_file_data(p.file), p.table, p.pc, &at, NULL) ||
	    line_table_file(line_file_data(p.file), p.table, at.file, name, sizeof(name), NULL))
		return;
	len = strlen(name);
	if (len > strlen(main_c) && !strcmp(name + len - strlen(main_c), main_c))
		l->root = strndup(name, len - strlen(main_c));
}

/* The file with what is known of PC; NULL: none. */
static struct line_file *file_of(struct lines *l, vaddr_t pc)
{
	const struct module *m = modules_by_addr(&l->k->modules, pc);
	size_t i = m ? (size_t)(m - l->k->modules.list) + 1 : 0;

	if (!l->tried[i]) {
		l->tried[i] = true;
		line_file_open(l->k, m, &l->files[i], NULL);
	}
	return l->files[i];
}

static void ask(struct lines *l, struct answer *a)
{
	struct line_file *f = file_of(l, a->pc);
	struct scopes s;
	struct place p;

	if (!f || !place_of(f, line_file_pc(f, a->pc), &p))
		return;
	if (!l->has_root) {
		file_of(l, 0);
		learn_root(l);
	}
	find_scopes(&p, &s);
	a->info.frames = calloc(s.n ? s.n : 1, sizeof(*a->info.frames));
	if (!a->info.frames)
		return;
	a->info.n = s.n ? s.n : 1;
	fill(l, &p, &s, &a->info);
}

const struct line_info *lines_find(struct lines *l, vaddr_t pc)
{
	struct answer *a = recall(l, pc);

	if (!a) {
		pthread_mutex_lock(&l->asking);
		a = recall(l, pc); /* another thread may have asked meanwhile */
		if (!a) {
			a = calloc(1, sizeof(*a));
			if (a) {
				a->pc = pc;
				ask(l, a);
			}
			if (a && !keep(l, a)) {
				answer_free(a);
				a = NULL;
			}
		}
		pthread_mutex_unlock(&l->asking);
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

int lines_open(const struct kernel *k, struct lines **out, struct kd_err *err)
{
	struct lines *l;

	if (!has_dwarf(k))
		return kd_fail(err, KD_NOTFOUND, "no file of this kernel has source lines (DWARF)");
	l = calloc(1, sizeof(*l));
	if (!l)
		return kd_nomem(err);
	l->k = k;
	pthread_mutex_init(&l->asking, NULL);
	pthread_mutex_init(&l->lock, NULL);
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
	pthread_mutex_destroy(&l->asking);
	pthread_mutex_destroy(&l->lock);
	free(l->slots);
	free(l->files);
	free(l->tried);
	free(l->root);
	free(l);
}
