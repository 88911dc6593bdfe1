/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Links of the lines that types and memory by them are shown as: a pointer leads to
 * what it points to, by its type; a list_head to the list; what is closed opens.
 */
#ifndef KD_UI_TYPE_LINK_H
#define KD_UI_TYPE_LINK_H

#include "kernel/type_print.h"
#include "ui/doc.h"

struct type_link {
	const struct kernel *k;
	const char *outer; /* name of the outermost struct; NULL: it has none */
	vaddr_t base;	   /* where that lies; 0 for definitions */
};

/* The cell with the name of a line, and that with its value; each is taken over. */
struct doc_cell type_link_name(const struct type_link *t, struct doc_cell c,
			       const struct type_line *l);
struct doc_cell type_link_value(const struct type_link *t, struct doc_cell c,
				const struct type_line *l);

#endif
