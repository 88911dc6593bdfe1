/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a command prints, collected up to a limit. One thread only. */
#ifndef KD_MI_OUTPUT_H
#define KD_MI_OUTPUT_H

#include "core/err.h"

struct mi_output {
	char *text; /* terminated; NULL: nothing yet */
	size_t len, capacity;
	size_t max;    /* bytes of text */
	uint64_t more; /* bytes that were left out */
	bool nomem;
};

#define MI_OUTPUT_INIT(limit) ((struct mi_output){ .max = (limit) })
void mi_output_fini(struct mi_output *o);

/* Append LEN bytes; a NUL becomes "\000". */
void mi_output_add(struct mi_output *o, const char *bytes, size_t len);
/* Take TAIL off the end, if that is what the text ends with. */
void mi_output_drop_tail(struct mi_output *o, const char *tail);
/* The text, now the caller's, with a last line about what was left out; NULL: nothing. */
char *mi_output_take(struct mi_output *o);

#endif
