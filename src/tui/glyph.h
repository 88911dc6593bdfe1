/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Columns of text on a terminal: 0 of a combining character, 2 of a wide one. They
 * are what the C library says under the locale in force (setlocale() is the
 * program's to call), since curses asks the same; in a locale without Unicode every
 * character is shown as one sign.
 */
#ifndef KD_TUI_GLYPH_H
#define KD_TUI_GLYPH_H

#include "core/base.h"

/* One character of S (LEN > 0 bytes): its bytes; *columns: 0 to 2. */
size_t glyph_next(const char *s, size_t len, unsigned *columns);

/* Columns of LEN bytes. */
size_t glyph_columns(const char *s, size_t len);

/*
 * Bytes of S that fit into COLUMNS, with the combining characters that follow. *used:
 * the columns they take: one less than asked where a wide character does not fit.
 */
size_t glyph_fit(const char *s, size_t len, size_t columns, size_t *used);

#endif
