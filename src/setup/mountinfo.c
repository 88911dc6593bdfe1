// SPDX-License-Identifier: GPL-3.0-or-later
/* Mounts: see mountinfo.h. */
#include "setup/mountinfo.h"

#include <string.h>

#include "load/read_file.h"

#define MOUNTS_MOST (16u << 20) /* bytes */

/* "\\040" and the like, in place. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/*
 * A line of mountinfo (proc(5)), cut into words: "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3
 * /dev/root rw".
 */
static bool take_mount(char *line, struct mount *m)
{
	char *words[5] = { 0 }, *save = NULL, *w, *end;

	for (size_t i = 0; i < KD_ARRAY_SIZE(words); i++)
		words[i] = strtok_r(i ? NULL : line, " ", &save);
	if (!words[4])
		return false;
	while ((w = strtok_r(NULL, " ", &save)) && strcmp(w, "-"))
		continue;
	m->type = w ? strtok_r(NULL, " ", &save) : NULL;
	m->source = m->type ? strtok_r(NULL, " ", &save) : NULL;
	m->major = (unsigned)strtoul(words[2], &end, 10);
	if (!m->source || *end != ':')
		return false;
	m->minor = (unsigned)strtoul(end + 1, NULL, 10);
	m->root = words[3];
	m->point = words[4];
	unescape(m->root);
	unescape(m->point);
	unescape(m->source);
	return true;
}

int mounts_open(const char *root, struct mounts *out, struct kd_err *err)
{
	int ret = read_file(root, "/proc/self/mountinfo", MOUNTS_MOST, &out->text, NULL, err);

	out->next = out->text;
	return ret;
}

void mounts_close(struct mounts *m)
{
	free(m->text);
	*m = (struct mounts){ 0 };
}

bool mounts_next(struct mounts *m, struct mount *out)
{
	while (m->next && *m->next) {
		char *line = m->next, *end = strchr(line, '\n');

		if (end)
			*end++ = '\0';
		m->next = end;
		if (take_mount(line, out))
			return true;
	}
	return false;
}

const char *mount_inside(const char *path, const char *point)
{
	size_t n = strcmp(point, "/") ? strlen(point) : 0;

	return !strncmp(path, point, n) && (path[n] == '/' || !path[n]) ? path + n : NULL;
}

int mounts_find(const char *root, const char *path, struct mounts *list, struct mount *out,
		struct kd_err *err)
{
	size_t longest = 0;
	struct mount m;
	int ret = mounts_open(root, list, err);

	while (!ret && mounts_next(list, &m)) {
		if (!mount_inside(path, m.point) || strlen(m.point) < longest)
			continue;
		longest = strlen(m.point);
		*out = m;
	}
	if (!ret && !longest)
		ret = kd_fail(err, KD_NOTFOUND, "%s: it is not known where it is mounted", path);
	return ret;
}
