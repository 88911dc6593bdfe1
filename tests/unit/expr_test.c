// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/expr: arithmetic as this compiler does it, and memory by types made by hand. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpf/btf.h>
#include <inttypes.h>

#include "flat.h"
#include "kernel/expr.h"
#include "kernel/module_types.h"
#include "kernel/variables.h"

#define ITEM (FLAT_BASE + 0x1000)
#define OTHER (FLAT_BASE + 0x1100)

struct bench {
	struct flat *f;
	struct expr_scope s;
};

/*
 * struct item { int id; unsigned low : 3, high : 5; char name[8]; struct item *next;
 *		 long table[2][3]; struct { short deep; }; struct later *later; };
 */
static struct types *make_types(void)
{
	struct btf *b = btf__new_empty();
	int i = btf__add_int(b, "int", 4, BTF_INT_SIGNED);
	int u = btf__add_int(b, "unsigned int", 4, 0);
	int c = btf__add_int(b, "char", 1, BTF_INT_SIGNED);
	int l = btf__add_int(b, "long int", 8, BTF_INT_SIGNED);
	int ul = btf__add_int(b, "long unsigned int", 8, 0);
	int s = btf__add_int(b, "short int", 2, BTF_INT_SIGNED);
	int name = btf__add_array(b, i, c, 8), row = btf__add_array(b, i, l, 3);
	int table = btf__add_array(b, i, row, 2), pointer, anonymous, later, state;
	struct types *types;
	const void *raw;
	uint32_t size;

	anonymous = btf__add_struct(b, NULL, 8);
	btf__add_field(b, "deep", s, 0, 0);
	later = btf__add_ptr(b, btf__add_fwd(b, "later", BTF_FWD_STRUCT));
	pointer = btf__add_ptr(b, later + 2);
	assert_int_equal(btf__add_struct(b, "item", 96), later + 2);
	btf__add_field(b, "id", i, 0, 0);
	btf__add_field(b, "low", u, 32, 3);
	btf__add_field(b, "high", u, 35, 5);
	btf__add_field(b, "name", name, 64, 0);
	btf__add_field(b, "next", pointer, 128, 0);
	btf__add_field(b, "table", table, 192, 0);
	btf__add_field(b, NULL, anonymous, 576, 0);
	btf__add_field(b, "later", later, 640, 0);
	btf__add_typedef(b, "u64", ul);
	state = btf__add_enum(b, "state", 4);
	assert_true(state > 0);
	btf__add_enum_value(b, "STATE_ON", 200);
	btf__add_enum_value(b, "STATE_BROKEN", -2);
	raw = btf__raw_data(b, &size);
	assert_int_equal(types_open_btf(raw, size, 8, "here", &types, NULL), 0);
	btf__free(b);
	return types;
}

static void set_up(struct bench *b)
{
	struct kernel *k;

	b->f = flat_new(8, "");
	k = &b->f->k;
	k->vmlinux = NULL;
	k->types = make_types();
	assert_int_equal(module_types_new(k, &k->module_types, NULL), 0);
	assert_int_equal(symbols_add(k->symbols, "item", NULL, ITEM, 96, 'D', NULL), 0);
	assert_int_equal(symbols_add(k->symbols, "code", NULL, OTHER, 16, 'T', NULL), 0);
	assert_int_equal(symbols_finish(k->symbols, NULL), 0);
	flat_put(b->f, ITEM, 4, (uint32_t)-7);
	flat_put(b->f, ITEM + 4, 4, 5 | 19 << 3);
	flat_text(b->f, ITEM + 8, "a\"b");
	flat_long(b->f, ITEM + 16, OTHER);
	for (unsigned i = 0; i < 6; i++)
		flat_long(b->f, ITEM + 24 + 8 * i, 100 + i);
	flat_put(b->f, ITEM + 72, 2, 0xfffe);
	flat_put(b->f, OTHER, 4, 42);
	b->s = (struct expr_scope){ .k = k };
	assert_int_equal(variables_open(k, &b->s.variables, NULL), 0);
}

static void tear_down(struct bench *b)
{
	variables_close(b->s.variables);
	module_types_free(b->f->k.module_types);
	types_close(b->f->k.types);
	flat_free(b->f);
}

static int evaluate(const struct bench *b, const char *text, unsigned radix, char **out,
		    struct kd_err *err)
{
	struct expr_value v;
	int ret = expr_evaluate(&b->s, text, &v, err);

	*out = NULL;
	return ret ? ret : expr_format(&b->s, &v, radix, out, err);
}

static void expect(const struct bench *b, const char *text, const char *wanted)
{
	struct kd_err err = KD_ERR_INIT;
	char *got;

	if (evaluate(b, text, 10, &got, &err))
		fail_msg("%s: %s", text, err.text);
	if (strcmp(got, wanted))
		fail_msg("%s: \"%s\", not \"%s\"", text, got, wanted);
	free(got);
}

/* What C's own compiler makes of it, the type's sign and width included. */
#define SAME(e)                                                                                    \
	do {                                                                                       \
		char wanted_[32];                                                                  \
		bool signed_ = _Generic((e), int : true, long : true, default : false);            \
		if (signed_)                                                                       \
			snprintf(wanted_, sizeof(wanted_), "%" PRId64, (int64_t)(e));              \
		else                                                                               \
			snprintf(wanted_, sizeof(wanted_), "%" PRIu64, (uint64_t)(e));             \
		expect(&b, #e, wanted_);                                                           \
	} while (0)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wparentheses"
static void numbers_are_as_in_c(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	SAME(1 + 2 * 3 - 4 / 2 % 2);
	SAME((1 + 2) * 3);
	SAME(-7 / 2);
	SAME(-7 % 3);
	SAME(7u / 2);
	SAME(-1 / 2u);
	SAME(-1 < 1u);
	SAME(-1L < 1u);
	SAME(0xffffffff);
	SAME(0xffffffff + 1);
	SAME(4294967295);
	SAME(4294967295 + 1);
	SAME(0x7fffffff);
	SAME(1u << 31);
	SAME(1L << 40);
	SAME(-16 >> 2);
	SAME(0xf0u >> 4);
	SAME(~0);
	SAME(~0u);
	SAME(~0UL);
	SAME(!0 + !5);
	SAME(1 | 2 ^ 3 & 6);
	SAME(1 == 1 != 0);
	SAME(1 < 2 == 1);
	SAME(5 & 4 == 4);
	SAME(1 ? 2 : 0 ? 3 : 4);
	SAME(0 ? 2 : 0 ? 3 : 4);
	SAME(0 || 2);
	SAME(2 && 3);
	SAME(0 && 1 / 1);
	SAME((char)300 + 0);
	SAME((unsigned char)-1 + 0);
	SAME((short)0x18000 + 0);
	SAME((unsigned)-1);
	SAME((long)(int)0x80000000);
	SAME((unsigned long)-1);
	SAME((long unsigned int)3);
	SAME(sizeof(int) + sizeof(long));
	SAME('a');
	SAME('\n');
	SAME(- -3);
	SAME(017);
	expect(&b, "1<<31", "-2147483648");
	expect(&b, "sizeof(u64)", "8");
	expect(&b, "STATE_ON - STATE_BROKEN", "202");
	tear_down(&b);
}
#pragma GCC diagnostic pop

static void memory_is_read_by_its_type(void **state)
{
	struct bench b;
	char text[64];

	(void)state;
	set_up(&b);
	expect(&b, "((struct item *)&item)->id", "-7");
	expect(&b, "(*(struct item *)&item).low", "5");
	expect(&b, "((struct item *)&item)->high + 1", "20");
	expect(&b, "((struct item *)&item)->name", "\"a\\\"b\"");
	expect(&b, "((struct item *)&item)->name[0]", "97 'a'");
	expect(&b, "*((struct item *)&item)->name", "97 'a'");
	expect(&b, "((struct item *)&item)->next->id", "42");
	expect(&b, "((struct item *)&item)->next.id", "42");
	expect(&b, "((struct item *)&item)->table[1][2]", "105");
	expect(&b, "*((struct item *)&item)->table[1]", "103");
	expect(&b, "((struct item *)&item)->deep", "-2");
	expect(&b, "sizeof ((struct item *)0)->table", "48");
	expect(&b, "sizeof(struct item)", "96");
	expect(&b, "&((struct item *)0)->table[1][0]", "0x30");
	expect(&b, "(unsigned long)&((struct item *)0)->next", "16");
	expect(&b, "(struct item *)&item + 1 == (struct item *)(0xc0001000 + 96)", "1");
	expect(&b, "(struct item *)0xc0001060 - (struct item *)0xc0001000", "1");
	expect(&b, "(char *)&item + 3 - (char *)&item", "3");
	expect(&b, "*(u64 *)((char *)&item + 16) == (u64)&code", "1");
	expect(&b, "(int)item", "-7"); /* what has no type takes the one it is cast to */
	expect(&b, "(unsigned long)code", "3221229824");
	expect(&b, "0 && *(int *)0", "0"); /* not read */
	expect(&b, "1 || 1 / 0", "1");
	expect(&b, "1 ? 5 : *(int *)0", "5");
	expect(&b, "((struct item *)&item)->table",
	       "{\n  [0] = {\n    [0] = 100,\n    [1] = 101,\n    [2] = 102\n  },\n"
	       "  [1] = {\n    [0] = 103,\n    [1] = 104,\n    [2] = 105\n  }\n}");
	snprintf(text, sizeof(text), "0x%" PRIx64 " <item+0/0x60>", ITEM);
	expect(&b, "&item", text);
	tear_down(&b);
}

static void hexadecimal_is_as_wide_as_the_type(void **state)
{
	struct bench b;
	char *text;

	(void)state;
	set_up(&b);
	assert_int_equal(evaluate(&b, "((struct item *)&item)->id", 16, &text, NULL), 0);
	assert_string_equal(text, "0xfffffff9");
	free(text);
	assert_int_equal(evaluate(&b, "-1", 16, &text, NULL), 0);
	assert_string_equal(text, "0xffffffff");
	free(text);
	tear_down(&b);
}

static void expect_error(const struct bench *b, const char *text, int status, const char *words)
{
	struct kd_err err = KD_ERR_INIT;
	char *got;

	assert_int_equal(evaluate(b, text, 10, &got, &err), status);
	if (!strstr(err.text, words))
		fail_msg("%s: \"%s\" does not say \"%s\"", text, err.text, words);
}

static void what_is_wrong_is_told_from_what_is_gdbs(void **state)
{
	struct bench b;
	char deep[2048];

	(void)state;
	set_up(&b);
	expect_error(&b, "((struct item *)&item)->nope", KD_USAGE, "no member \"nope\"");
	expect_error(&b, "(struct nope *)0", KD_NOTFOUND, "no type \"struct nope\"");
	expect_error(&b, "nope", KD_NOTFOUND, "no symbol \"nope\"");
	expect_error(&b, "1 +", KD_USAGE, "ends too early");
	expect_error(&b, "(1", KD_USAGE, "ends too early");
	expect_error(&b, "1 / 0", KD_USAGE, "division by zero");
	expect_error(&b, "1 % (2 - 2)", KD_USAGE, "division by zero");
	expect_error(&b, "1 << 32", KD_USAGE, "a shift by 32");
	expect_error(&b, "*(int *)0x10", KD_UNMAPPED, "0x10");
	expect_error(&b, "*(void *)0xc0001000", KD_USAGE, "pointer to void");
	expect_error(&b, "&5", KD_USAGE, "no address");
	expect_error(&b, "&((struct item *)&item)->low", KD_USAGE, "a bit field");
	expect_error(&b, "((struct item *)&item)->later->x", KD_USAGE, "no member");
	expect_error(&b, "item", KD_UNSUPPORTED, "cast it");
	expect_error(&b, "code(1)", KD_UNSUPPORTED, "nothing can be called");
	expect_error(&b, "item @ 3", KD_UNSUPPORTED, "not understood");
	expect_error(&b, "$rip", KD_UNSUPPORTED, "not understood");
	expect_error(&b, "1 = 2", KD_UNSUPPORTED, "not understood");
	expect_error(&b, "1.5", KD_UNSUPPORTED, "not understood");
	expect_error(&b, "", KD_USAGE, "ends too early");
	memset(deep, '(', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	expect_error(&b, deep, KD_USAGE, "as deep as that");
	memset(deep, '-', sizeof(deep) - 1);
	for (size_t i = 1; i < sizeof(deep) - 1; i += 2)
		deep[i] = ' ';
	expect_error(&b, deep, KD_USAGE, "as deep as that");
	tear_down(&b);
}

/* Whatever is typed, an answer comes. */
static void any_text_ends(void **state)
{
	static const char *const parts[] = {
		"(",	")",	       "[",    "]",  "*", "&",	 "->", ".",    "1",	 "-",
		"<<",	"struct item", "item", "id", "?", ":",	 "+",  "/",    "sizeof", "long",
		"next", "'a'",	       "&&",   "==", "!", "u64", "0x", "code", " "
	};
	struct bench b;
	uint32_t seed = 1;

	(void)state;
	set_up(&b);
	for (int round = 0; round < 20000; round++) {
		char text[256] = "", *got;

		for (unsigned n = 0; n < 1 + seed % 13; n++) {
			seed = seed * 1103515245 + 12345;
			strcat(text, parts[(seed >> 16) % KD_ARRAY_SIZE(parts)]);
		}
		evaluate(&b, text, 10, &got, NULL);
		free(got);
	}
	tear_down(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_as_in_c),
		cmocka_unit_test(memory_is_read_by_its_type),
		cmocka_unit_test(hexadecimal_is_as_wide_as_the_type),
		cmocka_unit_test(what_is_wrong_is_told_from_what_is_gdbs),
		cmocka_unit_test(any_text_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
