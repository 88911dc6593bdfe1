// SPDX-License-Identifier: GPL-3.0-or-later
/* setup/mountinfo: which mount has a path. load/read_file: how much of a file is read. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "load/machine.h"
#include "load/read_file.h"
#include "machine_files.h"
#include "setup/mountinfo.h"

static void make(char *root, const char *name, const char *text)
{
	FILE *f;

	strcpy(root, "/tmp/kdview-mountinfo-XXXXXX");
	assert_non_null(mkdtemp(root));
	f = machine_file_open(root, name);
	fputs(text, f);
	fclose(f);
}

static void the_last_mount_with_the_longest_path_has_it(void **state)
{
	static const struct {
		const char *path, *source, *inside;
	} cases[] = {
		{ "/", "/dev/vda1", "/" },
		{ "/mnt", "/dev/vda1", "/mnt" },
		{ "/mnt/my dumps", "/dev/vdb", "" },
		{ "/mnt/my dumps/a", "/dev/vdb", "/a" },
		{ "/mnt/my dumpster", "/dev/vda1", "/mnt/my dumpster" },
		{ "/mnt/my\\040dumps", "/dev/vda1", "/mnt/my\\040dumps" },
		{ "/twice/a", "/dev/se cond", "/a" },
	};
	char root[64];

	(void)state;
	make(root, "proc/self/mountinfo",
	     "1 0 254:1 / / rw shared:1 - ext4 /dev/vda1 rw\n"
	     "nonsense\n"
	     "2 1 254:16 / /mnt/my\\040dumps rw - xfs /dev/vdb rw\n"
	     "3 1 254:32 / /twice rw - xfs /dev/first rw\n"
	     "4 1 254:48 / /twice rw - xfs /dev/se\\040cond rw\n");
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		struct mounts list = { 0 };
		struct mount m;

		assert_int_equal(mounts_find(root, cases[i].path, &list, &m, NULL), 0);
		assert_string_equal(m.source, cases[i].source);
		assert_string_equal(mount_inside(cases[i].path, m.point), cases[i].inside);
		mounts_close(&list);
	}
	machine_remove(root);
}

static void a_path_may_be_in_no_mount(void **state)
{
	struct mounts list = { 0 };
	struct mount m;
	char root[64];

	(void)state;
	make(root, "proc/self/mountinfo", "2 1 254:16 / /mnt rw - xfs /dev/vdb rw\n");
	assert_int_equal(mounts_find(root, "/srv", &list, &m, NULL), KD_NOTFOUND);
	mounts_close(&list);
	assert_int_equal(mounts_find("/nonexistent", "/srv", &list, &m, NULL), KD_NOTFOUND);
	mounts_close(&list);
	machine_remove(root);
}

static void a_large_file_is_cut_or_refused(void **state)
{
	struct machine m = { .root = NULL };
	char root[64], text[10001], *got;
	size_t len;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	make(root, "proc/file", text);
	m.root = root;
	for (size_t most = 4094; most < 4099; most++) {
		assert_int_equal(read_file(root, "proc/file", most, &got, &len, NULL),
				 KD_UNSUPPORTED);
		assert_null(got);
		assert_int_equal(machine_file(&m, "proc/file", most, &got, &len, NULL), 0);
		assert_int_equal(len, most);
		assert_int_equal(strlen(got), most);
		free(got);
	}
	for (size_t most = 10000; most < 10002; most++) {
		assert_int_equal(read_file(root, "/proc/file", most, &got, &len, NULL), 0);
		assert_int_equal(len, 10000);
		assert_string_equal(got, text);
		free(got);
		assert_int_equal(read_head(root, "proc/file", most, &got, NULL, NULL), 0);
		assert_string_equal(got, text);
		free(got);
	}
	assert_int_equal(machine_file(&m, "proc/none", 10, &got, NULL, NULL), KD_NOTFOUND);
	machine_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_mount_with_the_longest_path_has_it),
		cmocka_unit_test(a_path_may_be_in_no_mount),
		cmocka_unit_test(a_large_file_is_cut_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
