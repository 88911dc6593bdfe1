// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/listwalk: every way a list ends. Entries lie 0x100 apart, the link at 0x10. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "flat.h"
#include "kernel/listwalk.h"

#define HEAD FLAT_BASE
#define ENTRY(i) (FLAT_BASE + 0x100 * (vaddr_t)((i) + 1))
#define LINK(i) (ENTRY(i) + 0x10)

struct seen {
	vaddr_t at[64];
	size_t n, stop_at;
};

static int see(void *data, vaddr_t entry)
{
	struct seen *s = data;

	assert_true(s->n < KD_ARRAY_SIZE(s->at));
	s->at[s->n++] = entry;
	return s->stop_at && s->n == s->stop_at;
}

static struct list_walk walk_of(const struct flat *f, struct seen *s)
{
	*s = (struct seen){ .n = 0 };
	return (struct list_walk){ .space = &f->k.space, .start = HEAD, .is_head = true,
				   .offset = 0x10, .limit = 50, .entry = see, .data = s };
}

/* A circular list of N entries behind HEAD. */
static struct flat *ring(uint8_t ptr, int n)
{
	struct flat *f = flat_new(ptr, "");

	flat_long(f, HEAD, n ? LINK(0) : HEAD);
	for (int i = 0; i < n; i++)
		flat_long(f, LINK(i), i + 1 < n ? LINK(i + 1) : HEAD);
	return f;
}

static void list_head_is_walked_to_its_head(void **state)
{
	(void)state;
	for (uint8_t ptr = 4; ptr <= 8; ptr += 4) {
		for (int n = 0; n < 9; n++) {
			struct flat *f = ring(ptr, n);
			struct seen s;
			struct list_walk w = walk_of(f, &s);

			assert_int_equal(list_walk(&w), LIST_START);
			assert_int_equal(w.n, n);
			for (int i = 0; i < n; i++)
				assert_int_equal(s.at[i], ENTRY(i));
			flat_free(f);
		}
	}
}

static void from_an_entry_the_walk_comes_back_to_it(void **state)
{
	struct flat *f = ring(8, 3);
	struct seen s;
	struct list_walk w = walk_of(f, &s);

	(void)state;
	w.is_head = false;
	w.start = ENTRY(1);
	assert_int_equal(list_walk(&w), LIST_START);
	assert_int_equal(w.n, 4); /* the head looks like an entry */
	assert_int_equal(s.at[0], ENTRY(1));
	assert_int_equal(s.at[2], HEAD - 0x10);
	flat_free(f);
}

static void plain_pointers_lead_to_entries(void **state)
{
	struct flat *f = flat_new(8, "");
	struct seen s;
	struct list_walk w = walk_of(f, &s);

	(void)state;
	w.is_head = false;
	w.plain = true;
	w.start = ENTRY(0);
	flat_long(f, LINK(0), ENTRY(1));
	flat_long(f, LINK(1), ENTRY(2));
	assert_int_equal(list_walk(&w), LIST_NULL);
	assert_int_equal(w.n, 3);
	assert_int_equal(s.at[2], ENTRY(2));
	flat_free(f);
}

static void loops_in_the_middle_are_found(void **state)
{
	(void)state;
	for (int back = 0; back < 7; back++) {
		struct flat *f = ring(8, 7);
		struct seen s;
		struct list_walk w = walk_of(f, &s);

		flat_long(f, LINK(6), LINK(back));
		assert_int_equal(list_walk(&w), LIST_LOOP);
		assert_true(w.n >= 7 && w.n <= 24);
		flat_free(f);
	}
}

static void damage_and_bounds_are_told_apart(void **state)
{
	struct flat *f = ring(8, 5);
	struct seen s;
	struct list_walk w = walk_of(f, &s);

	(void)state;
	w.limit = 4;
	assert_int_equal(list_walk(&w), LIST_LIMIT);
	assert_int_equal(s.n, 4);

	w = walk_of(f, &s);
	s.stop_at = 2;
	assert_int_equal(list_walk(&w), LIST_STOPPED);

	flat_long(f, LINK(2), UINT64_C(0xdead000000000122)); /* LIST_POISON2, unmapped */
	w = walk_of(f, &s);
	assert_int_equal(list_walk(&w), LIST_POISON);
	assert_int_equal(w.n, 3);
	assert_int_equal(w.last, UINT64_C(0xdead000000000122));

	flat_long(f, LINK(2), FLAT_BASE + 0x3010);
	f->missing = 1u << 3;
	w = walk_of(f, &s);
	assert_int_equal(list_walk(&w), LIST_MISSING);
	assert_int_equal(w.status, KD_NODATA);
	assert_int_equal(w.last, FLAT_BASE + 0x3010);
	flat_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_head_is_walked_to_its_head),
		cmocka_unit_test(from_an_entry_the_walk_comes_back_to_it),
		cmocka_unit_test(plain_pointers_lead_to_entries),
		cmocka_unit_test(loops_in_the_middle_are_found),
		cmocka_unit_test(damage_and_bounds_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
