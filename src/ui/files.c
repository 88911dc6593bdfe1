// SPDX-License-Identifier: GPL-3.0-or-later
/* The user's folders: see files.h. */
#include "ui/files.h"

#include <string.h>
#include <sys/stat.h>

#include "core/base.h"

/* Make the folders of a path, for their owner only. */
static void make_parents(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
}

char *user_file(enum user_folder folder, const char *sub, const char *name)
{
	static const struct {
		const char *variable, *fallback;
	} folders[] = {
		[USER_CONFIG] = { "XDG_CONFIG_HOME", ".config" },
		[USER_STATE] = { "XDG_STATE_HOME", ".local/state" },
	};
	const char *base = getenv(folders[folder].variable), *home = getenv("HOME");
	char *path = NULL;
	int n = -1;

	sub = sub ? sub : "";
	if (base && *base == '/')
		n = asprintf(&path, "%s/kdview/%s%s%s", base, sub, *sub ? "/" : "", name);
	else if (home && *home == '/')
		n = asprintf(&path, "%s/%s/kdview/%s%s%s", home, folders[folder].fallback, sub,
			     *sub ? "/" : "", name);
	if (n < 0)
		return NULL;
	if (folder == USER_STATE)
		make_parents(path);
	return path;
}
