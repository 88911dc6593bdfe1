// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/mount and path: trees and paths where memory is missing. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "kernel/kernel.h"
#include "kernel/mount.h"
#include "kernel/objects.h"
#include "kernel/path.h"
#include "mkdump.h"

#define LINEAR UINT64_C(0xc0000000)
/* i386, 4 MB mapped at 0xc0000000, of which the dump has the first 0x8000 bytes. */
#define MACHINE                                                                                    \
	"class 32\nmachine 3\nvmcoreinfo SYMBOL(swapper_pg_dir)=c0001000\n"                        \
	"load 0 0xc0000000 0x8000 0x8000\npoke 0x1c00 4 0x00e3\n"
#define NOWHERE "0xc0100000"

#define AT(n) { .found = true, .offset = (n), .size = 4 }

/* struct mount: node (left, right), mnt at 0x10 (root), parent, mountpoint; dentries. */
static struct objects members(void)
{
	return (struct objects){
		.mnt_namespace_mounts = AT(0),
		.mount_node = AT(0),
		.rb_node_left = AT(0),
		.rb_node_right = AT(4),
		.mount_mnt = AT(0x10),
		.vfsmount_root = AT(0),
		.mount_parent = AT(0x20),
		.mount_mountpoint = AT(0x24),
		.dentry_parent = AT(0),
		.dentry_name = AT(4),
	};
}

static void open_kernel(struct kernel *k, const char *text)
{
	char description[2048], *path;

	*k = (struct kernel){ .arch = &arch_i386 };
	snprintf(description, sizeof(description), "%s%s", MACHINE, text);
	path = mkdump(description);
	assert_int_equal(dump_open(path, &k->dump, NULL), 0);
	unlink(path);
	free(path);
	assert_int_equal(space_init_kernel(&k->space, k->arch, k->dump, NULL), 0);
}

struct seen {
	vaddr_t list[8];
	size_t n;
};

static int note(void *data, vaddr_t mount)
{
	struct seen *s = data;

	assert_true(s->n < KD_ARRAY_SIZE(s->list));
	s->list[s->n++] = mount;
	return 0;
}

static void tree_of_mounts_goes_on_behind_a_hole(void **state)
{
	struct objects o = members();
	struct mounts_lost lost;
	struct seen s = { .n = 0 };
	struct kernel k;

	(void)state;
	/* the root has a left child nowhere, and a right one with children on both sides */
	open_kernel(&k, "poke 0x3000 4 0xc0004000\n"
			"poke 0x4000 4 " NOWHERE "\npoke 0x4004 4 0xc0004100\n"
			"poke 0x4100 4 0xc0004200\npoke 0x4104 4 0xc0004300\n");
	assert_int_equal(mounts_walk(&k, &o, LINEAR + 0x3000, note, &s, &lost, NULL), 0);
	assert_int_equal(s.n, 5);
	assert_int_equal(s.list[0], 0xc0100000);
	assert_int_equal(s.list[1], LINEAR + 0x4000);
	assert_int_equal(s.list[2], LINEAR + 0x4200);
	assert_int_equal(s.list[3], LINEAR + 0x4100);
	assert_int_equal(s.list[4], LINEAR + 0x4300);
	/* both of its sides may have had more */
	assert_int_equal(lost.n, 2);
	assert_non_null(strstr(lost.first.text, NOWHERE));
	dump_close(k.dump);
}

static void tree_of_mounts_that_loops_ends(void **state)
{
	struct objects o = members();
	struct kd_err err = KD_ERR_INIT;
	struct mounts_lost lost;
	struct kernel k;
	struct seen s = { .n = 0 };

	(void)state;
	open_kernel(&k, "poke 0x3000 4 0xc0004000\npoke 0x4000 4 0xc0004100\n"
			"poke 0x4100 4 0xc0004000\n");
	assert_int_equal(mounts_walk(&k, &o, LINEAR + 0x3000, note, &s, &lost, &err), KD_CORRUPT);
	dump_close(k.dump);
}

/* "/dev/console": a dentry below the root of a mount, which lies at the other's "dev". */
#define DEV                                                                                        \
	"poke 0x4010 4 0xc0005000\npoke 0x4020 4 0xc0004100\npoke 0x4024 4 0xc0005200\n"           \
	"poke 0x4110 4 0xc0005100\npoke 0x4120 4 0xc0004100\n"                                     \
	"poke 0x5000 4 0xc0005000\npoke 0x5100 4 0xc0005100\n"                                     \
	"poke 0x5200 4 0xc0005100\npoke 0x5204 4 0xc0006000\npoke 0x6000 4 0x766564\n"             \
	"poke 0x5300 4 0xc0005000\npoke 0x5304 4 0xc0006010\npoke 0x6010 4 0x797474\n"

static void path_crosses_mounts(void **state)
{
	struct objects o = members();
	char path[PATH_TEXT];
	struct kernel k;

	(void)state;
	open_kernel(&k, DEV);
	assert_int_equal(path_format(&k, &o, LINEAR + 0x4010, LINEAR + 0x5300, path, sizeof(path),
				     NULL),
			 0);
	assert_string_equal(path, "/dev/tty");
	dump_close(k.dump);
}

static void path_without_its_mount_is_none(void **state)
{
	struct objects o = members();
	struct kd_err err = KD_ERR_INIT;
	char path[PATH_TEXT];
	struct kernel k;

	(void)state;
	open_kernel(&k, DEV);
	/* the mount is missing: "/tty" would be wrong */
	assert_int_equal(path_format(&k, &o, 0xc0100010, LINEAR + 0x5300, path, sizeof(path), &err),
			 KD_ABSENT);
	assert_string_equal(path, "");
	/* nothing is known of mounts: the path within the file system */
	assert_int_equal(path_format(&k, &o, 0, LINEAR + 0x5300, path, sizeof(path), &err), 0);
	assert_string_equal(path, "/tty");
	dump_close(k.dump);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_of_mounts_goes_on_behind_a_hole),
		cmocka_unit_test(tree_of_mounts_that_loops_ends),
		cmocka_unit_test(path_crosses_mounts),
		cmocka_unit_test(path_without_its_mount_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
