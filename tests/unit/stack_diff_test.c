// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/stack_diff: what counts as a difference, and which extra frames are proven. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "kernel/kernel.h"
#include "kernel/stack_diff.h"
#include "mkdump.h"

#define BASE UINT64_C(0xc0000000)
#define OUTER (BASE + 0x2000)  /* calls middle: the call ends at 0x2010 */
#define MIDDLE (BASE + 0x2100) /* jumps to inner: the jump ends at 0x2120 */
#define INNER (BASE + 0x2200)

static void open_kernel(struct kernel *k)
{
	static const struct {
		const char *name;
		vaddr_t addr;
	} functions[] = { { "outer", OUTER }, { "middle", MIDDLE }, { "inner.cold", INNER } };
	char *path = mkdump("class 32\nmachine 3\nvmcoreinfo SYMBOL(swapper_pg_dir)=c0001000\n"
			    "load 0 0xc0000000 0x8000 0x8000\npoke 0x1c00 4 0x00e3\n"
			    "poke 0x200b 1 0xe8\npoke 0x200c 4 0xf0\n"
			    "poke 0x211b 1 0xe9\npoke 0x211c 4 0xe0\n"
			    "poke 0x214e 2 0xb0eb\n");

	memset(k, 0, sizeof(*k));
	assert_int_equal(dump_open(path, &k->dump, NULL), 0);
	unlink(path);
	free(path);
	k->arch = &arch_i386;
	assert_int_equal(space_init_kernel(&k->space, k->arch, k->dump, NULL), 0);
	assert_int_equal(symbols_new(&k->symbols, NULL), 0);
	for (size_t i = 0; i < KD_ARRAY_SIZE(functions); i++)
		assert_int_equal(symbols_add(k->symbols, functions[i].name, NULL, functions[i].addr,
					     0x100, 't', NULL),
				 0);
	assert_int_equal(symbols_finish(k->symbols, NULL), 0);
}

static void close_kernel(struct kernel *k)
{
	symbols_free(k->symbols);
	dump_close(k->dump);
}

static char inner[] = "inner", middle[] = "middle", outer[] = "outer", file[] = "a.c";

static const struct frame in_inner = {
	.pc = INNER + 8, .function = inner, .file = file, .line = 3
};
static const struct frame in_middle = { .pc = MIDDLE + 0x20, .function = middle, .file = file };
static const struct frame in_outer = { .pc = OUTER + 0x10, .function = outer, .offset = 0x10 };

static struct stack_diff compare(const struct kernel *k, struct frame *a, size_t na,
				 struct frame *b, size_t nb, size_t limit)
{
	struct stack sa = { .frames = a, .nframes = na }, sb = { .frames = b, .nframes = nb };
	struct stack_diff d;

	assert_int_equal(stack_diff(k, &sa, &sb, limit, &d, NULL), 0);
	return d;
}

static void equal_stacks_are_the_same(void **state)
{
	struct frame a[] = { in_inner, in_outer }, b[] = { in_inner, in_outer };
	struct stack_diff d;
	struct kernel k;

	(void)state;
	open_kernel(&k);
	d = compare(&k, a, 2, b, 2, 0);
	assert_int_equal(d.same, 2);
	assert_int_equal(d.differ + d.tail, 0);
	stack_diff_fini(&d);
	close_kernel(&k);
}

static void every_part_of_a_frame_counts(void **state)
{
	static char other[] = "other";
	static const struct {
		struct frame f;
		const char *what;
	} cases[] = {
		{ { .pc = INNER + 8, .function = inner, .file = file, .line = 4 }, "line" },
		{ { .pc = INNER + 8, .function = inner, .file = other, .line = 3 }, "file" },
		{ { .pc = INNER + 8, .function = inner, .line = 3 }, "file" },
		{ { .pc = INNER + 8, .function = other, .file = file, .line = 3 }, "function" },
		{ { .pc = INNER + 9, .function = inner, .file = file, .line = 3 },
		  "program counter" },
		{ { .pc = INNER + 8, .function = inner, .file = file, .line = 3, .offset = 1 },
		  "offset" },
		{ { .pc = INNER + 8, .function = inner, .file = file, .line = 3, .module = other },
		  "module" },
		{ { .pc = INNER + 8,
		    .function = inner,
		    .file = file,
		    .line = 3,
		    .kind = FRAME_INLINE },
		  "kind" },
		{ { .pc = INNER + 8,
		    .function = inner,
		    .file = file,
		    .line = 3,
		    .regs = { .value = { 5 }, .known = 1 } },
		  "registers" },
	};
	struct kernel k;

	(void)state;
	open_kernel(&k);
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		struct frame a[] = { in_inner, in_outer }, b[] = { cases[i].f, in_outer };
		struct stack_diff d;

		a[0].regs = (struct regs){ .value = { 4, 9 }, .known = 3 };
		d = compare(&k, a, 2, b, 2, 0);
		assert_int_equal(d.differ, 1);
		assert_string_equal(d.pairs[0].what, cases[i].what);
		assert_int_equal(d.same, 1);
		stack_diff_fini(&d);
	}
	close_kernel(&k);
}

static void a_file_may_be_named_from_its_own_folder_on(void **state)
{
	static char relative[] = "m/a.c", full[] = "/src/m/a.c", other[] = "/src/n/a.c",
		    longer[] = "am/a.c";
	static const struct {
		char *a, *b;
		size_t differ;
	} cases[] = {
		{ relative, full, 0 }, { full, file, 0 },    { full, other, 1 },
		{ relative, other, 1 }, { longer, relative, 1 }, { full, NULL, 1 },
	};
	struct kernel k;

	(void)state;
	open_kernel(&k);
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		struct frame a = in_inner, b = in_inner;
		struct stack_diff d;

		a.file = cases[i].a;
		b.file = cases[i].b;
		d = compare(&k, &a, 1, &b, 1, 0);
		assert_int_equal(d.differ, cases[i].differ);
		stack_diff_fini(&d);
		d = compare(&k, &b, 1, &a, 1, 0);
		assert_int_equal(d.differ, cases[i].differ);
		stack_diff_fini(&d);
	}
	close_kernel(&k);
}

/* outer called middle, and middle jumped to inner: only debug information knows middle. */
static void tail_calls_are_proven_by_the_code(void **state)
{
	struct frame a[] = { in_inner, in_outer }, b[] = { in_inner, in_middle, in_outer };
	struct frame c[] = { in_inner, { .pc = MIDDLE + 0x21, .function = middle }, in_outer };
	struct frame e[] = { in_inner, { .pc = MIDDLE + 0x20, .function = outer }, in_outer };
	struct stack_diff d;
	struct kernel k;

	(void)state;
	open_kernel(&k);
	d = compare(&k, a, 2, b, 3, 0);
	assert_int_equal(d.same, 2);
	assert_int_equal(d.tail, 1);
	assert_int_equal(d.differ, 0);
	assert_int_equal(d.pairs[1].match, FRAME_TAIL);
	assert_int_equal(d.pairs[1].a, -1);
	stack_diff_fini(&d);
	/* no jump there; not the function that was called */
	d = compare(&k, a, 2, c, 3, 0);
	assert_int_equal(d.tail, 0);
	assert_true(d.differ > 0);
	stack_diff_fini(&d);
	d = compare(&k, a, 2, e, 3, 0);
	assert_int_equal(d.tail, 0);
	stack_diff_fini(&d);
	/* nor may the first stack have it */
	d = compare(&k, b, 3, a, 2, 0);
	assert_int_equal(d.tail, 0);
	assert_true(d.differ > 0);
	stack_diff_fini(&d);
	close_kernel(&k);
}

static void short_jumps_count_too(void **state)
{
	/* the two bytes at 0x214e jump back to 0x2100 itself */
	static char again[] = "middle";
	struct frame a[] = { { .pc = MIDDLE + 4, .function = again }, in_outer };
	struct frame b[] = { a[0], { .pc = MIDDLE + 0x50, .function = again }, in_outer };
	struct stack_diff d;
	struct kernel k;

	(void)state;
	open_kernel(&k);
	d = compare(&k, a, 2, b, 3, 0);
	assert_int_equal(d.tail, 1);
	stack_diff_fini(&d);
	close_kernel(&k);
}

static void the_second_stack_may_be_cut(void **state)
{
	struct frame a[] = { in_inner, in_outer }, b[] = { in_inner };
	struct stack_diff d;
	struct kernel k;

	(void)state;
	open_kernel(&k);
	d = compare(&k, a, 2, b, 1, 1);
	assert_int_equal(d.differ, 0);
	stack_diff_fini(&d);
	d = compare(&k, a, 2, b, 1, 2);
	assert_int_equal(d.differ, 1);
	assert_int_equal(d.pairs[1].b, -1);
	stack_diff_fini(&d);
	close_kernel(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_stacks_are_the_same),
		cmocka_unit_test(every_part_of_a_frame_counts),
		cmocka_unit_test(a_file_may_be_named_from_its_own_folder_on),
		cmocka_unit_test(tail_calls_are_proven_by_the_code),
		cmocka_unit_test(short_jumps_count_too),
		cmocka_unit_test(the_second_stack_may_be_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
