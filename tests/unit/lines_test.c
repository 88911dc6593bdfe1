// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/lines: this very program as if it were a vmlinux. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <link.h>
#include <pthread.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/lines.h"

static char self[] = "/proc/self/exe";
static struct vmlinux vmlinux = { .path = self, .has_dwarf = true };

static volatile int sink;
static uintptr_t inner_pc;

static inline __attribute__((always_inline)) void innermost(void)
{
	__asm__ volatile("lea 0(%%rip), %0" : "=r"(inner_pc));
	sink++;
}

enum { INNERMOST_LINE = __LINE__ - 4 };

static inline __attribute__((always_inline)) void middle(void)
{
	innermost();
}

enum { MIDDLE_LINE = __LINE__ - 3 };

static __attribute__((noinline)) void outermost(void)
{
	middle();
}

enum { OUTERMOST_LINE = __LINE__ - 3 };

static int take_bias(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	*(uint64_t *)data = info->dlpi_addr;
	return 1; /* the program itself comes first */
}

static void open_self(struct kernel *k, struct lines **l)
{
	memset(k, 0, sizeof(*k));
	dl_iterate_phdr(take_bias, &k->kaslr_offset);
	k->vmlinux = &vmlinux;
	k->arch = &arch_x86_64;
	assert_int_equal(symbols_new(&k->symbols, NULL), 0);
	assert_int_equal(symbols_finish(k->symbols, NULL), 0);
	assert_int_equal(lines_open(k, l, NULL), 0);
}

static void close_self(struct kernel *k, struct lines *l)
{
	lines_close(l);
	symbols_free(k->symbols);
}

static bool ends_with(const char *text, const char *end)
{
	return text && strlen(text) >= strlen(end) &&
	       !strcmp(text + strlen(text) - strlen(end), end);
}

static void check(const struct line_frame *f, const char *function, unsigned line)
{
	assert_string_equal(f->function, function);
	assert_true(ends_with(f->file, "lines_test.c"));
	assert_int_equal(f->line, line);
}

static void inlined_functions_come_innermost_first(void **state)
{
	const struct line_info *info;
	struct lines *l;
	struct kernel k;

	(void)state;
	open_self(&k, &l);
	outermost();
	info = lines_find(l, inner_pc - 1);
	assert_non_null(info);
	assert_int_equal(info->n, 3);
	check(&info->frames[0], "innermost", INNERMOST_LINE);
	check(&info->frames[1], "middle", MIDDLE_LINE);
	check(&info->frames[2], "outermost", OUTERMOST_LINE);
	assert_ptr_equal(lines_find(l, inner_pc - 1), info); /* asked once */
	close_self(&k, l);
}

static void what_is_no_code_is_not_known(void **state)
{
	struct lines *l;
	struct kernel k;

	(void)state;
	open_self(&k, &l);
	assert_null(lines_find(l, 0));
	assert_null(lines_find(l, UINT64_MAX));
	assert_null(lines_find(l, (uintptr_t)&sink));
	close_self(&k, l);
}

static void without_dwarf_there_are_none(void **state)
{
	struct vmlinux stripped = { .path = self };
	struct kernel k = { .vmlinux = &stripped };
	struct lines *l;

	(void)state;
	assert_int_equal(lines_open(&k, &l, NULL), KD_NOTFOUND);
	k.vmlinux = NULL;
	assert_int_equal(lines_open(&k, &l, NULL), KD_NOTFOUND);
}

static void *ask(void *data)
{
	struct lines *l = data;

	/* more than the first table of answers holds */
	for (unsigned i = 0; i < 600; i++)
		lines_find(l, inner_pc - 300 + i);
	return (void *)(uintptr_t)lines_find(l, inner_pc - 1);
}

static void any_number_of_threads_may_ask(void **state)
{
	pthread_t threads[4];
	const void *first = NULL;
	struct lines *l;
	struct kernel k;

	(void)state;
	open_self(&k, &l);
	outermost();
	for (size_t i = 0; i < KD_ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, l), 0);
	for (size_t i = 0; i < KD_ARRAY_SIZE(threads); i++) {
		void *got = NULL;

		pthread_join(threads[i], &got);
		first = first ? first : got;
		assert_non_null(got);
		assert_ptr_equal(got, first);
	}
	close_self(&k, l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inlined_functions_come_innermost_first),
		cmocka_unit_test(what_is_no_code_is_not_known),
		cmocka_unit_test(without_dwarf_there_are_none),
		cmocka_unit_test(any_number_of_threads_may_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
