// SPDX-License-Identifier: GPL-3.0-or-later
/* /proc/meminfo: see meminfo.h. */
#include "load/meminfo.h"

#include <inttypes.h>
#include <string.h>

#define MAX_TEXT 65536

/* "MemTotal:        1015552 kB" */
static uint64_t field(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (!strncmp(p, name, len) && p[len] == ':') {
			unsigned long long kib = strtoull(p + len + 1, NULL, 10);

			return kib > UINT64_MAX >> 10 ? 0 : kib << 10;
		}
	}
	return 0;
}

bool meminfo_read(const struct machine *m, struct meminfo *out)
{
	_cleanup_(freep) char *text = NULL;

	if (machine_file(m, "proc/meminfo", MAX_TEXT, &text, NULL, NULL))
		return false;
	out->total = field(text, "MemTotal");
	out->free = field(text, "MemFree");
	out->cached = field(text, "Cached");
	out->buffers = field(text, "Buffers");
	out->anonymous = field(text, "AnonPages");
	return out->total;
}

uint64_t meminfo_kernel(const struct meminfo *m)
{
	uint64_t others = m->free + m->cached + m->buffers + m->anonymous;

	return m->total > others ? m->total - others : 0;
}
