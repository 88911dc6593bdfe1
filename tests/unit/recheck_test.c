// SPDX-License-Identifier: GPL-3.0-or-later
/* A dump that was written, read again and compared with its source. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/recheck.h"
#include "kernel/kernel.h"

static struct kernel *open_core(const char *name, char path[512])
{
	struct kd_err err = KD_ERR_INIT;
	const char *build = getenv("KDVIEW_BUILD");
	struct kernel_options ko = { .dump_path = path, .alone = true };
	struct kernel *k = NULL;

	snprintf(path, 512, "%s/cores/%s/vmcore", build ? build : "build", name);
	if (kernel_open(&ko, &k, &err))
		fail_msg("%s", err.text);
	return k;
}

static const struct recheck_item *item(const struct recheck *r, const char *what)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->items[i].what, what))
			return &r->items[i];
	print_error("no %s\n", what);
	abort();
}

static void tasks_without_an_address_are_known_by_their_cpus(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	struct recheck r;
	char path[512];
	struct kernel *k = open_core("i386-pae-elf64", path);

	(void)state;
	assert_int_equal(k->tasks.n, 2);
	for (size_t i = 0; i < k->tasks.n; i++)
		k->tasks.list[i].addr = 0;
	assert_int_equal(recheck_run(k, path, &r, &err), 0);
	assert_int_equal(item(&r, "tasks")->was, 2);
	assert_int_equal(item(&r, "tasks")->same, 2);
	assert_int_equal(item(&r, "stacks")->same, item(&r, "stacks")->was);
	/* and those of another CPU are others */
	k->tasks.list[0].cpu = 7;
	assert_int_equal(recheck_run(k, path, &r, &err), 0);
	assert_int_equal(item(&r, "tasks")->same, 1);
	kernel_close(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_without_an_address_are_known_by_their_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
