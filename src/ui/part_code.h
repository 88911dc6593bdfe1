/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Code as parts of answers: disassembly, source text. */
#ifndef KD_UI_PART_CODE_H
#define KD_UI_PART_CODE_H

#include "ui/doc.h"
#include "ui/session.h"

struct disasm;

#define PART_CODE_MAX 20000 /* instructions of one answer */

struct part_code {
	struct session *s;
	struct disasm *disasm;
	bool has_mark;
	vaddr_t mark; /* of the instruction to stand out: about to run, or returned to */
	bool no_source; /* not even where it is known */
};

/*
 * The instructions from FROM up to END, at most MAX, as a table under "code". The
 * source line stands where it changes. KD_CANCELLED; what cannot be read is said in
 * the table and is its end, an error (of space_read()) only if it was the first.
 */
int part_code(const struct part_code *c, struct doc *d, vaddr_t from, vaddr_t end, size_t max,
	      struct kd_err *err);

/*
 * The source around LINE, AROUND lines before and after it, as a table under "source".
 * FILE is a name out of debug information; it is looked for in the session's source
 * folders. KD_NOTFOUND: it is in none, with all that were tried.
 */
int part_source(const struct session *s, struct doc *d, const char *file, unsigned line,
		unsigned around, struct kd_err *err);

#endif
