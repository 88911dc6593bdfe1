// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/layout: VMCOREINFO's word against the types', alternatives, reading members. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "flat.h"

static struct layout resolve(const char *vmcoreinfo)
{
	struct vmcoreinfo *vi;
	struct layout l;

	assert_int_equal(vmcoreinfo_parse(vmcoreinfo, strlen(vmcoreinfo), &vi, NULL), 0);
	assert_int_equal(layout_resolve(NULL, vi, &l, NULL), 0);
	vmcoreinfo_free(vi);
	return l;
}

static void vmcoreinfo_alone_gives_offsets_without_sizes(void **state)
{
	struct layout l = resolve("OFFSET(list_head.next)=0\nOFFSET(list_head.prev)=8\n"
				  "SIZE(list_head)=16\nOFFSET(printk_info.seq)=0\n");

	(void)state;
	assert_true(l.list_head_next.found);
	assert_true(l.list_head_prev.found);
	assert_int_equal(l.list_head_prev.offset, 8);
	assert_int_equal(l.list_head_prev.size, 0);
	assert_int_equal(l.size_list_head, 16);
	assert_true(l.printk_info_seq.found);
	assert_false(l.task_struct_pid.found);
	assert_int_equal(l.size_task_struct, 0);
	assert_false(l.module_state_live.found);
}

static void alternative_name_in_vmcoreinfo_is_taken(void **state)
{
	struct layout l = resolve("SIZE(log)=16\nOFFSET(log.ts_nsec)=0\nOFFSET(log.len)=8\n");

	(void)state;
	assert_int_equal(l.size_printk_log, 16);
	assert_true(l.printk_log_len.found);
	assert_int_equal(l.printk_log_len.offset, 8);
	l = resolve("SIZE(log)=16\nSIZE(printk_log)=24\n");
	assert_int_equal(l.size_printk_log, 24);
}

static void nothing_known_is_nothing_found(void **state)
{
	size_t found = 1;
	struct layout l;

	(void)state;
	assert_int_equal(layout_resolve(NULL, NULL, &l, NULL), 0);
	assert_true(layout_count(&l, &found) > 150);
	assert_int_equal(found, 0);
}

static void members_are_read_with_their_bits(void **state)
{
	struct flat *f = flat_new(8, "");
	struct member m = flat_member(4, 4);
	struct kd_err err;
	uint64_t v;

	(void)state;
	flat_put(f, FLAT_BASE + 4, 4, 0xfedcba98);
	assert_int_equal(member_read(&f->k.space, FLAT_BASE, &m, &v, &err), 0);
	assert_int_equal(v, 0xfedcba98);
	m.bit_offset = 5;
	m.bit_size = 7;
	assert_int_equal(member_read(&f->k.space, FLAT_BASE, &m, &v, &err), 0);
	assert_int_equal(v, 0xfedcba98 >> 5 & 0x7f);
	m = flat_member(4, 64);
	assert_int_equal(member_read(&f->k.space, FLAT_BASE, &m, &v, &err), KD_UNSUPPORTED);
	m = (struct member){0};
	assert_int_equal(member_read(&f->k.space, FLAT_BASE, &m, &v, &err), KD_NOTFOUND);
	m = flat_member(0, 4);
	assert_int_equal(member_read(&f->k.space, 0x1000, &m, &v, &err), KD_UNMAPPED);
	flat_free(f);
}

static void pointer_of_unknown_size_is_the_targets(void **state)
{
	struct member m = flat_member(0, 0);
	uint64_t v;

	(void)state;
	for (uint8_t ptr = 4; ptr <= 8; ptr += 4) {
		struct flat *f = flat_new(ptr, "");

		flat_put(f, FLAT_BASE, 8, 0x1122334455667788);
		assert_int_equal(member_read_ptr(&f->k.space, FLAT_BASE, &m, &v, NULL), 0);
		assert_true(v == (ptr == 4 ? 0x55667788 : 0x1122334455667788));
		flat_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vmcoreinfo_alone_gives_offsets_without_sizes),
		cmocka_unit_test(alternative_name_in_vmcoreinfo_is_taken),
		cmocka_unit_test(nothing_known_is_nothing_found),
		cmocka_unit_test(members_are_read_with_their_bits),
		cmocka_unit_test(pointer_of_unknown_size_is_the_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
