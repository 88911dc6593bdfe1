// SPDX-License-Identifier: GPL-3.0-or-later
/* mi/companion: the object gdb loads; kernel/frame_section: what it is made from. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <gelf.h>
#include <string.h>
#include <sys/mman.h>

#include "core/cfi.h"
#include "mi/companion.h"
#include "kernel/frame_section.h"

/* Reading objects ------------------------------------------------------------------------ */

static Elf_Scn *section(Elf *elf, const char *name, GElf_Shdr *sh)
{
	Elf_Scn *scn = NULL;
	size_t strndx;

	elf_getshdrstrndx(elf, &strndx);
	while ((scn = elf_nextscn(elf, scn))) {
		gelf_getshdr(scn, sh);
		if (!strcmp(elf_strptr(elf, strndx, sh->sh_name), name))
			return scn;
	}
	return NULL;
}

static bool symbol(Elf *elf, const char *name, GElf_Sym *sym)
{
	GElf_Shdr sh;
	Elf_Scn *scn = section(elf, ".symtab", &sh);
	Elf_Data *data = elf_getdata(scn, NULL);

	for (int i = 0; gelf_getsym(data, i, sym); i++)
		if (!strcmp(elf_strptr(elf, sh.sh_link, sym->st_name), name))
			return true;
	return false;
}

/* A kernel of no architecture ------------------------------------------------------------- */

static int one_fde(const struct code_view *code, struct cfi *out, struct kd_err *err)
{
	struct cfi_cie cie = { .ra = 16, .data_align = -4 };
	struct code_image image;
	uint32_t handle = cfi_cie(out, &cie);

	(void)err;
	cfi_def_cfa(out, 7, 8);
	cfi_cie_end(out);
	assert_true(code->image(code->data, 2, &image));
	assert_string_equal(image.name, "bare");
	assert_false(code->image(code->data, 3, &image));
	cfi_fde(out, handle, image.areas[0].start);
	cfi_fde_end(out, image.areas[0].start + 16);
	return 0;
}

static int not_known(const struct code_view *code, struct cfi *out, struct kd_err *err)
{
	(void)code;
	(void)out;
	return kd_fail(err, KD_NOTFOUND, "nothing to go by");
}

struct test {
	struct arch arch;
	struct module modules[2];
	struct kernel k;
	struct vmlinux vmlinux;
	int fd;
	Elf *elf;
};

static char with_file[] = "/nonexistent/filed.ko";

static void setup(struct test *t, bool wide)
{
	*t = (struct test){
		.arch = { .name = "test",
			  .machine = wide ? EM_X86_64 : EM_386,
			  .ptr_size = wide ? 8 : 4,
			  .cfi = one_fde },
		.modules = { { .name = "filed",
			       .areas = { { 0xf7550000, 0x3000 } },
			       .nareas = 1,
			       .size = 0x3000,
			       .debug_path = with_file },
			     { .name = "bare",
			       .areas = { { 0xf7560000, 0x3000 } },
			       .nareas = 1,
			       .size = 0x3000 } },
		.vmlinux = { .path = with_file, .fd = -1 },
		.fd = memfd_create("companion", MFD_CLOEXEC),
	};
	t->k.arch = &t->arch;
	t->k.vmlinux = &t->vmlinux;
	t->k.modules = (struct modules){ .list = t->modules, .n = 2 };
	assert_int_equal(symbols_new(&t->k.symbols, NULL), 0);
	symbols_add(t->k.symbols, "filed_function", "filed", 0xf7550010, 16, 't', NULL);
	symbols_add(t->k.symbols, "bare_function", "bare", 0xf7560010, 16, 't', NULL);
	symbols_add(t->k.symbols, "bare_exported", "bare", 0xf7560020, 32, 'T', NULL);
	symbols_add(t->k.symbols, "bare_data", "bare", 0xf7562000, 4, 'd', NULL);
	symbols_add(t->k.symbols, "kernel_function", NULL, 0xc1000000, 16, 'T', NULL);
	assert_int_equal(symbols_finish(t->k.symbols, NULL), 0);
}

static void open_companion(struct test *t)
{
	struct kd_err err = KD_ERR_INIT;

	assert_int_equal(companion_write(&t->k, t->fd, &err), 0);
	elf_version(EV_CURRENT);
	t->elf = elf_begin(t->fd, ELF_C_READ, NULL);
	assert_non_null(t->elf);
}

static void teardown(struct test *t)
{
	elf_end(t->elf);
	close(t->fd);
	symbols_free(t->k.symbols);
}

static void own_text_is_where_nothing_is(void **state)
{
	struct test t;
	GElf_Shdr sh;

	(void)state;
	setup(&t, true);
	open_companion(&t);
	assert_non_null(section(t.elf, ".text", &sh));
	assert_int_equal(sh.sh_type, SHT_NOBITS);
	assert_int_equal(sh.sh_addr, 0xfffffffffffff000);
	assert_int_equal(sh.sh_size, 1);
	assert_non_null(section(t.elf, ".debug_frame", &sh));
	assert_true(sh.sh_size > 0);
	teardown(&t);
}

static void expect_module_symbols(bool wide)
{
	struct test t;
	GElf_Shdr sh;
	GElf_Sym sym;
	size_t index;

	setup(&t, wide);
	open_companion(&t);
	assert_int_equal(gelf_getclass(t.elf), wide ? ELFCLASS64 : ELFCLASS32);
	index = elf_ndxscn(section(t.elf, ".text.bare", &sh));
	assert_int_equal(sh.sh_addr, 0xf7560000);
	assert_int_equal(sh.sh_size, 0x3000);
	assert_true(symbol(t.elf, "bare_function", &sym));
	assert_int_equal(sym.st_value, 0xf7560010);
	assert_int_equal(sym.st_size, 16);
	assert_int_equal(sym.st_shndx, index);
	assert_int_equal(GELF_ST_BIND(sym.st_info), STB_LOCAL);
	assert_true(symbol(t.elf, "bare_exported", &sym));
	assert_int_equal(GELF_ST_BIND(sym.st_info), STB_GLOBAL);
	teardown(&t);
}

static void modules_without_a_file_have_names(void **state)
{
	(void)state;
	expect_module_symbols(true);
	expect_module_symbols(false);
}

static void what_files_describe_is_left_to_them(void **state)
{
	struct test t;
	GElf_Shdr sh;
	GElf_Sym sym;

	(void)state;
	setup(&t, true);
	open_companion(&t);
	assert_null(section(t.elf, ".text.filed", &sh));
	assert_false(symbol(t.elf, "filed_function", &sym));
	assert_false(symbol(t.elf, "kernel_function", &sym));
	assert_false(symbol(t.elf, "bare_data", &sym));
	teardown(&t);
}

static void without_a_vmlinux_the_kernel_has_names(void **state)
{
	struct test t;
	GElf_Shdr sh;
	GElf_Sym sym;
	size_t text, init, data;

	(void)state;
	setup(&t, true);
	t.k.vmlinux = NULL;
	symbols_add(t.k.symbols, "_stext", NULL, 0xc1000000, 0, 'T', NULL);
	symbols_add(t.k.symbols, "_etext", NULL, 0xc1001000, 0, 'T', NULL);
	symbols_add(t.k.symbols, "_sinittext", NULL, 0xc1100000, 0, 'T', NULL);
	symbols_add(t.k.symbols, "kernel_init_function", NULL, 0xc1100010, 0, 't', NULL);
	symbols_add(t.k.symbols, "_einittext", NULL, 0xc1100100, 0, 'T', NULL);
	symbols_add(t.k.symbols, "in_code", NULL, 0xc1000800, 8, 'd', NULL);
	symbols_add(t.k.symbols, "kernel_data", NULL, 0xc1002000, 8, 'd', NULL);
	symbols_add(t.k.symbols, "percpu_data", NULL, 0x2000, 8, 'A', NULL);
	symbols_finish(t.k.symbols, NULL);
	open_companion(&t);
	text = elf_ndxscn(section(t.elf, ".text", &sh));
	assert_int_equal(sh.sh_addr, 0xc1000000);
	assert_int_equal(sh.sh_size, 0x1000);
	init = elf_ndxscn(section(t.elf, ".init.text", &sh));
	assert_int_equal(sh.sh_addr, 0xc1100000);
	assert_int_equal(sh.sh_size, 0x100);
	assert_true(symbol(t.elf, "kernel_function", &sym));
	assert_int_equal(sym.st_shndx, text);
	assert_int_equal(sym.st_value, 0xc1000000);
	assert_true(symbol(t.elf, "kernel_init_function", &sym));
	assert_int_equal(sym.st_shndx, init);
	assert_int_equal(sym.st_size, 0xf0);
	/* a mark at a function's place would take its name away */
	assert_false(symbol(t.elf, "_stext", &sym));
	assert_false(symbol(t.elf, "in_code", &sym));
	assert_false(symbol(t.elf, "percpu_data", &sym));
	data = elf_ndxscn(section(t.elf, ".data", &sh));
	assert_int_equal(sh.sh_addr, 0xc1001000);
	assert_int_equal(sh.sh_size, 0xff000);
	assert_true(symbol(t.elf, "kernel_data", &sym));
	assert_int_equal(sym.st_shndx, data);
	assert_int_equal(GELF_ST_TYPE(sym.st_info), STT_OBJECT);
	teardown(&t);
}

static void unknown_tables_are_unsupported(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	struct test t;

	(void)state;
	setup(&t, true);
	t.arch.cfi = not_known;
	assert_int_equal(companion_write(&t.k, t.fd, &err), KD_UNSUPPORTED);
	assert_non_null(strstr(err.text, "nothing to go by"));
	t.arch.cfi = NULL;
	assert_int_equal(companion_write(&t.k, t.fd, &err), KD_UNSUPPORTED);
	teardown(&t);
}

/* .debug_frame of modules ------------------------------------------------------------------ */

static size_t add(Elf *elf, const GElf_Shdr *like, Elf_Type type, const void *bytes, size_t size)
{
	Elf_Scn *scn = elf_newscn(elf);
	Elf_Data *data = elf_newdata(scn);
	GElf_Shdr sh = *like;

	memcpy(&data->d_buf, &bytes, sizeof(bytes));
	data->d_type = type;
	data->d_size = size;
	data->d_align = 8;
	gelf_update_shdr(scn, &sh);
	return elf_ndxscn(scn);
}

/* Sections: .text, .debug_frame, its relocations, .symtab, .strtab. */
static char *make_module(bool rela, bool compress)
{
	static const char names[] = "\0.text\0.debug_frame\0.rela.debug_frame\0.symtab\0.strtab\0"
				    ".rel.debug_frame";
	static uint8_t text[16], frame[512];
	static const Elf64_Sym syms[] = { { .st_name = 0 },
					  { .st_info = STT_SECTION, .st_shndx = 1 },
					  { .st_info = STT_SECTION, .st_shndx = 2 } };
	static const Elf32_Sym syms32[] = { { .st_name = 0 },
					    { .st_info = STT_SECTION, .st_shndx = 1 },
					    { .st_info = STT_SECTION, .st_shndx = 2 } };
	static const Elf64_Rela relas[] = {
		{ 8, ELF64_R_INFO(1, R_X86_64_64), 0x40 },
		{ 4, ELF64_R_INFO(2, R_X86_64_32), 0x18 },
		{ 4096, ELF64_R_INFO(1, R_X86_64_64), 0 }, /* outside */
		{ 16, ELF64_R_INFO(99, R_X86_64_64), 0 },  /* no such symbol */
	};
	static const Elf32_Rel rels[] = { { 8, ELF32_R_INFO(1, R_386_32) } };
	char *path = strdup("/tmp/kdview-ko-XXXXXX");
	int fd = mkstemp(path);
	Elf *elf;
	GElf_Ehdr eh;

	memset(frame, 0, sizeof(frame));
	frame[8] = rela ? 0 : 0x40; /* addend in place */
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	gelf_newehdr(elf, rela ? ELFCLASS64 : ELFCLASS32);
	gelf_getehdr(elf, &eh);
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_type = ET_REL;
	eh.e_machine = rela ? EM_X86_64 : EM_386;
	eh.e_version = EV_CURRENT;
	eh.e_shstrndx = 5;
	gelf_update_ehdr(elf, &eh);
	add(elf, &(GElf_Shdr){ .sh_name = 1, .sh_type = SHT_PROGBITS }, ELF_T_BYTE, text, 16);
	add(elf, &(GElf_Shdr){ .sh_name = 7, .sh_type = SHT_PROGBITS }, ELF_T_BYTE, frame,
	    sizeof(frame));
	if (compress)
		assert_int_equal(elf_compress(elf_getscn(elf, 2), ELFCOMPRESS_ZLIB, 0), 1);
	if (rela)
		add(elf,
		    &(GElf_Shdr){ .sh_name = 20, .sh_type = SHT_RELA, .sh_link = 4, .sh_info = 2 },
		    ELF_T_RELA, relas, sizeof(relas));
	else
		add(elf,
		    &(GElf_Shdr){ .sh_name = 54, .sh_type = SHT_REL, .sh_link = 4, .sh_info = 2 },
		    ELF_T_REL, rels, sizeof(rels));
	add(elf, &(GElf_Shdr){ .sh_name = 38, .sh_type = SHT_SYMTAB, .sh_link = 5 }, ELF_T_SYM,
	    rela ? (const void *)syms : syms32, rela ? sizeof(syms) : sizeof(syms32));
	add(elf, &(GElf_Shdr){ .sh_name = 46, .sh_type = SHT_STRTAB }, ELF_T_BYTE, names,
	    sizeof(names));
	assert_true(elf_update(elf, ELF_C_WRITE) > 0);
	elf_end(elf);
	close(fd);
	return path;
}

static struct module_section text_section = { ".text", 0xc0400000 };

static void expect_relocated(bool rela, bool compress)
{
	struct module m = { .sections = &text_section, .nsections = 1 };
	char *path = make_module(rela, compress);
	struct frame_section f;
	uint64_t address = 0;
	uint32_t pointer;

	assert_int_equal(frame_section_open(&f, path, &m, NULL), 0);
	assert_int_equal(f.size, 512);
	memcpy(&address, f.data + 8, rela ? 8 : 4);
	assert_int_equal(address, 0xc0400040);
	memcpy(&pointer, f.data + 4, 4);
	assert_int_equal(pointer, rela ? 0x18 : 0);
	frame_section_close(&f);
	unlink(path);
	free(path);
}

static void module_frames_are_moved_to_where_it_was_loaded(void **state)
{
	(void)state;
	expect_relocated(true, false);
	expect_relocated(false, false);
}

static void compressed_frames_are_read(void **state)
{
	(void)state;
	expect_relocated(true, true);
}

static void missing_file_says_so(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	struct frame_section f;

	(void)state;
	assert_int_equal(frame_section_open(&f, "/nonexistent/vmlinux", NULL, &err), KD_IO);
	assert_non_null(strstr(err.text, "/nonexistent/vmlinux"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_text_is_where_nothing_is),
		cmocka_unit_test(modules_without_a_file_have_names),
		cmocka_unit_test(what_files_describe_is_left_to_them),
		cmocka_unit_test(without_a_vmlinux_the_kernel_has_names),
		cmocka_unit_test(unknown_tables_are_unsupported),
		cmocka_unit_test(module_frames_are_moved_to_where_it_was_loaded),
		cmocka_unit_test(compressed_frames_are_read),
		cmocka_unit_test(missing_file_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
