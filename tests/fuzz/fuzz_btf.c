// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fuzz target: the input as BTF out of a dump's memory. Every name in it is asked for, as a
 * member, as a size, as an enumerator, and printed as a definition.
 */
#include <string.h>

#include "kernel/type_print.h"
#include "kernel/type_view.h"
#include "kernel/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NAMES_MAX 24
#define HEADER 24 /* struct btf_header */

static int one_line(void *data, const struct type_line *l)
{
	size_t *sink = data;

	*sink += strlen(l->declared ? l->declared : "") + strlen(l->path ? l->path : "") +
		 strlen(l->name ? l->name : "");
	return 0;
}

static void print(const struct types *t, const char *name)
{
	size_t sink = 0;
	struct type_print p = { .max_depth = 4,
				.max_elements = 4,
				.max_lines = 100,
				.line = one_line,
				.data = &sink };
	struct type_ref r;

	if (!type_find(t, name, &r, NULL))
		type_print_definition(&p, &r);
}

static void ask(const struct types *t, const char *name, const char *other)
{
	struct member m;
	struct type_ref r;
	struct type_member at;
	uint64_t size;
	int64_t value;
	char path[300];

	snprintf(path, sizeof(path), "%s.%s", other, name);
	types_size(t, NULL, name, &size);
	types_enumerator(t, NULL, name, &value);
	if (types_member(t, NULL, name, other, &m) && m.bit_size && m.bit_size > 64)
		abort();
	types_member(t, NULL, name, path, &m);
	if (!type_find(t, name, &r, NULL)) {
		type_member_path(&r, other, &at, NULL);
		type_member_path(&r, path, &at, NULL);
	}
	print(t, name);
}

/* Names as the string section has them, wherever it says that is. */
static size_t find_names(const uint8_t *data, size_t size, const char **names)
{
	uint32_t off, len;
	size_t n = 0;

	memcpy(&off, data + 16, sizeof(off));
	memcpy(&len, data + 20, sizeof(len));
	if (!range_contains(size - HEADER, off, len))
		return 0;
	data += HEADER + off;
	while (len && n < NAMES_MAX) {
		const uint8_t *nul = memchr(data, '\0', len);

		if (!nul)
			break;
		if (nul > data)
			names[n++] = (const char *)data;
		len -= (uint32_t)(nul - data) + 1;
		data = nul + 1;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *names[NAMES_MAX];
	struct types *t;
	size_t n;

	if (size < HEADER || types_open_btf(data, size, 8, "the input", &t, NULL))
		return 0;
	n = find_names(data, size, names);
	for (size_t i = 0; i < n; i++)
		ask(t, names[i], names[(i + 1) % n]);
	types_close(t);
	return 0;
}
