/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of the text renderer share. */
#ifndef KD_UI_RENDER_PRIV_H
#define KD_UI_RENDER_PRIV_H

#include "ui/render_text.h"

/* Write N bytes: all text goes through here. LINK as in struct text_sink. */
void text_write(struct text_render *r, enum doc_style style, const char *link, const char *bytes,
		size_t n);
void text_put(struct text_render *r, enum doc_style style, const char *s);
void text_link(struct text_render *r, enum doc_style style, const char *link, const char *s);
/* Returns the number of bytes. */
size_t text_printf(struct text_render *r, enum doc_style style, const char *link, const char *fmt,
		   ...) KD_PRINTF(4, 5);
void text_pad(struct text_render *r, size_t n);
void text_end_line(struct text_render *r);
void text_mark(struct text_render *r, unsigned marks);

/* A task, its frames, registers and variables. */
int render_stack(struct text_render *r, const struct doc_stack *s);

/* "running, panicked", "sleeping", ... of a task and its state letter. */
const char *task_state_word(const struct task *t, char letter);

#endif
