// SPDX-License-Identifier: GPL-3.0-or-later
/* What the log says of the kernel: see info_log.h. */
#include "kernel/info_log.h"

#include <string.h>

#include "kernel/info.h"
#include "kernel/log.h"

const char *info_log_cmdline(const struct log *l)
{
	/* start_kernel(); what it parses may have more than what setup_arch() has printed */
	static const char *const words[] = { "Kernel command line: ", "Command line: " };

	for (size_t w = 0; w < KD_ARRAY_SIZE(words); w++)
		for (size_t i = 0; i < l->n; i++)
			if (l->list[i].text &&
			    !strncmp(l->list[i].text, words[w], strlen(words[w])))
				return l->list[i].text + strlen(words[w]);
	return NULL;
}

/*
 * print_tainted(): a letter or a blank for each flag, then a blank and the release, which
 * begins with a digit. 'G' says that the first one is not set.
 */
static bool parse_letters(const char *p, uint64_t *taint)
{
	*taint = 0;
	for (; *p == ' ' || (*p >= 'A' && *p <= 'Z'); p++)
		if (*p != ' ' && *p != 'G' && !info_taint_bit(*p, taint))
			return false;
	return *p >= '0' && *p <= '9';
}

bool info_log_taint(const struct log *l, uint64_t *taint)
{
	for (size_t i = l->n; i--;) {
		const char *text = l->list[i].text, *at;

		if (!text || strncmp(text, "CPU: ", 5) || !strstr(text, " Comm: "))
			continue;
		*taint = 0;
		at = strstr(text, " Tainted: ");
		if (at && parse_letters(at + 10, taint))
			return true;
		if (!at && strstr(text, " Not tainted "))
			return true;
	}
	return false;
}
