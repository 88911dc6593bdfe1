// SPDX-License-Identifier: GPL-3.0-or-later
/* ELF notes to be written: see note_area.h. */
#include "capture/note_area.h"

#include <elf.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/window.h"

#define HEADER 12
#define PRSTATUS_MAX 512

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

void note_area_fini(struct note_area *n)
{
	free(n->data);
	*n = (struct note_area){ 0 };
}

static bool make_room(struct note_area *n, size_t more)
{
	size_t room = n->room ? n->room : 4096;
	uint8_t *grown;

	while (room - n->len < more)
		room *= 2;
	if (room == n->room)
		return true;
	grown = realloc(n->data, room);
	n->failed |= !grown;
	if (!grown)
		return false;
	n->data = grown;
	n->room = room;
	return true;
}

static bool is_vmcoreinfo(const char *name)
{
	return !strcmp(name, "VMCOREINFO");
}

void note_area_add(struct note_area *n, const char *name, uint32_t type, const void *desc,
		   size_t len)
{
	size_t namesz = strlen(name) + 1, total = HEADER + align4(namesz) + align4(len);
	uint32_t head[3] = { (uint32_t)namesz, (uint32_t)len, type };
	uint8_t *p;

	if (len > UINT32_MAX - 64 || n->failed || !make_room(n, total))
		return;
	p = n->data + n->len;
	memset(p, 0, total);
	memcpy(p, head, HEADER);
	memcpy(p + HEADER, name, namesz);
	if (len)
		memcpy(p + HEADER + align4(namesz), desc, len);
	if (is_vmcoreinfo(name)) {
		n->info_off = n->len + HEADER + align4(namesz);
		n->info_len = len;
	}
	n->cpus += type == NT_PRSTATUS && !strcmp(name, "CORE");
	n->len += total;
}

/* The text of a VMCOREINFO that is no note; owned by the caller. */
static char *vmcoreinfo_text(const struct vmcoreinfo *vi, size_t *len)
{
	const char *key, *value;
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (!f)
		return NULL;
	for (size_t i = 0; vmcoreinfo_line(vi, i, &key, &value); i++)
		fprintf(f, "%s=%s\n", key, value);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

int note_area_of_dump(struct note_area *n, const struct dump *d, struct kd_err *err)
{
	*n = (struct note_area){ 0 };
	for (size_t i = 0; i < d->nnotes; i++)
		note_area_add(n, d->notes[i].name, d->notes[i].type, d->notes[i].desc,
			      d->notes[i].len);
	if (d->vmcoreinfo && !n->info_len) {
		size_t len = 0;
		_cleanup_(freep) char *text = vmcoreinfo_text(d->vmcoreinfo, &len);

		if (!text)
			return kd_nomem(err);
		note_area_add(n, "VMCOREINFO", 0, text, len);
	}
	return n->failed ? kd_nomem(err) : 0;
}

/* Tasks ------------------------------------------------------------------------------- */

/* The order in which a debugger numbers them: its thread 1 is what crashed. */
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

/* struct elf_prstatus ends with the word pr_fpvalid, padded to a long. */
static size_t prstatus_size(const struct arch *a)
{
	return (a->prstatus_min + 4u + a->ptr_size - 1) / a->ptr_size * a->ptr_size;
}

static void add_task(struct note_area *n, const struct arch *a, uint32_t id, const struct regs *r)
{
	uint8_t desc[PRSTATUS_MAX] = { 0 };

	if (prstatus_size(a) > sizeof(desc))
		return;
	memcpy(desc + a->prstatus_pid, &id, sizeof(id));
	for (unsigned i = 0; i < a->nregs; i++) {
		const struct arch_reg *reg = &a->regs[i];

		if (reg->prstatus >= 0 && regs_known(r, i))
			memcpy(desc + reg->prstatus, &r->value[i], reg->prstatus_size);
	}
	note_area_add(n, "CORE", NT_PRSTATUS, desc, prstatus_size(a));
}

int note_area_tasks(struct note_area *n, const struct kernel *k, size_t *ntasks,
		    struct kd_err *err)
{
	const struct tasks *all = &k->tasks;
	_cleanup_(freep) const struct task **order = calloc(all->n + 1, sizeof(*order));
	_cleanup_(freep) struct windows *w = windows_new(&k->space);

	*ntasks = 0;
	if (!order || !w)
		return kd_nomem(err);
	for (size_t i = 0; i < all->n; i++)
		order[i] = &all->list[i];
	qsort(order, all->n, sizeof(*order), by_interest);
	for (size_t i = 0; i < all->n; i++) {
		struct regs r;

		/* One whose registers are lost would be a thread at address 0. */
		if (task_regs_by(k, w, order[i], &r, NULL) || !regs_known(&r, k->arch->pc))
			continue;
		/* Debuggers tell threads by this number: 0 is none. */
		add_task(n, k->arch,
			 order[i]->thread_id ? order[i]->thread_id : 0x50000000 + (uint32_t)i, &r);
		++*ntasks;
	}
	return n->failed ? kd_nomem(err) : 0;
}
