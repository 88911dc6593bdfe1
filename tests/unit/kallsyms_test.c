// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/kallsyms: every layout the tables have had, and tables that make no sense. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "core/vmcoreinfo.h"
#include "kallsyms_table.h"
#include "kernel/kallsyms_search.h"

#define SYMBOLS 600 /* more than two markers */

struct list {
	struct table_symbol s[SYMBOLS];
	char names[SYMBOLS][520];
	size_t n;
};

static void add(struct list *l, char type, vaddr_t addr, const char *name)
{
	snprintf(l->names[l->n], sizeof(l->names[0]), "%s", name);
	l->s[l->n] = (struct table_symbol){ l->names[l->n], type, addr };
	l->n++;
}

/* A kernel's symbols; one name is LONGEST characters long. */
static struct list *make_list(const struct table_options *o, size_t longest)
{
	struct list *l = calloc(1, sizeof(*l));
	char name[520];

	if (o->addresses == BY_BASE_OR_PERCPU) {
		add(l, 'A', 0, "__per_cpu_start");
		add(l, 'A', 0x1fb80, "current_task");
	}
	add(l, 'T', TABLE_STEXT(o) - 0x40, "_text");
	add(l, 'T', TABLE_STEXT(o), "startup");
	add(l, 'T', TABLE_STEXT(o), "_stext");
	memset(name, 'n', longest);
	name[longest] = '\0';
	add(l, 't', TABLE_STEXT(o) + 0x10, name);
	while (l->n < SYMBOLS) {
		snprintf(name, sizeof(name), "%s%zu%s", l->n % 3 ? "__x64_sys_" : "do_l", l->n,
			 l->n % 2 ? "_read" : "ock");
		add(l,
		    l->n % 5   ? 'T'
		    : l->n % 2 ? 'd'
			       : '?',
		    TABLE_STEXT(o) + 0x100 + 16 * l->n, name);
	}
	return l;
}

struct expected {
	const struct list *l;
	size_t at;
	int stop_after; /* -1: never */
};

static int compare(void *data, const struct kallsym *sym, struct kd_err *err)
{
	struct expected *e = data;

	assert_true(e->at < e->l->n);
	assert_string_equal(sym->name, e->l->s[e->at].name);
	assert_int_equal(sym->type, e->l->s[e->at].type);
	assert_int_equal(sym->addr, e->l->s[e->at].addr);
	return (int)e->at++ == e->stop_after ? kd_fail(err, KD_CANCELLED, "enough") : 0;
}

static void expect_all(const struct table_options *o, size_t longest)
{
	struct list *l = make_list(o, longest);
	struct table *t = table_make(o, l->s, l->n);
	struct expected e = { .l = l, .stop_after = -1 };
	struct kd_err err = KD_ERR_INIT;
	struct kallsyms_damage bad;

	if (kallsyms_walk(&t->src, compare, &e, &bad, &err))
		fail_msg("%s", err.text);
	assert_int_equal(e.at, l->n);
	assert_int_equal(bad.names, 0);
	assert_int_equal(bad.addresses, 0);
	assert_int_equal(bad.said, bad.there);
	free(t);
	free(l);
}

static const struct table_options v60 = { 8, BY_BASE_OR_PERCPU, false, false, 8, false, false };

static void one_byte_lengths_and_percpu_offsets(void **state)
{
	(void)state;
	expect_all(&v60, 100);
}

static void two_byte_lengths(void **state)
{
	struct table_options o = { 8, BY_BASE_OR_PERCPU, true, true, 8, false, false };

	(void)state;
	expect_all(&o, 126); /* with its type 127: the last of one byte */
	expect_all(&o, 127);
	expect_all(&o, 511);
}

static void long_name_behind_one_byte_is_told_by_the_markers(void **state)
{
	(void)state;
	expect_all(&v60, 127);
	expect_all(&v60, 254);
}

static void markers_may_be_aligned_to_four_or_eight_bytes(void **state)
{
	struct table_options o = { 8, BY_BASE, true, true, 4, false, false };

	(void)state;
	for (size_t longest = 200; longest < 208; longest++)
		expect_all(&o, longest);
}

static void every_way_to_write_addresses(void **state)
{
	(void)state;
	for (unsigned ptr_size = 4; ptr_size <= 8; ptr_size += 4)
		for (enum table_addresses a = BY_POINTER; a <= BY_VALUE; a++)
			for (int late = 0; late < 2; late++) {
				struct table_options o = { ptr_size, a,	    true, late,
							   ptr_size, false, false };

				if (a != BY_VALUE || ptr_size == 4)
					expect_all(&o, 50);
			}
}

static void markers_may_be_pointers(void **state)
{
	struct table_options o = { 8, BY_POINTER, false, false, 8, true, false };
	struct list *l = make_list(&o, 200);
	struct table *t = table_make(&o, l->s, l->n);

	(void)state;
	assert_int_equal(kallsyms_check(&t->src, NULL), 0);
	memset(t->bytes + (t->src.token_table - t->at) - 8, 0xff, 4);
	assert_int_equal(kallsyms_check(&t->src, NULL), KD_CORRUPT);
	free(t);
	free(l);
	expect_all(&o, 200);
}

/* Without the parts' addresses, among other data: all that is known is where _stext is. */
static int search(struct table *t, struct kallsyms_source *found)
{
	*found = (struct kallsyms_source){
		.data = t, .read = table_read, .ptr_size = t->src.ptr_size, .stext = t->src.stext
	};
	return kallsyms_search(found, t->at, t->at + t->len / 2, t->at + 2 * TABLE_ROOM, NULL);
}

static void expect_found(const struct table_options *o, size_t longest, size_t n)
{
	struct list *l = make_list(o, longest);
	struct table *t = table_make_in(o, l->s, n, 100008);
	struct kallsyms_source found;

	assert_int_equal(search(t, &found), 0);
	assert_int_equal(found.num_syms, t->src.num_syms);
	assert_int_equal(found.names, t->src.names);
	assert_int_equal(found.token_table, t->src.token_table);
	assert_int_equal(found.token_index, t->src.token_index);
	/* pointers of 32 bits are plain addresses, too */
	assert_int_equal(found.offsets + found.addresses, t->src.offsets + t->src.addresses);
	assert_int_equal(found.relative_base, t->src.relative_base);
	free(t);
	free(l);
}

static void tables_are_found_by_their_shape(void **state)
{
	(void)state;
	for (unsigned ptr_size = 4; ptr_size <= 8; ptr_size += 4)
		for (enum table_addresses a = BY_POINTER; a <= BY_VALUE; a++)
			for (unsigned more = 0; more < 8; more++) {
				/* early or late, narrow or wide markers, one or two bytes */
				struct table_options o = { ptr_size, a,	       more & 1, more & 2,
							   ptr_size, more & 4, false };

				if (a != BY_VALUE || ptr_size == 4)
					expect_found(&o, 50, SYMBOLS);
			}
}

static void numbers_behind_the_markers_are_stepped_over(void **state)
{
	(void)state;
	for (unsigned ptr_size = 4; ptr_size <= 8; ptr_size += 4)
		for (size_t n = 505; n < 530; n++) {
			struct table_options o = { ptr_size, BY_BASE, true, n & 1,
						   ptr_size, false,   true };

			expect_found(&o, 50, n);
		}
}

static void tables_of_every_length_are_found(void **state)
{
	(void)state;
	for (size_t longest = 120; longest < 136; longest++)
		expect_found(&v60, longest, SYMBOLS);
	/* around a marker; and with a single one */
	for (size_t n = 511; n <= 514; n++)
		expect_found(&v60, 20, n);
	for (size_t n = 250; n <= 256; n++)
		expect_found(&v60, 20, n);
}

/* As long as nothing but the number of symbols, or one marker, is wrong, it is no table. */
static void tables_that_do_not_hold_together_are_not_found(void **state)
{
	struct list *l = make_list(&v60, 10);
	const size_t damage[] = { 0, 1, 2, 3 };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(damage); i++) {
		struct table *t = table_make_in(&v60, l->s, l->n, 5000);
		struct kallsyms_source found;
		const vaddr_t at[] = { t->src.num_syms, t->src.token_table - 8,
				       t->src.token_table + 20, t->src.token_index + 77 };

		assert_int_equal(search(t, &found), 0);
		t->bytes[at[damage[i]] - t->at] ^= 1;
		assert_int_equal(search(t, &found), KD_NOTFOUND);
		t->bytes[at[damage[i]] - t->at] ^= 1;
		t->src.stext += 8;
		assert_int_equal(search(t, &found), KD_NOTFOUND);
		free(t);
	}
	free(l);
}

static void search_skips_what_is_missing(void **state)
{
	struct list *l = make_list(&v60, 10);
	struct table *t = table_make_in(&v60, l->s, l->n, 300000);
	struct kallsyms_source found;

	(void)state;
	/* behind the tables nothing can be read */
	t->hole = (t->src.token_index + 512 + 4095) & ~(vaddr_t)4095;
	assert_int_equal(search(t, &found), 0);
	assert_int_equal(found.names, t->src.names);
	t->hole = t->src.token_index & ~(vaddr_t)4095;
	assert_int_equal(search(t, &found), KD_NOTFOUND);
	free(t);
	free(l);
}

static void callback_ends_the_walk(void **state)
{
	struct list *l = make_list(&v60, 10);
	struct table *t = table_make(&v60, l->s, l->n);
	struct expected e = { .l = l, .stop_after = 300 };
	struct kd_err err = KD_ERR_INIT;
	struct kallsyms_damage bad;

	(void)state;
	assert_int_equal(kallsyms_walk(&t->src, compare, &e, &bad, &err), KD_CANCELLED);
	assert_int_equal(e.at, 301);
	free(t);
	free(l);
}

static int count(void *data, const struct kallsym *sym, struct kd_err *err)
{
	(void)sym;
	(void)err;
	++*(size_t *)data;
	return 0;
}

/* What a table of V60 comes to after DAMAGE. */
static int walk_damaged(void (*damage)(struct table *t), size_t *seen, struct kd_err *err)
{
	struct list *l = make_list(&v60, 10);
	struct table *t = table_make(&v60, l->s, l->n);
	struct kallsyms_damage bad;
	int status;

	*seen = 0;
	damage(t);
	status = kallsyms_walk(&t->src, count, seen, &bad, err);
	free(t);
	free(l);
	return status;
}

static uint8_t *at(struct table *t, vaddr_t addr)
{
	return t->bytes + (addr - t->at);
}

static void no_symbols(struct table *t)
{
	memset(at(t, t->src.num_syms), 0, 4);
}

static void too_many_symbols(struct table *t)
{
	memset(at(t, t->src.num_syms), 0xff, 4);
}

static void more_symbols_than_names(struct table *t)
{
	memcpy(at(t, t->src.num_syms), &(uint32_t){ 1 << 20 }, 4);
}

static void length_zero(struct table *t)
{
	*at(t, t->src.names) = 0;
}

static void token_past_its_table(struct table *t)
{
	for (int i = 0; i < 256; i++)
		memcpy(at(t, t->src.token_index) + 2 * i, &(uint16_t){ 0xfff0 }, 2);
}

static void stext_elsewhere(struct table *t)
{
	t->src.stext += 8;
}

static void token_without_end(struct table *t)
{
	memset(at(t, t->src.token_table), 'x', t->at + t->len - t->src.token_table);
	memset(at(t, t->src.token_index), 0, 512);
}

static void damaged_tables_give_nothing(void **state)
{
	static void (*const damages[])(struct table * t) = {
		no_symbols,	      too_many_symbols, more_symbols_than_names, length_zero,
		token_past_its_table, stext_elsewhere,	token_without_end,
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(damages); i++) {
		struct kd_err err = KD_ERR_INIT;
		size_t seen;
		int status = walk_damaged(damages[i], &seen, &err);

		assert_true(status == KD_CORRUPT || status == KD_LOST);
		assert_int_equal(strncmp(err.text, "kallsyms: ", 10), 0);
		assert_int_equal(seen, 0);
	}
}

static void token_with_an_escape(struct table *t)
{
	uint16_t index;

	memcpy(&index, at(t, t->src.token_index) + 2 * '7', 2);
	*at(t, t->src.token_table + index) = '\033';
}

static void expect_damaged_names(size_t longest)
{
	struct list *l = make_list(&v60, longest);
	struct table *t = table_make(&v60, l->s, l->n);
	size_t seen = 0;
	struct kallsyms_damage bad;

	/* every name with a 7 in it */
	token_with_an_escape(t);
	assert_int_equal(kallsyms_walk(&t->src, count, &seen, &bad, NULL), 0);
	assert_int_equal(seen + bad.names, l->n);
	assert_true(bad.names > 0 && bad.names < l->n / 2);
	/* without the markers to vouch for the rest it is no table */
	*at(t, t->src.token_table - 4) ^= 0xff;
	*at(t, t->src.token_table - 8) ^= 0xff;
	assert_int_equal(kallsyms_walk(&t->src, count, &seen, &bad, NULL), KD_CORRUPT);
	free(t);
	free(l);
}

static void damaged_names_are_left_out(void **state)
{
	(void)state;
	/* wherever the names end, the markers are found behind them */
	for (size_t longest = 10; longest < 18; longest++)
		expect_damaged_names(longest);
}

/* Enough symbols for markers that can be told from other numbers. */
#define MANY 5000

struct many {
	struct table_symbol s[MANY];
	char names[MANY][24];
	struct table *t;
	struct kallsyms_damage bad;
};

static struct many *make_many(void)
{
	struct many *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(m->names[i], sizeof(m->names[i]), i ? "symbol_%u" : "_stext", i);
		m->s[i] = (struct table_symbol){ m->names[i], 't', TABLE_STEXT(&v60) + 16 * i };
	}
	m->t = table_make(&v60, m->s, MANY);
	return m;
}

static int check_many(void *data, const struct kallsym *sym, struct kd_err *err)
{
	size_t *seen = data;
	unsigned i = 0;

	(void)err;
	if (strcmp(sym->name, "_stext"))
		assert_int_equal(sscanf(sym->name, "symbol_%u", &i), 1);
	assert_int_equal(sym->addr, TABLE_STEXT(&v60) + 16 * i);
	++*seen;
	return 0;
}

static size_t walk_many(struct many *m)
{
	struct kd_err err = KD_ERR_INIT;
	size_t seen = 0;

	if (kallsyms_walk(&m->t->src, check_many, &seen, &m->bad, &err))
		fail_msg("%s", err.text);
	return seen;
}

static void free_many(struct many *m)
{
	free(m->t);
	free(m);
}

static void wrong_numbers_of_symbols_are_put_right(void **state)
{
	static const uint32_t wrong[] = { 0, 1, 100, MANY / 2, MANY - 1, MANY + 1, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(wrong); i++) {
		struct many *m = make_many();

		memcpy(at(m->t, m->t->src.num_syms), &wrong[i], 4);
		assert_in_range(walk_many(m), MANY - 1, MANY);
		assert_int_equal(m->bad.said, wrong[i]);
		assert_int_equal(m->bad.names, 0);
		free_many(m);
	}
}

static void names_behind_damage_are_found_by_the_markers(void **state)
{
	struct many *m = make_many();

	(void)state;
	memset(at(m->t, m->t->src.names + 20000), 0, 500);
	/* 500 bytes may lie in two pieces of 256 names */
	assert_in_range(walk_many(m), MANY - 512, MANY - 256);
	assert_true(m->bad.names >= 256 && m->bad.names <= 512);
	assert_int_equal(m->bad.there, MANY);
	free_many(m);
}

static void addresses_out_of_order_are_left_out(void **state)
{
	struct many *m = make_many();

	(void)state;
	memset(at(m->t, m->t->src.offsets + 4 * 2000), 0xff, 4 * 100);
	memset(at(m->t, m->t->src.offsets + 4 * 3000), 0x7f, 4 * 100);
	assert_int_equal(walk_many(m), MANY - 200);
	assert_int_equal(m->bad.addresses, 200);
	assert_int_equal(m->bad.names, 0);
	free_many(m);
}

static void missing_memory_is_told_as_such(void **state)
{
	struct list *l = make_list(&v60, 10);
	struct table *t = table_make(&v60, l->s, l->n);
	const vaddr_t parts[] = { t->src.num_syms,    t->src.names + 4096, t->src.token_table,
				  t->src.token_index, t->src.offsets,	   t->src.relative_base };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(parts); i++) {
		struct kd_err err = KD_ERR_INIT;
		size_t seen = 0;
		struct kallsyms_damage bad;

		t->hole = parts[i];
		assert_int_equal(kallsyms_walk(&t->src, count, &seen, &bad, &err), KD_LOST);
		assert_int_equal(seen, 0);
	}
	/* what lies behind the last part is nobody's business */
	t->hole = t->at + t->len;
	assert_int_equal(kallsyms_walk(&t->src, count, &(size_t){ 0 },
				       &(struct kallsyms_damage){ 0 }, NULL),
			 0);
	free(t);
	free(l);
}

static int locate(const char *text, struct kallsyms_source *src, struct kd_err *err)
{
	struct vmcoreinfo *vi = NULL;
	int status;

	assert_int_equal(vmcoreinfo_parse(text, strlen(text), &vi, NULL), 0);
	status = kallsyms_locate(vi, src, err);
	vmcoreinfo_free(vi);
	return status;
}

#define COMMON                                                                                     \
	"SYMBOL(_stext)=ffffffff81000000\n"                                                        \
	"SYMBOL(kallsyms_names)=ffffffff82000010\n"                                                \
	"SYMBOL(kallsyms_num_syms)=ffffffff82000008\n"                                             \
	"SYMBOL(kallsyms_token_table)=ffffffff82001000\n"

static void vmcoreinfo_tells_where_the_parts_are(void **state)
{
	struct kallsyms_source src = { .relative_base = 1, .addresses = 1 };
	struct kd_err err = KD_ERR_INIT;

	(void)state;
	assert_int_equal(locate(COMMON "SYMBOL(kallsyms_token_index)=ffffffff82002000\n"
				       "SYMBOL(kallsyms_offsets)=ffffffff82003000\n",
				&src, &err),
			 0);
	assert_int_equal(src.stext, UINT64_C(0xffffffff81000000));
	assert_int_equal(src.names, UINT64_C(0xffffffff82000010));
	assert_int_equal(src.offsets, UINT64_C(0xffffffff82003000));
	assert_int_equal(src.relative_base, 0);
	assert_int_equal(src.addresses, 0);
	assert_int_equal(locate(COMMON, &src, &err), KD_NOTFOUND);
	assert_non_null(strstr(err.text, "kallsyms_token_index"));
	assert_int_equal(
		locate(COMMON "SYMBOL(kallsyms_token_index)=ffffffff82002000\n", &src, &err),
		KD_NOTFOUND);
	assert_non_null(strstr(err.text, "kallsyms_offsets"));
	assert_int_equal(kallsyms_locate(NULL, &src, &err), KD_NOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_byte_lengths_and_percpu_offsets),
		cmocka_unit_test(two_byte_lengths),
		cmocka_unit_test(long_name_behind_one_byte_is_told_by_the_markers),
		cmocka_unit_test(markers_may_be_aligned_to_four_or_eight_bytes),
		cmocka_unit_test(every_way_to_write_addresses),
		cmocka_unit_test(markers_may_be_pointers),
		cmocka_unit_test(tables_are_found_by_their_shape),
		cmocka_unit_test(numbers_behind_the_markers_are_stepped_over),
		cmocka_unit_test(tables_of_every_length_are_found),
		cmocka_unit_test(tables_that_do_not_hold_together_are_not_found),
		cmocka_unit_test(search_skips_what_is_missing),
		cmocka_unit_test(callback_ends_the_walk),
		cmocka_unit_test(damaged_tables_give_nothing),
		cmocka_unit_test(damaged_names_are_left_out),
		cmocka_unit_test(wrong_numbers_of_symbols_are_put_right),
		cmocka_unit_test(names_behind_damage_are_found_by_the_markers),
		cmocka_unit_test(addresses_out_of_order_are_left_out),
		cmocka_unit_test(missing_memory_is_told_as_such),
		cmocka_unit_test(vmcoreinfo_tells_where_the_parts_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
