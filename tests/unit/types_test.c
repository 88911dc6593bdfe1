// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Types from DWARF (this program's own, and small files of older and of dwz's
 * making: see data/types.c) and from BTF.
 */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpf/btf.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>

#include "kernel/type_search.h"
#include "kernel/type_view_priv.h"
#include "kernel/type_view.h"
#include "kernel/types.h"
#include "kernel/types_priv.h"
#include "kernel/vmlinux.h"

struct own_inner {
	uint32_t before;
	unsigned int low : 3, middle : 7, high : 20;
	uint8_t flags : 5, level : 3;
	uint64_t wide : 40;
};

typedef struct own_inner own_alias;
typedef const own_alias *own_pointer;

enum own_state { OWN_OFF, OWN_ON = 200, OWN_BROKEN = -2 };

struct own_outer {
	char name[20];
	struct {
		union {
			uint64_t anonymous_long;
			uint32_t anonymous_int;
		};
		char deep;
	};
	own_alias inner[4];
	own_pointer pointer;
	enum own_state state;
	uint16_t table[3][5];
	uint64_t flexible[];
};

uint64_t own_anchor(const struct own_outer *o);
__attribute__((noinline)) uint64_t own_anchor(const struct own_outer *o)
{
	return o->inner[1].wide + o->inner[2].level + o->anonymous_int + (o->state == OWN_BROKEN);
}

struct file {
	struct vmlinux v;
	struct types *t;
};

static void open_file(struct file *f, const char *path, bool btf)
{
	GElf_Ehdr eh;

	elf_version(EV_CURRENT);
	*f = (struct file){.v.fd = open(path, O_RDONLY)};
	assert_true(f->v.fd >= 0);
	f->v.elf = elf_begin(f->v.fd, ELF_C_READ_MMAP, NULL);
	assert_non_null(f->v.elf);
	assert_non_null(gelf_getehdr(f->v.elf, &eh));
	f->v.elf_class = eh.e_ident[EI_CLASS];
	f->v.path = strdup(path);
	f->v.has_btf = btf;
	f->v.has_dwarf = !btf;
}

static void close_file(struct file *f)
{
	types_close(f->t);
	elf_end(f->v.elf);
	close(f->v.fd);
	free(f->v.path);
}

static void open_data(struct file *f, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%.*sdata/%s", (int)(strrchr(__FILE__, '/') + 1 - __FILE__),
		 __FILE__, name);
	open_file(f, path, false);
	assert_int_equal(types_open(&f->v, &f->t, NULL), 0);
}

static struct member find(const struct file *f, const char *anchor, const char *type,
			  const char *path)
{
	struct member m;

	if (!types_member(f->t, anchor, type, path, &m))
		fail_msg("no %s.%s", type, path);
	assert_true(m.found);
	return m;
}

static void expect(const struct file *f, const char *anchor, const char *type, const char *path,
		   uint64_t offset, uint64_t size, uint64_t count)
{
	struct member m = find(f, anchor, type, path);

	assert_int_equal(m.offset, offset);
	assert_int_equal(m.size, size);
	assert_int_equal(m.count, count);
	assert_int_equal(m.bit_size, 0);
}

static void expect_bits(const struct file *f, const char *anchor, const char *type,
			const char *path, uint64_t bit, uint64_t bits)
{
	struct member m = find(f, anchor, type, path);

	assert_int_equal(8 * m.offset + m.bit_offset, bit);
	assert_int_equal(m.bit_size, bits);
	assert_true(m.bit_offset + m.bit_size <= 8 * m.size);
}

static void expect_none(const struct file *f, const char *anchor, const char *type,
			const char *path)
{
	struct member m;

	assert_false(types_member(f->t, anchor, type, path, &m));
	assert_false(m.found);
}

#define OWN(member) offsetof(struct own_outer, member)

static void dwarf_of_this_program_gives_offsetof(void **state)
{
	struct own_outer *o = calloc(1, sizeof(*o));
	struct file f;
	uint64_t size;

	(void)state;
	assert_int_equal(own_anchor(o), 0);
	open_file(&f, "/proc/self/exe", false);
	assert_int_equal(types_open(&f.v, &f.t, NULL), 0);
	assert_string_equal(types_source(f.t), "DWARF");
	expect(&f, "own_anchor", "own_outer", "name", 0, 20, 20);
	expect(&f, "own_anchor", "own_outer", "anonymous_int", OWN(anonymous_int), 4, 1);
	expect(&f, "own_anchor", "own_outer", "deep", OWN(deep), 1, 1);
	expect(&f, "own_anchor", "own_outer", "inner", OWN(inner), sizeof(o->inner), 4);
	expect(&f, "own_anchor", "own_outer", "inner.before", OWN(inner), 4, 1);
	expect(&f, "own_anchor", "own_outer", "pointer", OWN(pointer), sizeof(void *), 1);
	expect(&f, "own_anchor", "own_outer", "table", OWN(table), 30, 3);
	expect(&f, "own_anchor", "own_outer", "flexible", OWN(flexible), 0, 0);
	expect(&f, "own_anchor", "own_alias", "before", 0, 4, 1);
	assert_true(types_size(f.t, "own_anchor", "own_outer", &size));
	assert_int_equal(size, sizeof(*o));
	assert_true(types_size(f.t, "own_anchor", "own_alias", &size));
	assert_int_equal(size, sizeof(struct own_inner));
	close_file(&f);
	free(o);
}

static uint64_t extract(const struct own_inner *i, const struct member *m)
{
	uint64_t v = 0;

	memcpy(&v, (const uint8_t *)i + m->offset, m->size);
	return v >> m->bit_offset & (UINT64_MAX >> (64 - m->bit_size));
}

static void bit_fields_read_back_what_was_stored(void **state)
{
	struct own_inner i = {.low = 5,
			      .middle = 0x55,
			      .high = 0xabcde,
			      .flags = 0x15,
			      .level = 6,
			      .wide = 0x123456789a};
	const struct {
		const char *name;
		uint64_t value;
	} fields[] = {{"low", 5},      {"middle", 0x55}, {"high", 0xabcde},
		      {"flags", 0x15}, {"level", 6},	 {"wide", 0x123456789a}};
	struct file f;

	(void)state;
	open_file(&f, "/proc/self/exe", false);
	assert_int_equal(types_open(&f.v, &f.t, NULL), 0);
	for (size_t n = 0; n < KD_ARRAY_SIZE(fields); n++) {
		struct member m = find(&f, "own_anchor", "own_inner", fields[n].name);

		assert_true(m.bit_size);
		assert_true(m.offset + m.size <= sizeof(i));
		assert_int_equal(extract(&i, &m), fields[n].value);
	}
	close_file(&f);
}

static void what_is_not_there_is_not_found(void **state)
{
	struct file f;
	uint64_t size;
	int64_t value;

	(void)state;
	open_file(&f, "/proc/self/exe", false);
	assert_int_equal(types_open(&f.v, &f.t, NULL), 0);
	expect_none(&f, "own_anchor", "own_outer", "no_such");
	expect_none(&f, "own_anchor", "own_outer", "name.before");
	expect_none(&f, "own_anchor", "own_outer", "pointer.before");
	expect_none(&f, "own_anchor", "own_outer", "");
	expect_none(&f, "own_anchor", "own_outer", "inner.");
	expect_none(&f, "own_anchor", "own_outer", ".inner");
	expect_none(&f, "no_such_function", "own_outer", "name");
	expect_none(&f, NULL, "own_outer", "name");
	assert_false(types_size(f.t, "own_anchor", "no_such", &size));
	assert_false(types_enumerator(f.t, "own_anchor", "OWN_NONE", &value));
	close_file(&f);
}

static void second_anchor_is_asked_when_the_first_is_not_there(void **state)
{
	struct file f;
	int64_t value;

	(void)state;
	open_file(&f, "/proc/self/exe", false);
	assert_int_equal(types_open(&f.v, &f.t, NULL), 0);
	expect(&f, "no_such_function|own_anchor", "own_outer", "name", 0, 20, 20);
	assert_true(types_enumerator(f.t, "own_anchor", "OWN_ON", &value));
	assert_int_equal(value, 200);
	assert_true(types_enumerator(f.t, "own_anchor", "OWN_BROKEN", &value));
	assert_int_equal(value, -2);
	close_file(&f);
}

static void expect_shared(const struct file *f, const char *anchor)
{
	int64_t value;

	expect(f, anchor, "shared_outer", "name", 0, 20, 20);
	expect(f, anchor, "shared_outer", "anonymous_long", 24, 8, 1);
	expect(f, anchor, "shared_outer", "anonymous_int", 24, 4, 1);
	expect(f, anchor, "shared_outer", "deep", 32, 1, 1);
	expect(f, anchor, "shared_outer", "inner", 40, 48, 4);
	expect(f, anchor, "shared_outer", "next", 96, 8, 1);
	expect(f, anchor, "shared_outer", "table", 104, 60, 3);
	expect(f, anchor, "shared_outer", "flexible", 168, 0, 0);
	expect_bits(f, anchor, "shared_alias", "low", 32, 3);
	expect_bits(f, anchor, "shared_alias", "middle", 35, 7);
	expect_bits(f, anchor, "shared_alias", "high", 42, 20);
	expect_bits(f, anchor, "shared_outer", "inner.level", 8 * 48 + 5, 3);
	assert_true(types_enumerator(f->t, anchor, "SHARED_ON", &value));
	assert_int_equal(value, 200);
	assert_true(types_enumerator(f->t, anchor, "SHARED_BROKEN", &value));
	assert_int_equal(value, -2);
}

static void dwarf_2_without_aranges_is_understood(void **state)
{
	struct file f;

	(void)state;
	open_data(&f, "types-dwarf2");
	expect_shared(&f, "first");
	close_file(&f);
}

static void imported_units_belong_to_the_unit(void **state)
{
	struct file f;

	(void)state;
	open_data(&f, "types-dwz");
	expect_shared(&f, "first");
	expect_shared(&f, "second");
	expect_none(&f, "first", "second_only", "own");
	expect(&f, "second", "second_only", "own", 168, 4, 1);
	close_file(&f);
}

/* BTF --------------------------------------------------------------------------- */

/* An ELF file with this as its only section .BTF, opened as a vmlinux. */
static void open_btf(struct file *f, const void *data, size_t size)
{
	static const char strings[] = "\0.BTF\0.shstrtab";
	char path[] = "/tmp/types_test.XXXXXX", *bytes = malloc(size ? size : 1);
	int fd = mkstemp(path);
	Elf64_Shdr *sh;
	Elf64_Ehdr *eh;
	Elf_Data *d;
	Elf_Scn *scn;
	Elf *elf;

	memcpy(bytes, data, size);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	eh = elf64_newehdr(elf);
	eh->e_ident[EI_DATA] = ELFDATA2LSB;
	eh->e_machine = EM_X86_64;
	eh->e_type = ET_EXEC;
	eh->e_version = EV_CURRENT;
	for (int i = 0; i < 2; i++) {
		char *content = i ? strdup("") : bytes;

		if (i)
			content =
				memcpy(realloc(content, sizeof(strings)), strings, sizeof(strings));
		scn = elf_newscn(elf);
		d = elf_newdata(scn);
		d->d_buf = content;
		d->d_size = i ? sizeof(strings) : size;
		d->d_align = 1;
		sh = elf64_getshdr(scn);
		sh->sh_type = i ? SHT_STRTAB : SHT_PROGBITS;
		sh->sh_name = i ? 6 : 1;
	}
	eh->e_shstrndx = 2;
	assert_true(elf_update(elf, ELF_C_WRITE) > 0);
	free(elf_getdata(elf_getscn(elf, 2), NULL)->d_buf);
	elf_end(elf);
	close(fd);
	free(bytes);
	open_file(f, path, true);
	unlink(path);
}

/* The types of data/types.c, by hand; task_struct says that the BTF is whole. */
static struct btf *make_btf(void)
{
	struct btf *b = btf__new_empty();
	int i = btf__add_int(b, "int", 4, BTF_INT_SIGNED);
	int l = btf__add_int(b, "long", 8, BTF_INT_SIGNED);
	int c = btf__add_int(b, "char", 1, 0);
	int inner, alias, constant, un, anon, state, name, inners, row, table, flexible, pointer;

	inner = btf__add_struct(b, "shared_inner", 12);
	btf__add_field(b, "before", i, 0, 0);
	btf__add_field(b, "low", i, 32, 3);
	btf__add_field(b, "middle", i, 35, 7);
	btf__add_field(b, "high", i, 42, 20);
	btf__add_field(b, "flags", c, 64, 5);
	btf__add_field(b, "level", c, 69, 3);
	alias = btf__add_typedef(b, "shared_alias", inner);
	constant = btf__add_const(b, alias);
	un = btf__add_union(b, NULL, 8);
	btf__add_field(b, "anonymous_long", l, 0, 0);
	btf__add_field(b, "anonymous_int", i, 0, 0);
	anon = btf__add_struct(b, NULL, 16);
	btf__add_field(b, NULL, un, 0, 0);
	btf__add_field(b, "deep", c, 64, 0);
	state = btf__add_enum(b, "shared_state", 4);
	btf__add_enum_value(b, "SHARED_OFF", 0);
	btf__add_enum_value(b, "SHARED_ON", 200);
	btf__add_enum_value(b, "SHARED_BROKEN", -2);
	name = btf__add_array(b, i, c, 20);
	inners = btf__add_array(b, i, constant, 4);
	row = btf__add_array(b, i, i, 5);
	table = btf__add_array(b, i, row, 3);
	flexible = btf__add_array(b, i, l, 0);
	pointer = btf__add_ptr(b, flexible + 2);
	assert_int_equal(btf__add_struct(b, "shared_outer", 168), flexible + 2);
	btf__add_field(b, "name", name, 0, 0);
	btf__add_field(b, NULL, anon, 24 * 8, 0);
	btf__add_field(b, "inner", inners, 40 * 8, 0);
	btf__add_field(b, "state", state, 88 * 8, 0);
	btf__add_field(b, "next", pointer, 96 * 8, 0);
	btf__add_field(b, "table", table, 104 * 8, 0);
	btf__add_field(b, "flexible", flexible, 168 * 8, 0);
	btf__add_struct(b, "task_struct", 4);
	btf__add_field(b, "pid", i, 0, 0);
	return b;
}

static void btf_gives_the_same_as_dwarf(void **state)
{
	struct btf *b = make_btf();
	const void *raw;
	uint32_t size;
	struct file f;
	uint64_t n;

	(void)state;
	raw = btf__raw_data(b, &size);
	open_btf(&f, raw, size);
	assert_int_equal(types_open(&f.v, &f.t, NULL), 0);
	assert_string_equal(types_source(f.t), "BTF");
	expect_shared(&f, NULL);
	expect_none(&f, NULL, "shared_outer", "no_such");
	expect_none(&f, NULL, "shared_outer", "next.name");
	assert_true(types_size(f.t, NULL, "shared_alias", &n));
	assert_int_equal(n, 12);
	close_file(&f);
	btf__free(b);
}

/* Whatever a broken section says, answers come and end. */
static void broken_btf_is_refused_or_answers(void **state)
{
	struct btf *b = make_btf();
	uint8_t *broken;
	const void *raw;
	uint32_t size, seed = 1;

	(void)state;
	raw = btf__raw_data(b, &size);
	broken = malloc(size);
	for (int round = 0; round < 400; round++) {
		struct file f;
		struct member m;

		memcpy(broken, raw, size);
		for (int n = 0; n < 4; n++) {
			seed = seed * 1103515245 + 12345;
			broken[24 + (seed >> 8) % (size - 24)] = (uint8_t)(seed >> 3);
		}
		open_btf(&f, broken, round % 8 ? size : seed % size);
		if (!types_open(&f.v, &f.t, NULL)) {
			types_member(f.t, NULL, "shared_outer", "inner.level", &m);
			types_member(f.t, NULL, "shared_outer", "anonymous_int", &m);
			types_member(f.t, NULL, "shared_outer", "table", &m);
		}
		close_file(&f);
	}
	free(broken);
	btf__free(b);
}

/* A struct whose anonymous member is the struct itself, and a typedef of itself. */
static void circles_in_btf_end(void **state)
{
	struct btf *b = btf__new_empty();
	struct type_member seen;
	struct type_ref type;
	struct member m;
	const void *raw;
	uint32_t size;
	struct file f;
	uint64_t n;

	(void)state;
	btf__add_struct(b, "task_struct", 8);
	for (int i = 0; i < 40; i++)
		btf__add_field(b, NULL, 1, 0, 0);
	btf__add_typedef(b, "ring", 3);
	btf__add_typedef(b, "ring", 2);
	raw = btf__raw_data(b, &size);
	open_btf(&f, raw, size);
	assert_int_equal(types_open(&f.v, &f.t, NULL), 0);
	assert_false(types_member(f.t, NULL, "task_struct", "pid", &m));
	assert_false(types_size(f.t, NULL, "ring", &n));
	assert_int_equal(type_find(f.t, "task_struct", &type, NULL), 0);
	assert_int_equal(type_member_path(&type, "pid", &seen, NULL), KD_NOTFOUND);
	close_file(&f);
	btf__free(b);
}

/* What a module adds to make_btf(): a type of its own, and another of a name that is taken. */
static struct btf *make_split(struct btf *base)
{
	struct btf *b = btf__new_empty_split(base);
	int inner = btf__find_by_name_kind(base, "shared_inner", BTF_KIND_STRUCT);
	int i = btf__find_by_name_kind(base, "int", BTF_KIND_INT);

	assert_true(inner > 0 && i > 0);
	btf__add_struct(b, "own", 16);
	btf__add_field(b, "shared", inner, 0, 0);
	btf__add_field(b, "last", i, 96, 0);
	btf__add_struct(b, "shared_outer", 4);
	btf__add_field(b, "different", i, 0, 0);
	return b;
}

struct split {
	struct btf *base, *own;
	struct types *types, *module;
};

static int open_split(struct split *s, uint32_t start_id, uint32_t start_str, struct kd_err *err)
{
	const void *raw;
	uint32_t size;

	s->base = make_btf();
	raw = btf__raw_data(s->base, &size);
	assert_int_equal(types_open_btf(raw, size, 8, "base", &s->types, NULL), 0);
	s->own = make_split(s->base);
	raw = btf__raw_data(s->own, &size);
	return types_open_split(raw, size, s->types, start_id, start_str, "a module", &s->module,
				err);
}

static void close_split(struct split *s)
{
	types_close(s->module);
	types_close(s->types);
	btf__free(s->own);
	btf__free(s->base);
}

static void a_module_answers_for_its_own_types(void **state)
{
	struct type_ref r[4], outer;
	struct type_info info;
	struct member m;
	struct split s;
	uint64_t n;

	(void)state;
	assert_int_equal(open_split(&s, 0, 0, NULL), 0);
	/* through a type of the kernel's */
	assert_true(types_member(s.module, NULL, "own", "shared.level", &m));
	assert_int_equal(8 * m.offset + m.bit_offset, 69);
	assert_false(types_size(s.module, NULL, "task_struct", &n));
	assert_false(types_size(s.types, NULL, "own", &n));
	assert_int_equal(type_find_all(s.module, "shared_outer", WANT_ANY, r, 4), 1);
	assert_true(type_info(&r[0], &info));
	assert_int_equal(info.size, 4);
	assert_int_equal(type_find_all(s.types, "shared_outer", WANT_ANY, &outer, 1), 1);
	assert_false(type_same(&r[0], &outer));
	assert_true(type_same(&outer, &outer));
	close_split(&s);
}

static void a_module_of_another_kernel_is_refused(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	struct split s;

	(void)state;
	assert_int_equal(open_split(&s, 7, 0, &err), KD_MISMATCH);
	assert_non_null(strstr(err.text, "a module builds on the BTF of another kernel"));
	close_split(&s);
	assert_int_equal(open_split(&s, 0, 1, NULL), KD_MISMATCH);
	close_split(&s);
}

static void bit_fields_never_leave_their_bytes(void **state)
{
	struct member m = {0};

	(void)state;
	assert_true(types_bit_field(69, 3, 1, &m));
	assert_int_equal(m.offset, 8);
	assert_int_equal(m.bit_offset, 5);
	assert_int_equal(m.size, 1);
	/* packed: crosses its unit */
	assert_true(types_bit_field(30, 10, 4, &m));
	assert_int_equal(m.offset, 3);
	assert_int_equal(m.size, 2);
	assert_int_equal(m.bit_offset, 6);
	assert_false(types_bit_field(3, 63, 8, &m));
	assert_false(types_bit_field(0, 65, 8, &m));
	assert_false(types_bit_field(0, 0, 4, &m));
	assert_false(types_bit_field(UINT64_MAX, 8, 4, &m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dwarf_of_this_program_gives_offsetof),
		cmocka_unit_test(bit_fields_read_back_what_was_stored),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(second_anchor_is_asked_when_the_first_is_not_there),
		cmocka_unit_test(dwarf_2_without_aranges_is_understood),
		cmocka_unit_test(imported_units_belong_to_the_unit),
		cmocka_unit_test(btf_gives_the_same_as_dwarf),
		cmocka_unit_test(broken_btf_is_refused_or_answers),
		cmocka_unit_test(circles_in_btf_end),
		cmocka_unit_test(a_module_answers_for_its_own_types),
		cmocka_unit_test(a_module_of_another_kernel_is_refused),
		cmocka_unit_test(bit_fields_never_leave_their_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
