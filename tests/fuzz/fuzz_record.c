// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fuzz target: each line of the input as an MI record, and everything that may be
 * asked of it; the same bytes in odd pieces through the line buffer.
 *
 *	clang -std=gnu17 -D_GNU_SOURCE -Isrc -g -O1 -fsanitize=fuzzer,address,undefined \
 *		tests/fuzz/fuzz_record.c src/mi/{record,value,linebuf}.c src/core/err.c
 *	./a.out -max_len=4096 NEW_CORPUS tests/fuzz/corpus/record
 */
#include <string.h>

#include "mi/linebuf.h"
#include "mi/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

static void walk(const struct mi_value *v, unsigned depth)
{
	uint64_t number;

	check(depth <= 65);
	for (; v; v = v->next) {
		if (v->kind == MI_CONST) {
			check(v->text && !v->first && v->text[v->len] == 0);
		} else {
			check(!v->text);
		}
		if (v->name) {
			check(v->name[0] && !strpbrk(v->name, "=,\"{}[]"));
			mi_get(v, v->name);
			mi_number(v, v->name, &number);
		}
		walk(v->first, depth + 1);
	}
}

static void quote_and_back(const char *text)
{
	_cleanup_(freep) char *quoted = mi_quote(text);
	_cleanup_(freep) char *line = NULL;
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;

	check(quoted && !strchr(quoted, '\n'));
	if (asprintf(&line, "~%s", quoted) < 0)
		abort();
	check(mi_record_parse(line, strlen(line), &r, NULL) == 0);
	check(r->kind == MI_CONSOLE && r->len == strlen(text) && !strcmp(r->text, text));
}

static void one_line(const char *line, size_t len)
{
	_cleanup_(mi_record_freep) struct mi_record *r = NULL;

	check(mi_record_parse(line, len, &r, NULL) == 0);
	check(!!r->class_ == (r->kind < MI_CONSOLE));
	check(!!r->text == (r->kind != MI_PROMPT && r->kind >= MI_CONSOLE));
	walk(r->results.first, 1);
	mi_get(&r->results, "a.b.c");
	mi_text(&r->results, "msg");
	if (!r->text)
		return;
	check(r->text[r->len] == 0);
	quote_and_back(r->text);
	if (r->kind == MI_RAW)
		check(r->len <= len && !memcmp(r->text, line, r->len));
}

/* No byte is lost or made up, whatever the pieces. */
static void in_pieces(const uint8_t *data, size_t size)
{
	struct mi_linebuf b = MI_LINEBUF_INIT(size ? data[0] + 1u : 1);
	struct mi_line line;
	uint64_t seen = 0;
	size_t step = size ? data[size - 1] % 61 + 1u : 1;

	for (size_t off = 0; off < size;) {
		size_t room, n;
		char *to;

		check(mi_linebuf_room(&b, &to, &room, NULL) == 0 && room);
		n = kd_min(kd_min(room, step), size - off);
		memcpy(to, data + off, n);
		mi_linebuf_added(&b, n);
		off += n;
		while (mi_linebuf_next(&b, &line)) {
			check(line.len <= b.limit && !memchr(line.text, '\n', line.len));
			seen += line.len + line.cut + 1;
		}
	}
	if (mi_linebuf_rest(&b, &line))
		seen += line.len + line.cut;
	check(seen == size);
	mi_linebuf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size;

	in_pieces(data, size);
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t len = newline ? (size_t)(newline - p) : (size_t)(end - p);

		one_line(p, len);
		p += len + (newline ? 1 : 0);
	}
	return 0;
}
