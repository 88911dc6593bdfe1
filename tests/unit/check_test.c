// SPDX-License-Identifier: GPL-3.0-or-later
/* Counts had in two ways: modules against the log of the crash, PIDs against crash notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/check.h"
#include "kernel/info.h"
#include "kernel/kernel.h"
#include "kernel/log.h"

struct world {
	struct kernel k;
	struct module modules[4];
	struct log_record records[8];
	struct log log;
	struct info info;
	struct checks checks;
};

/* A kernel with these modules, live unless "NAME/STATE"; the log is filled by say(). */
static void make(struct world *w, const char *const *modules)
{
	*w = (struct world){ .info = { .crashed = true } };
	assert_int_equal(symbols_new(&w->k.symbols, NULL), 0);
	assert_int_equal(symbols_add(w->k.symbols, "here", NULL, 0x1000, 1, 't', NULL), 0);
	assert_int_equal(symbols_finish(w->k.symbols, NULL), 0);
	w->k.arch = &arch_x86_64;
	w->k.tasks.nr_threads = -1;
	w->k.modules.list = w->modules;
	for (; modules && *modules; modules++) {
		struct module *m = &w->modules[w->k.modules.n++];
		const char *slash = strchr(*modules, '/');

		snprintf(m->name, sizeof(m->name), "%.*s", (int)strcspn(*modules, "/"), *modules);
		m->state = slash ? slash + 1 : "live";
	}
	w->log.list = w->records;
}

static void say(struct world *w, uint32_t caller, char *text)
{
	w->records[w->log.n++] =
		(struct log_record){ .text = text, .len = strlen(text), .caller = caller };
}

/* The check of that name; one of nothing where there is none. */
static const struct check *find(const struct world *w, const char *what)
{
	static const struct check none;

	for (size_t i = 0; i < w->checks.n; i++)
		if (!strcmp(w->checks.list[i].what, what))
			return &w->checks.list[i];
	return &none;
}

static const struct check *modules_checked(struct world *w)
{
	checks_read(&w->k, &w->log, &w->info, &w->checks);
	return find(w, "modules");
}

static void done(struct world *w)
{
	checks_fini(&w->checks);
	symbols_free(w->k.symbols);
}

#define MODULES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void modules_that_agree(void **state)
{
	char line[] = "Modules linked in: nfs(E) ext4 my-mod(POE) [last unloaded: old(O)]";
	char bare[] = "Modules linked in:";
	const struct check *c;
	struct world w;

	(void)state;
	make(&w, MODULES("ext4", "nfs", "my-mod"));
	say(&w, 1, line);
	c = modules_checked(&w);
	assert_true(c->what && c->agrees && !c->finding);
	assert_int_equal(c->found, 3);
	assert_int_equal(c->other, 3);
	done(&w);
	make(&w, NULL);
	say(&w, 1, bare);
	c = modules_checked(&w);
	assert_true(c->what && c->agrees && !c->found && !c->other);
	done(&w);
}

static void modules_that_differ_are_named(void **state)
{
	char line[] = "Modules linked in: a b c d e f g";
	const struct check *c;
	struct world w;

	(void)state;
	make(&w, MODULES("a", "x", "b"));
	say(&w, 1, line);
	c = modules_checked(&w);
	assert_true(c->what && !c->agrees);
	assert_string_equal(c->finding,
			    "modules: the log of the crash names 5 that the list does not have: "
			    "c, d, e, f, ...; "
			    "modules: the list has 1 that the log of the crash does not name: x");
	done(&w);
}

static void modules_that_come_or_go_may_be_in_one_alone(void **state)
{
	char line[] = "Modules linked in: a new(E+) gone(-)";
	const struct check *c;
	struct world w;

	(void)state;
	make(&w, MODULES("a", "other/coming", "third/unformed"));
	say(&w, 1, line);
	c = modules_checked(&w);
	assert_true(c->what && c->agrees && !c->finding);
	done(&w);
}

/* The list of a kernel with many modules: 1000 bytes, and the rest in the next record. */
static void a_list_goes_on_in_further_records(void **state)
{
	char first[1001], rest[] = " b(E) c [last unloaded: d]", other[] = " z";
	char end[] = "CPU: 1 PID: 26 Comm: kworker";
	const struct check *c;
	struct world w;

	(void)state;
	memset(first, ' ', 1000);
	memcpy(first, "Modules linked in: a", 20);
	first[1000] = '\0';
	make(&w, MODULES("a", "b", "c"));
	say(&w, 7, first);
	say(&w, 7, rest);
	say(&w, 7, end);
	c = modules_checked(&w);
	assert_true(c->what && c->agrees);
	done(&w);
	/* somebody else's words between them: how it goes on is not known, so nothing is said */
	make(&w, MODULES("a", "b", "c"));
	say(&w, 7, first);
	say(&w, 8, other);
	assert_null(modules_checked(&w)->what);
	done(&w);
	/* what is named and not there is a difference all the same */
	make(&w, MODULES("b"));
	say(&w, 7, first);
	c = modules_checked(&w);
	assert_true(c->what && !c->agrees);
	done(&w);
}

static void only_the_crash_s_own_list_counts(void **state)
{
	char old[] = "Modules linked in: a", oops[] = "BUG: it crashed";
	char damage[] = "the list breaks off";
	struct world w;

	(void)state;
	make(&w, MODULES("b"));
	say(&w, 1, old);
	say(&w, 1, oops);
	w.info.panic_record = 1;
	assert_null(modules_checked(&w)->what);
	w.info.panic_record = SIZE_MAX;
	assert_null(modules_checked(&w)->what);
	w.info = (struct info){ .crashed = false };
	assert_null(modules_checked(&w)->what);
	done(&w);
	/* a list that is not known at all is no list without modules */
	make(&w, NULL);
	say(&w, 1, old);
	w.k.modules.damage = damage;
	assert_null(modules_checked(&w)->what);
	done(&w);
}

static void crash_notes_name_who_ran(void **state)
{
	struct task tasks[] = { { .addr = 0x100, .pid = 5 }, { .addr = 0x200, .pid = 6 } };
	struct cpu cpus[] = {
		{ .nr = 0, .current = 0x100, .has_pid = true, .note_pid = 5 },
		{ .nr = 1, .current = 0x200, .has_pid = true, .note_pid = 5 },
		{ .nr = 2, .current = 0x200, .note_pid = 3 },
	};
	const struct check *c;
	struct world w;

	(void)state;
	make(&w, NULL);
	w.k.tasks.list = tasks;
	w.k.tasks.n = 2;
	w.k.cpus.list = cpus;
	w.k.cpus.n = 3;
	checks_read(&w.k, NULL, NULL, &w.checks);
	c = find(&w, "CPUs' tasks");
	assert_true(c->what && !c->agrees && c->found == 2 && c->other == 1);
	assert_string_equal(c->finding, "CPUs: CPU 1 ran PID 6, but its crash note names PID 5");
	checks_fini(&w.checks);
	cpus[1].note_pid = 6;
	checks_read(&w.k, NULL, NULL, &w.checks);
	c = find(&w, "CPUs' tasks");
	assert_true(c->what && c->agrees && !c->finding);
	done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_that_agree),
		cmocka_unit_test(modules_that_differ_are_named),
		cmocka_unit_test(modules_that_come_or_go_may_be_in_one_alone),
		cmocka_unit_test(a_list_goes_on_in_further_records),
		cmocka_unit_test(only_the_crash_s_own_list_counts),
		cmocka_unit_test(crash_notes_name_who_ran),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
