/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A machine's /proc and /sys out of one text: "== PATH" begins a file, "== PATH hex" one of bytes
 * in hexadecimal; lines before the first belong to none. Sections whose name has a blank otherwise,
 * as "kexec headers", are no files.
 */
#ifndef KD_TESTS_MACHINE_FILES_H
#define KD_TESTS_MACHINE_FILES_H

#include <ctype.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MACHINES "tests/unit/data/machines/"

static inline void machine_make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

static inline FILE *machine_file_open(const char *root, const char *name)
{
	char path[1024];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	machine_make_folders(path);
	f = fopen(path, "w");
	assert_non_null(f);
	return f;
}

static inline void machine_put_hex(FILE *f, const char *line)
{
	unsigned byte;

	for (; isxdigit((unsigned char)*line) && sscanf(line, "%2x", &byte) == 1; line += 2)
		fputc((int)byte, f);
}

/* Write the files of TEXT below ROOT. */
static inline void machine_write(const char *root, const char *text)
{
	FILE *f = NULL;
	bool hex = false;
	char line[512], *blank;

	while (*text) {
		size_t len = strcspn(text, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		text += len + (text[len] == '\n');
		if (strncmp(line, "== ", 3)) {
			if (f && hex)
				machine_put_hex(f, line);
			else if (f)
				fprintf(f, "%s\n", line);
			continue;
		}
		if (f)
			fclose(f);
		blank = strchr(line + 3, ' ');
		hex = blank && !strcmp(blank, " hex");
		if (hex)
			*blank = '\0';
		f = blank && !hex ? NULL : machine_file_open(root, line + 3);
	}
	if (f)
		fclose(f);
}

/* A whole file; the caller's. */
static inline char *machine_text(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_true(fread(text, 1, 65535, f) > 0);
	fclose(f);
	return text;
}

/* Where the section NAME begins; NULL: there is none. */
static inline const char *machine_section(const char *text, const char *name)
{
	char head[80];
	const char *at;

	snprintf(head, sizeof(head), "== %s\n", name);
	at = strstr(text, head);
	return at ? at + strlen(head) : NULL;
}

static inline int machine_remove_one(const char *path, const struct stat *st, int type,
				     struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline void machine_remove(const char *root)
{
	nftw(root, machine_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
