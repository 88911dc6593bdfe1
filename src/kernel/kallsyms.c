// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernel's own symbols: see kallsyms.h. */
#include "kernel/kallsyms_priv.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "core/vmcoreinfo.h"
#include "kernel/window.h"

#define KALLSYMS_NAMES_MAX (64u << 20) /* bytes, compressed */
#define NAMES_CHUNK (512u << 10)
#define NAME_MAX_LEN 2048u /* KSYM_NAME_LEN is 512, type and NUL come on top */
#define TOKEN_MAX 1024u /* bytes of the last token: a name at most */
#define TOKEN_SHORT 16	/* bytes that can be read of every token */
#define ALIASES_MAX 64	/* symbols looked at that lie where _stext does */

int kallsyms_locate(const struct vmcoreinfo *vi, struct kallsyms_source *out, struct kd_err *err)
{
	const struct {
		const char *name;
		vaddr_t *addr;
		bool needed;
	} parts[] = {
		{ "kallsyms_num_syms", &out->num_syms, true },
		{ "kallsyms_names", &out->names, true },
		{ "kallsyms_token_table", &out->token_table, true },
		{ "kallsyms_token_index", &out->token_index, true },
		{ "kallsyms_offsets", &out->offsets, false },
		{ "kallsyms_addresses", &out->addresses, false },
		{ "kallsyms_relative_base", &out->relative_base, false },
		{ "_stext", &out->stext, true },
	};

	for (size_t i = 0; i < KD_ARRAY_SIZE(parts); i++) {
		*parts[i].addr = 0;
		if (vi)
			vmcoreinfo_number(vi, "SYMBOL", parts[i].name, parts[i].addr);
	}
	for (size_t i = 0; i < KD_ARRAY_SIZE(parts); i++) {
		if (parts[i].needed && !*parts[i].addr)
			return kd_fail(err, KD_NOTFOUND, "VMCOREINFO does not say where %s is",
				       parts[i].name);
	}
	if (!out->offsets && !out->addresses)
		return kd_fail(err, KD_NOTFOUND,
			       "VMCOREINFO says neither where kallsyms_offsets nor where "
			       "kallsyms_addresses is");
	return 0;
}

static int read_at(const struct kallsyms_tables *t, vaddr_t at, void *buf, size_t len, const char *what,
		   struct kd_err *err)
{
	int status = t->src->read(t->src->data, at, buf, len, NULL, err);

	return status ? kd_context(err, status, "%s", what) : 0;
}

/* Tokens ---------------------------------------------------------------------- */

/* Names are printed and go into files: nothing else than plain characters may be in them. */
static size_t token_length(const char *text, size_t room)
{
	size_t len = strnlen(text, room);

	if (len == room)
		return 0;
	for (size_t i = 0; i < len; i++)
		if (!isascii((unsigned char)text[i]) || !isgraph((unsigned char)text[i]))
			return 0;
	return len;
}

static int read_tokens(struct kallsyms_tables *t, struct kd_err *err)
{
	uint8_t index[2 * KALLSYMS_TOKENS];
	size_t at[KALLSYMS_TOKENS], last = 0, size = 0;
	int status = read_at(t, t->src->token_index, index, sizeof(index), "token index", err);

	if (status)
		return status;
	for (unsigned i = 0; i < KALLSYMS_TOKENS; i++) {
		at[i] = (size_t)uint_le(index + 2 * i, 2);
		last = at[i] > last ? at[i] : last;
	}
	t->token_bytes = calloc(1, last + TOKEN_MAX);
	if (!t->token_bytes)
		return kd_nomem(err);
	/* How long the last token is, is not known: less may be there. */
	status = t->src->read(t->src->data, t->src->token_table, t->token_bytes, last + TOKEN_MAX,
			      &size, err);
	if (status && size <= last)
		return kd_context(err, status, "token table");
	for (unsigned i = 0; i < KALLSYMS_TOKENS; i++) {
		t->tokens[i].text = t->token_bytes + at[i];
		t->tokens[i].len = token_length(t->token_bytes + at[i], size - at[i]);
	}
	return 0;
}

/* Names ----------------------------------------------------------------------- */

/* Have END bytes of the names at hand. */
static int need_names(struct kallsyms_tables *t, size_t end, struct kd_err *err)
{
	size_t done = 0;
	int status = 0;

	if (end <= t->have)
		return 0;
	if (end > KALLSYMS_NAMES_MAX)
		return kd_fail(err, KD_CORRUPT, "names: more than %u bytes", KALLSYMS_NAMES_MAX);
	if (end > t->room) {
		size_t room = (end / NAMES_CHUNK + 1) * NAMES_CHUNK;
		uint8_t *grown = realloc(t->names, room);

		if (!grown) {
			kd_nomem(err);
			return KD_NOMEM;
		}
		t->names = grown;
		t->room = room;
	}
	/* What lies behind the names is not asked for, so it may be missing. */
	status = t->src->read(t->src->data, t->src->names + t->have, t->names + t->have,
			      t->room - t->have, &done, err);
	t->have += done;
	if (end <= t->have)
		return 0;
	return status ? kd_context(err, status, "names")
		      : kd_fail(err, KD_CORRUPT, "names: cut off");
}

int kallsyms_next_name(struct kallsyms_tables *t, size_t *at, size_t *start, size_t *len,
		       struct kd_err *err)
{
	int status = need_names(t, *at + 2, err);

	if (status)
		return status;
	*len = t->names[*at];
	*start = *at + 1;
	if (t->big && (*len & 0x80)) {
		*len = (*len & 0x7f) | (size_t)t->names[*at + 1] << 7;
		*start = *at + 2;
	}
	/* a type and one character, in one token at least */
	if (!*len || *len > 0x3fff)
		return kd_fail(err, KD_CORRUPT, "names: a length of %zu", *len);
	*at = *start + *len;
	return need_names(t, *at, err);
}

/* Follow all lengths. *bit7: one has it set, so that it matters what that means. */
static int measure(struct kallsyms_tables *t, bool big, size_t *end, bool *bit7, struct kd_err *err)
{
	size_t at = 0, from, start, len;

	*bit7 = false;
	t->big = big;
	for (uint32_t i = 0; i < t->n; i++) {
		int status;

		if (i % KALLSYMS_MARK_EVERY == 0)
			t->marks[i / KALLSYMS_MARK_EVERY] = (uint32_t)at;
		from = at;
		status = kallsyms_next_name(t, &at, &start, &len, err);
		if (status)
			return status;
		*bit7 |= (t->names[from] & 0x80) != 0;
	}
	*end = at;
	return 0;
}

/* Are numbers of WIDTH bytes at AT what was measured? */
static bool are_markers(const struct kallsyms_tables *t, vaddr_t at, size_t width)
{
	size_t n = (t->n + KALLSYMS_MARK_EVERY - 1) / KALLSYMS_MARK_EVERY, same = 0;
	_cleanup_(freep) uint8_t *theirs = reallocarray(NULL, n, width);

	if (!theirs || t->src->read(t->src->data, at, theirs, n * width, NULL, NULL))
		return false;
	while (same < n && uint_le(theirs + width * same, width) == t->marks[same])
		same++;
	return same == n;
}

/* kallsyms_markers[] lies behind the names, aligned: does it say what was measured? */
static bool markers_agree(const struct kallsyms_tables *t, size_t end)
{
	for (unsigned align = 4; align <= 8; align *= 2) {
		vaddr_t at = (t->src->names + end + align - 1) & ~(vaddr_t)(align - 1);

		/* pointers before v4.20 (80ffbaa5b1bd) */
		if (are_markers(t, at, 4) || are_markers(t, at, t->src->ptr_size))
			return true;
	}
	return false;
}

/*
 * Which meaning of bit 7 holds the table together. Where no length has it, both do;
 * where the markers can not tell, the one that comes to an end.
 */
static int measure_names(struct kallsyms_tables *t, struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	bool bit7;
	size_t end = 0;
	int big, one;

	t->marks = calloc(t->n / KALLSYMS_MARK_EVERY + 1, sizeof(*t->marks));
	t->names = malloc(NAMES_CHUNK);
	if (!t->marks || !t->names)
		return kd_nomem(err);
	t->room = NAMES_CHUNK;
	big = measure(t, true, &end, &bit7, err);
	t->proven = !big && markers_agree(t, end);
	if (big == KD_NOMEM || t->proven || (!big && !bit7))
		return big;
	one = measure(t, false, &end, &bit7, &why);
	t->proven = !one && markers_agree(t, end);
	if (t->proven || (!one && big))
		return 0;
	return big ? big : measure(t, true, &end, &bit7, err);
}

/* Tables that do not hold together may be damaged: then the markers tell more. */
static int read_names(struct kallsyms_tables *t, struct kd_err *err)
{
	bool possible = t->n && t->n <= KALLSYMS_MAX;
	struct kd_err why = KD_ERR_INIT;
	uint32_t n = t->n;
	int status = possible ? measure_names(t, err) : KD_CORRUPT, mended;

	if (!possible)
		kd_fail(err, status, "%" PRIu32 " symbols can not be", t->n);
	if (t->strict || status == KD_NOMEM || (!status && t->proven))
		return status;
	mended = kallsyms_mend_names(t, &why);
	if (!mended || mended == KD_NOMEM || status)
		return mended == KD_NOMEM ? kd_nomem(err) : mended ? status : 0;
	/* without markers: what held together all the same */
	t->n = n;
	free(t->broken);
	t->broken = NULL;
	free(t->marks);
	free(t->names);
	t->marks = NULL;
	t->names = NULL;
	t->have = t->room = 0;
	return measure_names(t, err);
}

/* Expand LEN bytes from START: type, name, NUL. */
static int expand(const struct kallsyms_tables *t, size_t start, size_t len, char buf[NAME_MAX_LEN],
		  struct kd_err *err)
{
	size_t used = 0;

	for (size_t i = start; i < start + len; i++) {
		const struct kallsyms_token *k = &t->tokens[t->names[i]];

		if (!k->len || k->len >= NAME_MAX_LEN - used)
			return kd_fail(err, KD_CORRUPT, "names: %s at byte %zu",
				       k->len ? "one has no end" : "no such token", i);
		/* most are short, and copying a fixed size is faster: the rest is overwritten */
		if (k->len <= TOKEN_SHORT && TOKEN_SHORT <= NAME_MAX_LEN - used)
			memcpy(buf + used, k->text, TOKEN_SHORT);
		else
			memcpy(buf + used, k->text, k->len);
		used += k->len;
	}
	buf[used] = '\0';
	/* nm(1) knows no letter for sections of odd kinds */
	if (used < 2 || (!isalpha((unsigned char)buf[0]) && buf[0] != '?'))
		return kd_fail(err, KD_CORRUPT, "names: \"%.40s\" is no type and name", buf);
	return 0;
}

/* Is this the name of symbol I? */
static bool name_is(struct kallsyms_tables *t, uint32_t i, const char *name)
{
	size_t at = t->marks[i / KALLSYMS_MARK_EVERY], start = 0, len = 0;
	char buf[NAME_MAX_LEN];

	if (t->broken && t->broken[i / KALLSYMS_MARK_EVERY])
		return false;
	for (uint32_t n = i - i % KALLSYMS_MARK_EVERY; n <= i; n++)
		if (kallsyms_next_name(t, &at, &start, &len, NULL))
			return false;
	return !expand(t, start, len, buf, NULL) && !strcmp(buf + 1, name);
}

/* Addresses ------------------------------------------------------------------- */

vaddr_t kallsyms_address(const struct kallsyms_tables *t, enum kallsyms_encoding e, uint32_t i)
{
	uint64_t mask = t->src->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;
	uint64_t offset;
	int64_t sign;

	if (e == ENCODING_POINTER)
		return uint_le(t->values + (size_t)i * t->src->ptr_size, t->src->ptr_size);
	offset = uint_le(t->values + 4 * (size_t)i, 4);
	sign = (int32_t)(uint32_t)offset;
	switch (e) {
	case ENCODING_BASE:
		return (t->base + offset) & mask;
	case ENCODING_PERCPU:
		return (sign >= 0 ? offset : t->base - 1 - (uint64_t)sign) & mask;
	case ENCODING_PLACE:
		return (t->src->offsets + 4 * (uint64_t)i + (uint64_t)sign) & mask;
	default:
		return offset;
	}
}

static bool is_possible(const struct kallsyms_source *src, enum kallsyms_encoding e)
{
	switch (e) {
	case ENCODING_POINTER:
		return src->addresses && !src->offsets;
	case ENCODING_BASE:
	case ENCODING_PERCPU:
		return src->offsets && src->relative_base;
	case ENCODING_PLACE:
		return src->offsets && !src->relative_base;
	default:
		return src->offsets && !src->relative_base && src->ptr_size == 4;
	}
}

/* Does _stext come out where VMCOREINFO says that it is? */
static bool leads_to_stext(struct kallsyms_tables *t, enum kallsyms_encoding e)
{
	unsigned looked_at = 0;

	for (uint32_t i = 0; i < t->n && looked_at < ALIASES_MAX; i++) {
		if (kallsyms_address(t, e, i) != t->src->stext)
			continue;
		if (name_is(t, i, "_stext"))
			return true;
		looked_at++;
	}
	return false;
}

static int read_addresses(struct kallsyms_tables *t, struct kd_err *err)
{
	const struct kallsyms_source *src = t->src;
	bool pointers = is_possible(src, ENCODING_POINTER);
	size_t width = pointers ? src->ptr_size : 4;
	uint8_t base[8] = { 0 };
	int status;

	t->values = reallocarray(NULL, t->n, width);
	if (!t->values)
		return kd_nomem(err);
	status = read_at(t, pointers ? src->addresses : src->offsets, t->values, t->n * width,
			 "addresses", err);
	if (!status && src->relative_base)
		status = read_at(t, src->relative_base, base, src->ptr_size, "base of addresses",
				 err);
	if (status)
		return status;
	t->base = uint_le(base, src->ptr_size);
	for (enum kallsyms_encoding e = 0; e < ENCODINGS; e++) {
		t->encoding = e;
		if (is_possible(src, e) && leads_to_stext(t, e))
			return t->strict ? 0 : kallsyms_mend_addresses(t, err);
	}
	return kd_fail(err, KD_CORRUPT,
		       "addresses: no encoding known here leads to _stext at %#" PRIx64,
		       src->stext);
}

/* All of it ------------------------------------------------------------------- */

static int read_tables(struct kallsyms_tables *t, struct kd_err *err)
{
	uint8_t n[4];
	int status = read_at(t, t->src->num_syms, n, sizeof(n), "number of symbols", err);

	if (status)
		return status;
	t->n = t->said = (uint32_t)uint_le(n, 4);
	status = read_tokens(t, err);
	if (!status)
		status = read_names(t, err);
	return status ? status : read_addresses(t, err);
}

static void free_tables(struct kallsyms_tables *t)
{
	free(t->token_bytes);
	free(t->names);
	free(t->marks);
	free(t->broken);
	free(t->wrong);
	free(t->values);
}

int kallsyms_check(const struct kallsyms_source *src, struct kd_err *err)
{
	struct kallsyms_tables t = { .src = src, .strict = true };
	int status = read_tables(&t, err);

	if (!status && !t.proven)
		status = kd_fail(err, KD_CORRUPT, "the markers do not agree with the names");
	free_tables(&t);
	return status ? kd_context(err, status, "kallsyms") : 0;
}

/* The name of symbol I, which lies at *AT; *AT moves behind it. KD_CORRUPT: it is damaged. */
static int take_name(struct kallsyms_tables *t, uint32_t i, size_t *at, char buf[NAME_MAX_LEN],
		     struct kd_err *err)
{
	size_t start = 0, len = 0;
	int status;

	if (t->broken && i % KALLSYMS_MARK_EVERY == 0)
		*at = t->marks[i / KALLSYMS_MARK_EVERY];
	if (t->broken && t->broken[i / KALLSYMS_MARK_EVERY])
		return KD_CORRUPT;
	status = kallsyms_next_name(t, at, &start, &len, err);
	return status ? status : expand(t, start, len, buf, err);
}

int kallsyms_walk(const struct kallsyms_source *src,
		  int (*each)(void *data, const struct kallsym *sym, struct kd_err *err),
		  void *data, struct kallsyms_damage *damage, struct kd_err *err)
{
	struct kallsyms_tables t = { .src = src };
	int status = read_tables(&t, err);
	char buf[NAME_MAX_LEN] = "";
	size_t at = 0;

	*damage = (struct kallsyms_damage){ .said = t.said, .there = t.n };
	for (uint32_t i = 0; i < t.n && t.names && !status; i++) {
		struct kallsym sym = { .name = buf + 1, .addr = 0 };

		status = take_name(&t, i, &at, buf, err);
		/* the others are where they are all the same */
		if (status == KD_CORRUPT && t.proven && ++damage->names <= t.n / 2) {
			status = 0;
			continue;
		}
		if (status)
			break;
		if (t.wrong && t.wrong[i]) {
			damage->addresses++;
			continue;
		}
		sym.type = buf[0];
		sym.addr = kallsyms_address(&t, t.encoding, i);
		status = each(data, &sym, err);
	}
	free_tables(&t);
	return status ? kd_context(err, status, "kallsyms") : 0;
}
