// SPDX-License-Identifier: GPL-3.0-or-later
/* Escaping: see escape.h. */
#include "ui/escape.h"

#include <string.h>

size_t utf8_decode(const char *s, size_t len, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *p = (const uint8_t *)s;
	size_t n;
	uint32_t c;

	if (!len)
		return 0;
	if (p[0] < 0x80) {
		*code = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] < 0xe0)
		n = 2;
	else if (p[0] >= 0xe0 && p[0] < 0xf0)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] < 0xf5)
		n = 4;
	else
		return 0;
	if (n > len)
		return 0;
	c = p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*code = c;
	return n;
}

/* Characters that move the cursor, start escape sequences or turn text around. */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static size_t put_hex(char *out, uint8_t byte)
{
	static const char digits[] = "0123456789abcdef";

	out[0] = '\\';
	out[1] = 'x';
	out[2] = digits[byte >> 4];
	out[3] = digits[byte & 15];
	return 4;
}

char *escape_text(const char *s, size_t len, bool keep_lf, size_t *width)
{
	size_t cap, o = 0, column = 0, widest = 0;
	char *out;

	while (len && !s[len - 1])
		len--;
	/* A byte becomes at most 8 (a tab); the caller may turn an empty text into one mark. */
	if (kd_mul_overflow(len, (size_t)8, &cap) || kd_add_overflow(cap, (size_t)2, &cap))
		return NULL;
	out = malloc(cap);
	if (!out)
		return NULL;
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = utf8_decode(s + i, len - i, &c);

		if (n && c == '\n' && keep_lf) {
			out[o++] = '\n';
			column = 0;
		} else if (n && c == '\t') {
			do {
				out[o++] = ' ';
				column++;
			} while (column % 8);
		} else if (n && !is_control(c)) {
			memcpy(out + o, s + i, n);
			o += n;
			column++;
		} else {
			n = n ? n : 1;
			for (size_t j = 0; j < n; j++)
				o += put_hex(out + o, (uint8_t)s[i + j]);
			column += 4 * n;
		}
		i += n;
		if (column > widest)
			widest = column;
	}
	out[o] = '\0';
	if (width)
		*width = widest;
	return out;
}

char *escape_json(const char *s, size_t len, size_t *out_len)
{
	size_t cap, o = 0;
	char *out;

	if (kd_mul_overflow(len, (size_t)4, &cap) || cap == SIZE_MAX)
		return NULL;
	out = malloc(cap + 1);
	if (!out)
		return NULL;
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = utf8_decode(s + i, len - i, &c);

		/* The writer of JSON escapes what is below 0x20, and nothing else. */
		if (n && (c < 0x20 || !is_control(c))) {
			memcpy(out + o, s + i, n);
			o += n;
		} else {
			n = n ? n : 1;
			for (size_t j = 0; j < n; j++)
				o += put_hex(out + o, (uint8_t)s[i + j]);
		}
		i += n;
	}
	out[o] = '\0';
	*out_len = o;
	return out;
}
