// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernel log: see log.h. Here is the choice of its form and what they share. */
#include "kernel/log.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/damage.h"
#include "kernel/kernel.h"
#include "kernel/log_priv.h"

int log_add(struct log_reader *r, const struct log_record *rec, vaddr_t at, size_t len,
	    struct kd_err *err)
{
	struct log *l = r->log;
	struct log_record *to;
	size_t done;

	if (l->n == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 1024;
		struct log_record *p = realloc(l->list, cap * sizeof(*p));

		if (!p)
			return kd_nomem(err);
		l->list = p;
		r->cap = cap;
	}
	to = &l->list[l->n];
	*to = *rec;
	to->text = malloc(len + 1);
	if (!to->text)
		return kd_nomem(err);
	l->n++;
	if (windows_read(r->w, at, to->text, len, &done))
		r->missing++;
	if (done && to->text[done - 1] == '\n')
		done--;
	to->text[done] = '\0';
	to->len = done;
	return 0;
}

bool log_symbol(const struct kernel *k, const char *name, vaddr_t *addr)
{
	return vmcoreinfo_number(k->dump->vmcoreinfo, "SYMBOL", name, addr) ||
	       (k->symbols && kernel_symbol(k, name, addr));
}

int log_variable(const struct kernel *k, const char *name, size_t size, uint64_t *value,
		 struct kd_err *err)
{
	vaddr_t addr;
	int status;

	if (!log_symbol(k, name, &addr))
		return kd_fail(err, KD_NOTFOUND, "the dump does not say where %s is", name);
	status = space_read_uint(&k->space, addr, size, value, err);
	return status ? kd_context(err, status, "%s", name) : 0;
}

int log_read(const struct kernel *k, struct log *l, struct kd_err *err)
{
	_cleanup_(freep) struct windows *w = windows_new(&k->space);
	struct log_reader r = {.k = k, .w = w, .log = l};
	vaddr_t addr;
	int status;

	*l = (struct log){0};
	if (!w)
		return kd_nomem(err);
	if (log_symbol(k, "prb", &addr))
		status = log_read_ring(&r, err);
	else if (log_symbol(k, "log_first_idx", &addr))
		status = log_read_records(&r, err);
	else if (log_symbol(k, "log_end", &addr))
		status = log_read_text(&r, err);
	else
		status = kd_fail(err, KD_NOTFOUND,
				 "neither VMCOREINFO nor the symbols say where it is");
	if (status) {
		log_fini(l);
		return kd_context(err, status, "kernel log");
	}
	l->partial |= r.missing != 0;
	if (r.missing)
		damage_note(&l->damage, "%zu records are missing or cut: %s", r.missing,
			    w->err.text);
	return 0;
}

void log_fini(struct log *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->list[i].text);
	free(l->list);
	free(l->damage);
	*l = (struct log){0};
}
