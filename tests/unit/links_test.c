// SPDX-License-Identifier: GPL-3.0-or-later
/* Where cells lead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ui/links.h"

static void variable_leads_to_what_it_points_to(void **state)
{
	static const struct {
		const char *type, *value, *expected;
	} cases[] = {
		{ "struct job *", "0xffff888003a1c000", "struct job 0xffff888003a1c000" },
		{ "const struct job *", "0xc1234560 <a_job>", "struct job 0xc1234560" },
		{ "const volatile union u1 *", "0xc1234560", "struct u1 0xc1234560" },
		{ "struct job *", "0x0", NULL },
		{ "struct job *", "0x10", NULL },
		{ "struct job *", "<optimized out>", NULL },
		{ "struct job *", "0xc1234560junk", NULL },
		{ "struct job *", "{...}", NULL },
		{ "struct job **", "0xc1234560", NULL },
		{ "struct job", "{a = 0xc1234560}", NULL },
		{ "struct {...} *", "0xc1234560", NULL },
		{ "char *", "0xc1234560 \"x\"", NULL },
		{ "void (*)(struct job *)", "0xc1234560 <f>", NULL },
		{ "struct a;!reboot *", "0xc1234560", NULL },
		{ "struct  *", "0xc1234560", NULL },
		{ "", "0xc1234560", NULL },
		{ NULL, "0xc1234560", NULL },
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		char type[64], value[64], buf[LINK_VARIABLE];
		struct frame_var v = { .type = cases[i].type ? type : NULL, .value = value };
		const char *link;

		snprintf(type, sizeof(type), "%s", cases[i].type ? cases[i].type : "");
		snprintf(value, sizeof(value), "%s", cases[i].value);
		link = variable_link(&v, buf, sizeof(buf));
		if (cases[i].expected)
			assert_string_equal(link, cases[i].expected);
		else
			assert_null(link);
	}
}

static void task_is_named_as_surely_as_can_be(void **state)
{
	struct task t = { .addr = 0xffff888003a1c000, .pid = 7 };
	struct doc_cell c = link_task(doc_uint(7), &t);

	(void)state;
	assert_string_equal(c.link, "bt 0xffff888003a1c000");
	free(c.link);
	t.addr = 0;
	c = link_task(doc_uint(7), &t);
	assert_string_equal(c.link, "bt 7");
	free(c.link);
	/* Several idle tasks have that PID. */
	t.pid = 0;
	assert_null(link_task(doc_uint(0), &t).link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variable_leads_to_what_it_points_to),
		cmocka_unit_test(task_is_named_as_surely_as_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
