// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/module: lists, sections and symbols written by hand; files on disk. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <gelf.h>
#include <sys/stat.h>

#include "flat.h"
#include "kernel/module_priv.h"

/* A struct module: a page each, its own memory two pages on. */
#define HEAD (FLAT_BASE + 0x100)
#define MODULE(i) (FLAT_BASE + 0x1000 * (i))
#define LIST 8
#define NAME 32
#define TAINTS 96
#define BASE 104
#define SIZE_AT 112
#define TEXT_SIZE 116
#define ATTRS 120
#define KALLSYMS 128
#define ORC 136
#define ORC_IP 144
#define NUM_ORCS 152
#define BUILD_ID 160
#define MEM 192			   /* of 7 areas of 16 bytes */
#define CORE (FLAT_BASE + 0x10000) /* memory of all modules */

static struct layout_value value(int64_t v)
{
	return (struct layout_value){ .value = v, .found = true };
}

static struct flat *kernel_with_modules(uint8_t ptr)
{
	struct flat *f = flat_new(ptr, "SYMBOL(modules)=c0000100\nOSRELEASE=6.1.0-test\n");
	struct layout *l = &f->k.layout;

	f->vmlinux.path = strdup("/nonexistent/vmlinux");
	f->dump.path = strdup("/nonexistent/vmcore");
	f->k.release = vmcoreinfo_get(f->dump.vmcoreinfo, "OSRELEASE");
	l->list_head_next = flat_member(0, ptr);
	l->list_head_prev = flat_member(ptr, ptr);
	l->module_list = flat_member(LIST, 2 * ptr);
	l->module_name = flat_member(NAME, 56);
	l->module_state = flat_member(0, 4);
	l->module_taints = flat_member(TAINTS, ptr);
	l->module_core_base = flat_member(BASE, ptr);
	l->module_core_size = flat_member(SIZE_AT, 4);
	l->module_core_text_size = flat_member(TEXT_SIZE, 4);
	l->module_state_live = value(0);
	l->module_state_coming = value(1);
	l->module_orc_unwind = flat_member(ORC, ptr);
	l->module_orc_unwind_ip = flat_member(ORC_IP, ptr);
	l->module_num_orcs = flat_member(NUM_ORCS, 4);
	flat_long(f, HEAD, HEAD);
	flat_long(f, HEAD + ptr, HEAD);
	return f;
}

static void end(struct flat *f, struct modules *m)
{
	modules_fini(m);
	free(f->vmlinux.path);
	free(f->dump.path);
	flat_free(f);
}

/* Fill struct module I and put it at the end of the list. */
static void add(struct flat *f, unsigned i, const char *name)
{
	uint8_t ptr = f->arch.ptr_size;
	vaddr_t node = MODULE(i) + LIST, last;

	space_read_ptr(&f->k.space, HEAD + ptr, &last, NULL);
	flat_long(f, last, node);
	flat_long(f, node, HEAD);
	flat_long(f, node + ptr, last);
	flat_long(f, HEAD + ptr, node);
	flat_text(f, MODULE(i) + NAME, name);
	flat_long(f, MODULE(i) + BASE, CORE + 0x2000 * i);
	flat_put(f, MODULE(i) + SIZE_AT, 4, 0x1800);
	flat_put(f, MODULE(i) + TEXT_SIZE, 4, 0x1000);
}

static struct modules read_modules(struct flat *f)
{
	struct kd_err err = KD_ERR_INIT;
	struct modules m;

	if (modules_read(&f->k, &m, NULL, &err))
		fail_msg("%s", err.text);
	return m;
}

static void expect_damage(const struct modules *m, const char *words)
{
	assert_non_null(m->damage);
	if (!strstr(m->damage, words))
		fail_msg("\"%s\" does not say \"%s\"", m->damage, words);
}

static void modules_come_in_the_lists_order(void **state)
{
	(void)state;
	for (uint8_t ptr = 4; ptr <= 8; ptr += 4) {
		struct flat *f = kernel_with_modules(ptr);
		struct modules m;

		add(f, 1, "nvme-core");
		add(f, 2, "ext4");
		flat_put(f, MODULE(2), 4, 1);
		flat_long(f, MODULE(2) + TAINTS, 0x2000);
		flat_long(f, MODULE(2) + ORC, CORE + 64);
		flat_long(f, MODULE(2) + ORC_IP, CORE + 128);
		flat_put(f, MODULE(2) + NUM_ORCS, 4, 7);
		m = read_modules(f);
		assert_null(m.damage);
		assert_int_equal(m.n, 2);
		assert_string_equal(m.list[0].name, "nvme-core");
		assert_string_equal(m.list[0].state, "live");
		assert_string_equal(m.list[1].name, "ext4");
		assert_string_equal(m.list[1].state, "coming");
		assert_int_equal(m.list[1].addr, MODULE(2));
		assert_int_equal(m.list[1].base, CORE + 0x4000);
		assert_int_equal(m.list[1].size, 0x1800);
		assert_int_equal(m.list[1].text_size, 0x1000);
		assert_int_equal(m.list[1].taints, 0x2000);
		assert_int_equal(m.list[1].num_orcs, 7);
		assert_int_equal(m.list[1].orc_ip, CORE + 128);
		assert_null(m.list[1].debug_path);
		assert_ptr_equal(modules_by_addr(&m, CORE + 0x4000), &m.list[1]);
		assert_ptr_equal(modules_by_addr(&m, CORE + 0x37ff), &m.list[0]);
		assert_null(modules_by_addr(&m, CORE + 0x3800));
		end(f, &m);
	}
}

static void areas_by_kind_are_summed(void **state)
{
	struct flat *f = kernel_with_modules(8);
	struct layout *l = &f->k.layout;
	struct modules m;

	(void)state;
	l->module_core_base.found = false;
	l->module_mem = flat_member(MEM, 7 * 16);
	l->module_mem.count = 7;
	l->module_memory_base = flat_member(0, 8);
	l->module_memory_size = flat_member(8, 4);
	l->mod_text = value(0);
	l->mod_init_text = value(4);
	add(f, 1, "split");
	for (unsigned i = 0; i < 7; i++) {
		if (i == 2)
			continue;
		flat_long(f, MODULE(1) + MEM + i * 16, CORE + i * 0x1000);
		flat_put(f, MODULE(1) + MEM + i * 16 + 8, 4, 0x100 << i);
	}
	m = read_modules(f);
	assert_null(m.damage);
	assert_int_equal(m.list[0].base, CORE);
	assert_int_equal(m.list[0].text_size, 0x100);
	assert_int_equal(m.list[0].size, 0x100 + 0x200 + 0x800);
	assert_int_equal(m.list[0].nareas, 6);
	assert_ptr_equal(modules_by_addr(&m, CORE + 0x4000), &m.list[0]);
	assert_null(modules_by_addr(&m, CORE + 0x2000));
	end(f, &m);
}

static void kernel_without_modules_has_none(void **state)
{
	struct flat *f = kernel_with_modules(8);
	struct modules m = read_modules(f);

	(void)state;
	assert_int_equal(m.n, 0);
	assert_null(m.damage);
	end(f, &m);
}

static void circle_in_the_list_is_found(void **state)
{
	struct flat *f = kernel_with_modules(8);
	struct modules m;

	(void)state;
	add(f, 1, "one");
	add(f, 2, "two");
	add(f, 3, "three");
	flat_long(f, MODULE(3) + LIST, MODULE(2) + LIST);
	m = read_modules(f);
	assert_int_equal(m.n, 3);
	expect_damage(&m, "circle");
	end(f, &m);
}

static void broken_list_gives_what_comes_before(void **state)
{
	struct flat *f = kernel_with_modules(8);
	struct modules m;

	(void)state;
	add(f, 1, "one");
	add(f, 2, "two");
	f->missing = 1u << 2;
	m = read_modules(f);
	assert_int_equal(m.n, 1);
	expect_damage(&m, "at 0xc0002000 there is no module, its name is excluded from the dump");
	assert_true(m.partial);
	end(f, &m);
}

static void broken_list_is_followed_from_its_end(void **state)
{
	struct flat *f = kernel_with_modules(8);
	struct modules m;

	(void)state;
	for (unsigned i = 1; i < 6; i++)
		add(f, i, (const char *[]){ "one", "two", "three", "four", "five" }[i - 1]);
	flat_long(f, MODULE(2) + LIST, CORE + 0x123);
	m = read_modules(f);
	assert_int_equal(m.n, 5);
	assert_string_equal(m.list[1].name, "two");
	assert_string_equal(m.list[2].name, "three");
	assert_string_equal(m.list[4].name, "five");
	assert_false(m.partial);
	expect_damage(&m, "leads astray at 0xc0002008");
	expect_damage(&m, "3 modules were found by following the list backwards");
	modules_fini(&m);
	/* and that is broken as well */
	flat_long(f, MODULE(5) + LIST + 8, 0);
	m = read_modules(f);
	assert_int_equal(m.n, 3);
	assert_true(m.partial);
	expect_damage(&m, "the list, followed backwards, has a NULL at 0xc0005008");
	end(f, &m);
}

static void memory_that_is_not_mapped_is_none(void **state)
{
	struct flat *f = kernel_with_modules(8);
	vaddr_t end_of_memory = FLAT_BASE + FLAT_PAGES * 4096;
	struct modules m;

	(void)state;
	add(f, 1, "large");
	add(f, 2, "lost");
	flat_put(f, MODULE(1) + SIZE_AT, 4, 0xfffffff0);
	flat_long(f, MODULE(2) + BASE, 0x1000);
	m = read_modules(f);
	assert_int_equal(m.n, 2);
	expect_damage(&m, "module large: 4294967280 bytes at 0xc0012000 can not be its memory");
	assert_int_equal(m.list[0].size, end_of_memory - (CORE + 0x2000));
	assert_int_equal(m.list[0].areas[0].size, m.list[0].size);
	/* a module lies in its memory */
	expect_damage(&m, "module lost: 6144 bytes at 0x1000 can not be its memory: 0 are mapped");
	assert_true(module_holds(&m.list[1], MODULE(2)));
	end(f, &m);
}

static void names_that_are_none_are_replaced(void **state)
{
	static const char *const bad[] = { "", "a b", "a;shell", "../x", "-option", "\xff" };
	struct modules m;

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(bad); i++) {
		struct flat *f = kernel_with_modules(8);

		add(f, 1, bad[i]);
		add(f, 2, "good");
		m = read_modules(f);
		assert_int_equal(m.n, 2);
		assert_string_equal(m.list[0].name, "unnamed-c0001000");
		assert_string_equal(m.list[1].name, "good");
		expect_damage(&m, "the module at 0xc0001000 has no module's name");
		end(f, &m);
	}
}

static void impossible_counts_are_not_believed(void **state)
{
	struct flat *f = kernel_with_modules(8);
	struct modules m;

	(void)state;
	add(f, 1, "one");
	flat_put(f, MODULE(1) + NUM_ORCS, 4, UINT32_MAX);
	m = read_modules(f);
	assert_int_equal(m.n, 1);
	assert_int_equal(m.list[0].num_orcs, 0);
	expect_damage(&m, "ORC");
	end(f, &m);
}

/* Sections ------------------------------------------------------------------------ */

#define SECTIONS (FLAT_BASE + 0x8000)
#define NAMES (FLAT_BASE + 0x9000)

static void sections_before_v6_14(void **state)
{
	struct flat *f = kernel_with_modules(8);
	struct layout *l = &f->k.layout;
	struct modules m;

	(void)state;
	l->module_sect_attrs = flat_member(ATTRS, 8);
	l->module_sect_attrs_nsections = flat_member(40, 4);
	l->module_sect_attrs_attrs = flat_member(48, 0);
	l->size_module_sect_attr = 72;
	l->module_sect_attr_name = flat_member(0, 8);
	l->module_sect_attr_address = flat_member(64, 8);
	add(f, 1, "one");
	flat_long(f, MODULE(1) + ATTRS, SECTIONS);
	flat_put(f, SECTIONS + 40, 4, 3);
	flat_text(f, NAMES, ".text");
	flat_text(f, NAMES + 32, ".data..percpu");
	flat_text(f, NAMES + 64, ".evil 0x1\nshell");
	for (unsigned i = 0; i < 3; i++) {
		flat_long(f, SECTIONS + 48 + 72 * i, NAMES + 32 * i);
		flat_long(f, SECTIONS + 48 + 72 * i + 64, CORE + 0x100 * i);
	}
	m = read_modules(f);
	assert_int_equal(m.list[0].nsections, 2);
	assert_string_equal(m.list[0].sections[0].name, ".text");
	assert_string_equal(m.list[0].sections[1].name, ".data..percpu");
	assert_int_equal(m.list[0].sections[1].addr, CORE + 0x100);
	expect_damage(&m, "module one: sections");
	modules_fini(&m);
	flat_put(f, SECTIONS + 40, 4, UINT32_MAX);
	m = read_modules(f);
	assert_true(m.list[0].nsections <= 4096);
	end(f, &m);
}

static void sections_since_v6_14(void **state)
{
	struct flat *f = kernel_with_modules(8);
	struct layout *l = &f->k.layout;
	struct modules m;

	(void)state;
	l->module_sect_attrs = flat_member(ATTRS, 8);
	l->module_sect_attrs_bin_attrs = flat_member(24, 8);
	l->bin_attribute_name = flat_member(0, 8);
	l->bin_attribute_private = flat_member(24, 8);
	add(f, 1, "one");
	flat_long(f, MODULE(1) + ATTRS, SECTIONS);
	flat_long(f, SECTIONS + 24, SECTIONS + 0x100);
	flat_text(f, NAMES, ".text");
	flat_text(f, NAMES + 32, ".init.text");
	for (unsigned i = 0; i < 2; i++) {
		vaddr_t attr = SECTIONS + 0x200 + 64 * i;

		flat_long(f, SECTIONS + 0x100 + 8 * i, attr);
		flat_long(f, attr, NAMES + 32 * i);
		flat_long(f, attr + 24, CORE + 0x100 * i);
	}
	m = read_modules(f);
	assert_null(m.damage);
	assert_int_equal(m.list[0].nsections, 2);
	assert_string_equal(m.list[0].sections[1].name, ".init.text");
	assert_int_equal(m.list[0].sections[1].addr, CORE + 0x100);
	end(f, &m);
}

/* Symbols ------------------------------------------------------------------------- */

#define TABLE (FLAT_BASE + 0x8000)
#define STRINGS (FLAT_BASE + 0x9000)
#define TYPES (FLAT_BASE + 0xa000)

static void put_symbol(struct flat *f, unsigned i, unsigned name, uint64_t addr, uint64_t size,
		       uint8_t info, uint16_t section, char type)
{
	bool wide = f->arch.ptr_size == 8;
	vaddr_t at = TABLE + i * (wide ? 24 : 16);

	flat_put(f, at, 4, name);
	flat_put(f, at + (wide ? 4 : 12), 1, info);
	flat_put(f, at + (wide ? 6 : 14), 2, section);
	flat_long(f, at + (wide ? 8 : 4), addr);
	flat_long(f, at + (wide ? 16 : 8), size);
	flat_put(f, TYPES + i, 1, (uint8_t)type);
}

static struct flat *kernel_with_symbols(uint8_t ptr)
{
	struct flat *f = kernel_with_modules(ptr);
	struct layout *l = &f->k.layout;
	vaddr_t kallsyms = FLAT_BASE + 0xb000;

	l->module_kallsyms = flat_member(KALLSYMS, ptr);
	l->mod_kallsyms_symtab = flat_member(0, ptr);
	l->mod_kallsyms_num_symtab = flat_member(ptr, 4);
	l->mod_kallsyms_strtab = flat_member(2 * ptr, ptr);
	l->mod_kallsyms_typetab = flat_member(3 * ptr, ptr);
	add(f, 1, "one");
	flat_long(f, MODULE(1) + KALLSYMS, kallsyms);
	flat_long(f, kallsyms, TABLE);
	flat_put(f, kallsyms + ptr, 4, 6);
	flat_long(f, kallsyms + 2 * ptr, STRINGS);
	flat_long(f, kallsyms + 3 * ptr, TYPES);
	memcpy(f->mem + (STRINGS - FLAT_BASE), "\0start\0data\0printk\0.LC3\0outside", 31);
	put_symbol(f, 1, 1, CORE + 0x2010, 32, STB_GLOBAL << 4 | STT_FUNC, 1, 't');
	put_symbol(f, 2, 7, CORE + 0x3010, 8, STT_OBJECT, 2, 'd');
	put_symbol(f, 3, 12, 0, 0, STB_GLOBAL << 4, 0, 'U');
	put_symbol(f, 4, 19, CORE + 0x3020, 0, 0, 2, 'r');
	put_symbol(f, 5, 24, CORE + 0x9000, 0, 0, 2, 'd');
	return f;
}

static void symbols_of_both_classes_are_added(void **state)
{
	(void)state;
	for (uint8_t ptr = 4; ptr <= 8; ptr += 4) {
		struct flat *f = kernel_with_symbols(ptr);
		struct modules m = read_modules(f);
		const struct symbol *s;

		assert_null(m.damage);
		assert_int_equal(symbols_finish(f->k.symbols, NULL), 0);
		assert_int_equal(symbols_count(f->k.symbols), 2);
		s = symbols_by_name(f->k.symbols, "start");
		assert_non_null(s);
		assert_int_equal(s->addr, CORE + 0x2010);
		assert_int_equal(s->size, 32);
		assert_int_equal(s->type, 'T');
		assert_string_equal(s->module, "one");
		s = symbols_by_name(f->k.symbols, "data");
		assert_non_null(s);
		assert_int_equal(s->type, 'd');
		end(f, &m);
	}
}

static void missing_symbol_pages_are_told(void **state)
{
	struct flat *f = kernel_with_symbols(8);
	struct modules m;

	(void)state;
	f->missing = 1u << 9;
	m = read_modules(f);
	assert_int_equal(m.n, 1);
	expect_damage(&m, "module one: some of its symbols are missing");
	end(f, &m);
}

static void impossible_number_of_symbols_is_told(void **state)
{
	struct flat *f = kernel_with_symbols(8);
	struct modules m;

	(void)state;
	flat_put(f, FLAT_BASE + 0xb000 + 8, 4, UINT32_MAX);
	m = read_modules(f);
	expect_damage(&m, "4294967295 symbols can not be");
	end(f, &m);
}

/* Files --------------------------------------------------------------------------- */

struct ko {
	const char *path;
	uint16_t machine;
	uint8_t id; /* the byte its build ID is made of; 0: none */
	const char *vermagic;
	bool debug;
};

/* Write a module file: sections .modinfo, .note.gnu.build-id, .symtab, .debug_info. */
static void write_ko(const char *dir, const struct ko *ko)
{
	static char strings[] = "\0.modinfo\0.note.gnu.build-id\0.symtab\0.debug_info\0.shstrtab";
	uint8_t note[36] = { 4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0 };
	char info[128] = "license=GPL", path[512];
	size_t info_len = 12;
	int fd;
	Elf *elf;
	Elf64_Ehdr *eh;

	memset(note + 16, ko->id, 20);
	info_len += (size_t)snprintf(info + 12, sizeof(info) - 12, "vermagic=%s SMP mod_unload ",
				     ko->vermagic ? ko->vermagic : "") +
		    1;
	snprintf(path, sizeof(path), "%s/%s", dir, ko->path);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	eh = elf64_newehdr(elf);
	eh->e_ident[EI_DATA] = ELFDATA2LSB;
	eh->e_machine = ko->machine;
	eh->e_type = ET_REL;
	eh->e_version = EV_CURRENT;
	const struct {
		bool there;
		unsigned name, type;
		void *data;
		size_t size;
	} sections[] = {
		{ ko->vermagic != NULL, 1, SHT_PROGBITS, info, info_len },
		{ ko->id != 0, 10, SHT_NOTE, note, sizeof(note) },
		{ true, 29, SHT_SYMTAB, note, 0 },
		{ ko->debug, 37, SHT_PROGBITS, note, 1 },
		{ true, 49, SHT_STRTAB, strings, sizeof(strings) },
	};
	for (size_t i = 0; i < KD_ARRAY_SIZE(sections); i++) {
		Elf_Scn *scn;
		Elf64_Shdr *sh;
		Elf_Data *d;

		if (!sections[i].there)
			continue;
		scn = elf_newscn(elf);
		d = elf_newdata(scn);
		d->d_buf = sections[i].data;
		d->d_size = sections[i].size;
		d->d_type = ELF_T_BYTE;
		d->d_align = 4;
		sh = elf64_getshdr(scn);
		sh->sh_name = sections[i].name;
		sh->sh_type = sections[i].type;
		eh->e_shstrndx = (uint16_t)elf_ndxscn(scn);
	}
	assert_true(elf_update(elf, ELF_C_WRITE) > 0);
	elf_end(elf);
	close(fd);
}

struct found {
	char dir[64];
	struct flat *f;
	struct modules m;
};

/* Read a module "my_mod" of build ID 20 times ID (0: it has none) with these files around. */
static struct found search(const struct ko *files, size_t n, uint8_t id, const char *release)
{
	struct found s = { .dir = "/tmp/module_test.XXXXXX", .f = kernel_with_modules(8) };
	const char *const dirs[] = { s.dir, NULL };
	char command[256];

	assert_non_null(mkdtemp(s.dir));
	snprintf(command, sizeof(command),
		 "mkdir -p %s/lib/modules/6.1.0-test/kernel/fs %s/modules", s.dir, s.dir);
	assert_int_equal(system(command), 0);
	for (size_t i = 0; i < n; i++)
		write_ko(s.dir, &files[i]);
	add(s.f, 1, "my_mod");
	s.f->k.release = release;
	s.f->k.layout.module_build_id = flat_member(BUILD_ID, 20);
	memset(s.f->mem + (MODULE(1) - FLAT_BASE) + BUILD_ID, id, 20);
	if (modules_read(&s.f->k, &s.m, dirs, NULL))
		fail();
	snprintf(command, sizeof(command), "rm -r %s", s.dir);
	assert_int_equal(system(command), 0);
	return s;
}

static void expect_found(const struct ko *files, size_t n, uint8_t id, const char *path)
{
	struct found s = search(files, n, id, "6.1.0-test");
	const char *got = s.m.list[0].debug_path;

	if (path) {
		assert_non_null(got);
		assert_string_equal(got + strlen(s.dir) + 1, path);
	} else if (got) {
		fail_msg("found %s", got);
	}
	end(s.f, &s.m);
}

#define TREE "lib/modules/6.1.0-test/kernel/fs/"

static void file_of_the_build_id_is_taken(void **state)
{
	const struct ko files[] = {
		{ "my_mod.ko", EM_X86_64, 7, NULL, true },
		{ TREE "my-mod.ko", EM_X86_64, 5, NULL, true },
	};

	(void)state;
	expect_found(files, 2, 5, TREE "my-mod.ko");
	expect_found(files, 2, 7, "my_mod.ko");
	expect_found(files, 2, 9, NULL);
}

static void debug_information_is_better_than_symbols(void **state)
{
	const struct ko files[] = {
		{ "my_mod.ko", EM_X86_64, 5, NULL, false },
		{ TREE "my-mod.ko.debug", EM_X86_64, 5, NULL, true },
	};

	(void)state;
	expect_found(files, 1, 5, "my_mod.ko");
	expect_found(files, 2, 5, TREE "my-mod.ko.debug");
}

static void without_a_build_id_the_release_must_fit(void **state)
{
	const struct ko other = { "my_mod.ko", EM_X86_64, 0, "6.1.0-test2", true };
	const struct ko same = { "my_mod.ko", EM_X86_64, 0, "6.1.0-test", true };
	const struct ko silent = { "my_mod.ko", EM_X86_64, 0, NULL, true };

	(void)state;
	expect_found(&other, 1, 0, NULL);
	expect_found(&same, 1, 0, "my_mod.ko");
	expect_found(&silent, 1, 0, "my_mod.ko");
}

static void other_machines_and_packed_files_are_passed_over(void **state)
{
	const struct ko machine = { "my_mod.ko", EM_AARCH64, 5, NULL, true };
	const struct ko packed = { "my_mod.ko.xz", EM_X86_64, 5, NULL, true };

	(void)state;
	expect_found(&machine, 1, 5, NULL);
	expect_found(&packed, 1, 5, NULL);
}

static void release_can_not_lead_out_of_its_folder(void **state)
{
	const struct ko file = { TREE "my-mod.ko", EM_X86_64, 5, NULL, true };
	static const char *const bad[] = { "6.1.0-test/kernel", "..", "." };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(bad); i++) {
		struct found s = search(&file, 1, 5, bad[i]);

		assert_null(s.m.list[0].debug_path);
		end(s.f, &s.m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_come_in_the_lists_order),
		cmocka_unit_test(areas_by_kind_are_summed),
		cmocka_unit_test(kernel_without_modules_has_none),
		cmocka_unit_test(circle_in_the_list_is_found),
		cmocka_unit_test(broken_list_gives_what_comes_before),
		cmocka_unit_test(broken_list_is_followed_from_its_end),
		cmocka_unit_test(memory_that_is_not_mapped_is_none),
		cmocka_unit_test(names_that_are_none_are_replaced),
		cmocka_unit_test(impossible_counts_are_not_believed),
		cmocka_unit_test(sections_before_v6_14),
		cmocka_unit_test(sections_since_v6_14),
		cmocka_unit_test(symbols_of_both_classes_are_added),
		cmocka_unit_test(missing_symbol_pages_are_told),
		cmocka_unit_test(impossible_number_of_symbols_is_told),
		cmocka_unit_test(file_of_the_build_id_is_taken),
		cmocka_unit_test(debug_information_is_better_than_symbols),
		cmocka_unit_test(without_a_build_id_the_release_must_fit),
		cmocka_unit_test(other_machines_and_packed_files_are_passed_over),
		cmocka_unit_test(release_can_not_lead_out_of_its_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
