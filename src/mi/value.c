// SPDX-License-Identifier: GPL-3.0-or-later
/* Looking things up in MI records, and quoting what goes to gdb: see record.h. */
#include "mi/record.h"

#include <string.h>

static const struct mi_value *child(const struct mi_value *v, const char *name, size_t len)
{
	for (v = v->first; v; v = v->next)
		if (v->name && !strncmp(v->name, name, len) && !v->name[len])
			return v;
	return NULL;
}

const struct mi_value *mi_get(const struct mi_value *v, const char *path)
{
	while (v) {
		size_t len = strcspn(path, ".");

		v = child(v, path, len);
		if (!path[len])
			break;
		path += len + 1;
	}
	return v;
}

const char *mi_text(const struct mi_value *v, const char *path)
{
	v = mi_get(v, path);
	return v && v->kind == MI_CONST ? v->text : NULL;
}

static bool digit(char c, unsigned base, unsigned *d)
{
	if (c >= '0' && c <= '9')
		*d = (unsigned)(c - '0');
	else if (base == 16 && c >= 'a' && c <= 'f')
		*d = (unsigned)(c - 'a' + 10);
	else if (base == 16 && c >= 'A' && c <= 'F')
		*d = (unsigned)(c - 'A' + 10);
	else
		return false;
	return true;
}

bool mi_number(const struct mi_value *v, const char *path, uint64_t *value)
{
	unsigned base = 10, d;
	uint64_t n = 0;
	size_t i = 0;

	v = mi_get(v, path);
	if (!v || v->kind != MI_CONST)
		return false;
	if (v->len > 2 && v->text[0] == '0' && v->text[1] == 'x') {
		base = 16;
		i = 2;
	}
	if (i == v->len)
		return false;
	for (; i < v->len; i++)
		if (!digit(v->text[i], base, &d) || kd_mul_overflow(n, base, &n) ||
		    kd_add_overflow(n, d, &n))
			return false;
	*value = n;
	return true;
}

char *mi_quote(const char *text)
{
	size_t len = strlen(text);
	char *quoted, *q;

	/* The worst byte becomes a backslash and three digits. */
	if (kd_mul_overflow(len, (size_t)4, &len) || kd_add_overflow(len, (size_t)3, &len))
		return NULL;
	quoted = q = malloc(len);
	if (!quoted)
		return NULL;
	*q++ = '"';
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\') {
			*q++ = '\\';
			*q++ = (char)c;
		} else if (c < ' ' || c == 0x7f) {
			*q++ = '\\';
			*q++ = (char)('0' + c / 64);
			*q++ = (char)('0' + c / 8 % 8);
			*q++ = (char)('0' + c % 8);
		} else {
			*q++ = (char)c;
		}
	}
	*q++ = '"';
	*q = 0;
	return quoted;
}
