// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Follow the links of documents, as a screen would:
 *
 *	make build/unit/links_run
 *	links_run VMCORE VMLINUX DEPTH LINE...
 *
 * Runs the lines, natively. DEPTH 0 prints each line of their documents, and below it its
 * links: "\tTEXT -> COMMAND". Otherwise every link is run too, and those of its document, down
 * to DEPTH, each command once; those that fail are printed. Documents of the lines are walked
 * through on screens of several sizes, too. Ends with 0 when none failed.
 */
#include <assert.h>
#include <locale.h>
#include <search.h>
#include <string.h>

#include "core/arch.h"
#include "tui/sheet.h"
#include "ui/line_doc.h"
#include "ui/session.h"

#undef NDEBUG
#define assert_true(c) assert(c)
#define assert_int_equal(a, b) assert((a) == (b))
#include "view_grid.h"

#define LINKS_MAX 256

struct walk {
	struct session *s;
	unsigned digits, depth;
	void *seen; /* tsearch() */
	unsigned long ran, failed;
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void follow(struct walk *w, const char *line, unsigned depth);

/* From the first line to the last and back, painted at each step: view_grid.h looks at it. */
static void walk_through(struct view *v, unsigned width, unsigned height)
{
	static struct grid g;
	size_t lines = 0;

	assert_int_equal(view_resize(v, width, height, NULL), 0);
	view_home(v);
	do {
		grid_paint(&g, v, width, height);
		assert_true(!view_count(v) || grid_cursor(&g) >= 0);
		if (lines++ % 5 == 0)
			view_shift(v, 7);
	} while (view_move(v, 1));
	assert_true(!view_count(v) || view_cursor(v) == view_count(v) - 1);
	while (view_page(v, -1))
		grid_paint(&g, v, width, height);
	assert_int_equal(view_cursor(v), 0);
	while (view_link_step(v, 1)) {
		char *target = view_target(v);

		assert_true(target && link_is_plain(target));
		free(target);
	}
}

/* D is taken over. */
static void look_at(struct walk *w, const char *line, struct doc *d)
{
	static const unsigned sizes[][2] = { { 200, 40 }, { 80, 24 }, { 40, 10 }, { 3, 3 } };
	struct view *v;

	assert_int_equal(view_new(line, w->digits, &v, NULL), 0);
	assert_int_equal(view_replace(v, d, VIEW_NATIVE, NULL, NULL), 0);
	for (size_t i = 0; i < KD_ARRAY_SIZE(sizes); i++) {
		view_set_wrap(v, false);
		walk_through(v, sizes[i][0], sizes[i][1]);
		view_set_wrap(v, true);
		walk_through(v, sizes[i][0], sizes[i][1]);
	}
	view_free(v);
}

/* COMMAND is taken over. */
static void visit(struct walk *w, const struct sheet_line *l, const struct sheet_link *link,
		  char *command, unsigned depth)
{
	char **at;

	if (!w->depth)
		printf("\t%.*s -> %s\n", (int)link->len, l->text + link->start, command);
	at = depth < w->depth ? tsearch(command, &w->seen, compare) : NULL;
	if (at && *at == command)
		follow(w, command, depth + 1);
	else
		free(command);
}

static void follow(struct walk *w, const char *line, unsigned depth)
{
	struct kd_err err = KD_ERR_INIT;
	struct sheet *sheet;
	struct doc d;

	doc_init(&d, NULL);
	w->ran++;
	if (line_doc(w->s, line, &d, &err)) {
		w->failed++;
		printf("failed: %s: %s\n", line, err.text);
	}
	if (sheet_make(&d, 80, &sheet, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	for (size_t i = 0; i < sheet_count(sheet); i++) {
		struct sheet_line l = sheet_at(sheet, i);
		struct sheet_link links[LINKS_MAX];
		size_t n = sheet_links(&l, w->digits, links, LINKS_MAX);

		if (!w->depth)
			printf("%.*s\n", (int)l.len, l.text);
		for (size_t j = 0; j < n && j < LINKS_MAX; j++)
			visit(w, &l, &links[j], sheet_link_command(&l, &links[j]), depth);
	}
	sheet_free(sheet);
	if (w->depth && !depth)
		look_at(w, line, &d);
	doc_fini(&d);
}

int main(int argc, char **argv)
{
	struct session_options o = { .engine = ENGINE_NATIVE };
	struct kd_err err = KD_ERR_INIT;
	struct walk w = { 0 };

	if (argc < 5)
		return 2;
	setlocale(LC_ALL, "C.UTF-8");
	o.dump_path = argv[1];
	o.vmlinux_path = argv[2];
	if (session_open(&o, &w.s, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	w.digits = 2u * w.s->k->arch->ptr_size;
	w.depth = (unsigned)atoi(argv[3]);
	for (int i = 4; i < argc; i++)
		follow(&w, argv[i], 0);
	if (w.depth)
		printf("%lu commands, %lu failed\n", w.ran, w.failed);
	tdestroy(w.seen, free);
	session_close(w.s);
	return w.failed != 0;
}
