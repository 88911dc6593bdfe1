// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "mi/rsp_copies.h"
#include "mi/rsp_elf.h"

struct made_section {
	const char *name;
	uint32_t type;
	uint64_t flags;
	uint64_t addr;
};

/* What a module may have; one address is not 0, as after a careless linker script. */
static const struct made_section made[] = {
	{ ".note.x", SHT_NOTE, SHF_ALLOC, 0 },
	{ ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0 },
	{ ".rela.text", SHT_RELA, SHF_INFO_LINK, 0 },
	{ ".init.text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0 },
	{ ".debug_info", SHT_PROGBITS, 0, 0 },
	{ ".klp.rela.vmlinux..text", SHT_RELA, SHF_ALLOC, 0 },
	{ ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0xe0 },
	{ ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0 },
};

#define EXPECTED ".note.x .text .init.text .data .bss "

static void add_section(Elf *elf, const struct made_section *m, uint32_t name)
{
	static char bytes[24];
	Elf_Scn *scn = elf_newscn(elf);
	Elf_Data *data = elf_newdata(scn);
	GElf_Shdr sh;

	assert_non_null(data);
	data->d_buf = m->type == SHT_NOBITS ? NULL : bytes;
	data->d_size = sizeof(bytes);
	data->d_type = ELF_T_BYTE;
	data->d_align = 1;
	assert_non_null(gelf_getshdr(scn, &sh));
	sh.sh_name = name;
	sh.sh_type = m->type;
	sh.sh_flags = m->flags;
	sh.sh_addr = m->addr;
	assert_true(gelf_update_shdr(scn, &sh));
}

static void add_names(Elf *elf, char *names, size_t size, uint32_t name)
{
	Elf_Scn *scn = elf_newscn(elf);
	Elf_Data *data = elf_newdata(scn);
	GElf_Shdr sh;
	GElf_Ehdr eh;

	assert_non_null(data);
	data->d_buf = names;
	data->d_size = size;
	data->d_align = 1;
	assert_non_null(gelf_getshdr(scn, &sh));
	sh.sh_name = name;
	sh.sh_type = SHT_STRTAB;
	assert_true(gelf_update_shdr(scn, &sh));
	assert_non_null(gelf_getehdr(elf, &eh));
	eh.e_shstrndx = (uint16_t)elf_ndxscn(scn);
	assert_true(gelf_update_ehdr(elf, &eh));
}

/* Write the module of the table above; PATH is a template for mkstemp(). */
static void make_module(char *path, int class)
{
	char names[256] = "";
	size_t used = 1;
	uint32_t at[KD_ARRAY_SIZE(made)];
	int fd = mkstemp(path);
	GElf_Ehdr eh = { 0 };
	Elf *elf;

	assert_true(fd >= 0);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	assert_non_null(elf);
	assert_true(gelf_newehdr(elf, class));
	assert_non_null(gelf_getehdr(elf, &eh));
	eh.e_type = ET_REL;
	eh.e_machine = class == ELFCLASS64 ? EM_X86_64 : EM_386;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_version = EV_CURRENT;
	assert_true(gelf_update_ehdr(elf, &eh));
	for (size_t i = 0; i < KD_ARRAY_SIZE(made); i++) {
		at[i] = (uint32_t)used;
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s", made[i].name) +
			1;
		add_section(elf, &made[i], at[i]);
	}
	add_names(elf, names, used, at[0]);
	assert_true(elf_update(elf, ELF_C_WRITE) > 0);
	elf_end(elf);
	close(fd);
}

struct seen {
	char names[256];
	unsigned with_address;
};

static int note_section(void *data, const struct rsp_elf_section *section)
{
	struct seen *s = data;
	size_t len = strlen(s->names);

	snprintf(s->names + len, sizeof(s->names) - len, "%s ", section->name);
	s->with_address += section->addr != 0;
	return 0;
}

static void sections_are_those_bfd_counts(void **state)
{
	static const int classes[] = { ELFCLASS32, ELFCLASS64 };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(classes); i++) {
		char path[] = "/tmp/kdview-test-XXXXXX";
		struct seen seen = { .with_address = 0 };

		make_module(path, classes[i]);
		assert_int_equal(rsp_elf_sections(path, note_section, &seen, NULL), 0);
		assert_string_equal(seen.names, EXPECTED);
		assert_int_equal(seen.with_address, 1);
		unlink(path);
	}
}

static void copy_has_no_addresses_and_goes_away(void **state)
{
	static const int classes[] = { ELFCLASS32, ELFCLASS64 };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(classes); i++) {
		char path[] = "/tmp/kdview-test-XXXXXX", *copy;
		struct seen seen = { .with_address = 0 };
		struct rsp_copies *c;
		struct stat st, original;

		make_module(path, classes[i]);
		assert_int_equal(rsp_copies_new(&c, NULL), 0);
		assert_int_equal(rsp_copies_add(c, path, &copy, NULL), 0);
		assert_string_equal(strrchr(copy, '/'), strrchr(path, '/'));
		assert_int_equal(rsp_elf_sections(copy, note_section, &seen, NULL), 0);
		assert_string_equal(seen.names, EXPECTED);
		assert_int_equal(seen.with_address, 0);
		assert_int_equal(stat(path, &original), 0);
		assert_int_equal(stat(copy, &st), 0);
		assert_int_equal(st.st_size, original.st_size);
		assert_int_equal(st.st_mode, S_IFREG | 0600);
		rsp_copies_free(c);
		*strrchr(copy, '/') = '\0';
		assert_int_equal(stat(copy, &st), -1);
		assert_int_equal(errno, ENOENT);
		free(copy);
		unlink(path);
	}
}

static void file_that_is_no_elf_is_an_error(void **state)
{
	char path[] = "/tmp/kdview-test-XXXXXX", *copy = NULL;
	struct seen seen = { .with_address = 0 };
	struct rsp_copies *c;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(rsp_elf_sections(path, note_section, &seen, NULL), KD_CORRUPT);
	assert_int_equal(rsp_copies_new(&c, NULL), 0);
	assert_int_equal(rsp_copies_add(c, path, &copy, NULL), KD_CORRUPT);
	assert_null(copy);
	assert_int_equal(write(fd, "\177ELF", 4), 4);
	assert_int_equal(rsp_copies_add(c, path, &copy, NULL), KD_CORRUPT);
	assert_int_equal(rsp_copies_add(c, "/nonexistent", &copy, NULL), KD_IO);
	assert_int_equal(rsp_copies_add(c, "/dev/zero", &copy, NULL), KD_IO);
	rsp_copies_free(c);
	close(fd);
	unlink(path);
	assert_int_equal(rsp_elf_sections("/nonexistent", note_section, &seen, NULL), KD_IO);
}

static void headers_outside_the_file_are_an_error(void **state)
{
	char path[] = "/tmp/kdview-test-XXXXXX", *copy = NULL;
	struct rsp_copies *c;
	struct kd_err err = KD_ERR_INIT;
	struct stat st;

	(void)state;
	make_module(path, ELFCLASS64);
	assert_int_equal(stat(path, &st), 0);
	/* The last section header is cut in half. */
	assert_int_equal(truncate(path, st.st_size - 20), 0);
	assert_int_equal(rsp_copies_new(&c, NULL), 0);
	assert_int_equal(rsp_copies_add(c, path, &copy, &err), KD_CORRUPT);
	assert_null(copy);
	rsp_copies_free(c);
	unlink(path);
}

static void first_segment_to_load_is_found(void **state)
{
	char path[] = "/tmp/kdview-test-XXXXXX";
	int fd = mkstemp(path);
	Elf64_Ehdr eh = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(eh),
		.e_ehsize = sizeof(eh),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3,
	};
	Elf64_Phdr ph[3] = {
		{ .p_type = PT_NOTE, .p_vaddr = 1 },
		{ .p_type = PT_LOAD, .p_vaddr = UINT64_C(0xffffffff81000000) },
		{ .p_type = PT_LOAD, .p_vaddr = 0 },
	};
	vaddr_t at = 0;

	(void)state;
	assert_int_equal(write(fd, &eh, sizeof(eh)), sizeof(eh));
	assert_int_equal(write(fd, ph, sizeof(ph)), sizeof(ph));
	assert_int_equal(rsp_elf_first_load(fd, &at, NULL), 0);
	assert_int_equal(at, UINT64_C(0xffffffff81000000));
	ph[1].p_type = ph[2].p_type = PT_NOTE;
	assert_int_equal(pwrite(fd, ph, sizeof(ph), sizeof(eh)), sizeof(ph));
	assert_int_equal(rsp_elf_first_load(fd, &at, NULL), KD_NOTFOUND);
	assert_int_equal(ftruncate(fd, sizeof(eh) + 10), 0);
	assert_true(rsp_elf_first_load(fd, &at, NULL) < 0);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_are_those_bfd_counts),
		cmocka_unit_test(copy_has_no_addresses_and_goes_away),
		cmocka_unit_test(file_that_is_no_elf_is_an_error),
		cmocka_unit_test(headers_outside_the_file_are_an_error),
		cmocka_unit_test(first_segment_to_load_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
