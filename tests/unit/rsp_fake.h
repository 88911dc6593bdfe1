/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A made-up crashed machine for tests of the protocol: a page of memory with a
 * hole behind it, three threads with hostile names, one module.
 */
#ifndef KD_TESTS_RSP_FAKE_H
#define KD_TESTS_RSP_FAKE_H

#include <string.h>

#include "mi/rsp_target.h"

#define FAKE_START UINT64_C(0xffffffff81000000)
#define FAKE_SIZE 0x40000
#define FAKE_PC (FAKE_START + 0x1234)

static const uint32_t fake_ids[] = { 100, 1, 0x40000001 };

/* Memory: byte i holds a mix of i; behind it a page that the filter left out. */
static inline uint8_t fake_byte(uint64_t i)
{
	return (uint8_t)(i * 7 + (i >> 8));
}

static inline int fake_read(const struct rsp_target *t, vaddr_t va, void *buf, size_t len,
			    size_t *done, struct kd_err *err)
{
	vaddr_t start = t->arch->ptr_size == 4 ? (uint32_t)FAKE_START : FAKE_START;
	uint8_t *bytes = buf;
	size_t n;

	*done = 0;
	if (va >= start + FAKE_SIZE && va < start + FAKE_SIZE + 0x1000)
		return kd_fail(err, KD_NODATA, "excluded");
	if (va < start || va >= start + FAKE_SIZE)
		return kd_fail(err, KD_UNMAPPED, "not mapped");
	n = kd_min(len, start + FAKE_SIZE - va);
	for (size_t i = 0; i < n; i++)
		bytes[i] = fake_byte(va - start + i);
	*done = n;
	return n == len ? 0 : kd_fail(err, KD_NODATA, "excluded");
}

/* Thread 0 knows all registers but the first, thread 1 only pc and sp, thread 2 none. */
static inline void fake_regs(const struct rsp_target *t, size_t i, struct regs *out)
{
	for (unsigned n = 1; i == 0 && n < t->arch->nregs; n++)
		regs_set(out, n, UINT64_C(0x1111111111111111) * (n % 16));
	if (i < 2) {
		regs_set(out, t->arch->pc, FAKE_PC + i);
		regs_set(out, t->arch->sp, FAKE_START + 0x2000);
	}
}

static inline void fake_thread(const struct rsp_target *t, size_t i, struct rsp_thread *out)
{
	static const char *const names[] = { "sh", "<a&b>\"'\n\xff", "" };
	static const char *const infos[] = { "CPU 0, running", "CPU 1, sleeping S",
					     "CPU 1, running; no registers: no note" };

	(void)t;
	snprintf(out->name, sizeof(out->name), "%s", names[i]);
	snprintf(out->info, sizeof(out->info), "%s", infos[i]);
	out->cpu = i != 0;
}

static inline int fake_library(const struct rsp_target *t, size_t i, struct rsp_library *out,
			       struct kd_err *err)
{
	(void)t;
	if (i == 1)
		return kd_fail(err, KD_IO, "no such file");
	out->path = strdup(i == 2 ? "/lib/bad\xff.ko" : "/lib/m\xc3\xbc<1>.ko");
	out->sections = calloc(2, sizeof(*out->sections));
	if (!out->path || !out->sections)
		return kd_nomem(err);
	out->sections[0] = UINT64_C(0xffffffffc0000000);
	out->sections[1] = 0x1000;
	out->nsections = 2;
	return 0;
}

static const struct rsp_target_ops fake_ops = {
	.read = fake_read,
	.regs = fake_regs,
	.thread = fake_thread,
	.library = fake_library,
};

static inline struct rsp_target fake_target(const struct arch *arch)
{
	return (struct rsp_target){
		.ops = &fake_ops,
		.arch = arch,
		.thread_ids = fake_ids,
		.nthreads = KD_ARRAY_SIZE(fake_ids),
		.nlibraries = 3,
		.has_text = true,
		.text = FAKE_START,
	};
}

#endif
