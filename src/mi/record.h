/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line of gdb's MI output as a tree (gdb manual, "GDB/MI Output Syntax").
 * Pure: no I/O, no gdb knowledge. Whatever the bytes, the answer is a record;
 * a line that is no MI is console text (gdb lets raw text through).
 */
#ifndef KD_MI_RECORD_H
#define KD_MI_RECORD_H

#include "core/err.h"

enum mi_record_kind {
	MI_RESULT,  /* TOKEN^class,results */
	MI_EXEC,    /* *class */
	MI_STATUS,  /* +class */
	MI_NOTIFY,  /* =class */
	MI_CONSOLE, /* ~"text" */
	MI_TARGET,  /* @"text" */
	MI_LOG,	    /* &"text" */
	MI_PROMPT,  /* (gdb) */
	MI_RAW,	    /* anything else: text */
};

enum mi_value_kind { MI_CONST, MI_TUPLE, MI_LIST };

/* A value; members of tuples and some lists are named. Borrowed from its record. */
struct mi_value {
	enum mi_value_kind kind;
	const char *name; /* NULL in a list of plain values */
	const char *text; /* MI_CONST: unescaped bytes, terminated; may hold NULs */
	size_t len;
	struct mi_value *first, *next; /* children of tuple and list; next sibling */
};

struct mi_record {
	enum mi_record_kind kind;
	bool has_token;
	uint64_t token;
	const char *class_;	 /* "done", "error", "stopped"; NULL for streams */
	struct mi_value results; /* a tuple; the results of the record */
	const char *text;	 /* streams, MI_RAW; terminated, may hold NULs */
	size_t len;
};

/*
 * Parse LEN bytes of one line (no newline). Never fails for bad input (MI_RAW
 * then); KD_NOMEM only. MI_RAW too: nesting over 64 levels, over 4 million values.
 */
int mi_record_parse(const char *line, size_t len, struct mi_record **out, struct kd_err *err);
void mi_record_free(struct mi_record *r);
void mi_record_freep(struct mi_record **r);

/*
 * Child by dotted path ("frame.func", from a tuple; the first of that name);
 * NULL: none. V may be NULL. Children without a name are reached by ->first, ->next.
 */
const struct mi_value *mi_get(const struct mi_value *v, const char *path);
/* Its text, or NULL when it is none or no constant. */
const char *mi_text(const struct mi_value *v, const char *path);
/* Its text, wholly a number (decimal or 0x, no sign); false: none, *value untouched. */
bool mi_number(const struct mi_value *v, const char *path, uint64_t *value);

/*
 * Quote TEXT as an MI c-string argument, surrounding quotes included. Owned by
 * the caller; NULL: out of memory.
 */
char *mi_quote(const char *text);

#endif
