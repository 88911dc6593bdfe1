// SPDX-License-Identifier: GPL-3.0-or-later
/* Findings: see damage.h. */
#include "kernel/damage.h"

#include <stdarg.h>
#include <string.h>

/* A wrecked dump must not drown the user: a text this long takes no more findings. */
#define DAMAGE_MAX 1500

void damage_note(char **damage, const char *fmt, ...)
{
	size_t old = *damage ? strlen(*damage) : 0;
	char text[512], *grown;
	va_list ap;

	if (old > DAMAGE_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (asprintf(&grown, "%s%s%s%s", old ? *damage : "", old ? "; " : "", text,
		     old + strlen(text) + 2 > DAMAGE_MAX ? "; and more" : "") < 0)
		return; /* out of memory: the finding is lost, the work is not */
	free(*damage);
	*damage = grown;
}
