// SPDX-License-Identifier: GPL-3.0-or-later
/* mem: memory, virtual or physical. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "ui/commands.h"
#include "ui/links.h"
#include "ui/parts.h"
#include "ui/select.h"

#define MEM_MAX (16u << 20) /* bytes of one answer */
#define MEM_DEFAULT 128
#define LINE_BYTES 16

struct mem {
	struct session *s;
	struct doc *d;
	bool physical, symbols;
	unsigned unit; /* bytes */
	uint64_t addr, len;
	uint64_t good; /* bytes shown */
	int status;    /* how the first missing byte is missing */
};

static const struct doc_column columns[] = {
	{ .key = "address", .after = ": " },
	{ .key = "bytes", .flags = DOC_ONLY_JSON },
	{ .key = "text", .flags = DOC_ONLY_TEXT },
	{ .key = "meaning", .before = "  " },
	{ .key = "missing" },
	{ .key = "length", .flags = DOC_ONLY_JSON },
};

/* How bytes are missing, in words. */
static const char *missing_words(int status)
{
	switch (status) {
	case KD_NODATA:
		return "not in the dump: excluded by the filter";
	case KD_LOST:
		return "not in the dump: lost, the dump is incomplete";
	case KD_CORRUPT:
		return "corrupt in the dump";
	case KD_ABSENT:
		return "no such memory in this machine";
	case KD_UNMAPPED:
		return "not mapped";
	default:
		return kd_status_name(status);
	}
}

static struct doc_cell addr_cell(const struct mem *m, uint64_t addr)
{
	/* A 32-bit machine's physical addresses have up to 36 bits. */
	if (m->physical)
		return (struct doc_cell){ .type = DOC_ADDR, .num = addr, .digits = 10 };
	return doc_addr(m->s->k->arch, addr);
}

static void put_missing(struct mem *m, uint64_t addr, uint64_t len, int status)
{
	doc_put(m->d, addr_cell(m, addr));
	doc_put(m->d, doc_none(NULL));
	doc_put(m->d, doc_str(""));
	doc_put(m->d, doc_none(NULL));
	doc_put(m->d, doc_styled(doc_fmt("-- %s (%" PRIu64 " byte%s)", missing_words(status), len,
					 len == 1 ? "" : "s"),
				 DOC_WARN));
	doc_put(m->d, doc_uint(len));
}

static uint64_t unit_value(const uint8_t *p, unsigned unit)
{
	uint64_t v = 0;

	memcpy(&v, p, unit);
	return v;
}

/* "0000000000004000 0000000000000000 |.@......|" of at most one line. */
static struct doc_cell line_text(const struct mem *m, const uint8_t *p, size_t n, size_t line)
{
	char text[128], *t = text;

	for (size_t i = 0; i < line; i += m->unit) {
		int width = (int)(2 * m->unit);

		if (i + m->unit <= n)
			t += snprintf(t, sizeof(text) - (size_t)(t - text), "%s%0*" PRIx64,
				      i ? " " : "", width, unit_value(p + i, m->unit));
		else
			t += snprintf(t, sizeof(text) - (size_t)(t - text), "%s%*s", i ? " " : "",
				      width, "");
	}
	t += snprintf(t, sizeof(text) - (size_t)(t - text), "  |");
	for (size_t i = 0; i < n; i++)
		*t++ = p[i] < 0x7f && isprint(p[i]) ? (char)p[i] : '.';
	*t++ = '|';
	return doc_strn(text, (size_t)(t - text));
}

static void put_line(struct mem *m, uint64_t addr, const uint8_t *p, size_t n, size_t line)
{
	char buf[256] = "";

	doc_put(m->d, doc_linked(addr_cell(m, addr), "%s", ""));
	doc_put(m->d, doc_bytes(p, n));
	doc_put(m->d, line_text(m, p, n, line));
	if (m->symbols)
		value_describe(m->s->k, m->s->task, unit_value(p, m->unit), buf, sizeof(buf));
	doc_put(m->d,
		*buf ? link_address(doc_styled(doc_str(buf), DOC_NAME), unit_value(p, m->unit))
		     : doc_none(NULL));
	doc_put(m->d, doc_none(NULL));
	doc_put(m->d, doc_uint(n));
}

static int read_some(const struct mem *m, uint64_t addr, void *buf, size_t len, size_t *done)
{
	*done = 0;
	return m->physical ? dump_read(m->s->k->dump, addr, buf, len, done, NULL)
			   : space_read(&m->s->k->space, addr, buf, len, done, NULL);
}

/*
 * From a byte that is missing, the length of what is missing in the same way, up
 * to END: looked at page by page, since a page is missing as a whole.
 */
static uint64_t missing_length(const struct mem *m, uint64_t addr, uint64_t end, int status)
{
	uint64_t page = UINT64_C(1) << m->s->k->arch->page_shift;
	uint64_t at = addr;

	while (at < end) {
		uint64_t next = (at | (page - 1)) + 1;
		size_t done;
		uint8_t byte;

		if (next > end || next < at)
			return end - addr;
		at = next;
		if (read_some(m, at, &byte, 1, &done) != status)
			break;
	}
	return at - addr;
}

static void show_memory(struct mem *m)
{
	size_t line = m->symbols ? m->unit : LINE_BYTES;
	uint64_t end = m->addr + m->len, at = m->addr;

	doc_table(m->d, "memory", DOC_LINES, columns, KD_ARRAY_SIZE(columns));
	while (at < end && !doc_status(m->d) && !session_cancelled(NULL)) {
		uint8_t buf[LINE_BYTES];
		size_t want = (size_t)kd_min(line, end - at), done;
		int status = read_some(m, at, buf, want, &done);
		/* Half a unit is none. */
		size_t whole = done - done % m->unit;

		if (whole)
			put_line(m, at, buf, whole, line);
		m->good += whole;
		at += whole;
		if (status) {
			uint64_t gap = missing_length(m, at, end, status);

			if (!m->status)
				m->status = status;
			put_missing(m, at, gap, status);
			at += gap;
		}
	}
}

static int take_length(struct mem *m, const struct args *a, struct kd_err *err)
{
	uint64_t count = MEM_DEFAULT / m->unit, end;

	if (a->nwords > 1 && !parse_number(a->words[1], &count))
		return kd_fail(err, KD_USAGE, "\"%s\" is no number of units", a->words[1]);
	if (!count || count > MEM_MAX / m->unit)
		return kd_fail(err, KD_USAGE, "the count must be between 1 and %u",
			       MEM_MAX / m->unit);
	m->len = count * m->unit;
	if (kd_add_overflow(m->addr, m->len, &end) ||
	    (m->s->k->arch->ptr_size == 4 && !m->physical && end > UINT64_C(1) << 32)) {
		/* The last page of the address space: show what there is of it. */
		m->len = (m->s->k->arch->ptr_size == 4 ? UINT64_C(1) << 32 : 0) - m->addr;
		if (m->s->k->arch->ptr_size == 4 && m->addr >> 32)
			return kd_fail(err, KD_USAGE, "0x%" PRIx64 " has more than 32 bits",
				       m->addr);
		/* The loop's end must not wrap. */
		if (m->s->k->arch->ptr_size == 8)
			m->len -= m->unit;
	}
	return 0;
}

static int take_address(struct mem *m, const struct args *a, struct kd_err *err)
{
	const struct cpu *cpu = NULL;
	int ret = 0;

	if (m->physical) {
		if (!parse_hex(a->words[0], &m->addr))
			ret = kd_fail(err, KD_USAGE, "\"%s\" is no physical address", a->words[0]);
		return ret;
	}
	if (args_has(a, "cpu"))
		ret = cpu_select(m->s->k, args_value(a, "cpu"), &cpu, err);
	return ret ? ret : address_select(m->s, a->words[0], cpu, &m->addr, err);
}

static unsigned take_unit(const struct mem *m, const struct args *a)
{
	if (args_has(a, "bytes"))
		return 1;
	if (args_has(a, "shorts"))
		return 2;
	if (args_has(a, "words"))
		return 4;
	if (args_has(a, "giants"))
		return 8;
	return m->s->k->arch->ptr_size;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct mem m = {
		.s = s,
		.d = d,
		.physical = args_has(a, "physical"),
		.symbols = args_has(a, "symbols"),
	};
	int ret;

	m.unit = m.symbols ? s->k->arch->ptr_size : take_unit(&m, a);
	ret = take_address(&m, a, err);
	if (!ret)
		ret = take_length(&m, a, err);
	if (ret)
		return ret;
	show_memory(&m);
	ret = session_cancelled(err);
	if (!ret && !m.good)
		ret = kd_fail(err, m.status, "%saddress 0x%" PRIx64 ": %s",
			      m.physical ? "physical " : "", m.addr, missing_words(m.status));
	return ret;
}

static const struct opt_def options[] = {
	{ '1', "bytes", NULL, "units of 1 byte" },
	{ '2', "shorts", NULL, "units of 2 bytes" },
	{ '4', "words", NULL, "units of 4 bytes" },
	{ '8', "giants", NULL, "units of 8 bytes" },
	{ 's', "symbols", NULL, "a pointer a line, and what it points to" },
	{ 'c', "cpu", "N", "this CPU's copy of a per-CPU variable" },
	{ 'p', "physical", NULL, "ADDR is a physical address" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "mem init_task", "the first 128 bytes of init_task" },
	{ "mem ffffffff81000000 64 -1", "64 bytes as bytes" },
	{ "mem init_task+0x40 8 -s", "8 pointers, with symbols" },
	{ "mem '&init_task.comm' 16 -1", "an expression, by gdb" },
	{ NULL, NULL },
};

const struct command cmd_mem = {
	.name = "mem",
	.aliases = "rd x",
	.group = "memory and symbols",
	.synopsis = "ADDR|SYMBOL[+OFF]|EXPRESSION [COUNT]",
	.summary = "memory, in hexadecimal and ASCII",
	.help = "COUNT units from an address on; 128 bytes without COUNT, units of the size of\n"
		"a pointer unless said. ADDR is hexadecimal, with or without 0x; what is neither\n"
		"a number nor a symbol is an expression for gdb. Where memory is missing, it is\n"
		"said how: not mapped, left out by the filter, lost, or no memory at all.",
	.options = options,
	.examples = examples,
	.min = 1,
	.max = 2,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_SYMBOLS,
	.run = run,
};
