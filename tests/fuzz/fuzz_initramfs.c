// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fuzz target: what an initramfs is made of. The first byte chooses: an initramfs itself, a
 * module's file, depmod's files (their parts separated by a zero), or kdview.conf.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "setup/conf.h"
#include "setup/initrd_read.h"
#include "setup/module_file.h"
#include "setup/modules_dep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_initramfs(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	char path[64], *text;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd >= 0 && write(fd, data, size) == (ssize_t)size && !initrd_read_conf(path, &text, NULL))
		free(text);
	close(fd);
}

static void strip_module(const uint8_t *data, size_t size)
{
	struct module_file m = { .suffix = "ko" };

	/* What module_file_read() makes sure of. */
	if (size < 64)
		return;
	m.bytes = malloc(size);
	m.len = size;
	if (m.bytes) {
		memcpy(m.bytes, data, size);
		module_file_strip(&m);
	}
	module_file_fini(&m);
}

static void read_modules(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "modules.dep", "modules.softdep", "modules.alias",
					     "modules.builtin" };
	static const char *const words[] = { "a", "b", "fs-xfs", "pci:v0001", "" };
	char folder[64], path[128];
	struct module_index idx;
	size_t found;

	snprintf(folder, sizeof(folder), "/tmp/kdview-fuzz-%d", (int)getpid());
	mkdir(folder, 0700);
	for (size_t i = 0; i < KD_ARRAY_SIZE(names); i++) {
		const uint8_t *end = memchr(data, 0, size);
		size_t len = end ? (size_t)(end - data) : size;
		int fd;

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		(void)!write(fd, data, len);
		close(fd);
		data += len + (end != NULL);
		size -= len + (end != NULL);
	}
	for (size_t i = 0; i < KD_ARRAY_SIZE(words); i++) {
		struct module_set set = { 0 };

		if (!module_index_open("/nonexistent", folder, &idx, NULL))
			module_set_add(&set, &idx, words[i], &found, NULL);
		module_set_fini(&set);
		module_index_fini(&idx);
	}
	for (size_t i = 0; i < KD_ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

static void complaint(void *data, unsigned line, const char *what)
{
	(void)data;
	if (!line || !*what)
		abort();
}

static void read_conf(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	static struct conf c;

	if (!text)
		return;
	conf_parse(text, complaint, NULL, &c);
	conf_fini(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const parts[])(const uint8_t *data, size_t size) = {
		read_initramfs, strip_module, read_modules, read_conf
	};

	if (size)
		parts[data[0] % KD_ARRAY_SIZE(parts)](data + 1, size - 1);
	return 0;
}
