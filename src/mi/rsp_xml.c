// SPDX-License-Identifier: GPL-3.0-or-later
#include "mi/rsp_xml.h"

#include <inttypes.h>
#include <string.h>

#include "mi/rsp_regs.h"

/* Types that gdb defines itself (gdb manual, appendix G.3). */
static const char *const predefined_types[] = {
	"bool",	       "int8",	      "int16",	  "int32",   "int64",	 "int128",   "uint8",
	"uint16",      "uint32",      "uint64",	  "uint128", "code_ptr", "data_ptr", "ieee_half",
	"ieee_single", "ieee_double", "i387_ext", "int",     "long",
};

/* Bits of eflags by number (Intel SDM volume 1, section 3.4.3); NULL: reserved. */
static const char *const eflags_bits[] = {
	"CF", NULL, "PF", NULL, "AF", NULL, "ZF", "SF", "TF",  "IF",  "DF",
	"OF", NULL, NULL, "NT", NULL, "RF", "VM", "AC", "VIF", "VIP", "ID",
};

static void put_escaped(struct rsp_buf *b, char c)
{
	switch (c) {
	case '&':
		rsp_buf_puts(b, "&amp;");
		break;
	case '<':
		rsp_buf_puts(b, "&lt;");
		break;
	case '>':
		rsp_buf_puts(b, "&gt;");
		break;
	case '"':
		rsp_buf_puts(b, "&quot;");
		break;
	case '\'':
		rsp_buf_puts(b, "&apos;");
		break;
	default:
		rsp_buf_putc(b, c);
	}
}

void rsp_xml_text(struct rsp_buf *b, const char *text)
{
	for (; *text; text++)
		put_escaped(b, *text < ' ' || *text > '~' ? '?' : *text);
}

/* Bytes of the UTF-8 character at P: 0 when it is none that XML 1.0 lets pass. */
static size_t utf8_length(const char *p)
{
	uint8_t first = (uint8_t)*p;
	uint32_t c, lowest;
	size_t len;

	if (first < 0x80)
		return first >= 0x20 && first != 0x7f;
	if (first >= 0xc0 && first < 0xe0) {
		len = 2, lowest = 0x80, c = first & 0x1f;
	} else if (first >= 0xe0 && first < 0xf0) {
		len = 3, lowest = 0x800, c = first & 0x0f;
	} else if (first >= 0xf0 && first < 0xf8) {
		len = 4, lowest = 0x10000, c = first & 0x07;
	} else {
		return 0;
	}
	for (size_t i = 1; i < len; i++) {
		if (((uint8_t)p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | ((uint8_t)p[i] & 0x3f);
	}
	if (c < lowest || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || c == 0xfffe ||
	    c == 0xffff)
		return 0;
	return len;
}

/* A file name must arrive as it is or not at all. */
static bool path_fits_xml(const char *path)
{
	while (*path) {
		size_t len = utf8_length(path);

		if (!len)
			return false;
		path += len;
	}
	return true;
}

/* A type gdb knows, even when the architecture's table names another. */
static const char *type_name(const struct arch_reg *reg)
{
	static const char *const by_size[] = {
		[1] = "int8", [2] = "int16", [4] = "int32", [8] = "int64", [16] = "int128",
	};

	if (reg->gdb_type) {
		for (size_t i = 0; i < KD_ARRAY_SIZE(predefined_types); i++)
			if (!strcmp(reg->gdb_type, predefined_types[i]))
				return reg->gdb_type;
		if (!strcmp(reg->gdb_type, "i386_eflags"))
			return reg->gdb_type;
	}
	if (reg->size < KD_ARRAY_SIZE(by_size) && by_size[reg->size])
		return by_size[reg->size];
	return "int";
}

static const char *feature_name(const struct arch_reg *reg)
{
	return reg->feature ? reg->feature : "kdview";
}

static bool same_feature(const struct arch *arch, size_t a, size_t b)
{
	return !strcmp(feature_name(rsp_reg(arch, a)), feature_name(rsp_reg(arch, b)));
}

static void put_eflags_type(struct rsp_buf *b)
{
	rsp_buf_puts(b, "<flags id=\"i386_eflags\" size=\"4\">\n");
	for (size_t i = 0; i < KD_ARRAY_SIZE(eflags_bits); i++)
		if (eflags_bits[i])
			rsp_buf_printf(b, "<field name=\"%s\" start=\"%zu\" end=\"%zu\"/>\n",
				       eflags_bits[i], i, i);
	rsp_buf_puts(b, "</flags>\n");
}

/* The feature that register FIRST begins, with all registers that belong to it. */
static void put_feature(struct rsp_buf *b, const struct arch *arch, size_t first)
{
	size_t n = rsp_reg_count(arch);

	rsp_buf_printf(b, "<feature name=\"%s\">\n", feature_name(rsp_reg(arch, first)));
	for (size_t i = first; i < n; i++) {
		if (same_feature(arch, first, i) &&
		    !strcmp(type_name(rsp_reg(arch, i)), "i386_eflags")) {
			put_eflags_type(b);
			break;
		}
	}
	for (size_t i = first; i < n; i++) {
		const struct arch_reg *reg = rsp_reg(arch, i);

		if (same_feature(arch, first, i))
			rsp_buf_printf(b,
				       "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" "
				       "regnum=\"%zu\"/>\n",
				       reg->name, reg->size * 8U, type_name(reg), i);
	}
	rsp_buf_puts(b, "</feature>\n");
}

void rsp_xml_features(struct rsp_buf *b, const struct rsp_target *t)
{
	rsp_buf_puts(b, "<?xml version=\"1.0\"?>\n"
			"<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
			"<target version=\"1.0\">\n<architecture>");
	rsp_xml_text(b, t->arch->gdb_arch);
	rsp_buf_puts(b, "</architecture>\n");
	for (size_t i = 0; i < rsp_reg_count(t->arch); i++) {
		bool seen = false;

		for (size_t before = 0; before < i && !seen; before++)
			seen = same_feature(t->arch, before, i);
		if (!seen)
			put_feature(b, t->arch, i);
	}
	rsp_buf_puts(b, "</target>\n");
}

void rsp_xml_threads(struct rsp_buf *b, const struct rsp_target *t)
{
	rsp_buf_puts(b, "<?xml version=\"1.0\"?>\n<threads>\n");
	/* One thread takes less than 2 KB, whatever its name. */
	for (size_t i = 0; i < t->nthreads && b->len + 4096 < RSP_DOCUMENT_MAX; i++) {
		struct rsp_thread th = { .cpu = -1 };

		t->ops->thread(t, i, &th);
		rsp_buf_printf(b, "<thread id=\"%" PRIx32 "\"", t->thread_ids[i]);
		if (th.cpu >= 0)
			rsp_buf_printf(b, " core=\"%" PRId32 "\"", th.cpu);
		if (th.name[0]) {
			rsp_buf_puts(b, " name=\"");
			rsp_xml_text(b, th.name);
			rsp_buf_putc(b, '"');
		}
		rsp_buf_putc(b, '>');
		rsp_xml_text(b, th.info);
		rsp_buf_puts(b, "</thread>\n");
	}
	rsp_buf_puts(b, "</threads>\n");
}

static void put_library(struct rsp_buf *b, const struct rsp_library *l)
{
	rsp_buf_puts(b, "<library name=\"");
	for (const char *p = l->path; *p; p++)
		put_escaped(b, *p);
	rsp_buf_puts(b, "\">\n");
	for (size_t i = 0; i < l->nsections; i++)
		rsp_buf_printf(b, "<section address=\"0x%" PRIx64 "\"/>\n", l->sections[i]);
	rsp_buf_puts(b, "</library>\n");
}

void rsp_xml_libraries(struct rsp_buf *b, const struct rsp_target *t)
{
	rsp_buf_puts(b, "<?xml version=\"1.0\"?>\n"
			"<!DOCTYPE library-list SYSTEM \"library-list.dtd\">\n"
			"<library-list version=\"1.0\">\n");
	for (size_t i = 0; i < t->nlibraries; i++) {
		_cleanup_(rsp_library_fini) struct rsp_library l = { 0 };

		/* A module without a readable file costs its own symbols only. */
		if (t->ops->library(t, i, &l, NULL) || !l.path || !l.nsections ||
		    !path_fits_xml(l.path))
			continue;
		if (!range_contains(RSP_DOCUMENT_MAX, b->len,
				    4096 + 6 * strlen(l.path) + 64 * l.nsections))
			break;
		put_library(b, &l);
	}
	rsp_buf_puts(b, "</library-list>\n");
}
