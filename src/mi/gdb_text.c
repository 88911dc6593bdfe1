// SPDX-License-Identifier: GPL-3.0-or-later
/* Values as gdb prints them, without what misleads; see gdb_priv.h. */
#include <string.h>

#include "mi/gdb_priv.h"

/*
 * Where per-CPU symbols are offsets from 0, gdb takes every small number for one
 * of them: "0x0 <fixed_percpu_data>" is a null pointer. Drop such names in TEXT.
 */
void gdb_tidy_value(const struct kernel *k, char *text)
{
	vaddr_t end = 0;
	char *to = text;

	if (!k->percpu_fixed || !kernel_symbol(k, "__per_cpu_end", &end))
		return;
	while (*text) {
		char *after, *close;
		uint64_t value;

		if (text[0] != '0' || text[1] != 'x') {
			*to++ = *text++;
			continue;
		}
		value = strtoull(text, &after, 16);
		memmove(to, text, (size_t)(after - text));
		to += after - text;
		text = after;
		close = value <= end && !strncmp(after, " <", 2) ? strchr(after, '>') : NULL;
		if (close)
			text = close + 1;
	}
	*to = '\0';
}

/* A pointer to user memory is a value; that its target is not there is no news. */
void gdb_drop_access_errors(char *text)
{
	static const char mark[] = " <error: Cannot access memory at address 0x";
	char *at, *end;

	while ((at = strstr(text, mark)) && (end = strchr(at, '>')))
		memmove(at, end + 1, strlen(end + 1) + 1);
}
