/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A document: what a command produces and a face renders.
 *
 * A command appends nodes (sections, fields, tables, text, stacks, notes) whose
 * cells are typed; text, JSON and screens are made of them elsewhere. A node has
 * a key: its name in JSON, where a section is an object.
 *
 * Appending never fails in the caller's face: the first failure (memory, or the
 * sink's) sticks, later calls do nothing, and doc_status() tells. One thread only.
 *
 * A document with a sink is handed over piece by piece: doc_flush() gives the
 * sink each complete top-level node and frees it, so a long answer is on its way
 * before its end is known.
 *
 * A cell may carry a link: a command line as typed at the prompt, which a screen
 * runs when the cell is chosen. Text and JSON know no links.
 */
#ifndef KD_UI_DOC_H
#define KD_UI_DOC_H

#include "core/err.h"
#include "kernel/stack.h"
#include "kernel/task.h"

struct arch;
struct symbols;

enum doc_style {
	DOC_PLAIN,
	DOC_DIM,
	DOC_STRONG,
	DOC_BAD,
	DOC_WARN,
	DOC_NAME,  /* a function, a symbol */
	DOC_PLACE, /* a source line, a file */
};

enum doc_type {
	DOC_NONE,   /* no value; the text says why, or is NULL */
	DOC_STRING, /* raw bytes, maybe from the dump */
	DOC_UINT,
	DOC_INT,
	DOC_HEX,  /* 0x1f */
	DOC_ADDR, /* 0x and all the digits of the target's pointers */
	DOC_BOOL,
	DOC_BYTES, /* memory */
	DOC_NSEC,  /* nanoseconds; shown as seconds with six decimals */
};

struct doc_cell {
	enum doc_type type;
	enum doc_style style;
	uint64_t num;
	uint8_t digits; /* DOC_ADDR */
	bool failed;	/* could not be made: out of memory */
	bool here;	/* where to look first: a screen puts its cursor there */
	char *text;	/* owned; DOC_STRING, DOC_BYTES, DOC_NONE */
	size_t len;
	char *link; /* owned: the command line that tells more; NULL: none */
};

enum doc_column_flags {
	DOC_RIGHT = 1,	   /* align right */
	DOC_ONLY_JSON = 2, /* not in text */
	DOC_ONLY_TEXT = 4, /* not in JSON */
};

/* A column of a table; the array must outlive the document (static const). */
struct doc_column {
	const char *key;	    /* in JSON */
	const char *title;	    /* in text */
	const char *before, *after; /* DOC_LINES: put around the cell unless it is empty */
	unsigned flags;
	unsigned min_width; /* DOC_LINES */
};

enum doc_table_kind {
	DOC_ALIGNED, /* titles and aligned columns */
	DOC_LINES,   /* no titles: the cells of a row make a line; a cell with line feeds
			makes several, each begun as the first */
};

enum doc_severity {
	DOC_FINDING, /* worth knowing: things that disagree, are damaged, are missing */
	DOC_HINT,    /* what to do next */
};

enum doc_kind { DOC_SECTION, DOC_FIELDS, DOC_TABLE, DOC_TEXT, DOC_STACK, DOC_NOTE };

struct doc_field {
	const char *key, *label; /* static */
	struct doc_cell cell;
};

enum doc_stack_flags {
	DOC_STACK_ADDRESSES = 1, /* program counter and, where known, stack pointer too */
	DOC_STACK_NO_HEAD = 2,	 /* no line about the task */
	DOC_STACK_NO_REGS = 4,	 /* no register blocks at entry frames in text */
};

/* A task and its stack. ARCH and SYMBOLS are borrowed. */
struct doc_stack {
	struct task task;
	char state;
	const struct arch *arch;
	const struct symbols *symbols;
	struct stack stack;
	char *error; /* owned: why there is none, or no more; NULL: none */
	unsigned flags;
};

struct doc_node {
	enum doc_kind kind;
	const char *key;			       /* static */
	bool repeats;				       /* one of an array of such nodes in JSON */
	char *title, *link;			       /* owned; DOC_SECTION */
	struct doc_node *first, *last, *next, *parent; /* DOC_SECTION's children */

	struct doc_field *fields;
	size_t nfields;

	enum doc_table_kind table;
	const struct doc_column *columns;
	size_t ncolumns;
	struct doc_cell *cells; /* row after row */
	size_t ncells;

	struct doc_cell text; /* DOC_TEXT, DOC_NOTE */
	enum doc_severity severity;
	struct doc_stack *stack;

	size_t cap; /* of fields or cells */
};

struct doc_sink {
	void *data;
	/* Take a complete top-level node (borrowed). 0, or a negative status: stop. */
	int (*node)(void *data, const struct doc_node *n);
};

struct doc {
	struct doc_node root;  /* a section without key and title */
	struct doc_node *open; /* the section nodes are appended to */
	struct doc_sink sink;
	int status;
};

/* SINK NULL: everything is kept. */
void doc_init(struct doc *d, const struct doc_sink *sink);
void doc_fini(struct doc *d);

/* Move a document that has no sink and no open section; FROM is empty then. */
void doc_move(struct doc *to, struct doc *from);

/* 0, or what went wrong first. */
int doc_status(const struct doc *d);

/* Hand the complete top-level nodes to the sink; returns doc_status(). */
int doc_flush(struct doc *d);

/* Cells. Strings are copied. */
struct doc_cell doc_none(const char *why);
struct doc_cell doc_str(const char *s);
struct doc_cell doc_strn(const char *s, size_t len);
struct doc_cell doc_fmt(const char *fmt, ...) KD_PRINTF(1, 2);
struct doc_cell doc_uint(uint64_t v);
struct doc_cell doc_int(int64_t v);
struct doc_cell doc_hex(uint64_t v);
struct doc_cell doc_addr(const struct arch *arch, vaddr_t v);
struct doc_cell doc_bool(bool v);
struct doc_cell doc_bytes(const void *p, size_t len);
struct doc_cell doc_nsec(uint64_t ns);
struct doc_cell doc_styled(struct doc_cell c, enum doc_style style);
struct doc_cell doc_here(struct doc_cell c);

/*
 * A cell with a link in place of any it had. Names that come from a dump are hostile:
 * a line that is anything but one command of plain words and numbers makes no link.
 * An empty one says that the cell leads nowhere, whatever it looks like.
 */
struct doc_cell doc_linked(struct doc_cell c, const char *fmt, ...) KD_PRINTF(2, 3);
/* May LINE be a link? Letters, digits, blanks and ._:,+-*=@%/()[]& only. */
bool link_is_plain(const char *line);

/* TITLE is copied and may be NULL. Close with doc_section_end(). */
void doc_section(struct doc *d, const char *key, const char *title);
void doc_section_end(struct doc *d);
/* The same as an element of the array KEY. */
void doc_section_of(struct doc *d, const char *key, const char *title);
/* A link of the open section's title, as doc_linked(). */
void doc_section_link(struct doc *d, const char *fmt, ...) KD_PRINTF(2, 3);

/*
 * A list of fields; doc_field() appends to the last node. KEY NULL: the fields
 * belong to the enclosing section itself.
 */
void doc_fields(struct doc *d, const char *key);
void doc_field(struct doc *d, const char *key, const char *label, struct doc_cell c);

/* A table; doc_put() appends to the last node, cell after cell, row after row. */
void doc_table(struct doc *d, const char *key, enum doc_table_kind kind,
	       const struct doc_column *columns, size_t ncolumns);
void doc_put(struct doc *d, struct doc_cell c);

void doc_text(struct doc *d, const char *key, struct doc_cell c);
void doc_note(struct doc *d, enum doc_severity severity, const char *fmt, ...) KD_PRINTF(3, 4);

/*
 * A stack, as an element of the array KEY when REPEATS. S is taken over, strings
 * and all, whatever becomes of the document.
 */
void doc_stack_add(struct doc *d, const char *key, bool repeats, struct doc_stack *s);

#endif
