// SPDX-License-Identifier: GPL-3.0-or-later
/* What is worth most, in real dumps: which pages are found, and that their order is one. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture/value.h"
#include "core/page_trace.h"
#include "kernel/kernel.h"

static const char *const cores[] = { "x86_64", "x86_64-irq", "i386-pae-elf64", "i386-nopae-elf64",
				     "i386-nopae-elf32" };

struct found {
	struct kernel *k;
	struct page_trace *trace;
	struct value v;
};

static struct found find(const char *core)
{
	const char *build = getenv("KDVIEW_BUILD");
	struct kd_err err = KD_ERR_INIT;
	struct found f = { .k = NULL };
	char path[512];
	struct kernel_options ko = { .dump_path = path, .alone = true };

	snprintf(path, sizeof(path), "%s/cores/%s/vmcore", build ? build : "build", core);
	assert_int_equal(page_trace_new(12, &f.trace, &err), 0);
	ko.trace = f.trace;
	if (kernel_open(&ko, &f.k, &err) || value_find(f.k, f.trace, &f.v, &err))
		fail_msg("%s: %s", core, err.text);
	f.k->dump->trace = NULL;
	return f;
}

static void end(struct found *f)
{
	value_fini(&f->v);
	kernel_close(f->k);
	page_trace_free(f->trace);
}

/* The tier of the page at VA; VALUE_REST: none. */
static enum value_tier tier_of(const struct found *f, vaddr_t va)
{
	paddr_t pa;

	if (space_translate(&f->k->space, va, &pa, NULL, NULL))
		fail_msg("%#llx is not mapped", (unsigned long long)va);
	for (size_t i = 0; i < f->v.n; i++)
		if (pa >> 12 >= f->v.runs[i].first &&
		    (pa >> 12) - f->v.runs[i].first < f->v.runs[i].n)
			return f->v.runs[i].tier;
	return VALUE_REST;
}

static int by_first(const void *a, const void *b)
{
	const struct value_run *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static void runs_are_sorted_disjoint_and_of_this_memory(void **state)
{
	(void)state;
	for (size_t c = 0; c < KD_ARRAY_SIZE(cores); c++) {
		struct found f = find(cores[c]);
		uint64_t pages = 0, of_tier[VALUE_TIERS] = { 0 };
		struct dump_totals totals;
		struct value_run *r = f.v.runs;

		dump_count(f.k->dump, &totals);
		assert_true(f.v.n > 0);
		for (size_t i = 0; i < f.v.n; i++) {
			assert_true(r[i].n > 0);
			/* slab is told by struct pages, the rest by nothing */
			assert_true(r[i].tier < VALUE_SLAB);
			if (i)
				assert_true(r[i].tier > r[i - 1].tier ||
					    (r[i].tier == r[i - 1].tier &&
					     r[i].first >= r[i - 1].first + r[i - 1].n));
			of_tier[r[i].tier] += r[i].n;
			pages += r[i].n;
		}
		qsort(r, f.v.n, sizeof(*r), by_first);
		for (size_t i = 1; i < f.v.n; i++)
			assert_true(r[i].first >= r[i - 1].first + r[i - 1].n);
		assert_true(pages <= totals.ram >> 12);
		for (unsigned t = 0; t < VALUE_SLAB; t++)
			if (!of_tier[t])
				fail_msg("%s: no page of %s", cores[c], value_tier_words(t));
		end(&f);
	}
}

/* No later than its tier: a page that several need has the first of them. */
static void what_a_report_needs_comes_when_it_is_needed(void **state)
{
	size_t stacks = 0;

	(void)state;
	for (size_t c = 0; c < KD_ARRAY_SIZE(cores); c++) {
		struct found f = find(cores[c]);
		const struct kernel *k = f.k;
		vaddr_t at;

		assert_true(kernel_symbol(k, "prb", &at));
		assert_int_equal(tier_of(&f, at), VALUE_LOG);
		assert_int_equal(space_read_ptr(&k->space, at, &at, NULL), 0);
		assert_int_equal(tier_of(&f, at), VALUE_LOG);
		assert_non_null(k->panic_task);
		if (k->panic_task->stack)
			assert_true(tier_of(&f, k->panic_task->stack + kernel_stack_size(k) - 1) <=
				    VALUE_PANIC);
		assert_true(tier_of(&f, k->panic_task->addr) <= VALUE_PANIC);
		for (size_t i = 0; i < k->tasks.n; i++) {
			const struct task *t = &k->tasks.list[i];
			paddr_t pa;

			assert_true(tier_of(&f, t->addr) <= VALUE_STACKS);
			if (!t->stack || space_translate(&k->space, t->stack, &pa, NULL, NULL))
				continue;
			assert_true(tier_of(&f, t->stack) <= VALUE_STACKS);
			stacks++;
		}
		assert_true(kernel_symbol(k, "_stext", &at));
		assert_true(tier_of(&f, at) <= VALUE_IMAGE);
		for (size_t i = 0; i < k->modules.n; i++)
			assert_true(tier_of(&f, k->modules.list[i].base) <= VALUE_IMAGE);
		end(&f);
	}
	assert_true(stacks > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_are_sorted_disjoint_and_of_this_memory),
		cmocka_unit_test(what_a_report_needs_comes_when_it_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
