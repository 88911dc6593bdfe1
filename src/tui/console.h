/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console of gdb: what was asked and what it said, as one document. */
#ifndef KD_TUI_CONSOLE_H
#define KD_TUI_CONSOLE_H

#include "ui/doc.h"

#define CONSOLE_ENTRIES 500	    /* older ones are forgotten, */
#define CONSOLE_BYTES (4u << 20) /* and those beyond so many bytes */

struct console_entry {
	uint64_t id; /* of the question; 0: answered */
	char *question, *answer;
	bool failed;
};

struct console {
	struct console_entry *list;
	size_t n, bytes;
};

/* A question was asked; ID is its job's. KD_NOMEM. */
int console_ask(struct console *c, uint64_t id, const char *question);
/* Is it one of the console's? */
bool console_has(const struct console *c, uint64_t id);
/* Its answer; a failure has ERR. */
void console_answer(struct console *c, uint64_t id, const struct doc *d, const struct kd_err *err);
void console_doc(const struct console *c, struct doc *d);
void console_fini(struct console *c);

#endif
