// SPDX-License-Identifier: GPL-3.0-or-later
/* Memory to spare: see spare.h. */
#include "capture/spare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base.h"

uint64_t spare_memory(void)
{
	static const char key[] = "MemAvailable:";
	FILE *f = fopen("/proc/meminfo", "re");
	uint64_t kib = UINT64_MAX;
	char line[128];

	while (f && kib == UINT64_MAX && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, sizeof(key) - 1))
			kib = strtoull(line + sizeof(key) - 1, NULL, 10);
	if (f)
		fclose(f);
	return kib > UINT64_MAX >> 10 ? UINT64_MAX : kib << 10;
}
