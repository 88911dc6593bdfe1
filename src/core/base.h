/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every room uses: target number types, checked arithmetic, scoped
 * ownership. A 64-bit host reads 32-bit dumps, so a target's long, pointer or
 * time never has a host type.
 */
#ifndef KD_CORE_BASE_H
#define KD_CORE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef uint64_t paddr_t; /* physical address of the crashed machine, bytes */
typedef uint64_t vaddr_t; /* virtual address of its kernel, bytes */
typedef uint64_t pfn_t;	  /* physical page frame number */

#define KD_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define KD_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Run FN(&var) when the variable goes out of scope. */
#define _cleanup_(fn) __attribute__((cleanup(fn)))

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* true when a + b does not fit; *sum is then undefined. */
#define kd_add_overflow(a, b, sum) __builtin_add_overflow(a, b, sum)
#define kd_mul_overflow(a, b, product) __builtin_mul_overflow(a, b, product)

/* Does [off, off + len) lie inside [0, size)? */
static inline bool range_contains(uint64_t size, uint64_t off, uint64_t len)
{
	return off <= size && len <= size - off;
}

static inline uint64_t kd_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

#endif
