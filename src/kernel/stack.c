// SPDX-License-Identifier: GPL-3.0-or-later
/* Stacks: see stack.h. */
#include "kernel/stack.h"

#include <string.h>

void frame_fini(struct frame *f)
{
	free(f->function);
	free(f->module);
	free(f->file);
	for (size_t i = 0; i < f->nvars; i++) {
		free(f->vars[i].name);
		free(f->vars[i].value);
		free(f->vars[i].type);
	}
	free(f->vars);
}

struct frame *stack_push(struct stack *s)
{
	struct frame *grown = reallocarray(s->frames, s->nframes + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	s->frames = grown;
	s->frames[s->nframes] = (struct frame){ 0 };
	return &s->frames[s->nframes++];
}

void stack_fini(struct stack *s)
{
	for (size_t i = 0; i < s->nframes; i++)
		frame_fini(&s->frames[i]);
	free(s->frames);
	free(s->stop);
	*s = (struct stack){ 0 };
}

size_t stack_first_guess(const struct stack *s)
{
	size_t i = 0;

	while (i < s->nframes && s->frames[i].how != FRAME_HOW_GUESS)
		i++;
	return i;
}

bool symbol_is_of(const char *symbol, const char *function)
{
	size_t n = strlen(function);

	return !strncmp(function, symbol, n) && (!symbol[n] || symbol[n] == '.');
}

const char *source_below(const char *root, const char *file)
{
	size_t n = root ? strlen(root) : 0;
	const char *arch = file && *file == '/' ? strstr(file, "/arch/") : NULL;

	if (file && n && !strncmp(file, root, n))
		file += n;
	else if (arch)
		file = arch + 1;
	return file && !strncmp(file, "./", 2) ? file + 2 : file;
}
