// SPDX-License-Identifier: GPL-3.0-or-later
/* Command lines: files by what they hold, in any order; what a wrong line is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <elf.h>

#include <cmocka.h>

#include "ui/cli.h"
#include "ui/looks.h"

/* Files in a folder of their own, which is the current one while the tests run. */
static char dir[] = "/tmp/kdview-test-XXXXXX";

static void write_file(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void write_elf(const char *path, uint16_t type)
{
	struct {
		Elf64_Ehdr eh;
		Elf64_Phdr ph;
	} file = {
		.eh = { .e_ident = ELFMAG,
			.e_type = type,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1 },
	};

	file.eh.e_ident[EI_CLASS] = ELFCLASS64;
	file.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	file.eh.e_ident[EI_VERSION] = EV_CURRENT;
	write_file(path, &file, sizeof(file));
}

static const char *const files[] = { "core", "core2",	"vmlinux", "notes.txt",
				     "bt",   "bzImage", "vmlinuz", "empty",   "out" };

static int set_up(void **state)
{
	uint8_t bz[0x300] = { 0 };

	(void)state;
	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	write_elf("core", ET_CORE);
	write_elf("core2", ET_CORE);
	write_elf("vmlinux", ET_EXEC);
	write_file("notes.txt", "hello\n", 6);
	write_file("bt", "not a dump\n", 11);
	memcpy(bz + 0x202, "HdrS", 4);
	write_file("bzImage", bz, sizeof(bz)); /* of a protocol that has no payload's place */
	bz[0x206] = 0x0f;
	bz[0x207] = 2;
	write_file("vmlinuz", bz, sizeof(bz));
	write_file("empty", "", 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(files); i++)
		unlink(files[i]);
	return chdir("/") || rmdir(dir);
}

/* "COMMAND dump=D vmlinux=V WORD ..." of a line, or the error's text. */
static void assert_cli(const char *line, const char *expected)
{
	const char *argv[32] = { "kdview" };
	struct kd_err err = KD_ERR_INIT;
	char copy[256], got[1200], *save = NULL;
	struct cli c;
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	if (cli_parse(argc, argv, &c, &err)) {
		assert_int_equal(err.status, KD_USAGE);
		snprintf(got, sizeof(got), "%s", err.text);
	} else {
		snprintf(got, sizeof(got), "%s dump=%s vmlinux=%s", c.command->name,
			 c.dump ? c.dump : "", c.vmlinux ? c.vmlinux : "");
		for (size_t i = 0; c.more_dumps && c.more_dumps[i]; i++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), " and=%s",
				 c.more_dumps[i]);
		for (size_t i = 0; i < c.args.nwords; i++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), " %s",
				 c.args.words[i]);
		for (size_t i = 0; i < c.args.nrest; i++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), " +%s",
				 c.args.rest[i]);
	}
	cli_fini(&c);
	assert_string_equal(got, expected);
}

static void files_are_known_by_what_they_hold(void **state)
{
	(void)state;
	assert_cli("bt core vmlinux", "bt dump=core vmlinux=vmlinux");
	assert_cli("bt vmlinux core", "bt dump=core vmlinux=vmlinux");
	assert_cli("bt core", "bt dump=core vmlinux=");
	assert_cli("vmlinux core", "prompt dump=core vmlinux=vmlinux");
	assert_cli("core", "prompt dump=core vmlinux=");
	assert_cli("core bt -a vmlinux 1", "bt dump=core vmlinux=vmlinux 1");
	assert_cli("--json -o out bt 1 core", "bt dump=core vmlinux= 1");
	assert_cli("eval core -t 1 init_task.comm", "eval dump=core vmlinux= init_task.comm");
	assert_cli("eval core 1 - 2 vmlinux", "eval dump=core vmlinux=vmlinux 1 - 2");
	assert_cli("gdb vmlinux core -- -ex bt core",
		   "gdb dump=core vmlinux=vmlinux +-ex +bt +core");
	assert_cli("help bt", "help dump= vmlinux= bt");
	assert_cli("bt core vmlinux core", "bt dump=core vmlinux=vmlinux and=core");
}

static void value_of_an_option_is_no_file_and_no_command(void **state)
{
	(void)state;
	assert_cli("core --gdb bt ps", "ps dump=core vmlinux=");
	assert_cli("info core --debug-dir vmlinux", "info dump=core vmlinux=");
	assert_cli("info core --debug-dir=vmlinux", "info dump=core vmlinux=");
	assert_cli("info core -o core2", "info dump=core vmlinux=");
}

static void name_of_a_task_is_no_file(void **state)
{
	(void)state;
	assert_cli("bt core bt", "bt dump=core vmlinux= bt");
	assert_cli("bt core notes.txt", "bt dump=core vmlinux= notes.txt");
}

static void a_compressed_kernel_says_which_vmlinux(void **state)
{
	(void)state;
	assert_cli("bt core vmlinuz", "bt dump=core vmlinux=vmlinuz");
}

static void wrong_lines_are_explained(void **state)
{
	(void)state;
	assert_cli("bt", "no dump given: kdview bt VMCORE [VMLINUX]");
	assert_cli("bt vmlinux", "no dump given; vmlinux: an ELF64 executable for x86-64");
	assert_cli("bt nosuch vmlinux",
		   "no dump given; nosuch: no such file; vmlinux: an ELF64 executable for x86-64");
	assert_cli("bt core ./notes.txt",
		   "./notes.txt is neither a dump nor a vmlinux: it looks like text");
	assert_cli("info core notes.txt",
		   "notes.txt is neither a dump nor a vmlinux: it looks like text");
	assert_cli("core notes.txt",
		   "notes.txt is neither a dump nor a vmlinux: it looks like text");
	assert_cli("core ./bzImage", "./bzImage is neither a dump nor a vmlinux: it looks like a "
				     "compressed kernel (bzImage), not a vmlinux");
	assert_cli("btt core", "no command \"btt\"; did you mean bt?");
	assert_cli("xyzzy", "no command \"xyzzy\"; \"kdview help\" lists them");
	assert_cli("bt core --nosuch", "no option --nosuch");
}

static void help_needs_no_dump(void **state)
{
	(void)state;
	assert_cli("bt --help", "bt dump= vmlinux=");
	assert_cli("--version", "prompt dump= vmlinux=");
	assert_cli("version", "version dump= vmlinux=");
}

static void looks_are_told_in_words(void **state)
{
	char buf[128];

	(void)state;
	assert_string_equal(file_looks("empty", buf, sizeof(buf)), "an empty file");
	assert_string_equal(file_looks(".", buf, sizeof(buf)), "a folder");
	assert_string_equal(file_looks("nosuch", buf, sizeof(buf)), "no such file");
	assert_string_equal(file_looks("/dev/null", buf, sizeof(buf)), "no regular file");
	assert_string_equal(file_looks("notes.txt", buf, sizeof(buf)), "text");
	assert_false(file_may_be_memory("notes.txt"));
	assert_false(file_may_be_memory("core"));
	assert_false(file_may_be_memory("nosuch"));
}

/* Whole pages, and many of them; what is in them does not matter. */
static void raw_memory_may_be_meant(void **state)
{
	const off_t sizes[] = { 4096, 8192, 1 << 20, (1 << 20) + 1 };
	const char *const told[] = {
		"zeros only", "zeros at its begin",
		"zeros at its begin; if it is raw memory, --elfcorehdr 0 reads it",
		"zeros at its begin",
	};
	char buf[128];

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(sizes); i++) {
		int fd = open("memory", O_RDWR | O_CREAT | O_TRUNC, 0600);

		assert_true(fd >= 0);
		assert_int_equal(ftruncate(fd, sizes[i]), 0);
		assert_string_equal(file_looks("memory", buf, sizeof(buf)), told[i]);
		assert_int_equal(file_may_be_memory("memory"), i == 2);
		assert_int_equal(pwrite(fd, "\x01\x02\x03", 3, 0), 3);
		assert_int_equal(file_may_be_memory("memory"), i == 2);
		assert_int_equal(pwrite(fd, "KDUMP   ", 8, 0), 8);
		assert_false(file_may_be_memory("memory"));
		close(fd);
	}
	unlink("memory");
}

static void answers_do_not_overwrite_a_dump(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	struct stat st;
	FILE *f = NULL;

	(void)state;
	assert_int_equal(output_create("core", NULL, false, &f, &err), KD_USAGE);
	assert_int_equal(output_create("core", NULL, true, &f, &err), KD_USAGE);
	assert_int_equal(output_create("vmlinux", NULL, false, &f, &err), KD_USAGE);
	assert_int_equal(stat("core", &st), 0);
	assert_int_not_equal(st.st_size, 0);
	assert_int_equal(output_create("nosuch/out", NULL, false, &f, &err), KD_IO);
}

static void answers_are_readable_by_their_owner_only(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	struct stat st;
	FILE *f = NULL;

	(void)state;
	for (int append = 0; append < 3; append++) {
		assert_int_equal(output_create("out", NULL, append > 0, &f, &err), 0);
		fputs("x", f);
		fclose(f);
	}
	assert_int_equal(stat("out", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 3);
	assert_int_equal(output_create("out", NULL, false, &f, &err), 0);
	fclose(f);
	assert_int_equal(stat("out", &st), 0);
	assert_int_equal(st.st_size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_known_by_what_they_hold),
		cmocka_unit_test(value_of_an_option_is_no_file_and_no_command),
		cmocka_unit_test(name_of_a_task_is_no_file),
		cmocka_unit_test(a_compressed_kernel_says_which_vmlinux),
		cmocka_unit_test(wrong_lines_are_explained),
		cmocka_unit_test(help_needs_no_dump),
		cmocka_unit_test(looks_are_told_in_words),
		cmocka_unit_test(raw_memory_may_be_meant),
		cmocka_unit_test(answers_do_not_overwrite_a_dump),
		cmocka_unit_test(answers_are_readable_by_their_owner_only),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
