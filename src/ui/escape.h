/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes of a dump made fit for a terminal or for JSON. What a crashed kernel
 * calls a task or writes to its log may hold anything, terminal controls included.
 */
#ifndef KD_UI_ESCAPE_H
#define KD_UI_ESCAPE_H

#include "core/base.h"

/*
 * Bytes of the UTF-8 sequence at S (LEN bytes there), with its code point; 0: no
 * valid one (overlong, surrogate, cut).
 */
size_t utf8_decode(const char *s, size_t len, uint32_t *code);

/*
 * A printable copy: control characters, text-direction overrides and bytes that
 * are no UTF-8 become \xNN; tabs become spaces up to the next multiple of 8;
 * line feeds stay only with KEEP_LF. Trailing NULs are dropped. *width (may be
 * NULL) gets the columns of the longest line, one per code point. Owned by the
 * caller; NULL: out of memory.
 */
char *escape_text(const char *s, size_t len, bool keep_lf, size_t *width);

/*
 * Valid UTF-8: bytes that are none, and controls that JSON lets through as they are (0x7f and
 * up), become \xNN. *out_len without the final NUL.
 */
char *escape_json(const char *s, size_t len, size_t *out_len);

#endif
