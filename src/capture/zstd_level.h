/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one way to set a level of zstd's compressor: kdview-capture has not all of its strategies,
 * and whoever asks libzstd itself for one of the others ends the program there.
 */
#ifndef KD_CAPTURE_ZSTD_LEVEL_H
#define KD_CAPTURE_ZSTD_LEVEL_H

#include <stdbool.h>
#include <zstd.h>

/* LEVEL 1 to 19 for CTX. false: libzstd refuses. */
bool zstd_level_set(ZSTD_CCtx *ctx, int level);

#endif
