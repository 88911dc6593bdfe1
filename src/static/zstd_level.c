// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Levels of zstd with three of its six families of strategies. The other three (greedy, lazy,
 * btlazy2) are 190 KB in libzstd, made for large blocks and dictionaries; with pages of memory,
 * they gain 1 to 2 of a hundred bytes over dfast, and btopt gains more in the time of the slower
 * of them. Their names are defined here, so that the linker does not take them out of libzstd.
 * Weak: a libzstd that spells them in another way brings all of its own.
 */
#include "capture/zstd_level.h"

#include <stdlib.h>

/* From here on btopt is as fast as what libzstd has. */
#define FIRST_BTOPT 7
/* Here libzstd itself goes over to btopt and what is above it. */
#define FIRST_OWN 12
/* The last level that is dfast. */
#define LAST_DFAST 3

bool zstd_level_set(ZSTD_CCtx *ctx, int level)
{
	bool fast = level > LAST_DFAST && level < FIRST_BTOPT;
	ZSTD_strategy strategy;

	if (fast)
		level = LAST_DFAST;
	if (ZSTD_isError(ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, level)))
		return false;
	/* Said for every level: which ones are whose differs with the size of the input. */
	if (level < LAST_DFAST)
		strategy = ZSTD_fast;
	else if (level < FIRST_BTOPT)
		strategy = ZSTD_dfast;
	else if (level <= FIRST_OWN)
		strategy = ZSTD_btopt;
	else
		strategy = level < 16 ? ZSTD_btultra : ZSTD_btultra2;
	return !ZSTD_isError(ZSTD_CCtx_setParameter(ctx, ZSTD_c_strategy, (int)strategy));
}

static void never(void)
{
	abort();
}

#define NEVER(f) void f(void) __attribute__((weak, alias("never")));
#define VARIANTS(f) NEVER(f) NEVER(f##_dictMatchState) NEVER(f##_extDict)
#define ROWS(f) \
	VARIANTS(f) \
	NEVER(f##_dedicatedDictSearch) NEVER(f##_row) NEVER(f##_dictMatchState_row) \
	NEVER(f##_extDict_row) NEVER(f##_dedicatedDictSearch_row)

ROWS(ZSTD_compressBlock_greedy)
ROWS(ZSTD_compressBlock_lazy)
ROWS(ZSTD_compressBlock_lazy2)
VARIANTS(ZSTD_compressBlock_btlazy2)
NEVER(ZSTD_dedicatedDictSearch_lazy_loadDictionary)
NEVER(ZSTD_insertAndFindFirstIndex)
NEVER(ZSTD_row_update)
