// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fuzz target: the input as a .debug_frame section, as i386 code, and as the ORC tables
 * of a kernel. What is written from them must be sound.
 */
#include <string.h>

#include "i386/i386.h"
#include "x86_64/x86_64.h"

#define assert_true(x) ((x) ? (void)0 : abort())
#define fail_msg(...) abort()
#include "../unit/fake_code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT UINT64_C(0xc1000000)
#define IPS UINT64_C(0xffffffff82000000)
#define ORCS UINT64_C(0xffffffff82100000)

/* Every row of every FDE; of SOUND sections all can be read. */
static void walk(const uint8_t *bytes, size_t size, unsigned word, bool sound)
{
	struct fde_table t;
	struct fde_walk w;

	assert_true(!fde_table_open(&t, bytes, size, word, 0, NULL));
	for (size_t i = 0; i < t.n; i++) {
		bool row = fde_walk_start(&w, &t, &t.list[i]);

		assert_true(row || !sound);
		while (row) {
			assert_true(w.start < w.end && w.end <= t.list[i].end);
			row = fde_walk_next(&w);
		}
		assert_true(!sound || w.end == t.list[i].end);
	}
	fde_table_find(&t, TEXT);
	fde_table_fini(&t);
}

static void run(int (*hook)(const struct code_view *, struct cfi *, struct kd_err *),
		struct fake_code *fake, unsigned word)
{
	struct code_view v = fake_view(fake);
	const uint8_t *bytes;
	struct cfi *out;
	size_t size;

	assert_true(!cfi_new(word, &out, NULL));
	if (!hook(&v, out, NULL)) {
		assert_true(!cfi_data(out, &bytes, &size, NULL));
		walk(bytes, size, word, true);
	}
	cfi_free(out);
}

static void i386_code(const uint8_t *data, size_t size)
{
	size_t half = size / 2, quarter = half / 2;
	struct fake_code fake = {
		.symbols = { { "__entry_text_start", TEXT, 0, false },
			     { "one", TEXT, half, true },
			     { "ret_from_fork", TEXT + half, quarter, true },
			     { "__entry_text_end", TEXT + half, 0, false },
			     { "schedule_tail_wrapper", TEXT + half + quarter, quarter, true } },
		.memory = { { TEXT, data, size } },
		.images = { { .name = NULL },
			    { .name = "m", .areas = { { TEXT, size } }, .nareas = 1 } },
		.nimages = 2,
	};

	run(i386_cfi, &fake, 4);
}

/* Each entry takes 10 bytes; the first two bytes say how many, frames are the rest. */
static void x86_64_tables(const uint8_t *data, size_t size)
{
	size_t n = size < 2 ? 0 : data[0] | (size_t)(data[1] & 3) << 8;
	struct fake_code fake = {
		.symbols = { { "__start_orc_unwind_ip", IPS, 0, false },
			     { "__stop_orc_unwind_ip", IPS + 4 * n, 0, false },
			     { "__start_orc_unwind", ORCS, 0, false },
			     { "_end", ORCS, 0, false } },
		.nimages = 1,
	};

	if (!n || size - 2 < 10 * n)
		return;
	fake.memory[0] = (struct fake_memory){ IPS, data + 2, 4 * n };
	fake.memory[1] = (struct fake_memory){ ORCS, data + 2 + 4 * n, 6 * n };
	fake.images[0].frames = data + 2 + 10 * n;
	fake.images[0].frames_size = size - 2 - 10 * n;
	run(x86_64_cfi, &fake, 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk(data, size, 8, false);
	walk(data, size, 4, false);
	i386_code(data, size);
	x86_64_tables(data, size);
	return 0;
}
