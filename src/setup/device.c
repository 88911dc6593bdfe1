// SPDX-License-Identifier: GPL-3.0-or-later
/* Block devices by what lies on them: see device.h. */
#include "setup/device.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static void put_uuid(const uint8_t *u, char out[40])
{
	char *s = out;

	for (int i = 0; i < 16; i++)
		s += sprintf(s, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", u[i]);
}

/* A label of at most MAX bytes, padded with zeros or blanks. */
static void put_label(const uint8_t *from, size_t max, char out[20])
{
	size_t n = strnlen((const char *)from, max);

	while (n && from[n - 1] == ' ')
		n--;
	memcpy(out, from, n);
	out[n] = '\0';
}

/* FAT32 and FAT12/16 keep the same things at different places. */
static void look_fat(const uint8_t *b, struct device_looks *out)
{
	bool wide = !memcmp(b + 82, "FAT32", 5);
	const uint8_t *serial = b + (wide ? 67 : 39);

	if (b[510] != 0x55 || b[511] != 0xaa || (!wide && memcmp(b + 54, "FAT1", 4)))
		return;
	out->type = "vfat";
	put_label(b + (wide ? 71 : 43), 11, out->label);
	snprintf(out->uuid, sizeof(out->uuid), "%02X%02X-%02X%02X", serial[3], serial[2], serial[1],
		 serial[0]);
}

void device_look(const uint8_t head[DEVICE_HEAD], struct device_looks *out)
{
	const uint8_t *ext = head + 1024;

	*out = (struct device_looks){ 0 };
	if (ext[0x38] == 0x53 && ext[0x39] == 0xef) {
		/* The driver of ext4 mounts its predecessors, too. */
		out->type = "ext4";
		put_uuid(ext + 0x68, out->uuid);
		put_label(ext + 0x78, 16, out->label);
	} else if (!memcmp(head, "XFSB", 4)) {
		out->type = "xfs";
		put_uuid(head + 32, out->uuid);
		put_label(head + 108, 12, out->label);
	} else {
		look_fat(head, out);
	}
}

void device_look_btrfs(const uint8_t super[DEVICE_HEAD], struct device_looks *out)
{
	*out = (struct device_looks){ 0 };
	if (memcmp(super + 64, "_BHRfS_M", 8) != 0)
		return;
	out->type = "btrfs";
	put_uuid(super + 32, out->uuid);
	if (strnlen((const char *)super + 299, 20) < sizeof(out->label))
		put_label(super + 299, 19, out->label);
}

bool device_look_at(const char *path, struct device_looks *out)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t head[DEVICE_HEAD];

	if (fd < 0 || pread(fd, head, sizeof(head), 0) != sizeof(head))
		return false;
	device_look(head, out);
	if (!out->type && pread(fd, head, sizeof(head), DEVICE_BTRFS) == sizeof(head))
		device_look_btrfs(head, out);
	return true;
}

static bool fits(const struct device_looks *l, const char *wanted)
{
	if (!strncmp(wanted, "LABEL=", 6))
		return l->type && !strcmp(l->label, wanted + 6);
	return l->type && !strcasecmp(l->uuid, wanted + 5);
}

/* The name in a line of /proc/partitions, "MAJOR MINOR #BLOCKS NAME"; NULL: its head, or empty. */
static char *partition_name(char *line)
{
	size_t end = strlen(line);
	char *name;

	if (!isdigit((uint8_t)line[strspn(line, " \t")]))
		return NULL;
	while (end && isspace((uint8_t)line[end - 1]))
		line[--end] = '\0';
	name = strrchr(line, ' ');
	return name ? name + 1 : NULL;
}

/* Paths behind a root are files with a device's bytes, in tests, too. */
static bool is_device(const char *root, const char *path)
{
	struct stat st;

	return !stat(path, &st) && (S_ISBLK(st.st_mode) || (*root && S_ISREG(st.st_mode)));
}

/* A device whose file system has the label or UUID that is WANTED. */
static bool search(const char *root, const char *wanted, char path[DEVICE_PATH],
		   struct device_looks *looks)
{
	char line[256];
	bool found = false;
	FILE *f;

	snprintf(path, DEVICE_PATH, "%.256s/proc/partitions", root);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f)) {
		char *name = partition_name(line);

		if (!name)
			continue;
		/* A "!" in it stands for a slash. */
		for (char *s = name; *s; s++)
			*s = *s == '!' ? '/' : *s;
		snprintf(path, DEVICE_PATH, "%.256s/dev/%s", root, name);
		found = device_look_at(path, looks) && fits(looks, wanted);
	}
	if (f)
		fclose(f);
	return found;
}

int device_find(const char *root, const char *wanted, char path[DEVICE_PATH], const char **type,
		struct kd_err *err)
{
	struct device_looks looks = { 0 };

	*type = NULL;
	if (strncmp(wanted, "LABEL=", 6) && strncmp(wanted, "UUID=", 5)) {
		snprintf(path, DEVICE_PATH, "%.256s%.254s", root, wanted);
		if (!is_device(root, path))
			return kd_fail(err, KD_NOTFOUND, "there is no block device %s", wanted);
		if (device_look_at(path, &looks))
			*type = looks.type;
		return 0;
	}
	if (!search(root, wanted, path, &looks))
		return kd_fail(err, KD_NOTFOUND, "no device has %s", wanted);
	*type = looks.type;
	return 0;
}
