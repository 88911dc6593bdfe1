// SPDX-License-Identifier: GPL-3.0-or-later
/* The second kernel's command line. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "load/cmdline.h"

/* Words of the running kernel's command line that make no sense to the second one. */
static const char *const not_ours[] = { "BOOT_IMAGE=", "crashkernel=", "elfcorehdr=", "initrd=" };

static bool is_ours(const char *word)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(not_ours); i++)
		if (!strncmp(word, not_ours[i], strlen(not_ours[i])))
			return false;
	return true;
}

/* The end of the word at S; blanks between double quotes belong to it, as the kernel has it. */
static const char *word_end(const char *s)
{
	bool quoted = false;

	for (; *s && (quoted || !isspace((unsigned char)*s)); s++)
		quoted ^= *s == '"';
	return s;
}

/* Where S goes on with what is not for the kernel but for init: "--"; its end if nowhere. */
static const char *for_init(const char *s)
{
	for (const char *end;; s = end) {
		while (isspace((unsigned char)*s))
			s++;
		end = word_end(s);
		if (s == end || (end - s == 2 && !strncmp(s, "--", 2)))
			return s;
	}
}

/* Copy the words of S that may stay; OUT has room for all of S. */
static void copy_words(const char *s, char *out)
{
	const char *stop = for_init(s);
	char *at = out;

	for (;;) {
		const char *end;

		while (isspace((unsigned char)*s))
			s++;
		if (s >= stop)
			break;
		end = word_end(s);
		if (is_ours(*s == '"' ? s + 1 : s)) {
			if (at != out)
				*at++ = ' ';
			memcpy(at, s, (size_t)(end - s));
			at += end - s;
		}
		s = end;
	}
	*at = '\0';
}

/* "A B", without a blank where one of them is empty. */
static char *join(const char *a, const char *b)
{
	char *text;

	return asprintf(&text, "%s%s%s", a, *a && *b ? " " : "", b) < 0 ? NULL : text;
}

int cmdline_asked(const struct load_request *q, const struct machine *m, char **out,
		  struct kd_err *err)
{
	_cleanup_(freep) char *old = calloc(1, strlen(m->cmdline) + 1);

	if (!old)
		return kd_nomem(err);
	if (q->reuse_cmdline)
		copy_words(m->cmdline, old);
	*out = join(old, q->append ? q->append : "");
	return *out ? 0 : kd_nomem(err);
}

int cmdline_make(const char *asked, const char *more, paddr_t elfcorehdr, size_t limit, char **out,
		 struct kd_err *err)
{
	const char *rest = for_init(asked);
	_cleanup_(freep) char *own = strndup(asked, (size_t)(rest - asked)), *text = NULL,
			      *all = NULL;
	char place[48] = "";
	char *whole;
	size_t len = own ? strlen(own) : 0;

	while (len && isspace((unsigned char)own[len - 1]))
		own[--len] = '\0';
	if (elfcorehdr)
		snprintf(place, sizeof(place), "elfcorehdr=%" PRIu64 "K", elfcorehdr >> 10);
	text = own ? join(own, more ? more : "") : NULL;
	all = text ? join(text, place) : NULL;
	/* the kernel looks at no word behind "--" */
	whole = all ? join(all, rest) : NULL;
	if (!whole)
		return kd_nomem(err);
	len = strlen(whole);
	if (len > limit) {
		free(whole);
		return kd_fail(err, KD_USAGE,
			       "the command line has %zu bytes, but this kernel takes %zu: "
			       "shorten it by %zu%s",
			       len, limit, len - limit,
			       more && *more ? ", or leave out --pass-memmap-cmdline" : "");
	}
	*out = whole;
	return 0;
}
