// SPDX-License-Identifier: GPL-3.0-or-later
/* Where distributions put kernels: see installed.h. */
#include "setup/installed.h"

#include <unistd.h>

char *installed_kernel(const struct machine *m)
{
	static const struct {
		const char *before, *after;
	} places[] = {
		{ "boot/vmlinuz-", "" },
		{ "lib/modules/", "/vmlinuz" },
		{ "usr/lib/modules/", "/vmlinuz" },
		{ "boot/kernel-", "" },
		{ "boot/bzImage-", "" },
		{ "boot/vmlinux-", "" },
	};
	char *path;

	for (size_t i = 0; i < KD_ARRAY_SIZE(places) && *m->release; i++) {
		if (asprintf(&path, "%s/%s%s%s", m->root, places[i].before, m->release,
			     places[i].after) < 0)
			return NULL;
		if (!access(path, R_OK))
			return path;
		free(path);
	}
	return NULL;
}
