// SPDX-License-Identifier: GPL-3.0-or-later
/* The page cache: bounded, keeps what is used, safe under threads. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "core/page_cache.h"

#define SIZE 256

static uint8_t *page(pfn_t pfn)
{
	uint8_t *p = malloc(SIZE);

	memset(p, (int)(pfn * 7 + 1), SIZE);
	return p;
}

static bool holds(struct page_cache *c, pfn_t pfn)
{
	uint8_t b[3] = { 0 };

	if (!page_cache_read(c, pfn, SIZE - 3, b, 3)) {
		page_cache_give(c, pfn, NULL);
		return false;
	}
	assert_int_equal(b[2], (uint8_t)(pfn * 7 + 1));
	return true;
}

static void pages_come_back(void **state)
{
	struct page_cache *c;

	(void)state;
	assert_int_equal(page_cache_new(SIZE, 4096, &c, NULL), 0);
	for (pfn_t pfn = 0; pfn < 1000; pfn++) {
		assert_false(holds(c, pfn << 20));
		page_cache_give(c, pfn << 20, page(pfn << 20));
		assert_true(holds(c, pfn << 20));
	}
	/* a second copy of the same page changes nothing */
	page_cache_give(c, 5 << 20, page(5 << 20));
	for (pfn_t pfn = 0; pfn < 1000; pfn++)
		assert_true(holds(c, pfn << 20));
	page_cache_free(c);
}

static void it_holds_no_more_than_it_was_made_for(void **state)
{
	static const size_t sizes[] = { 1, 3, 100, 256, 1000 };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(sizes); i++) {
		struct page_cache *c;
		size_t held = 0;

		assert_int_equal(page_cache_new(SIZE, sizes[i], &c, NULL), 0);
		for (pfn_t pfn = 0; pfn < 5000; pfn++)
			page_cache_give(c, pfn, page(pfn));
		for (pfn_t pfn = 0; pfn < 5000; pfn++)
			held += holds(c, pfn);
		assert_in_range(held, 1, sizes[i]);
		assert_true(holds(c, 4999));
		page_cache_free(c);
	}
}

static void a_page_in_use_outlives_a_stream_of_others(void **state)
{
	struct page_cache *c;

	(void)state;
	assert_int_equal(page_cache_new(SIZE, 100, &c, NULL), 0);
	page_cache_give(c, 7, page(7));
	for (pfn_t pfn = 1000; pfn < 3000; pfn++) {
		page_cache_give(c, pfn, page(pfn));
		assert_true(holds(c, 7));
	}
	page_cache_free(c);
}

static void *worker(void *arg)
{
	struct page_cache *c = arg;

	for (unsigned i = 0; i < 20000; i++) {
		pfn_t pfn = i * 13 % 700;
		uint8_t b[SIZE];

		if (!page_cache_read(c, pfn, 0, b, SIZE))
			page_cache_give(c, pfn, page(pfn));
		else if (b[0] != (uint8_t)(pfn * 7 + 1) || b[SIZE - 1] != b[0])
			return arg;
	}
	return NULL;
}

static void threads_share_it(void **state)
{
	struct page_cache *c;
	pthread_t t[8];

	(void)state;
	assert_int_equal(page_cache_new(SIZE, 300, &c, NULL), 0);
	for (size_t i = 0; i < KD_ARRAY_SIZE(t); i++)
		assert_int_equal(pthread_create(&t[i], NULL, worker, c), 0);
	for (size_t i = 0; i < KD_ARRAY_SIZE(t); i++) {
		void *failed;

		pthread_join(t[i], &failed);
		assert_null(failed);
	}
	page_cache_free(c);
}

/* What threads that want the same pages do, and how often one had to be brought. */
struct crowd {
	struct page_cache *c;
	pthread_barrier_t start;
	atomic_uint brought, refused;
};

#define CROWD 8
#define PAGES 200

static void *want_all(void *arg)
{
	struct crowd *crowd = arg;
	uint8_t b[SIZE];

	pthread_barrier_wait(&crowd->start);
	for (pfn_t pfn = 0; pfn < PAGES; pfn++) {
		if (page_cache_read(crowd->c, pfn, 0, b, SIZE)) {
			if (b[0] != (uint8_t)(pfn * 7 + 1) || b[SIZE - 1] != b[0])
				return arg;
			continue;
		}
		sched_yield(); /* others come to ask for it */
		/* every tenth page can not be had at first */
		if (pfn % 10 == 0 && atomic_fetch_add(&crowd->refused, 1) <= pfn / 10) {
			page_cache_give(crowd->c, pfn--, NULL);
			continue;
		}
		atomic_fetch_add(&crowd->brought, 1);
		page_cache_give(crowd->c, pfn, page(pfn));
	}
	return NULL;
}

static void a_page_is_brought_once_however_many_want_it(void **state)
{
	struct crowd crowd = { .brought = 0 };
	pthread_t t[CROWD];

	(void)state;
	assert_int_equal(page_cache_new(SIZE, 4096, &crowd.c, NULL), 0);
	pthread_barrier_init(&crowd.start, NULL, CROWD);
	for (size_t i = 0; i < CROWD; i++)
		assert_int_equal(pthread_create(&t[i], NULL, want_all, &crowd), 0);
	for (size_t i = 0; i < CROWD; i++) {
		void *failed;

		pthread_join(t[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(crowd.brought, PAGES);
	assert_true(crowd.refused >= PAGES / 10);
	pthread_barrier_destroy(&crowd.start);
	page_cache_free(crowd.c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_come_back),
		cmocka_unit_test(it_holds_no_more_than_it_was_made_for),
		cmocka_unit_test(a_page_in_use_outlives_a_stream_of_others),
		cmocka_unit_test(threads_share_it),
		cmocka_unit_test(a_page_is_brought_once_however_many_want_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
