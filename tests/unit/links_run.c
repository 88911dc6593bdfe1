// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Follow the links of documents, as a screen would:
 *
 *	make build/unit/links_run
 *	links_run VMCORE VMLINUX DEPTH LINE...
 *
 * Runs the lines, natively. DEPTH 0 prints each line of their documents, and below it its
 * links: "\tTEXT -> COMMAND". Otherwise every link is run too, and those of its document, down
 * to DEPTH, each command once; those that fail are printed. Ends with 0 when none failed.
 */
#include <locale.h>
#include <search.h>
#include <string.h>

#include "core/arch.h"
#include "tui/sheet.h"
#include "ui/line_doc.h"
#include "ui/session.h"

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
