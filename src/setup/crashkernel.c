// SPDX-License-Identifier: GPL-3.0-or-later
/* crashkernel=: see crashkernel.h. */
#include "setup/crashkernel.h"

#include <errno.h>
#include <string.h>

#define RAM_STEP (UINT64_C(128) << 20) /* the kernel rounds the machine's memory up to it */

/* A number with K, M, G ... behind it; returns what is behind, NULL: there is no number. */
static const char *take_size(const char *p, uint64_t *out)
{
	static const char units[] = "KMGTPE";
	const char *unit;
	char *end;

	if (*p < '0' || *p > '9')
		return NULL;
	errno = 0;
	*out = strtoull(p, &end, 0);
	unit = *end ? strchr(units, *end & ~0x20) : NULL;
	if (!unit)
		return errno ? NULL : end;
	for (const char *u = units; u <= unit; u++)
		if (kd_mul_overflow(*out, UINT64_C(1024), out))
			return NULL;
	return errno ? NULL : end + 1;
}

static bool ends_with(const char *s, size_t n, const char *end)
{
	size_t len = strlen(end);

	return n > len && !strncmp(s + n - len, end, len);
}

static bool has_suffix(const char *s, size_t n)
{
	return ends_with(s, n, ",high") || ends_with(s, n, ",low") || ends_with(s, n, ",cma");
}

/* The last word that ends with SUFFIX; "": the last that has none. false: there is none. */
static bool last_word(const char *cmdline, const char *suffix, char *buf, size_t size)
{
	static const char name[] = "crashkernel=";
	bool found = false;

	for (const char *p = cmdline; (p = strstr(p, name));) {
		size_t n;

		p += sizeof(name) - 1;
		n = strcspn(p, " \t\n");
		if (*suffix ? !ends_with(p, n, suffix) : has_suffix(p, n))
			continue;
		snprintf(buf, size, "%.*s", (int)kd_min(n, size), p);
		found = true;
	}
	return found;
}

/* "@OFFSET" or nothing. */
static bool take_offset(const char *p, struct crashkernel *out)
{
	if (*p == '@')
		p = take_size(p + 1, &out->offset);
	return p && !*p;
}

static bool parse_ranges(const char *p, uint64_t ram, struct crashkernel *out)
{
	bool found = false;

	for (;;) {
		uint64_t start, end = UINT64_MAX, size;

		p = take_size(p, &start);
		if (!p || *p++ != '-')
			return false;
		if (*p != ':')
			p = take_size(p, &end);
		if (!p || *p++ != ':' || end <= start)
			return false;
		p = take_size(p, &size);
		if (!p || size >= ram)
			return false;
		if (!found && ram >= start && ram < end) {
			out->size = size;
			found = true;
		}
		if (*p != ',')
			break;
		p++;
	}
	return take_offset(p, out);
}

static bool parse_simple(const char *p, struct crashkernel *out)
{
	p = take_size(p, &out->size);
	return p && take_offset(p, out);
}

static bool parse_suffixed(const char *cmdline, const char *suffix, uint64_t *size)
{
	char word[64];
	const char *end;

	if (!last_word(cmdline, suffix, word, sizeof(word)))
		return false;
	end = take_size(word, size);
	return end && !strcmp(end, suffix);
}

void crashkernel_parse(const char *cmdline, uint64_t ram, struct crashkernel *out)
{
	bool good;

	*out = (struct crashkernel){ .form = CRASHKERNEL_NONE };
	ram = (ram + RAM_STEP - 1) / RAM_STEP * RAM_STEP;
	out->has_low = parse_suffixed(cmdline, ",low", &out->low);
	out->has_cma = parse_suffixed(cmdline, ",cma", &out->cma);
	if (!last_word(cmdline, "", out->word, sizeof(out->word))) {
		/* it counts only where there is no plain one */
		if (!last_word(cmdline, ",high", out->word, sizeof(out->word)))
			return;
		good = parse_suffixed(cmdline, ",high", &out->size);
		out->form = good ? CRASHKERNEL_HIGH : CRASHKERNEL_BAD;
		return;
	}
	out->form = strchr(out->word, ':') ? CRASHKERNEL_RANGES : CRASHKERNEL_SIZE;
	good = out->form == CRASHKERNEL_RANGES ? parse_ranges(out->word, ram, out)
					       : parse_simple(out->word, out);
	if (!good) {
		out->form = CRASHKERNEL_BAD;
		out->size = 0;
	}
}
