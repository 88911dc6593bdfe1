// SPDX-License-Identifier: GPL-3.0-or-later
/* Modules as depmod and modprobe.d tell of them, also where these are damaged. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "setup/modprobe_conf.h"
#include "setup/modules_dep.h"

static char root[64];

static void put(const char *name, const char *text)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	for (char *s = path + strlen(root) + 1; (s = strchr(s, '/')); s++) {
		*s = '\0';
		mkdir(path, 0700);
		*s = '/';
	}
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_not_equal(fputs(text, f), EOF);
	assert_int_equal(fclose(f), 0);
}

static int make_root(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/kdview-modules-XXXXXX");
	return mkdtemp(root) == NULL;
}

static int remove_root(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -r '%s'", root);
	return system(command);
}

static int open_index(struct module_index *idx, struct kd_err *err)
{
	char folder[100];

	snprintf(folder, sizeof(folder), "%s/m", root);
	return module_index_open(root, folder, idx, err);
}

/* The names in their order, joined by blanks; "" : none. */
static const char *order(const char *word, size_t *found)
{
	static char text[4096];
	struct kd_err err = KD_ERR_INIT;
	struct module_index idx;
	struct module_set set = { 0 };

	text[0] = '\0';
	assert_int_equal(open_index(&idx, &err), 0);
	if (module_set_add(&set, &idx, word, found, &err))
		snprintf(text, sizeof(text), "%s", err.text);
	for (size_t i = 0; i < set.n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "",
			 set.at[i]->name);
	module_set_fini(&set);
	module_index_fini(&idx);
	return text;
}

static void a_module_comes_after_what_it_needs(void **state)
{
	size_t n;

	(void)state;
	put("m/modules.dep",
	    "kernel/fs/ext4/ext4.ko: kernel/fs/mbcache.ko kernel/fs/jbd2/jbd2.ko kernel/lib/crc16.ko\n"
	    "kernel/fs/mbcache.ko:\n"
	    "kernel/lib/crc16.ko:\n"
	    "kernel/fs/jbd2/jbd2.ko: kernel/lib/crc16.ko\n"
	    "kernel/crypto/crc32c-intel.ko.xz:\n"
	    "kernel/crypto/crc32c_generic.ko.xz:\n"
	    "kernel/late.ko:\n");
	put("m/modules.builtin", "kernel/fs/xfs/xfs.ko\n");
	put("m/modules.softdep", "# a comment\n"
				 "softdep jbd2 pre: crypto-crc32c post: late\n"
				 "softdep mbcache words that are neither\n");
	put("m/modules.alias", "alias fs-ext4 ext4\n"
			       "alias crypto-crc32c crc32c_intel\n"
			       "alias crypto-crc32c crc32c_generic\n"
			       "alias pci:v00001AF4d*sv*bc*sc*i* late\n");
	assert_string_equal(order("ext4", &n),
			    "crc16 crc32c_intel crc32c_generic jbd2 late mbcache ext4");
	assert_int_equal(n, 1);
	assert_string_equal(order("fs-ext4", &n),
			    "crc16 crc32c_intel crc32c_generic jbd2 late mbcache ext4");
	/* "-" is "_" */
	assert_string_equal(order("crc32c-intel", &n), "crc32c_intel");
	assert_string_equal(order("crypto-crc32c", &n), "crc32c_intel crc32c_generic");
	assert_int_equal(n, 2);
	assert_string_equal(order("pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00", &n), "late");
	/* a part of the kernel is found, and nothing is to be loaded */
	assert_string_equal(order("xfs", &n), "");
	assert_int_equal(n, 1);
	assert_string_equal(order("zfs", &n), "");
	assert_int_equal(n, 0);
}

static void options_and_soft_dependencies_of_modprobe_d(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	struct module_index idx;
	char *options;
	size_t n;

	(void)state;
	put("m/modules.dep", "a/x-y.ko:\nb/z.ko:\n");
	put("etc/modprobe.d/b.conf", "options x_y two=2 \\\n  three=3\noptions z none\n");
	put("etc/modprobe.d/a.conf", "  options x-y   one=1\nsoftdep x_y pre: z\n");
	put("lib/modprobe.d/a.conf", "options x_y hidden=1\n");
	put("lib/modprobe.d/notes.txt", "options x_y note=1\n");
	assert_int_equal(open_index(&idx, &err), 0);
	assert_int_equal(module_options(&idx, "x_y", &options, &err), 0);
	assert_memory_equal(options, "one=1 two=2 ", 12);
	assert_non_null(strstr(options, "three=3"));
	assert_null(strstr(options, "hidden"));
	assert_null(strstr(options, "note"));
	free(options);
	assert_int_equal(module_options(&idx, "nothing", &options, &err), 0);
	assert_null(options);
	module_index_fini(&idx);
	assert_string_equal(order("x-y", &n), "z x_y");
}

static void a_folder_without_modules_dep_is_told(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	struct module_index idx;

	(void)state;
	assert_int_equal(open_index(&idx, &err), KD_NOTFOUND);
	assert_non_null(strstr(err.text, "modules.dep"));
	module_index_fini(&idx);
}

static void circles_end(void **state)
{
	size_t n;

	(void)state;
	put("m/modules.dep", "a.ko: b.ko\nb.ko: c.ko\nc.ko: a.ko\n");
	put("m/modules.softdep", "softdep a pre: c\nsoftdep c post: a b\n");
	assert_string_equal(order("a", &n), "c b a");
	assert_string_equal(order("c", &n), "b a c");
}

static void a_chain_without_end_is_refused(void **state)
{
	static char text[40000];
	size_t n, len = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "m%d.ko: m%d.ko\n", i, i + 1);
	put("m/modules.dep", text);
	assert_non_null(strstr(order("m0", &n), "without end"));
}

static void lines_that_make_no_sense_cost_themselves(void **state)
{
	size_t n;

	(void)state;
	put("m/modules.dep", ":\n: :\n\n/\nno colon\n/.ko:\na.ko:   \t\n"
			     "a_name_that_is_far_too_long_for_any_module_of_any_kernel_there_ever_was.ko:\n"
			     "b.ko: gone.ko\nc.ko: /\nd.ko: a.ko");
	put("m/modules.alias", "alias\nalias x\nalias [ a\nalias [a- a\nalias *[*] a\nalias * \n");
	put("m/modules.softdep", "softdep\nsoftdep d\nsoftdep d pre:\nsoftdep d pre: ? * [ gone");
	assert_string_equal(order("a", &n), "a");
	assert_non_null(strstr(order("b", &n), "gone"));
	assert_non_null(strstr(order("c", &n), "no module"));
	assert_string_equal(order("d", &n), "a d");
	assert_string_equal(order("", &n), "");
	assert_string_equal(order("/", &n), "");
}

static void patterns_of_aliases(void **state)
{
	(void)state;
	assert_true(module_alias_fits("fs-xfs", "fs_xfs"));
	assert_true(module_alias_fits("*", ""));
	assert_true(module_alias_fits("", ""));
	assert_false(module_alias_fits("", "a"));
	assert_false(module_alias_fits("a", ""));
	assert_true(module_alias_fits("a*b*c", "a-b-b-c"));
	assert_false(module_alias_fits("a*b*c", "a-b-b-c-"));
	assert_true(module_alias_fits("v?[0-9a]*", "vx9"));
	assert_false(module_alias_fits("v?[0-9a]*", "vxb"));
	assert_true(module_alias_fits("[a-]", "-"));
	assert_false(module_alias_fits("[", "["));
	assert_false(module_alias_fits("a[", "a"));
	/* A pattern that would take exponential time by recursion. */
	assert_false(module_alias_fits("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
				       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_module_comes_after_what_it_needs),
		TEST(options_and_soft_dependencies_of_modprobe_d),
		TEST(a_folder_without_modules_dep_is_told),
		TEST(circles_end),
		TEST(a_chain_without_end_is_refused),
		TEST(lines_that_make_no_sense_cost_themselves),
		cmocka_unit_test(patterns_of_aliases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
