/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where answers go: a terminal, a pipe or a file; as text or JSON. And where
 * errors go: stderr, one line, made printable.
 */
#ifndef KD_UI_OUTPUT_H
#define KD_UI_OUTPUT_H

#include "core/err.h"

struct session;

struct output {
	FILE *out; /* borrowed */
	bool json;
	bool color;
	unsigned width; /* of the terminal; 0: none */
	int error;	/* errno of a failed write; 0: none failed */
};

/* How to write to F: colour and width only if it is a terminal that has them. */
void output_init(struct output *o, FILE *f, bool json, bool no_color);

/*
 * Create a file for answers, 0600, or append to it. The dump and the vmlinux that
 * are open (S may be NULL) and anything that looks like one are refused. KD_IO,
 * KD_USAGE.
 */
int output_create(const char *path, const struct session *s, bool append, FILE **out,
		  struct kd_err *err);

/* A file in memory that holds LEN bytes, to be read from its start; -1: errno. */
int output_memory_file(const char *text, size_t len);

/* Columns of the terminal at FD; 80 if it does not say. */
unsigned terminal_width(int fd);

/* "kdview: TEXT" on stderr; control bytes are escaped. */
void complain(const char *fmt, ...) KD_PRINTF(1, 2);

#endif
