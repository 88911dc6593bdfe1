/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of the text renderer share. */
#ifndef KD_UI_RENDER_PRIV_H
#define KD_UI_RENDER_PRIV_H

#include "ui/render_text.h"

/* Write S in a style. */
void text_put(struct text_render *r, enum doc_style style, const char *s);
void text_printf(struct text_render *r, enum doc_style style, const char *fmt, ...) KD_PRINTF(3, 4);

/* A task, its frames, registers and variables. */
int render_stack(struct text_render *r, const struct doc_stack *s);

/* "running, panicked", "sleeping", ... of a task and its state letter. */
const char *task_state_word(const struct task *t, char letter);

#endif
