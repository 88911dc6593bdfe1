// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/type_view and type_print: this program's own types, by its DWARF. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <gelf.h>

#include "flat.h"
#include "kernel/type_print.h"

enum own_state { OWN_OFF, OWN_ON = 200, OWN_BROKEN = -2 };

struct own_inner {
	uint32_t before;
	unsigned int low : 3, middle : 7;
	struct own_inner *next;
};

struct own_outer {
	char name[20];
	union {
		uint64_t anonymous_long;
		uint32_t anonymous_int;
	};
	struct own_inner inner[3];
	enum own_state state;
	uint16_t table[2][3];
	int (*call)(int);
	const char *text;
	signed char small;
	_Bool yes;
	uint8_t numbers[40];
};

struct world {
	struct flat *f;
	struct vmlinux v;
	struct type_ref outer;
	char *out; /* what was printed: "path=value;" */
	size_t size;
	FILE *stream;
	unsigned lines;
};

int own_anchor(const struct own_outer *o);
__attribute__((noinline)) int own_anchor(const struct own_outer *o)
{
	return o->inner[1].low + (o->state == OWN_BROKEN);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	elf_version(EV_CURRENT);
	w->f = flat_new(8, "");
	w->v = (struct vmlinux){ .fd = open("/proc/self/exe", O_RDONLY), .has_dwarf = true,
				 .elf_class = ELFCLASS64, .path = strdup("self") };
	w->v.elf = elf_begin(w->v.fd, ELF_C_READ_MMAP, NULL);
	assert_int_equal(types_open(&w->v, &w->f->k.types, NULL), 0);
	assert_int_equal(type_find(w->f->k.types, "own_outer", &w->outer, NULL), 0);
	symbols_finish(w->f->k.symbols, NULL);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	types_close(w->f->k.types);
	elf_end(w->v.elf);
	close(w->v.fd);
	free(w->v.path);
	free(w->out);
	flat_free(w->f);
	free(w);
	return 0;
}

static int put_line(void *data, const struct type_line *l)
{
	struct world *w = data;

	w->lines++;
	fprintf(w->stream, "%s=%s;", l->path, l->value ? l->value : l->members ? "..." : l->declared);
	return 0;
}

static struct type_print printer(struct world *w, unsigned depth, unsigned elements, unsigned lines)
{
	free(w->out);
	w->out = NULL;
	w->lines = 0;
	w->stream = open_memstream(&w->out, &w->size);
	return (struct type_print){ .k = &w->f->k, .max_depth = depth, .max_elements = elements,
				    .max_lines = lines, .line = put_line, .data = w };
}

static void has(const struct world *w, const char *text)
{
	if (!strstr(w->out, text))
		fail_msg("no \"%s\" in: %s", text, w->out);
}

static void types_are_found_by_name_and_kind(void **state)
{
	struct world *w = *state;
	struct kd_err err = KD_ERR_INIT;
	struct type_info i;
	struct type_ref r;

	assert_int_equal(type_find(w->f->k.types, "struct own_outer", &r, &err), 0);
	assert_true(type_info(&r, &i));
	assert_int_equal(i.kind, TYPE_STRUCT);
	assert_int_equal(i.size, sizeof(struct own_outer));
	assert_int_equal(type_find(w->f->k.types, "enum own_state", &r, &err), 0);
	assert_int_equal(type_find(w->f->k.types, "union own_outer", &r, &err), KD_NOTFOUND);
	assert_int_equal(type_find(w->f->k.types, "own_nothing", &r, &err), KD_NOTFOUND);
	assert_non_null(strstr(err.text, "own_nothing"));
	assert_int_equal(type_find(NULL, "own_outer", &r, &err), KD_NOTFOUND);
}

static void paths_lead_through_anonymous_unions_and_arrays(void **state)
{
	static const struct {
		const char *path;
		uint64_t offset;
	} good[] = {
		{ "anonymous_int", offsetof(struct own_outer, anonymous_int) },
		{ "inner[2].before", offsetof(struct own_outer, inner[2].before) },
		{ "table[1][2]", offsetof(struct own_outer, table[1][2]) },
		{ "small", offsetof(struct own_outer, small) },
	};
	static const char *const bad[] = { "nothing", "inner[3].before", "inner[x]", "state.x",
					   "inner[1", "", "table[1][3]" };
	struct world *w = *state;
	struct type_member m;

	for (size_t i = 0; i < KD_ARRAY_SIZE(good); i++) {
		assert_int_equal(type_member_path(&w->outer, good[i].path, &m, NULL), 0);
		assert_int_equal(m.offset, good[i].offset);
	}
	for (size_t i = 0; i < KD_ARRAY_SIZE(bad); i++)
		assert_true(type_member_path(&w->outer, bad[i], &m, NULL) < 0);
}

static void declarations_read_as_c(void **state)
{
	static const struct {
		const char *path, *text;
	} all[] = {
		{ "name", "char x[20]" },
		{ "call", "int (*x)()" },
		{ "text", "const char *x" },
		{ "inner", "struct own_inner x[3]" },
		{ "table", "uint16_t x[2][3]" },
		{ "state", "enum own_state x" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < KD_ARRAY_SIZE(all); i++) {
		struct type_member m;
		char buf[128];

		assert_int_equal(type_member_path(&w->outer, all[i].path, &m, NULL), 0);
		assert_string_equal(type_declare(&m.type, "x", buf, sizeof(buf)), all[i].text);
	}
}

static void contents_are_shown_by_their_types(void **state)
{
	struct world *w = *state;
	struct own_outer o = { .name = "kd \"1\"\x1b", .anonymous_long = 7, .state = OWN_ON,
			       .small = -3, .yes = true };
	struct type_print p = printer(w, 2, 4, 1000);

	assert_int_equal(own_anchor(&o), 0);
	o.inner[1] = (struct own_inner){ .before = 70000, .low = 5, .middle = 100 };
	o.table[1][2] = 9;
	o.numbers[2] = 1;
	memcpy(w->f->mem + 64, &o, sizeof(o));
	flat_long(w->f, FLAT_BASE + 64 + offsetof(struct own_outer, text), FLAT_BASE + 0x800);
	flat_text(w->f, FLAT_BASE + 0x800, "a string");
	assert_int_equal(type_print_value(&p, &w->outer, "", FLAT_BASE + 64), 0);
	fclose(w->stream);
	has(w, "name=\"kd \\\"1\\\"\\x1b\";");
	has(w, "anonymous_long=7;anonymous_int=7;");
	has(w, "inner[0].before=0;");
	has(w, "inner[1].before=70000 (0x11170);inner[1].low=5;inner[1].middle=100;");
	has(w, "inner[1].next=NULL;");
	has(w, "state=OWN_ON (200);");
	has(w, "table[1][2]=9;");
	has(w, "text=0xc0000800 \"a string\";");
	has(w, "small=-3;yes=true;");
	has(w, "numbers[0 ... 1]=0;numbers[2]=1;numbers[3 ... 39]=0;");
}

static void missing_memory_is_said_in_its_line(void **state)
{
	struct world *w = *state;
	vaddr_t at = FLAT_BASE + 0x2000 - offsetof(struct own_outer, state);
	struct type_print p = printer(w, 2, 4, 1000);

	flat_put(w->f, at, 4, 'x');
	w->f->missing = 1u << 2;
	assert_int_equal(type_print_value(&p, &w->outer, "", at), 0);
	fclose(w->stream);
	has(w, "name=\"x\";");
	has(w, "state=-- excluded");
	w->f->missing = 0;
}

static void depth_elements_and_lines_are_bounded(void **state)
{
	struct world *w = *state;
	struct type_print p = printer(w, 0, 2, 1000);

	assert_int_equal(type_print_value(&p, &w->outer, "", FLAT_BASE + 64), 0);
	fclose(w->stream);
	has(w, "inner[0]={...};");
	has(w, "1 more;");
	assert_null(strstr(w->out, ".before"));
	assert_false(p.cut);
	p = printer(w, 9, 100, 5);
	assert_int_equal(type_print_definition(&p, &w->outer), 0);
	fclose(w->stream);
	assert_true(p.cut);
	assert_int_equal(w->lines, 5);
}

static void enumerators_are_listed(void **state)
{
	struct world *w = *state;
	struct type_print p = printer(w, 2, 4, 1000);
	struct type_ref r;

	assert_int_equal(type_find(w->f->k.types, "enum own_state", &r, NULL), 0);
	assert_int_equal(type_print_definition(&p, &r), 0);
	fclose(w->stream);
	has(w, "OWN_OFF=0;OWN_ON=200;OWN_BROKEN=-2;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_are_found_by_name_and_kind),
		cmocka_unit_test(paths_lead_through_anonymous_unions_and_arrays),
		cmocka_unit_test(declarations_read_as_c),
		cmocka_unit_test(contents_are_shown_by_their_types),
		cmocka_unit_test(missing_memory_is_said_in_its_line),
		cmocka_unit_test(depth_elements_and_lines_are_bounded),
		cmocka_unit_test(enumerators_are_listed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
