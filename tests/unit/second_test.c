// SPDX-License-Identifier: GPL-3.0-or-later
/* The configuration of process 1, and devices by what lies on them. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "setup/conf.h"
#include "setup/device.h"

struct told {
	unsigned lines[8];
	size_t n;
};

static void on_complaint(void *data, unsigned line, const char *what)
{
	struct told *t = data;

	assert_non_null(what);
	assert_true(t->n < KD_ARRAY_SIZE(t->lines));
	t->lines[t->n++] = line;
}

static void parse(const char *text, struct conf *c, struct told *t)
{
	*t = (struct told){ 0 };
	conf_parse(strdup(text), on_complaint, t, c);
}

static void words_say_what_is_done_and_in_which_order(void **state)
{
	struct conf c;
	struct told t;

	(void)state;
	parse("# first\n"
	      "module /modules/a.ko\n"
	      "  module\t/modules/b.ko x=1  y=2 # why\r\n"
	      "\n"
	      "target LABEL=crash\n"
	      "target UUID=12 xfs var/crash\n"
	      "raw /dev/vdb\n"
	      "capture -d 31\n"
	      "capture --compress lzo\n"
	      "hook /bin/mail -s dump\n"
	      "wait 5\nlimit 60\nverify no\ndmesg\nend halt",
	      &c, &t);
	assert_int_equal(t.n, 0);
	assert_int_equal(c.nmodules, 2);
	assert_string_equal(c.modules[0].parameters, "");
	assert_string_equal(c.modules[1].file, "/modules/b.ko");
	/* a gap of several blanks stays one */
	assert_memory_equal(c.modules[1].parameters, "x=1", 3);
	assert_non_null(strstr(c.modules[1].parameters, " y=2"));
	assert_null(strstr(c.modules[1].parameters, "why"));
	assert_int_equal(c.ntargets, 3);
	assert_null(c.targets[0].type);
	assert_string_equal(c.targets[0].folder, "/");
	assert_string_equal(c.targets[1].type, "xfs");
	assert_string_equal(c.targets[1].folder, "var/crash");
	assert_string_equal(c.targets[2].device, "/dev/vdb");
	assert_null(c.targets[2].folder);
	assert_int_equal(c.noptions, 4);
	assert_string_equal(c.options[3], "lzo");
	assert_int_equal(c.nhook, 3);
	assert_int_equal(c.wait, 5);
	assert_int_equal(c.limit, 60);
	assert_false(c.verify);
	assert_true(c.only_log);
	assert_int_equal(c.end, END_HALT);
	assert_int_equal(c.failed, END_HALT);
	conf_fini(&c);
}

static void a_line_that_makes_no_sense_costs_that_line(void **state)
{
	struct conf c;
	struct told t;

	(void)state;
	parse("targt LABEL=x\n"
	      "target\n"
	      "wait soon\n"
	      "end never\n"
	      "verify\n"
	      "limit 0\n"
	      "raw /dev/vda ext4\n"
	      "target LABEL=x\n"
	      "failed shell\n",
	      &c, &t);
	assert_int_equal(t.n, 7);
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(t.lines[i], i + 1);
	assert_int_equal(c.ntargets, 1);
	assert_int_equal(c.wait, 30);
	assert_int_equal(c.end, END_REBOOT);
	assert_int_equal(c.failed, END_SHELL);
	conf_fini(&c);
}

static void more_than_there_is_room_for_is_told(void **state)
{
	char text[64 * (CONF_TARGETS + 2)], *s = text;
	struct conf c;
	struct told t;

	(void)state;
	for (int i = 0; i < CONF_TARGETS + 1; i++)
		s += sprintf(s, "raw /dev/vd%d\n", i);
	*s = '\0';
	parse(text, &c, &t);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.lines[0], CONF_TARGETS + 1);
	assert_int_equal(c.ntargets, CONF_TARGETS);
	conf_fini(&c);
}

static void superblocks_say_type_label_and_uuid(void **state)
{
	static const uint8_t uuid[16] = { 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0,
					  0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88 };
	uint8_t head[DEVICE_HEAD] = { 0 };
	struct device_looks l;

	(void)state;
	device_look(head, &l);
	assert_null(l.type);

	head[1024 + 0x38] = 0x53;
	head[1024 + 0x39] = 0xef;
	memcpy(head + 1024 + 0x68, uuid, 16);
	/* a label that fills its place has no NUL */
	memcpy(head + 1024 + 0x78, "sixteen letters!", 16);
	device_look(head, &l);
	assert_string_equal(l.type, "ext4");
	assert_string_equal(l.uuid, "12345678-9abc-def0-1122-334455667788");
	assert_string_equal(l.label, "sixteen letters!");

	memset(head, 0, sizeof(head));
	memcpy(head, "XFSB", 4);
	memcpy(head + 32, uuid, 16);
	memcpy(head + 108, "crash", 5);
	device_look(head, &l);
	assert_string_equal(l.type, "xfs");
	assert_string_equal(l.uuid, "12345678-9abc-def0-1122-334455667788");
	assert_string_equal(l.label, "crash");
}

static void fat_keeps_them_at_two_places(void **state)
{
	uint8_t head[DEVICE_HEAD] = { [510] = 0x55, [511] = 0xaa };
	struct device_looks l;

	(void)state;
	/* a boot sector alone is no file system */
	device_look(head, &l);
	assert_null(l.type);
	memcpy(head + 39, "\x78\x56\x34\x12", 4);
	memcpy(head + 43, "DUMPS      FAT16   ", 19);
	device_look(head, &l);
	assert_string_equal(l.type, "vfat");
	assert_string_equal(l.uuid, "1234-5678");
	assert_string_equal(l.label, "DUMPS");
	memcpy(head + 67, "\xef\xbe\xad\xde", 4);
	memcpy(head + 71, "BIG        FAT32   ", 19);
	device_look(head, &l);
	assert_string_equal(l.uuid, "DEAD-BEEF");
	assert_string_equal(l.label, "BIG");
}

static void btrfs_has_it_elsewhere(void **state)
{
	uint8_t super[DEVICE_HEAD] = { 0 };
	struct device_looks l;

	(void)state;
	device_look_btrfs(super, &l);
	assert_null(l.type);
	memcpy(super + 64, "_BHRfS_M", 8);
	memcpy(super + 32, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10", 16);
	memcpy(super + 299, "crash", 5);
	device_look_btrfs(super, &l);
	assert_string_equal(l.type, "btrfs");
	assert_string_equal(l.uuid, "01020304-0506-0708-090a-0b0c0d0e0f10");
	assert_string_equal(l.label, "crash");
	memset(super + 299, 'x', 256);
	device_look_btrfs(super, &l);
	assert_string_equal(l.label, "");
}

static void a_path_that_is_no_device_is_not_found(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	const char *type;
	char path[DEVICE_PATH];

	(void)state;
	assert_int_equal(device_find("", "/dev/null", path, &type, &err), KD_NOTFOUND);
	assert_int_equal(device_find("", "LABEL=no such label here", path, &type, &err), KD_NOTFOUND);
	assert_non_null(strstr(err.text, "no such label here"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_say_what_is_done_and_in_which_order),
		cmocka_unit_test(a_line_that_makes_no_sense_costs_that_line),
		cmocka_unit_test(more_than_there_is_room_for_is_told),
		cmocka_unit_test(superblocks_say_type_label_and_uuid),
		cmocka_unit_test(fat_keeps_them_at_two_places),
		cmocka_unit_test(btrfs_has_it_elsewhere),
		cmocka_unit_test(a_path_that_is_no_device_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
