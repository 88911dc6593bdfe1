// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel/log: rings and buffers written by hand, as 32- and 64-bit kernels lay them out. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "flat.h"
#include "kernel/log.h"

/* Where things are; a page each, so that one can be missing. */
#define PRB (FLAT_BASE + 0x0000)
#define RING (FLAT_BASE + 0x0100)
#define DESCS (FLAT_BASE + 0x1000)
#define INFOS (FLAT_BASE + 0x2000)
#define TEXT (FLAT_BASE + 0x4000)

#define DESCS_BITS 3 /* 8 records */
#define TEXT_BITS 13 /* two pages */
#define TEXT_SIZE (1u << TEXT_BITS)

enum { RESERVED, COMMITTED, FINALIZED, REUSABLE };

struct ring {
	struct flat *f;
	unsigned l; /* bytes in a long */
	uint64_t mask;
	uint64_t id, lpos; /* of the next record */
};

/* VMCOREINFO as Linux 6.1 writes it for longs of L bytes. */
static struct flat *ring_kernel(unsigned l)
{
	char text[4096];

	snprintf(text, sizeof(text),
		 "SYMBOL(prb)=%llx\n"
		 "OFFSET(printk_ringbuffer.desc_ring)=0\n"
		 "OFFSET(printk_ringbuffer.text_data_ring)=%u\n"
		 "OFFSET(printk_ringbuffer.fail)=%u\n"
		 "OFFSET(prb_desc_ring.count_bits)=0\nOFFSET(prb_desc_ring.descs)=%u\n"
		 "OFFSET(prb_desc_ring.infos)=%u\nOFFSET(prb_desc_ring.head_id)=%u\n"
		 "OFFSET(prb_desc_ring.tail_id)=%u\n"
		 "SIZE(prb_desc)=%u\nOFFSET(prb_desc.state_var)=0\n"
		 "OFFSET(prb_desc.text_blk_lpos)=%u\n"
		 "OFFSET(prb_data_blk_lpos.begin)=0\nOFFSET(prb_data_blk_lpos.next)=%u\n"
		 "SIZE(printk_info)=88\nOFFSET(printk_info.seq)=0\nOFFSET(printk_info.ts_nsec)=8\n"
		 "OFFSET(printk_info.text_len)=16\nOFFSET(printk_info.caller_id)=20\n"
		 "OFFSET(prb_data_ring.size_bits)=0\nOFFSET(prb_data_ring.data)=%u\n"
		 "OFFSET(prb_data_ring.head_lpos)=%u\nOFFSET(prb_data_ring.tail_lpos)=%u\n"
		 "OFFSET(atomic_long_t.counter)=0\n",
		 (unsigned long long)PRB, 6 * l, 10 * l, l, 2 * l, 3 * l, 4 * l, 3 * l, l, l, l,
		 2 * l, 3 * l);
	return flat_new((uint8_t)l, text);
}

/* An empty ring whose positions wrap soon, as the kernel starts them. */
static struct ring ring_new(unsigned l)
{
	struct ring r = { .f = ring_kernel(l), .l = l, .mask = UINT64_MAX >> (64 - 8 * l) };

	r.id = (UINT64_MAX - 3) & r.mask >> 2;
	r.lpos = -(uint64_t)TEXT_SIZE & r.mask;
	flat_long(r.f, PRB, RING);
	flat_put(r.f, RING, 4, DESCS_BITS);
	flat_long(r.f, RING + l, DESCS);
	flat_long(r.f, RING + 2 * l, INFOS);
	flat_put(r.f, RING + 6 * l, 4, TEXT_BITS);
	flat_long(r.f, RING + 7 * l, TEXT);
	for (unsigned i = 0; i < 1u << DESCS_BITS; i++)
		flat_long(r.f, DESCS + i * 3 * l, UINT64_C(3) << (8 * l - 2));
	flat_long(r.f, RING + 3 * l, r.id - 1);
	flat_long(r.f, RING + 4 * l, r.id);
	return r;
}

static vaddr_t desc_of(const struct ring *r, uint64_t id)
{
	return DESCS + (id & ((1u << DESCS_BITS) - 1)) * 3 * r->l;
}

static vaddr_t info_of(uint64_t id)
{
	return INFOS + (id & ((1u << DESCS_BITS) - 1)) * 88;
}

/* Add a record as prb_reserve() does; returns its ID. NULL: no text block, an empty line. */
static uint64_t ring_add(struct ring *r, unsigned state, const char *text)
{
	uint64_t id = r->id, begin = r->lpos, next, at;
	size_t len = text ? strlen(text) : 0, need = (r->l + len + r->l - 1) / r->l * r->l;

	r->id = (id + 1) & r->mask >> 2;
	flat_long(r->f, desc_of(r, id), (uint64_t)state << (8 * r->l - 2) | id);
	flat_long(r->f, RING + 3 * r->l, id);
	flat_put(r->f, info_of(id), 8, 1000 + id % 100);
	flat_put(r->f, info_of(id) + 8, 8, 1234567890);
	flat_put(r->f, info_of(id) + 16, 2, len);
	flat_put(r->f, info_of(id) + 18, 1, 3);
	flat_put(r->f, info_of(id) + 19, 1, 6 << 5 | 8);
	flat_put(r->f, info_of(id) + 20, 4, 42);
	if (!text) {
		begin = next = 3;
	} else {
		next = (begin + need) & r->mask;
		at = begin % TEXT_SIZE;
		if (at + need >= TEXT_SIZE) { /* since it would cross or touch the end */
			flat_long(r->f, TEXT + at, id);
			next = ((begin + TEXT_SIZE - at) & r->mask) + need;
			at = 0;
		}
		flat_long(r->f, TEXT + at, id);
		memcpy(r->f->mem + (TEXT - FLAT_BASE) + at + r->l, text, len);
		r->lpos = next & r->mask;
	}
	flat_long(r->f, desc_of(r, id) + r->l, begin);
	flat_long(r->f, desc_of(r, id) + 2 * r->l, next);
	return id;
}

static struct log read_log(struct flat *f)
{
	struct kd_err err = KD_ERR_INIT;
	struct log l;

	if (log_read(&f->k, &l, &err))
		fail_msg("%s", err.text);
	return l;
}

static void expect_damage(const struct log *l, const char *words)
{
	assert_non_null(l->damage);
	if (!strstr(l->damage, words))
		fail_msg("\"%s\" does not say \"%s\"", l->damage, words);
}

static void end(struct log *l, struct flat *f)
{
	log_fini(l);
	flat_free(f);
}

static void ring_gives_records_in_order(void **state)
{
	(void)state;
	for (unsigned l = 4; l <= 8; l += 4) {
		struct ring r = ring_new(l);
		struct log log;

		ring_add(&r, FINALIZED, "first");
		ring_add(&r, FINALIZED, NULL);
		ring_add(&r, COMMITTED, "third\n");
		/* the IDs wrap at their 30 or 62 bits here */
		ring_add(&r, FINALIZED, "fourth\nin two lines");
		ring_add(&r, FINALIZED, "fifth");
		log = read_log(r.f);
		assert_null(log.damage);
		assert_int_equal(log.n, 5);
		assert_string_equal(log.list[0].text, "first");
		assert_string_equal(log.list[1].text, "");
		assert_string_equal(log.list[2].text, "third");
		assert_string_equal(log.list[3].text, "fourth\nin two lines");
		assert_string_equal(log.list[4].text, "fifth");
		assert_int_equal(log.list[4].len, 5);
		assert_true(log.list[0].has_ts);
		assert_int_equal(log.list[0].ts_nsec, 1234567890);
		assert_int_equal(log.list[0].caller, 42);
		assert_int_equal(log.list[0].facility, 3);
		assert_int_equal(log.list[0].level, 6);
		end(&log, r.f);
	}
}

static void empty_ring_is_an_empty_log(void **state)
{
	struct ring r = ring_new(8);
	struct log log;

	(void)state;
	/* as DEFINE_PRINTKRB() sets it: head and tail at a reusable descriptor */
	flat_long(r.f, RING + 3 * 8, r.id);
	log = read_log(r.f);
	assert_int_equal(log.n, 0);
	assert_null(log.damage);
	end(&log, r.f);
}

static void wrong_head_or_tail_costs_no_record(void **state)
{
	static const struct {
		unsigned at; /* longs into the ring */
		int64_t off;
		const char *words;
	} wrong[] = {
		{ 3, -2, "beyond its head or tail" },
		{ 3, 1000, "claims 1003 records, but holds 8" },
		{ 4, 1, "beyond its head or tail" },
		{ 4, 5, "records, but holds 8" },
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(wrong); i++) {
		struct ring r = ring_new(8);
		vaddr_t at = RING + wrong[i].at * 8;
		struct log log;
		uint64_t v;

		ring_add(&r, FINALIZED, "one");
		ring_add(&r, FINALIZED, "two");
		ring_add(&r, FINALIZED, "three");
		space_read_ptr(&r.f->k.space, at, &v, NULL);
		flat_long(r.f, at, v + (uint64_t)wrong[i].off);
		log = read_log(r.f);
		expect_damage(&log, wrong[i].words);
		assert_int_equal(log.n, 3);
		assert_string_equal(log.list[0].text, "one");
		assert_string_equal(log.list[2].text, "three");
		assert_false(log.partial);
		end(&log, r.f);
	}
}

/* What the ring points to has names as well. */
static void pointers_of_the_ring_are_mended(void **state)
{
	struct ring r = ring_new(8);
	struct log log;

	(void)state;
	ring_add(&r, FINALIZED, "one");
	flat_long(r.f, FLAT_BASE + 0x6000, TEXT);
	flat_put(r.f, FLAT_BASE + 0x6008, 4, TEXT_SIZE);
	symbols_add(r.f->k.symbols, "printk_rb_static", NULL, RING, 0, 'D', NULL);
	symbols_add(r.f->k.symbols, "_printk_rb_static_descs", NULL, DESCS, 0, 'D', NULL);
	symbols_add(r.f->k.symbols, "_printk_rb_static_infos", NULL, INFOS, 0, 'D', NULL);
	symbols_add(r.f->k.symbols, "log_buf", NULL, FLAT_BASE + 0x6000, 0, 'D', NULL);
	symbols_add(r.f->k.symbols, "log_buf_len", NULL, FLAT_BASE + 0x6008, 0, 'D', NULL);
	symbols_finish(r.f->k.symbols, NULL);
	flat_long(r.f, PRB, 0x1234);
	flat_long(r.f, RING + 8, 0x1234);
	flat_long(r.f, RING + 16, 0x1234);
	flat_long(r.f, RING + 7 * 8, 0x1234);
	log = read_log(r.f);
	expect_damage(&log, "prb does not lead to the ring buffer: printk_rb_static it is");
	expect_damage(&log, "the ring buffer's descriptors are not at 0x1234");
	assert_int_equal(log.n, 1);
	assert_string_equal(log.list[0].text, "one");
	assert_false(log.partial);
	log_fini(&log);
	flat_put(r.f, RING + 6 * 8, 4, 77);
	log = read_log(r.f);
	expect_damage(&log, "a ring buffer of 2^3 records and 2^77 bytes can not be");
	assert_int_equal(log.n, 1);
	end(&log, r.f);
}

static void text_that_would_cross_the_end_starts_over(void **state)
{
	(void)state;
	for (unsigned l = 4; l <= 8; l += 4) {
		struct ring r = ring_new(l);
		char big[4000];
		struct log log;

		memset(big, 'x', sizeof(big) - 1);
		big[sizeof(big) - 1] = '\0';
		ring_add(&r, FINALIZED, big);
		ring_add(&r, FINALIZED, big);
		/* the positions wrap around zero with this one */
		ring_add(&r, FINALIZED,
			 "at the start of the buffer again, in full length; it is a long line "
			 "that needs more than is left, which are a hundred and fifty bytes "
			 "or so, and even if not then this makes it sure");
		log = read_log(r.f);
		/* its space was the first one's */
		expect_damage(&log, "1 texts are another record's");
		assert_int_equal(log.n, 2);
		assert_int_equal(log.list[0].len, sizeof(big) - 1);
		assert_memory_equal(log.list[1].text, "at the start", 12);
		end(&log, r.f);
	}
}

static void block_that_ends_at_the_end_need_not_start_over(void **state)
{
	struct ring r = ring_new(8);
	uint64_t id, at = TEXT_SIZE - 64;
	struct log log;

	(void)state;
	/* as v6.18 has it: next is the first byte behind the buffer */
	id = ring_add(&r, FINALIZED, "to the last byte");
	flat_long(r.f, desc_of(&r, id) + 8, -(uint64_t)64);
	flat_long(r.f, desc_of(&r, id) + 16, 0);
	flat_long(r.f, TEXT + at, id);
	flat_text(r.f, TEXT + at + 8, "to the last byte");
	log = read_log(r.f);
	assert_null(log.damage);
	assert_int_equal(log.n, 1);
	assert_string_equal(log.list[0].text, "to the last byte");
	end(&log, r.f);
}

static void unfinished_and_foreign_descriptors_are_told(void **state)
{
	struct ring r = ring_new(8);
	struct log log;
	uint64_t id;

	(void)state;
	ring_add(&r, FINALIZED, "good");
	id = ring_add(&r, FINALIZED, "old");
	flat_long(r.f, desc_of(&r, id), UINT64_C(2) << 62 | (id - 8));
	id = ring_add(&r, FINALIZED, "lost its text");
	flat_long(r.f, desc_of(&r, id) + 8, 1);
	flat_long(r.f, desc_of(&r, id) + 16, 1);
	ring_add(&r, RESERVED, "half");
	log = read_log(r.f);
	assert_int_equal(log.n, 1);
	expect_damage(&log, "1 records were being written");
	expect_damage(&log, "1 descriptors do not belong");
	expect_damage(&log, "1 records found no room");
	end(&log, r.f);
}

static void senseless_positions_and_lengths_are_told(void **state)
{
	struct ring r = ring_new(8);
	struct log log;
	uint64_t id;

	(void)state;
	id = ring_add(&r, FINALIZED, "unaligned");
	flat_long(r.f, desc_of(&r, id) + 8, r.lpos - 20);
	id = ring_add(&r, FINALIZED, "three turns long");
	flat_long(r.f, desc_of(&r, id) + 16, r.lpos + 3 * TEXT_SIZE);
	id = ring_add(&r, FINALIZED, "long");
	flat_put(r.f, info_of(id) + 16, 2, 60000);
	log = read_log(r.f);
	expect_damage(&log, "3 records make no sense");
	assert_int_equal(log.n, 1);
	assert_int_equal(log.list[0].len, 8);
	assert_memory_equal(log.list[0].text, "long", 4);
	end(&log, r.f);
}

static void missing_page_costs_its_records_only(void **state)
{
	struct ring r = ring_new(8);
	char big[4000];
	struct log log;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	ring_add(&r, FINALIZED, big);
	ring_add(&r, FINALIZED, big);
	ring_add(&r, FINALIZED, "in the second page");
	r.f->missing = 1u << 5;
	log = read_log(r.f);
	assert_int_equal(log.n, 3);
	assert_int_equal(log.list[0].len, sizeof(big) - 1);
	/* the second begins in the first page */
	assert_true(log.list[1].len > 0 && log.list[1].len < 100);
	assert_int_equal(log.list[2].len, 0);
	assert_int_equal(log.list[2].ts_nsec, 1234567890);
	expect_damage(&log, "2 records are missing or cut");
	expect_damage(&log, "excluded");
	end(&log, r.f);
}

static void missing_descriptors_are_counted(void **state)
{
	struct ring r = ring_new(8);
	struct log log;

	(void)state;
	ring_add(&r, FINALIZED, "one");
	ring_add(&r, FINALIZED, "two");
	r.f->missing = 1u << 1;
	log = read_log(r.f);
	assert_int_equal(log.n, 0);
	expect_damage(&log, "2 records are missing");
	end(&log, r.f);
}

static void head_far_from_tail_is_bounded(void **state)
{
	struct ring r = ring_new(8);
	struct log log;

	(void)state;
	ring_add(&r, FINALIZED, "last");
	flat_long(r.f, RING + 4 * 8, r.id - 1000000);
	log = read_log(r.f);
	assert_int_equal(log.n, 1);
	assert_string_equal(log.list[0].text, "last");
	expect_damage(&log, "claims 1000000 records, but holds 8");
	end(&log, r.f);
}

static void impossible_ring_is_corrupt(void **state)
{
	struct ring r = ring_new(8);
	struct kd_err err;
	struct log log;

	(void)state;
	/* of a ring of records the size can be told by that of the text, not so the other way */
	flat_put(r.f, RING + 6 * 8, 4, 200);
	assert_int_equal(log_read(&r.f->k, &log, &err), KD_CORRUPT);
	assert_non_null(strstr(err.text, "2^200 bytes can not be"));
	flat_put(r.f, RING + 6 * 8, 4, TEXT_BITS);
	flat_long(r.f, PRB, 0x10);
	assert_int_equal(log_read(&r.f->k, &log, &err), KD_UNMAPPED);
	flat_free(r.f);
}

static void dump_that_is_silent_about_the_log_says_so(void **state)
{
	struct flat *f = flat_new(8, "OSRELEASE=1\n");
	struct kd_err err;
	struct log log;

	(void)state;
	assert_int_equal(log_read(&f->k, &log, &err), KD_NOTFOUND);
	flat_free(f);
	f = flat_new(8, "SYMBOL(prb)=c0000000\n");
	assert_int_equal(log_read(&f->k, &log, &err), KD_NOTFOUND);
	flat_free(f);
}

/* Records of v3.5 to v5.9 --------------------------------------------------------- */

#define OLD_SIZE 256

static struct flat *old_kernel(uint8_t ptr, const char *name, unsigned first, unsigned next)
{
	char text[1024];
	struct flat *f;

	snprintf(text, sizeof(text),
		 "SYMBOL(log_buf)=c0000000\nSYMBOL(log_buf_len)=c0000008\n"
		 "SYMBOL(log_first_idx)=c000000c\nSYMBOL(log_next_idx)=c0000010\n"
		 "SIZE(%s)=16\nOFFSET(%s.ts_nsec)=0\nOFFSET(%s.len)=8\n"
		 "OFFSET(%s.text_len)=10\nOFFSET(%s.dict_len)=12\n",
		 name, name, name, name, name);
	f = flat_new(ptr, text);
	flat_long(f, FLAT_BASE, TEXT);
	flat_put(f, FLAT_BASE + 8, 4, OLD_SIZE);
	flat_put(f, FLAT_BASE + 12, 4, first);
	flat_put(f, FLAT_BASE + 16, 4, next);
	return f;
}

/* Put a record at byte AT; returns where the next one goes. */
static unsigned old_add(struct flat *f, unsigned at, const char *text, unsigned flags)
{
	unsigned len = (16 + (unsigned)strlen(text) + 7) / 8 * 8;

	flat_put(f, TEXT + at, 8, 5000000000 + at);
	flat_put(f, TEXT + at + 8, 2, len);
	flat_put(f, TEXT + at + 10, 2, strlen(text));
	flat_put(f, TEXT + at + 12, 2, 0);
	flat_put(f, TEXT + at + 14, 1, 1);
	flat_put(f, TEXT + at + 15, 1, 4 << 5 | flags);
	memcpy(f->mem + (TEXT - FLAT_BASE) + at + 16, text, strlen(text));
	return at + len;
}

static void old_records_wrap_and_join(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct flat *f = old_kernel(i ? 4 : 8, i ? "log" : "printk_log", 160, 72);
		struct log log;
		unsigned at = old_add(f, 160, "a line in ", 0);

		at = old_add(f, at, "two parts", 8 | 2);
		flat_put(f, TEXT + at, 16, 0); /* len 0: start over */
		at = old_add(f, 0, "alone", 2);
		at = old_add(f, at, "last, with text", 2);
		flat_put(f, FLAT_BASE + 16, 4, at);
		log = read_log(f);
		assert_null(log.damage);
		assert_int_equal(log.n, 3);
		assert_string_equal(log.list[0].text, "a line in two parts");
		assert_int_equal(log.list[0].len, 19);
		assert_string_equal(log.list[1].text, "alone");
		assert_string_equal(log.list[2].text, "last, with text");
		assert_int_equal(log.list[1].ts_nsec, 5000000000);
		assert_int_equal(log.list[1].level, 4);
		assert_int_equal(log.list[1].facility, 1);
		end(&log, f);
	}
}

static void empty_old_log_is_empty(void **state)
{
	struct flat *f = old_kernel(8, "printk_log", 0, 0);
	struct log log = read_log(f);

	(void)state;
	assert_int_equal(log.n, 0);
	assert_null(log.damage);
	end(&log, f);
}

static void old_record_without_sense_ends_the_run(void **state)
{
	struct flat *f = old_kernel(8, "printk_log", 160, 0);
	struct log log;
	unsigned at = old_add(f, 0, "before the wrap is after it", 2);

	(void)state;
	flat_put(f, FLAT_BASE + 16, 4, at);
	at = old_add(f, 160, "good", 2);
	flat_put(f, TEXT + at + 8, 2, 5); /* shorter than its own head */
	log = read_log(f);
	assert_int_equal(log.n, 2);
	assert_string_equal(log.list[1].text, "before the wrap is after it");
	expect_damage(&log, "no record can be found behind byte 184");
	end(&log, f);
}

static void old_text_longer_than_its_record_ends_the_run(void **state)
{
	struct flat *f = old_kernel(8, "printk_log", 0, 0);
	struct log log;
	unsigned at = old_add(f, 0, "good", 2), next = old_add(f, at, "too long", 2);

	(void)state;
	flat_put(f, FLAT_BASE + 16, 4, next);
	flat_put(f, TEXT + at + 10, 2, 9);
	log = read_log(f);
	assert_int_equal(log.n, 1);
	expect_damage(&log, "what is there is none");
	end(&log, f);
}

static void old_buffer_full_to_the_last_byte_is_read_whole(void **state)
{
	struct flat *f = old_kernel(8, "printk_log", 128, 128);
	struct log log;
	char text[113];

	(void)state;
	memset(text, 'x', 112);
	text[112] = '\0';
	assert_int_equal(old_add(f, 128, text, 2), OLD_SIZE);
	assert_int_equal(old_add(f, 0, text, 2), 128);
	log = read_log(f);
	assert_null(log.damage);
	assert_int_equal(log.n, 2);
	assert_int_equal(log.list[1].ts_nsec, 5000000000);
	end(&log, f);
}

static void old_indices_outside_the_buffer_are_corrupt(void **state)
{
	struct flat *f = old_kernel(8, "printk_log", 4096, 0);
	struct kd_err err;
	struct log log;

	(void)state;
	assert_int_equal(log_read(&f->k, &log, &err), KD_CORRUPT);
	flat_free(f);
}

/* Plain text ---------------------------------------------------------------------- */

static struct flat *text_kernel(unsigned len, unsigned long end_at, unsigned chars)
{
	struct flat *f = flat_new(4, "SYMBOL(log_buf)=c0000000\nSYMBOL(log_buf_len)=c0000008\n"
				     "SYMBOL(log_end)=c000000c\nSYMBOL(logged_chars)=c0000010\n");

	flat_long(f, FLAT_BASE, TEXT);
	flat_put(f, FLAT_BASE + 8, 4, len);
	flat_put(f, FLAT_BASE + 12, 4, end_at);
	flat_put(f, FLAT_BASE + 16, 4, chars);
	return f;
}

static void plain_text_is_cut_into_lines(void **state)
{
	static const char text[] = "<6>[    0.000000] Linux\n<3>bad\nno level\n<6>open end";
	struct flat *f = text_kernel(4096, sizeof(text) - 1, sizeof(text) - 1);
	struct log log;

	(void)state;
	flat_text(f, TEXT, text);
	log = read_log(f);
	assert_int_equal(log.n, 4);
	assert_string_equal(log.list[0].text, "[    0.000000] Linux");
	assert_int_equal(log.list[0].level, 6);
	assert_false(log.list[0].has_ts);
	assert_int_equal(log.list[1].level, 3);
	assert_string_equal(log.list[2].text, "no level");
	assert_string_equal(log.list[3].text, "open end");
	end(&log, f);
}

static void plain_text_goes_around_its_buffer(void **state)
{
	/* 64 bytes; the oldest byte is at 20, and a line crosses the end */
	struct flat *f = text_kernel(64, 64 * 5 + 20, 1000);
	struct log log;

	(void)state;
	flat_text(f, TEXT, " cross the end\nlast\n<5>012345678901234567890123456789\n<4>it does");
	log = read_log(f);
	assert_int_equal(log.n, 3);
	assert_string_equal(log.list[0].text, "012345678901234567890123456789");
	assert_string_equal(log.list[1].text, "it does cross the end");
	assert_int_equal(log.list[1].level, 4);
	assert_string_equal(log.list[2].text, "last");
	end(&log, f);
}

static void plain_text_leaves_a_missing_page_out(void **state)
{
	struct flat *f = text_kernel(16384, 12288, 12288);
	struct log log;

	(void)state;
	memset(f->mem + (TEXT - FLAT_BASE), 'a', 12288);
	flat_put(f, TEXT + 99, 1, '\n');
	flat_put(f, TEXT + 8192 + 99, 1, '\n');
	flat_put(f, TEXT + 12287, 1, '\n');
	f->missing = 1u << 5;
	log = read_log(f);
	assert_int_equal(log.n, 3);
	assert_int_equal(log.list[0].len, 99);
	assert_int_equal(log.list[1].len, 99);
	expect_damage(&log, "excluded");
	end(&log, f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ring_gives_records_in_order),
		cmocka_unit_test(empty_ring_is_an_empty_log),
		cmocka_unit_test(wrong_head_or_tail_costs_no_record),
		cmocka_unit_test(pointers_of_the_ring_are_mended),
		cmocka_unit_test(text_that_would_cross_the_end_starts_over),
		cmocka_unit_test(block_that_ends_at_the_end_need_not_start_over),
		cmocka_unit_test(unfinished_and_foreign_descriptors_are_told),
		cmocka_unit_test(senseless_positions_and_lengths_are_told),
		cmocka_unit_test(missing_page_costs_its_records_only),
		cmocka_unit_test(missing_descriptors_are_counted),
		cmocka_unit_test(head_far_from_tail_is_bounded),
		cmocka_unit_test(impossible_ring_is_corrupt),
		cmocka_unit_test(dump_that_is_silent_about_the_log_says_so),
		cmocka_unit_test(old_records_wrap_and_join),
		cmocka_unit_test(empty_old_log_is_empty),
		cmocka_unit_test(old_record_without_sense_ends_the_run),
		cmocka_unit_test(old_text_longer_than_its_record_ends_the_run),
		cmocka_unit_test(old_buffer_full_to_the_last_byte_is_read_whole),
		cmocka_unit_test(old_indices_outside_the_buffer_are_corrupt),
		cmocka_unit_test(plain_text_is_cut_into_lines),
		cmocka_unit_test(plain_text_goes_around_its_buffer),
		cmocka_unit_test(plain_text_leaves_a_missing_page_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
