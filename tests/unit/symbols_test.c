// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/symbols: which name an address gets, and which address a name. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

#include "kernel/symbols.h"

static struct symbols *make(void)
{
	static const struct {
		const char *name, *module;
		vaddr_t addr;
		uint64_t size;
		char type;
	} list[] = {
		{ "do_work", NULL, 0x1000, 0x40, 't' },
		{ "__pfx_do_work", NULL, 0xff0, 0x10, 't' },
		{ "entry_code", NULL, 0x1040, 0, 'T' },	  /* assembly: no size */
		{ "SYM_alias", NULL, 0x1080, 0x20, 't' },
		{ "real_name", NULL, 0x1080, 0x20, 'T' }, /* global wins */
		{ "current_task", NULL, 0x1088, 8, 'A' }, /* per-CPU: an offset, no place */
		{ "helper", NULL, 0x2000, 0x10, 't' },
		{ "helper", "kdcrash", 0x9000, 0x10, 't' },
		{ "outer", NULL, 0x3000, 0x100, 'T' },
		{ "inner_label", NULL, 0x3010, 0x4, 't' },
	};
	struct kd_err err = KD_ERR_INIT;
	struct symbols *s;

	assert_int_equal(symbols_new(&s, &err), 0);
	for (size_t i = 0; i < KD_ARRAY_SIZE(list); i++)
		assert_int_equal(symbols_add(s, list[i].name, list[i].module, list[i].addr,
					     list[i].size, list[i].type, &err), 0);
	assert_int_equal(symbols_finish(s, &err), 0);
	return s;
}

static void expect(const struct symbols *s, vaddr_t addr, const char *text)
{
	char buf[128];

	assert_string_equal(symbols_format(s, addr, buf, sizeof(buf)), text);
}

static void address_gets_the_name_a_person_would_use(void **state)
{
	struct symbols *s = make();

	(void)state;
	expect(s, 0x1010, "do_work+0x10/0x40");
	expect(s, 0x1084, "real_name+0x4/0x20");
	expect(s, 0x9004, "helper+0x4/0x10 [kdcrash]");
	symbols_free(s);
}

static void symbol_without_size_reaches_to_the_next(void **state)
{
	struct symbols *s = make();

	(void)state;
	expect(s, 0x107f, "entry_code+0x3f/0x40");
	symbols_free(s);
}

static void percpu_offset_never_names_an_address(void **state)
{
	struct symbols *s = make();

	(void)state;
	expect(s, 0x1088, "real_name+0x8/0x20");
	assert_int_equal(symbols_by_name(s, "current_task")->addr, 0x1088);
	symbols_free(s);
}

static void function_around_a_label_is_found_behind_it(void **state)
{
	struct symbols *s = make();

	(void)state;
	expect(s, 0x3012, "inner_label+0x2/0x4");
	expect(s, 0x3020, "outer+0x20/0x100");
	symbols_free(s);
}

static void unknown_address_stays_a_number(void **state)
{
	struct symbols *s = make();

	(void)state;
	expect(s, 0x5000, "0x5000");
	expect(s, 0, "0");
	assert_null(symbols_by_addr(s, UINT64_MAX));
	symbols_free(s);
}

static void kernel_comes_before_module_by_name(void **state)
{
	struct symbols *s = make();

	(void)state;
	assert_int_equal(symbols_by_name(s, "helper")->addr, 0x2000);
	assert_null(symbols_by_name(s, "help"));
	symbols_free(s);
}

static void completion_lists_each_name_once(void **state)
{
	struct symbols *s = make();

	(void)state;
	assert_string_equal(symbols_complete(s, "he", 0), "helper");
	assert_null(symbols_complete(s, "he", 1));
	assert_null(symbols_complete(s, "zz", 0));
	symbols_free(s);
}

static void more_can_be_added_and_finished_again(void **state)
{
	struct symbols *s = make();
	struct kd_err err = KD_ERR_INIT;

	(void)state;
	assert_int_equal(symbols_add(s, "late", "mod", 0xa000, 0x10, 't', &err), 0);
	assert_null(symbols_by_name(s, "late"));
	assert_int_equal(symbols_finish(s, &err), 0);
	expect(s, 0xa001, "late+0x1/0x10 [mod]");
	symbols_free(s);
}

/* As kallsyms has them: no sizes, and marks of the linker script among the names. */
static void marks_do_not_hide_the_code_they_stand_at(void **state)
{
	static const struct {
		const char *name;
		vaddr_t addr;
		char type;
	} list[] = {
		{ "_stext", 0x1000, 'T' },	{ "_text", 0x1000, 'T' },
		{ "startup", 0x1000, 'T' },	{ "__sched_text_start", 0x1100, 'T' },
		{ "__schedule", 0x1100, 't' },	{ "__lock_text_start", 0x1200, 'T' },
		{ "__x64_sys_pause", 0x1300, 'T' }, { "__do_sys_pause", 0x1300, 't' },
		{ "part", 0x1400, 't' },	{ "part_of_it", 0x1400, 't' },
		{ "_etext", 0x1500, 'T' },	{ "data", 0x9000, 'd' },
		{ "_end", 0xa000, 'B' },
	};
	struct kd_err err = KD_ERR_INIT;
	struct symbols *s;

	(void)state;
	assert_int_equal(symbols_new(&s, &err), 0);
	for (size_t i = 0; i < KD_ARRAY_SIZE(list); i++)
		assert_int_equal(symbols_add(s, list[i].name, NULL, list[i].addr, 0, list[i].type,
					     &err), 0);
	assert_int_equal(symbols_finish(s, &err), 0);
	assert_int_equal(symbols_add(s, "module_function", "m", 0xf000, 0x10, 't', &err), 0);
	assert_int_equal(symbols_add(s, "last_of_m", "m", 0xf100, 0, 't', &err), 0);
	assert_int_equal(symbols_add(s, "first_of_n", "n", 0x20000, 0x10, 't', &err), 0);
	assert_int_equal(symbols_finish(s, &err), 0);
	expect(s, 0x1010, "startup+0x10/0x100");
	expect(s, 0x1110, "__schedule+0x10/0x100");
	expect(s, 0x1310, "__x64_sys_pause+0x10/0x100");
	expect(s, 0x1410, "part+0x10/0x100");
	/* behind the code, and behind the image, is nothing */
	expect(s, 0x2000, "0x2000");
	expect(s, 0xb000, "0xb000");
	expect(s, 0x10000, "0x10000");
	symbols_free(s);
}

static void many_symbols_in_any_order(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	struct symbols *s;
	char name[32];

	(void)state;
	assert_int_equal(symbols_new(&s, &err), 0);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 5000; i++) {
			unsigned n = 3 * (i * 2503 % 5000) + round;

			snprintf(name, sizeof(name), "f%u", n);
			assert_int_equal(symbols_add(s, name, NULL, 0x1000 + 16 * n, 16, 't', &err),
					 0);
			assert_int_equal(symbols_add(s, "same", NULL, 0x1000 + 16 * n + 8, 4, 'd',
						     &err), 0);
		}
		assert_int_equal(symbols_finish(s, &err), 0);
	}
	assert_int_equal(symbols_count(s), 30000);
	for (size_t i = 1; i < 30000; i++)
		assert_true(symbols_at(s, i - 1)->addr <= symbols_at(s, i)->addr);
	for (unsigned n = 0; n < 15000; n++) {
		snprintf(name, sizeof(name), "f%u", n);
		assert_int_equal(symbols_by_name(s, name)->addr, 0x1000 + 16 * n);
	}
	/* of equal names the first by address */
	assert_int_equal(symbols_by_name(s, "same")->addr, 0x1008);
	assert_string_equal(symbols_complete(s, "f1499", 9), "f14998");
	symbols_free(s);
}

/* Of a table in no order at all, over all of the address space, and several at each place. */
static void the_best_of_several_at_one_place(void **state)
{
	static const char *const names[] = { "__a_long_alias", "_alias", "name", "name_too_long" };
	struct kd_err err = KD_ERR_INIT;
	struct symbols *s;

	(void)state;
	assert_int_equal(symbols_new(&s, &err), 0);
	for (unsigned i = 0; i < 4096; i++) {
		uint64_t at = (uint64_t)(i * 2503 % 1024) * UINT64_C(0x0040008020100408);

		assert_int_equal(symbols_add(s, names[i / 1024 ^ (i & 3)], NULL, at, 8,
					     'T', &err), 0);
	}
	assert_int_equal(symbols_finish(s, &err), 0);
	assert_int_equal(symbols_count(s), 4096);
	for (size_t i = 0; i < 4096; i++)
		assert_int_equal(symbols_at(s, i)->addr, i / 4 * UINT64_C(0x0040008020100408));
	for (unsigned i = 0; i < 1024; i++)
		assert_string_equal(symbols_by_addr(s, i * UINT64_C(0x0040008020100408) + 7)->name,
				    "name");
	symbols_free(s);
}

static void data_is_data_whatever_its_section_was_taken_for(void **state)
{
	static const struct {
		const char *name, *module;
		vaddr_t addr;
		char type, now;
	} list[] = {
		{ "_stext", NULL, 0x1000, 'T', 'T' },
		{ "_sdata", NULL, 0x2000, 'T', 'D' },
		{ "init_task", NULL, 0x2100, 'T', 'D' },
		{ "hidden", NULL, 0x2200, 't', 'd' },
		{ "percpu", NULL, 0x2280, 'A', 'A' },
		{ "of_module", "m", 0x2300, 't', 't' },
		{ "_edata", NULL, 0x2400, 'T', 'T' },
		{ "behind", NULL, 0x2500, 'T', 'T' },
	};
	struct symbols *s;

	(void)state;
	assert_int_equal(symbols_new(&s, NULL), 0);
	for (size_t i = 0; i < KD_ARRAY_SIZE(list); i++)
		assert_int_equal(symbols_add(s, list[i].name, list[i].module, list[i].addr, 0,
					     list[i].type, NULL), 0);
	assert_int_equal(symbols_finish(s, NULL), 0);
	symbols_mark(s, "_sdata", "no_such_end", 'd');
	assert_int_equal(symbols_by_name(s, "init_task")->type, 'T');
	symbols_mark(s, "_sdata", "_edata", 'd');
	for (size_t i = 0; i < KD_ARRAY_SIZE(list); i++)
		assert_int_equal(symbols_by_name(s, list[i].name)->type, list[i].now);
	symbols_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_gets_the_name_a_person_would_use),
		cmocka_unit_test(symbol_without_size_reaches_to_the_next),
		cmocka_unit_test(percpu_offset_never_names_an_address),
		cmocka_unit_test(function_around_a_label_is_found_behind_it),
		cmocka_unit_test(unknown_address_stays_a_number),
		cmocka_unit_test(kernel_comes_before_module_by_name),
		cmocka_unit_test(completion_lists_each_name_once),
		cmocka_unit_test(more_can_be_added_and_finished_again),
		cmocka_unit_test(marks_do_not_hide_the_code_they_stand_at),
		cmocka_unit_test(data_is_data_whatever_its_section_was_taken_for),
		cmocka_unit_test(many_symbols_in_any_order),
		cmocka_unit_test(the_best_of_several_at_one_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
