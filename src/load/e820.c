// SPDX-License-Identifier: GPL-3.0-or-later
/* The map of memory that the second kernel is told. */
#include <inttypes.h>

#include "load/e820.h"

/* arch/x86/include/asm/e820/types.h */
uint32_t e820_type(enum range_kind kind)
{
	switch (kind) {
	case RANGE_RAM:
		return 1;
	case RANGE_ACPI:
		return 3;
	case RANGE_NVS:
		return 4;
	case RANGE_UNUSABLE:
		return 5;
	case RANGE_PMEM:
		return 7;
	case RANGE_PRAM:
		return 12;
	case RANGE_RESERVED:
	case RANGE_SOFT_RESERVED:
		break;
	}
	return 2;
}

static int usable(const struct machine *m, const struct e820_plan *plan, struct range_list *out,
		  struct kd_err *err)
{
	int ret = range_list_add(out, plan->low.start, plan->low.end, RANGE_RAM, err);

	for (size_t i = 0; i < m->ncrash && !ret; i++)
		ret = range_list_add(out, m->crash[i].start, m->crash[i].end, RANGE_RAM, err);
	for (size_t i = 0; i < plan->nkeep && !ret; i++)
		ret = range_list_cut(out, plan->keep[i].start, plan->keep[i].end, err);
	range_list_tidy(out);
	return ret;
}

/* Add what of R is not in the map yet: iomem's ranges may lie in one another. */
static int add_rest(struct range_list *out, const struct range *r, struct kd_err *err)
{
	struct range_list rest = { 0 };
	int ret = range_list_add(&rest, r->start, r->end, r->kind, err);

	for (size_t i = 0; i < out->n && !ret && rest.n; i++)
		ret = range_list_cut(&rest, out->at[i].start, out->at[i].end, err);
	for (size_t i = 0; i < rest.n && !ret; i++)
		ret = range_list_add(out, rest.at[i].start, rest.at[i].end, rest.at[i].kind, err);
	range_list_fini(&rest);
	return ret;
}

int e820_make(const struct machine *m, const struct e820_plan *plan, struct range_list *out,
	      struct kd_err *err)
{
	int ret;

	*out = (struct range_list){ 0 };
	ret = usable(m, plan, out, err);
	/* Reserved comes last: where the kernel says more, it is believed. */
	for (int reserved = 0; reserved < 2; reserved++)
		for (size_t i = 0; i < m->other.n && !ret; i++)
			if ((m->other.at[i].kind == RANGE_RESERVED) == reserved)
				ret = add_rest(out, &m->other.at[i], err);
	range_list_tidy(out);
	return ret;
}

/* How memmap= marks a kind; 0: it cannot. */
static char mark(enum range_kind kind)
{
	switch (kind) {
	case RANGE_RAM:
		return '@';
	case RANGE_ACPI:
	case RANGE_NVS:
		return '#';
	case RANGE_PRAM:
		return '!';
	case RANGE_PMEM:
		return 0;
	default:
		return '$';
	}
}

int e820_words(const struct range_list *map, char **words, struct kd_err *err)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return kd_nomem(err);
	fputs("memmap=exactmap", f);
	for (size_t i = 0; i < map->n; i++) {
		const struct range *r = &map->at[i];
		/* Whole KiB: RAM shrinks, all else grows. */
		uint64_t up = 1023 * (r->kind == RANGE_RAM), down = 1023 - up;
		uint64_t start = (r->start + up) >> 10, end = (r->end + down) >> 10;

		if (mark(r->kind) && start < end)
			fprintf(f, " memmap=%" PRIu64 "K%c%" PRIu64 "K", end - start, mark(r->kind),
				start);
	}
	if (fclose(f)) {
		free(text);
		return kd_nomem(err);
	}
	*words = text;
	return 0;
}
