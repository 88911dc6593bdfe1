// SPDX-License-Identifier: GPL-3.0-or-later
/* What a level of zstd means: what libzstd says. static/zstd_level.c says less. */
#include "capture/zstd_level.h"

bool zstd_level_set(ZSTD_CCtx *ctx, int level)
{
	return !ZSTD_isError(ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, level));
}
