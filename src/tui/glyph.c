// SPDX-License-Identifier: GPL-3.0-or-later
/* Columns of text: see glyph.h. */
#include "tui/glyph.h"

#include <wchar.h>

#include "ui/escape.h"

size_t glyph_next(const char *s, size_t len, unsigned *columns)
{
	uint32_t code = 0;
	size_t n = utf8_decode(s, len, &code);
	int width;

	*columns = 1;
	if (n <= 1)
		return 1;
	width = wcwidth((wchar_t)code);
	if (width >= 0)
		*columns = width > 2 ? 2 : (unsigned)width;
	return n;
}

size_t glyph_columns(const char *s, size_t len)
{
	size_t columns = 0;

	for (size_t i = 0; i < len;) {
		unsigned w;

		i += glyph_next(s + i, len - i, &w);
		columns += w;
	}
	return columns;
}

size_t glyph_fit(const char *s, size_t len, size_t columns, size_t *used)
{
	size_t at = 0;

	*used = 0;
	while (at < len) {
		unsigned w;
		size_t n = glyph_next(s + at, len - at, &w);

		if (*used + w > columns)
			break;
		*used += w;
		at += n;
	}
	return at;
}
