// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/whatis and slab: the head of a page, and whether an object is free. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "kernel/kernel.h"
#include "kernel/objects.h"
#include "kernel/whatis.h"
#include "mkdump.h"

/*
 * i386, 4 MB mapped at 0xc0000000. struct pages of 32 bytes at 0x5000; page frames 8 and 9
 * are a slab of the cache at 0x3000, with four objects of 0x800 bytes: number 0 is in use,
 * 1 on the slab's freelist, 2 in CPU 0's main sheaf (at 0x6000), 3 in one of node 0's barn
 * (at 0x6100, the barn at 0x6200).
 */
#define LINEAR UINT64_C(0xc0000000)
#define OBJECT(i) (LINEAR + 0x8000 + 0x800 * (i))
#define MACHINE                                                                                    \
	"class 32\nmachine 3\nvmcoreinfo SYMBOL(swapper_pg_dir)=c0001000\n"                        \
	"load 0 0xc0000000 0xb000 0xb000\npoke 0x1c00 4 0x00e3\n"                                  \
	"poke 0x2f00 4 0xc0005000\n" /* mem_map */                                                 \
	"poke 0x5108 4 0xf5000000\n" /* page 8: a slab */                                          \
	"poke 0x5110 4 0xc0003000\npoke 0x5114 4 0xc0008800\npoke 0x5118 4 4\n"                    \
	"poke 0x3000 4 0xc0003f00\npoke 0x3f00 4 0x65646f6e\n" /* "node" */                        \
	"poke 0x3004 4 0x800\npoke 0x3008 4 0x700\npoke 0x3010 4 0x100\n"                          \
	"poke 0x3020 4 0xc0006200\n" /* per_node[0] */                                             \
	"poke 0x4100 4 0xc0006000\n" /* CPU 0: main */                                             \
	"poke 0x6008 4 1\npoke 0x600c 4 0xc0009000\n"                                              \
	"poke 0x6200 4 0xc0006100\npoke 0x6204 4 0xc0006100\n"                                     \
	"poke 0x6100 4 0xc0006200\npoke 0x6104 4 0xc0006200\n"                                     \
	"poke 0x6108 4 1\npoke 0x610c 4 0xc0009800\n"

#define AT(n)                                                                                      \
	{                                                                                          \
		.found = true, .offset = (n), .size = 4                                            \
	}

static struct objects members(void)
{
	return (struct objects){
		.size_page = 32,
		.page_flags = AT(0),
		.page_compound_head = AT(4),
		.page_type = AT(8),
		.page_refcount = AT(12),
		.pgty_slab = { .found = true, .value = 0xf5 },
		.slab_slab_cache = AT(16),
		.slab_freelist = AT(20),
		.slab_objects = AT(24),
		.kmem_cache_name = AT(0),
		.kmem_cache_size = AT(4),
		.kmem_cache_object_size = AT(8),
		.kmem_cache_offset = AT(12),
		.kmem_cache_cpu_sheaves = AT(16),
		.kmem_cache_per_node = AT(32),
		.kmem_cache_per_node_barn = AT(0),
		.size_kmem_cache_per_node = 4,
		.cpu_sheaves_main = AT(0),
		.cpu_sheaves_spare = AT(4),
		.cpu_sheaves_rcu_free = AT(8),
		.slab_sheaf_list = AT(0),
		.slab_sheaf_size = AT(8),
		.slab_sheaf_objects = AT(12),
		.node_barn_full = AT(0),
	};
}

/* What ADDR is on the machine, with its memory changed by TEXT. */
static struct whatis ask(const char *text, const struct objects *o, vaddr_t addr)
{
	struct cpu cpu = { .percpu = LINEAR + 0x4000 };
	struct kernel k = { .arch = &arch_i386 };
	char description[2048], *path;
	struct whatis w;

	snprintf(description, sizeof(description), "%s%s", MACHINE, text);
	path = mkdump(description);
	assert_int_equal(dump_open(path, &k.dump, NULL), 0);
	unlink(path);
	free(path);
	assert_int_equal(space_init_kernel(&k.space, k.arch, k.dump, NULL), 0);
	assert_int_equal(symbols_new(&k.symbols, NULL), 0);
	assert_int_equal(symbols_add(k.symbols, "mem_map", NULL, LINEAR + 0x2f00, 4, 'D', NULL), 0);
	assert_int_equal(symbols_finish(k.symbols, NULL), 0);
	k.cpus.list = &cpu;
	k.cpus.n = 1;
	whatis(&k, o, NULL, addr, &w);
	w.cpu = NULL;
	symbols_free(k.symbols);
	dump_close(k.dump);
	return w;
}

static void expect_object(const struct whatis *w, unsigned i, enum slab_state state)
{
	assert_true(w->has_slab);
	assert_string_equal(w->cache, "node");
	assert_int_equal(w->object, OBJECT(i));
	assert_int_equal(w->object_state, state);
}

/* Objects 2 and 3 lie in the second page. */
static const char *const tails[] = {
	"poke 0x5124 4 0xc0005101\n", /* the head's address and bit 0 */
	"poke 0x5124 4 0xffffffc1\n", /* a mask and bit 0 */
};

static void head_of_a_page_is_found_by_address_and_by_mask(void **state)
{
	struct objects o = members();

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(tails); i++) {
		struct whatis w = ask(tails[i], &o, OBJECT(3) + 0x10);

		expect_object(&w, 3, SLAB_FREE);
		assert_int_equal(w.page.page, LINEAR + 0x5120);
	}
}

static void tail_that_leads_nowhere_is_no_slab(void **state)
{
	static const char *const bad[] = {
		"",			      /* no tail at all */
		"poke 0x5124 4 0xc0004001\n", /* ahead of all pages */
		"poke 0x5124 4 0xc0005105\n", /* inside of one */
		"poke 0x5124 4 0xfff00001\n", /* a mask that leads to before the array */
		"poke 0x5124 4 0x1\n",
	};
	struct objects o = members();

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(bad); i++)
		assert_false(ask(bad[i], &o, OBJECT(2)).has_slab);
}

static void objects_in_sheaves_are_free(void **state)
{
	struct objects o = members();

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct whatis w = ask(tails[1], &o, OBJECT(i));

		expect_object(&w, i, i ? SLAB_FREE : SLAB_ALLOCATED);
	}
}

static void objects_that_wait_for_rcu_are_told(void **state)
{
	struct objects o = members();
	struct whatis w = ask("poke 0x4108 4 0xc0006300\npoke 0x6308 4 2\n"
			      "poke 0x630c 4 0xc0001234\npoke 0x6310 4 0xc0008000\n",
			      &o, OBJECT(0));

	(void)state;
	expect_object(&w, 0, SLAB_WAITS_FOR_RCU);
}

static void sheaves_without_their_types_are_left_alone(void **state)
{
	struct objects o = members();
	struct whatis w;

	(void)state;
	o.node_barn_full.found = false;
	w = ask(tails[1], &o, OBJECT(3));
	expect_object(&w, 3, SLAB_ALLOCATED);
	o.slab_sheaf_size.found = false;
	w = ask(tails[1], &o, OBJECT(2));
	expect_object(&w, 2, SLAB_ALLOCATED);
}

/* A sheaf that says it has more than there can be, one in no memory, a list that loops. */
static void damaged_sheaves_end(void **state)
{
	struct objects o = members();
	struct whatis w;

	(void)state;
	w = ask("poke 0x6008 4 0xffffffff\n", &o, OBJECT(0));
	expect_object(&w, 0, SLAB_ALLOCATED);
	w = ask("poke 0x4100 4 0xdeadbeef\n", &o, OBJECT(0));
	expect_object(&w, 0, SLAB_ALLOCATED);
	w = ask("poke 0x6100 4 0xc0006100\n", &o, OBJECT(0));
	expect_object(&w, 0, SLAB_ALLOCATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_of_a_page_is_found_by_address_and_by_mask),
		cmocka_unit_test(tail_that_leads_nowhere_is_no_slab),
		cmocka_unit_test(objects_in_sheaves_are_free),
		cmocka_unit_test(objects_that_wait_for_rcu_are_told),
		cmocka_unit_test(sheaves_without_their_types_are_left_alone),
		cmocka_unit_test(damaged_sheaves_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
