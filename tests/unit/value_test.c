// SPDX-License-Identifier: GPL-3.0-or-later
/* What the kernel's data points to, in a kernel written by hand. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "capture/value_roots.h"
#include "core/page_trace.h"
#include "kernel/kernel.h"
#include "mkdump.h"

/*
 * 2 MB of memory, in the image from 0xffffffff80000000 on and in the linear map from
 * 0xffff888000000000 on; page tables are at 0x1000 to 0x4000. The kernel's data is at 0x5000.
 */
#define KERNEL \
	"load 0 0 0x200000 0x200000\n" \
	"vmcoreinfo SYMBOL(swapper_pg_dir)=ffffffff80001000\n" \
	"vmcoreinfo NUMBER(phys_base)=0\n" \
	"poke 0x1ff8 8 0x2063\n" \
	"poke 0x2ff0 8 0x3063\n" \
	"poke 0x3000 8 0x00e3\n" \
	"poke 0x1888 8 0x4063\n" \
	"poke 0x4000 8 0x3063\n" /* the same table: 2 MB at 0 */
#define LINEAR "0xffff8880000"
#define IMAGE "0xffffffff800"

struct world {
	struct kernel k;
	struct page_trace *trace;
};

static void make(struct world *w, const char *text)
{
	char *path = mkdump(text);
	struct kd_err err = KD_ERR_INIT;
	struct kernel *k = &w->k;

	*w = (struct world){ .k = { .arch = &arch_x86_64 } };
	assert_int_equal(dump_open(path, &k->dump, &err), 0);
	unlink(path);
	free(path);
	assert_int_equal(space_init_kernel(&k->space, k->arch, k->dump, &err), 0);
	assert_int_equal(symbols_new(&k->symbols, &err), 0);
	symbols_add(k->symbols, "_text", NULL, 0xffffffff80000000, 0, 'T', &err);
	symbols_add(k->symbols, "_sdata", NULL, 0xffffffff80005000, 0, 'D', &err);
	symbols_add(k->symbols, "_edata", NULL, 0xffffffff80006000, 0, 'D', &err);
	symbols_add(k->symbols, "_end", NULL, 0xffffffff80007000, 0, 'B', &err);
	assert_int_equal(symbols_finish(k->symbols, &err), 0);
	assert_int_equal(page_trace_new(12, &w->trace, &err), 0);
	k->dump->trace = w->trace;
}

static bool was_read(const struct world *w, pfn_t pfn)
{
	struct traced_page *list;
	bool found = false;
	size_t n;

	assert_int_equal(page_trace_list(w->trace, &list, &n, NULL), 0);
	for (size_t i = 0; i < n; i++)
		found |= list[i].pfn == pfn;
	free(list);
	return found;
}

static void finish(struct world *w)
{
	symbols_free(w->k.symbols);
	dump_close(w->k.dump);
	page_trace_free(w->trace);
}

static void pointers_and_their_lists_are_followed(void **state)
{
	struct world w;

	(void)state;
	make(&w, KERNEL
	     "poke 0x5008 8 " LINEAR "10800\n" /* an object */
	     "poke 0x10840 8 " LINEAR "20800\n" /* with a list of two */
	     "poke 0x10848 8 " LINEAR "30000\n"
	     "poke 0x20800 8 " LINEAR "30000\n"
	     "poke 0x20808 8 " LINEAR "10840\n"
	     "poke 0x30000 8 " LINEAR "10840\n"
	     "poke 0x30008 8 " LINEAR "20800\n"
	     "poke 0x30010 8 " LINEAR "90000\n"   /* what an entry points to is not followed */
	     "poke 0x5100 8 " LINEAR "40800\n"	   /* a list of one, in the data itself */
	     "poke 0x5108 8 " LINEAR "40800\n"
	     "poke 0x40800 8 " IMAGE "05100\n"
	     "poke 0x40808 8 " IMAGE "05100\n"
	     "poke 0x5200 8 " LINEAR "50801\n"	   /* no address of an object */
	     "poke 0x5208 8 0x70000\n"		   /* nor is this */
	     "poke 0x5210 8 " IMAGE "06800\n");   /* the image itself is known */
	value_roots_follow(&w.k);
	assert_true(was_read(&w, 0x5));
	assert_true(was_read(&w, 0x10));
	assert_true(was_read(&w, 0x20));
	assert_true(was_read(&w, 0x30));
	assert_true(was_read(&w, 0x2f)); /* the entry's object may begin there */
	assert_false(was_read(&w, 0x1f));
	assert_true(was_read(&w, 0x40));
	assert_false(was_read(&w, 0x90));
	assert_false(was_read(&w, 0x50));
	assert_false(was_read(&w, 0x70));
	assert_false(was_read(&w, 0x6));
	finish(&w);
}

static void lists_that_do_not_lead_back_are_none(void **state)
{
	struct world w;

	(void)state;
	make(&w, KERNEL
	     "poke 0x5100 8 " LINEAR "40800\n" /* its first entry knows another */
	     "poke 0x5108 8 " LINEAR "50800\n"
	     "poke 0x40800 8 " LINEAR "60800\n"
	     "poke 0x40808 8 " LINEAR "50800\n"
	     "poke 0x60800 8 " LINEAR "70800\n"
	     "poke 0x5200 8 " LINEAR "80800\n" /* one that loops behind its head */
	     "poke 0x5208 8 " LINEAR "90800\n"
	     "poke 0x80800 8 " LINEAR "a0800\n"
	     "poke 0x80808 8 " IMAGE "05200\n"
	     "poke 0x90800 8 " IMAGE "05200\n"
	     "poke 0xa0800 8 " LINEAR "80800\n"
	     "poke 0x5300 8 0xffff900000000000\n"); /* nothing is there */
	value_roots_follow(&w.k);
	assert_true(was_read(&w, 0x40)); /* as an object */
	assert_false(was_read(&w, 0x70));
	assert_true(was_read(&w, 0xa0));
	finish(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pointers_and_their_lists_are_followed),
		cmocka_unit_test(lists_that_do_not_lead_back_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
