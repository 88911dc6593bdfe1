// SPDX-License-Identifier: GPL-3.0-or-later
/* ORC tables: see orc.h. */
#include "x86_64/orc.h"
#include "x86_64/orc_priv.h"

#include <string.h>

#define PIECE 4096u	       /* bytes read at once: what is missing costs no more */
#define ENTRIES_MAX (1u << 24) /* Debian's kernels have 2^18.5 */

/* Layouts ---------------------------------------------------------------------- */

struct orc_format {
	uint8_t regs[16];    /* register number -> enum orc_reg */
	uint8_t type_mask;   /* bits of the flag byte */
	uint8_t types[8];    /* type -> enum orc_type */
	uint8_t signal_mask; /* 0: REGS types are the signal frames */
	uint8_t end_mask;    /* 0: the end of the stack is a type */
	uint8_t spare_mask;  /* always 0 */
	uint8_t hash[20];    /* ORC_HASH of include/asm/orc_header.h; zeros: kernel has none */
};

/* AX is "objtool: Support Clang RAX DRAP sequence" as backported; unused before. */
#define REGS_2017                                                                                  \
	{                                                                                          \
		ORC_REG_NONE, ORC_REG_PREV_SP, ORC_REG_DX, ORC_REG_DI, ORC_REG_BP, ORC_REG_SP,     \
			ORC_REG_R10, ORC_REG_R13, ORC_REG_BP_INDIRECT, ORC_REG_SP_INDIRECT,        \
			ORC_REG_AX, ORC_REG_BAD, ORC_REG_BAD, ORC_REG_BAD, ORC_REG_BAD,            \
			ORC_REG_BAD                                                                \
	}
/* 1735858caa4b ("objtool/x86: Reorder ORC register numbering") */
#define REGS_2026                                                                                  \
	{                                                                                          \
		ORC_REG_NONE, ORC_REG_AX, ORC_REG_DX, ORC_REG_SP, ORC_REG_BP, ORC_REG_DI,          \
			ORC_REG_R10, ORC_REG_R13, ORC_REG_PREV_SP, ORC_REG_SP_INDIRECT,            \
			ORC_REG_BP_INDIRECT, ORC_REG_BAD, ORC_REG_BAD, ORC_REG_BAD, ORC_REG_BAD,   \
			ORC_REG_BAD                                                                \
	}
#define TYPES_2017                                                                                 \
	{                                                                                          \
		ORC_CALL, ORC_REGS, ORC_REGS_PARTIAL, ORC_UNKNOWN                                  \
	}
#define TYPES_2023                                                                                 \
	{                                                                                          \
		ORC_UNKNOWN, ORC_END, ORC_CALL, ORC_REGS, ORC_REGS_PARTIAL                         \
	}

static const struct orc_format formats[] = {
	{
		/* v4.14; bit 2 since "x86/unwind/orc: Detect the end of the stack" */
		.regs = REGS_2017,
		.type_mask = 0x03,
		.types = TYPES_2017,
		.end_mask = 0x04,
		.spare_mask = 0xf8,
	},
	{
		/* ffb1b4a41016 ("x86/unwind/orc: Add 'signal' field to ORC metadata") */
		.regs = REGS_2017,
		.type_mask = 0x03,
		.types = TYPES_2017,
		.signal_mask = 0x04,
		.end_mask = 0x08,
		.spare_mask = 0xf0,
	},
	{
		/* fb799447ae29 ("x86,objtool: Split UNWIND_HINT_EMPTY in two") */
		.regs = REGS_2017,
		.type_mask = 0x07,
		.types = TYPES_2023,
		.signal_mask = 0x08,
		.spare_mask = 0xf0,
		.hash = { 0xfe, 0x5d, 0x32, 0xbf, 0x58, 0x1b, 0xd6, 0x3b, 0x2c, 0xa9,
			  0xa5, 0xc6, 0x5b, 0xa5, 0xa6, 0x25, 0xea, 0xb3, 0xfe, 0x24 },
	},
	{
		.regs = REGS_2026,
		.type_mask = 0x07,
		.types = TYPES_2023,
		.signal_mask = 0x08,
		.spare_mask = 0xf0,
		.hash = { 0x13, 0x7c, 0x36, 0xad, 0x76, 0x27, 0xc4, 0xdd, 0x55, 0x93,
			  0x21, 0x76, 0xbb, 0x0e, 0xcd, 0xbd, 0x50, 0x41, 0xfc, 0x82 },
	},
};

/*
 * b9f174c811e3 ("x86/unwind/orc: Add ELF section with ORC version identifier"). *has: there
 * is one, though it may be none that is known here.
 */
static const struct orc_format *format_by_hash(const struct code_view *code, bool *has)
{
	static const uint8_t none[20];
	uint8_t hash[20];
	vaddr_t at, end;
	uint64_t size;

	*has = code->symbol(code->data, "__start_orc_header", &at, &size);
	if (!*has || !code->symbol(code->data, "__stop_orc_header", &end, &size) ||
	    end - at != sizeof(hash) || code->read(code->data, at, hash, sizeof(hash), NULL))
		return NULL;
	for (size_t i = 0; i < KD_ARRAY_SIZE(formats); i++)
		if (!memcmp(formats[i].hash, hash, sizeof(hash)) &&
		    memcmp(hash, none, sizeof(hash)))
			return &formats[i];
	return NULL;
}

/* How often each value of the two bytes of bit fields occurs, and some pairs. */
struct census {
	size_t sp_regs[16];
	size_t flags[256];
	size_t bit2_with_sp; /* flag bit 2 is set in an entry that has a stack pointer rule */
	size_t n;
};

static void take_census(const struct orc_table *t, struct census *c)
{
	for (size_t i = 0; i < t->n; i++) {
		const uint8_t *e = t->entries + i * ORC_ENTRY_SIZE;

		c->sp_regs[e[4] & 15]++;
		c->flags[e[5]]++;
		c->bit2_with_sp += (e[5] & 4) && (e[4] & 15);
	}
	c->n = t->n;
}

/*
 * Most code, by far, was called and keeps its frame by rsp; nothing has a register
 * or a bit that its layout does not know. Where types have three bits, "called" is
 * 2 of them, so bit 2 alone is never the commonest; where they have two, bit 2 is
 * either "end", and then without a rule for the stack pointer, or "signal".
 */
static bool format_fits(const struct orc_format *f, const struct census *c, size_t *misfits)
{
	size_t by_sp = 0, called = 0, ends_with_sp = c->bit2_with_sp;

	*misfits = 0;
	for (unsigned r = 0; r < 16; r++) {
		if (f->regs[r] == ORC_REG_BAD)
			*misfits += c->sp_regs[r];
		if (f->regs[r] == ORC_REG_SP)
			by_sp = c->sp_regs[r];
	}
	for (unsigned b = 0; b < 256; b++) {
		if (b & f->spare_mask)
			*misfits += c->flags[b];
		if (f->types[b & f->type_mask] == ORC_CALL)
			called += c->flags[b];
	}
	if (f->end_mask == 4)
		*misfits += ends_with_sp;
	return by_sp > c->n / 2 && called > c->n / 2;
}

/* Of types that are known the struct must have what the layout has; else nothing is said. */
static bool format_is_declared(const struct orc_format *f, const struct code_view *code)
{
	static const char anchor[] = "unwind_next_frame|unwind_init";
	uint64_t at;

	if (!code->member || !code->member(code->data, anchor, "orc_entry", "sp_offset", &at))
		return true;
	return code->member(code->data, anchor, "orc_entry", "signal", &at) == !!f->signal_mask &&
	       code->member(code->data, anchor, "orc_entry", "end", &at) == !!f->end_mask;
}

/*
 * Entries that no layout knows are damage, unless the layout is a NEW one. As long as they
 * are few, the layout is the one that knows most of the others.
 */
static const struct orc_format *format_by_census(struct orc_table *t, const struct code_view *code,
						 bool new)
{
	const struct orc_format *best = NULL;
	size_t misfits, least = new ? 1 : t->n / 8 + 1;
	struct census c = { .n = 0 };

	take_census(t, &c);
	for (size_t i = 0; i < KD_ARRAY_SIZE(formats); i++) {
		if (!format_fits(&formats[i], &c, &misfits) || misfits >= least ||
		    (misfits && !format_is_declared(&formats[i], code)))
			continue;
		best = &formats[i];
		least = misfits;
	}
	return best;
}

/* Entries that the layout does not know; they are ORC_UNKNOWN. */
static size_t count_strange(const struct orc_table *t)
{
	const struct orc_format *f = t->format;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const uint8_t *e = t->entries + i * ORC_ENTRY_SIZE;

		n += f->regs[e[4] & 15] == ORC_REG_BAD || e[5] & f->spare_mask;
	}
	return n;
}

/* Entries ---------------------------------------------------------------------- */

vaddr_t orc_ip(const struct orc_table *t, size_t i)
{
	return t->ip_base + 4 * i + (uint64_t)(int64_t)t->ips[i];
}

static int16_t get_s16(const uint8_t *p)
{
	return (int16_t)(p[0] | p[1] << 8);
}

struct orc_entry orc_at(const struct orc_table *t, size_t i)
{
	const struct orc_format *f = t->format;
	const uint8_t *p = t->entries + i * ORC_ENTRY_SIZE;
	struct orc_entry e = {
		.sp_offset = get_s16(p),
		.bp_offset = get_s16(p + 2),
		.sp_reg = f->regs[p[4] & 15],
		.bp_reg = f->regs[p[4] >> 4],
		.type = f->types[p[5] & f->type_mask],
	};

	if (e.sp_reg == ORC_REG_BAD || p[5] & f->spare_mask)
		e.type = ORC_UNKNOWN;
	else if (f->end_mask && (p[5] & f->end_mask))
		e.type = ORC_END;
	else if (f->end_mask && e.sp_reg == ORC_REG_NONE)
		e.type = ORC_UNKNOWN;
	e.signal = f->signal_mask ? (p[5] & f->signal_mask) != 0
				  : e.type == ORC_REGS || e.type == ORC_REGS_PARTIAL;
	return e;
}

bool orc_find(const struct orc_table *t, vaddr_t pc, struct orc_entry *out)
{
	size_t low = 0, high = t->n;

	/* The last of several at one address counts: the others end a section there. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (orc_ip(t, mid) <= pc)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0 || low == t->n)
		return false;
	*out = orc_at(t, low - 1);
	return true;
}

/* Tables ----------------------------------------------------------------------- */

/* What is missing stays zero, which describes nothing, and is told. How many bytes are there. */
static size_t read_pieces(const struct code_view *code, vaddr_t from, void *to, size_t len,
			  struct kd_err *lost)
{
	size_t there = 0;

	for (size_t done = 0, n; done < len; done += n) {
		n = (size_t)kd_min(len - done, PIECE - ((from + done) & (PIECE - 1)));
		if (!code->read(code->data, from + done, (uint8_t *)to + done, n,
				lost->status ? NULL : lost))
			there += n;
		else
			memset((uint8_t *)to + done, 0, n);
	}
	return there;
}

static int read_table(struct orc_table *t, const struct code_view *code, vaddr_t ip, vaddr_t orc,
		      uint64_t n, struct kd_err *err)
{
	struct kd_err lost = KD_ERR_INIT;
	int rc;

	*t = (struct orc_table){ .ip_base = ip };
	if (n == 0 || n > ENTRIES_MAX)
		return kd_fail(err, KD_CORRUPT, "ORC tables of %llu entries",
			       (unsigned long long)n);
	t->n = (size_t)n;
	/* all of them are filled, if only with zeros */
	t->ips = reallocarray(NULL, t->n, sizeof(*t->ips));
	t->entries = reallocarray(NULL, t->n, ORC_ENTRY_SIZE);
	if (!t->ips || !t->entries)
		return kd_nomem(err);
	if (!read_pieces(code, ip, t->ips, t->n * sizeof(*t->ips), &lost) ||
	    !read_pieces(code, orc, t->entries, t->n * ORC_ENTRY_SIZE, &lost))
		return kd_fail(err, lost.status, "ORC tables: %s", lost.text);
	rc = orc_table_mend(t, err);
	/* why they are damaged is more than that they are */
	if (lost.status && rc != KD_NOMEM)
		kd_fail(err, lost.status, "ORC tables: %s", lost.text);
	return rc;
}

/* Say what is damaged of a table that is of use all the same. */
static void tell_damage(const struct orc_table *t, const char *name, struct kd_err *err)
{
	size_t n = t->damaged + count_strange(t);

	if (n && err && !err->status)
		kd_fail(err, KD_CORRUPT, "ORC tables%s%s: %zu of %zu entries make no sense",
			name ? " of module " : "", name ? name : "", n, t->n);
}

/* KD_NOTFOUND, or the extent of the kernel's tables. */
static int find_kernel_tables(const struct code_view *code, vaddr_t *ip, vaddr_t *orc, uint64_t *n,
			      struct kd_err *err)
{
	vaddr_t end;
	uint64_t size;

	if (!code->symbol(code->data, "__start_orc_unwind_ip", ip, &size) ||
	    !code->symbol(code->data, "__stop_orc_unwind_ip", &end, &size) ||
	    !code->symbol(code->data, "__start_orc_unwind", orc, &size))
		return kd_fail(err, KD_NOTFOUND, "this kernel has no ORC tables");
	*n = end > *ip ? (end - *ip) / 4 : 0;
	return 0;
}

int orc_table_open_kernel(struct orc_table *t, const struct code_view *code, struct kd_err *err)
{
	vaddr_t ip = 0, orc = 0;
	bool has_hash = false;
	uint64_t n = 0;
	int rc = find_kernel_tables(code, &ip, &orc, &n, err);

	*t = (struct orc_table){ .n = 0 };
	if (!rc)
		rc = read_table(t, code, ip, orc, n, err);
	if (!rc) {
		t->format = format_by_hash(code, &has_hash);
		if (!t->format)
			t->format = format_by_census(t, code, has_hash);
		if (!t->format)
			rc = kd_fail(err, KD_UNSUPPORTED,
				     "ORC tables: entries of a layout not known here");
	}
	if (rc)
		orc_table_fini(t);
	else
		tell_damage(t, NULL, err);
	return rc;
}

int orc_table_open_module(struct orc_table *t, const struct code_view *code,
			  const struct code_image *module, const struct orc_format *format,
			  struct kd_err *err)
{
	int rc = read_table(t, code, module->orc_ip, module->orc, module->num_orcs, err);

	t->format = format;
	if (rc)
		kd_context(err, rc, "module %s", module->name ? module->name : "?");
	if (rc)
		orc_table_fini(t);
	else
		tell_damage(t, module->name, err);
	return rc;
}

void orc_table_fini(struct orc_table *t)
{
	free(t->ips);
	free(t->entries);
	*t = (struct orc_table){ .n = 0 };
}
