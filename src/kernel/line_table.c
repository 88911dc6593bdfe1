// SPDX-License-Identifier: GPL-3.0-or-later
/* Line tables: see line_table.h. */
#include "kernel/line_table.h"

#include <dwarf.h>
#include <string.h>

/* Bounded reading -------------------------------------------------------------------- */

struct reader {
	const uint8_t *at, *end;
	bool bad;
};

static uint64_t get_uint(struct reader *r, size_t size)
{
	uint64_t v = 0;

	if ((size_t)(r->end - r->at) < size) {
		r->bad = true;
		r->at = r->end;
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		v |= (uint64_t)r->at[i] << 8 * i;
	r->at += size;
	return v;
}

static uint64_t get_long_leb(struct reader *r, bool is_signed)
{
	uint64_t v = 0;
	unsigned shift = 0;
	uint8_t b;

	do {
		b = (uint8_t)get_uint(r, 1);
		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		shift += 7;
	} while (b & 0x80);
	if (is_signed && shift < 64 && (b & 0x40))
		v |= ~UINT64_C(0) << shift;
	return v;
}

static inline uint64_t get_leb(struct reader *r, bool is_signed)
{
	/* Nearly all are one byte long. */
	if (r->at < r->end && *r->at < 0x40)
		return *r->at++;
	return get_long_leb(r, is_signed);
}

static void skip(struct reader *r, uint64_t len)
{
	if ((uint64_t)(r->end - r->at) < len) {
		r->bad = true;
		r->at = r->end;
	} else {
		r->at += len;
	}
}

/* A string that ends within the section; NULL: none such. */
static const char *get_string(struct reader *r)
{
	const uint8_t *nul = memchr(r->at, '\0', (size_t)(r->end - r->at));
	const char *s = (const char *)r->at;

	if (!nul) {
		r->bad = true;
		r->at = r->end;
		return NULL;
	}
	r->at = nul + 1;
	return s;
}

static const char *string_at(const uint8_t *section, size_t size, uint64_t offset)
{
	struct reader r;

	if (!section || offset >= size)
		return NULL;
	r = (struct reader){ .at = section, .end = section + size };
	skip(&r, offset);
	return get_string(&r);
}

/* The header ---------------------------------------------------------------------------- */

struct header {
	const struct line_data *d;
	unsigned version, offset_size;
	uint8_t min_length, line_range, opcode_base;
	int8_t line_base;
	bool default_is_stmt;
	const uint8_t *lengths; /* of the standard opcodes, from 1 on */
	struct reader tables;	/* folders and files, up to the program */
	struct reader program;
};

static bool header_read(struct header *h, const struct line_data *d, uint64_t offset)
{
	struct reader r;
	uint64_t len;

	*h = (struct header){ .d = d, .offset_size = 4 };
	if (!d->line || offset >= d->line_size)
		return false;
	r = (struct reader){ .at = d->line, .end = d->line + d->line_size };
	skip(&r, offset);
	len = get_uint(&r, 4);
	if (len == UINT32_MAX) {
		len = get_uint(&r, 8);
		h->offset_size = 8;
	}
	if (r.bad || len > (uint64_t)(r.end - r.at))
		return false;
	r.end = r.at + len;
	h->version = (unsigned)get_uint(&r, 2);
	if (h->version < 2 || h->version > 5)
		return false;
	if (h->version == 5)
		skip(&r, 2); /* sizes of addresses and segment selectors */
	len = get_uint(&r, h->offset_size);
	if (r.bad || len > (uint64_t)(r.end - r.at))
		return false;
	h->program = (struct reader){ .at = r.at + len, .end = r.end };
	r.end = r.at + len;
	h->min_length = (uint8_t)get_uint(&r, 1);
	if (h->version >= 4)
		skip(&r, 1); /* operations in an instruction: 1 on all machines known here */
	h->default_is_stmt = get_uint(&r, 1) != 0;
	h->line_base = (int8_t)get_uint(&r, 1);
	h->line_range = (uint8_t)get_uint(&r, 1);
	h->opcode_base = (uint8_t)get_uint(&r, 1);
	h->lengths = r.at;
	skip(&r, h->opcode_base ? h->opcode_base - 1u : 0);
	h->tables = r;
	return !r.bad && h->line_range && h->opcode_base;
}

/* Files ----------------------------------------------------------------------------------- */

struct entry {
	const char *name;
	uint64_t dir;
};

/* One value of a version 5 table: a string, or a number. */
static bool get_form(struct reader *r, const struct header *h, uint64_t form, const char **text,
		     uint64_t *number)
{
	const struct line_data *d = h->d;

	*text = NULL;
	*number = 0;
	switch (form) {
	case DW_FORM_string:
		*text = get_string(r);
		break;
	case DW_FORM_line_strp:
		*text = string_at(d->line_str, d->line_str_size, get_uint(r, h->offset_size));
		break;
	case DW_FORM_strp:
		*text = string_at(d->str, d->str_size, get_uint(r, h->offset_size));
		break;
	case DW_FORM_udata:
		*number = get_leb(r, false);
		break;
	case DW_FORM_data1:
		*number = get_uint(r, 1);
		break;
	case DW_FORM_data2:
		*number = get_uint(r, 2);
		break;
	case DW_FORM_data4:
		*number = get_uint(r, 4);
		break;
	case DW_FORM_data8:
		*number = get_uint(r, 8);
		break;
	case DW_FORM_data16: /* MD5 */
		skip(r, 16);
		break;
	case DW_FORM_block:
		skip(r, get_leb(r, false));
		break;
	default:
		return false;
	}
	return !r->bad;
}

#define FORMATS_MAX 8

/* Entry WANTED of a version 5 table of folders or files; R moves behind the table. */
static bool table_entry(struct reader *r, const struct header *h, uint64_t wanted,
			struct entry *out)
{
	struct {
		uint64_t content, form;
	} formats[FORMATS_MAX];
	uint64_t nformats = get_uint(r, 1), n;

	*out = (struct entry){ 0 };
	if (nformats > FORMATS_MAX)
		return false;
	for (uint64_t i = 0; i < nformats; i++) {
		formats[i].content = get_leb(r, false);
		formats[i].form = get_leb(r, false);
	}
	n = get_leb(r, false);
	/* Each takes a byte at least, so that the section's end bounds the loop. */
	for (uint64_t e = 0; e < n && nformats && r->at < r->end; e++) {
		for (uint64_t i = 0; i < nformats; i++) {
			const char *text;
			uint64_t number;

			if (!get_form(r, h, formats[i].form, &text, &number))
				return false;
			if (e == wanted && formats[i].content == DW_LNCT_path)
				out->name = text;
			else if (e == wanted && formats[i].content == DW_LNCT_directory_index)
				out->dir = number;
		}
	}
	return !r->bad;
}

/* Before version 5: strings up to an empty one; WANTED counts from 1. */
static const char *old_dir(struct reader *r, uint64_t wanted)
{
	const char *found = NULL, *s;

	for (uint64_t i = 1; (s = get_string(r)) && *s; i++)
		if (i == wanted)
			found = s;
	return found;
}

static bool old_file(struct reader *r, uint64_t wanted, struct entry *out)
{
	const char *s;

	for (uint64_t i = 1; (s = get_string(r)) && *s; i++) {
		uint64_t dir = get_leb(r, false);

		get_leb(r, false); /* time */
		get_leb(r, false); /* size */
		if (i == wanted) {
			*out = (struct entry){ .name = s, .dir = dir };
			return !r->bad;
		}
	}
	return false;
}

/* A file's name and its folder's; folder NULL: the one the compiler ran in. */
static bool find_file(const struct header *h, uint64_t file, struct entry *out, const char **dir)
{
	struct reader dirs = h->tables, files = h->tables;
	struct entry e;

	*out = (struct entry){ 0 };
	*dir = NULL;
	if (h->version < 5) {
		old_dir(&files, 0);
		if (!old_file(&files, file, out))
			return !files.bad;
		*dir = out->dir ? old_dir(&dirs, out->dir) : NULL;
		return true;
	}
	if (!table_entry(&files, h, UINT64_MAX, &e) || !table_entry(&files, h, file, out) ||
	    !table_entry(&dirs, h, out->dir, &e))
		return false;
	*dir = e.name;
	return true;
}

int line_table_file(const struct line_data *d, uint64_t offset, uint64_t file, char *buf,
		    size_t size, struct kd_err *err)
{
	struct entry e = { 0 };
	struct header h;
	const char *dir;
	int n;

	if (!header_read(&h, d, offset) || !find_file(&h, file, &e, &dir))
		return kd_fail(err, KD_CORRUPT, "a line table makes no sense");
	if (!e.name)
		return kd_fail(err, KD_NOTFOUND, "a line table has no such file");
	n = e.name[0] == '/' || !dir || !*dir ? snprintf(buf, size, "%s", e.name)
					      : snprintf(buf, size, "%s/%s", dir, e.name);
	if (n < 0 || (size_t)n >= size)
		return kd_fail(err, KD_UNSUPPORTED, "the name of a source file is too long");
	return 0;
}

/* The program ----------------------------------------------------------------------------- */

struct row {
	uint64_t address, file;
	uint64_t line;
	bool is_stmt;
};

struct run {
	const struct header *h;
	struct row row;	      /* the state machine's registers */
	vaddr_t pc;	      /* what is looked for */
	struct row last;      /* the row that counts of those so far in this sequence */
	bool has_last;
	bool stmt_at_address; /* one of those at last.address is a statement's */
	bool found;
};

static void row_reset(struct run *x)
{
	x->row = (struct row){ .file = 1, .line = 1, .is_stmt = x->h->default_is_stmt };
	x->has_last = false;
	x->stmt_at_address = false;
}

/*
 * A row for an address that has one already: what is not a statement does not
 * replace what is, and in another file not even counts.
 */
static bool replaces(const struct run *x)
{
	const struct row *new = &x->row, *old = &x->last;

	if (new->is_stmt)
		return true;
	return new->file == old->file ? !old->is_stmt : !x->stmt_at_address;
}

/* Emit the row: is what was looked for between the last one and it? */
static inline void emit(struct run *x, bool end)
{
	bool moved = !x->has_last || x->row.address != x->last.address;

	if (x->row.address > x->pc) {
		x->found = x->has_last && x->last.address <= x->pc;
		/* Behind what was looked for, rows need no attention up to the sequence's end. */
		return;
	}
	/* No line: gdb lets the one before go on. */
	if (end || !x->row.line)
		return;
	if (moved)
		x->stmt_at_address = false;
	if (moved || replaces(x))
		x->last = x->row;
	x->stmt_at_address |= x->row.is_stmt;
	x->has_last = true;
}

static void run_extended(struct run *x, struct reader *r)
{
	uint64_t len = get_leb(r, false);
	struct reader body = *r;
	uint64_t op;

	skip(r, len);
	if (r->bad || !len)
		return;
	body.end = r->at;
	op = get_uint(&body, 1);
	if (op == DW_LNE_end_sequence) {
		emit(x, true);
		if (!x->found)
			row_reset(x);
	} else if (op == DW_LNE_set_address && len - 1 <= 8) {
		x->row.address = get_uint(&body, len - 1);
	}
	/* Other operations define files, which no compiler does, and discriminators. */
}

static void run_standard(struct run *x, struct reader *r, uint8_t op)
{
	const struct header *h = x->h;

	switch (op) {
	case DW_LNS_copy:
		emit(x, false);
		return;
	case DW_LNS_advance_pc:
		x->row.address += get_leb(r, false) * h->min_length;
		return;
	case DW_LNS_advance_line:
		x->row.line += get_leb(r, true);
		return;
	case DW_LNS_set_file:
		x->row.file = get_leb(r, false);
		return;
	case DW_LNS_negate_stmt:
		x->row.is_stmt = !x->row.is_stmt;
		return;
	case DW_LNS_const_add_pc:
		x->row.address +=
			(uint64_t)((255 - h->opcode_base) / h->line_range) * h->min_length;
		return;
	case DW_LNS_fixed_advance_pc:
		x->row.address += get_uint(r, 2);
		return;
	default:
		/* The header says how many operands an unknown one has. */
		for (unsigned i = 0; i < h->lengths[op - 1]; i++)
			get_leb(r, false);
	}
}

static void run(struct run *x)
{
	const struct header *h = x->h;
	struct reader r = h->program;

	row_reset(x);
	while (!x->found && !r.bad && r.at < r.end) {
		uint8_t op = *r.at++;

		if (op >= h->opcode_base) {
			unsigned n = op - h->opcode_base;

			x->row.address += (uint64_t)(n / h->line_range) * h->min_length;
			x->row.line += (uint64_t)(int64_t)(h->line_base + (int)(n % h->line_range));
			emit(x, false);
		} else if (op) {
			run_standard(x, &r, op);
		} else {
			run_extended(x, &r);
		}
	}
}

int line_table_find(const struct line_data *d, uint64_t offset, vaddr_t pc, struct line_place *out,
		    struct kd_err *err)
{
	struct header h;
	struct run x = { .h = &h, .pc = pc };

	if (!header_read(&h, d, offset))
		return kd_fail(err, KD_CORRUPT, "a line table makes no sense");
	run(&x);
	if (!x.found || x.last.line > UINT32_MAX)
		return kd_fail(err, KD_NOTFOUND, "no line for this code");
	*out = (struct line_place){ .file = x.last.file, .line = (unsigned)x.last.line };
	return 0;
}
