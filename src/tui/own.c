// SPDX-License-Identifier: GPL-3.0-or-later
/* Documents of the TUI itself: help, messages, gdb's console, the opening. */
#include <string.h>

#include "tui/tui_priv.h"
#include "ui/render_json.h"

static void keys_doc(struct doc *d)
{
	const struct key_group *g;

	for (size_t i = 0; (g = keys_group(i)); i++) {
		doc_section_of(d, "keys", g->title);
		doc_fields(d, NULL);
		for (const struct key *k = g->keys; k->code; k++) {
			struct doc_cell c = doc_str(k->help);

			/* Its own links come far below. */
			doc_field(d, "key", k->shown, !i && k == g->keys ? doc_here(c) : c);
		}
		doc_section_end(d);
	}
}

static void help_doc(struct doc *d)
{
	static const struct doc_column columns[] = {
		{ .key = "command", .title = "COMMAND" },
		{ .key = "summary", .title = "WHAT IT SHOWS" },
	};
	const struct command *c;

	keys_doc(d);
	doc_section(d, "commands", "Commands, typed after : (Enter on one tells more)");
	doc_table(d, "commands", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	for (size_t i = 0; (c = command_at(i)); i++) {
		if (!(c->flags & CMD_PROMPT))
			continue;
		doc_put(d, doc_linked(doc_styled(doc_str(c->name), DOC_NAME), "help %s", c->name));
		doc_put(d, doc_str(c->summary));
	}
	doc_section_end(d);
	doc_section(d, "lines", "Lines of their own");
	doc_fields(d, NULL);
	doc_field(d, "line", "COMMAND | SHELL", doc_str("what a shell command makes of the answer"));
	doc_field(d, "line", "COMMAND > FILE", doc_str("write the answer to a file (>> appends)"));
	doc_field(d, "line", ":w FILE", doc_str("write this view to a file, as JSON where FILE "
						"ends in .json; :w! overwrites"));
	doc_field(d, "line", ":!SHELL", doc_str("a shell command on this terminal"));
	doc_field(d, "line", ":| SHELL", doc_str("the same, with this view as its input"));
	doc_field(d, "line", ":NUMBER", doc_str("go to a line"));
	doc_field(d, "line", ":messages", doc_str("messages so far"));
	doc_field(d, "line", ":q", doc_str("quit"));
	doc_section_end(d);
	doc_section(d, "marks", "Marks");
	doc_fields(d, NULL);
	doc_field(d, "mark", ">", doc_str("the cursor"));
	doc_field(d, "mark", "!", doc_str("a finding or warning"));
	doc_field(d, "mark", "*", doc_str("what crashed: its task, its CPU"));
	doc_field(d, "mark", "?", doc_str("a frame that is a guess"));
	doc_field(d, "mark", "~", doc_str("the line goes on: scroll sideways, or W wraps"));
	doc_section_end(d);
}

/* What was done so far, and how long it took. */
static void opening_doc(const struct tui *t, struct doc *d)
{
	static const struct doc_column columns[] = {
		{ .key = "step", .min_width = 24 },
		{ .key = "seconds" },
	};

	doc_fields(d, "opening");
	doc_field(d, "dump", "dump", doc_str(t->cli->dump));
	doc_field(d, "vmlinux", "vmlinux",
		  t->cli->vmlinux ? doc_str(t->cli->vmlinux) : doc_none("to be found"));
	doc_table(d, "steps", DOC_LINES, columns, KD_ARRAY_SIZE(columns));
	for (size_t i = 0; i < t->nsteps; i++) {
		unsigned ms = i + 1 < t->nsteps ? t->steps[i + 1].ms - t->steps[i].ms : 0;

		doc_put(d, doc_str(t->steps[i].what));
		doc_put(d, i + 1 < t->nsteps ? doc_fmt("%u.%u s", ms / 1000, ms / 100 % 10) :
					       doc_str("..."));
	}
}

int own_json(const struct view *v, FILE *out, struct kd_err *err)
{
	const char *command = view_command(v);
	char word[32];
	struct json_render r;
	int ret;

	snprintf(word, sizeof(word), "%.*s", (int)kd_min(strcspn(command, " "), 31), command);
	ret = json_render_init(&r, word, err);
	if (ret)
		return ret;
	for (const struct doc_node *n = view_doc(v)->root.first; n && !ret; n = n->next)
		ret = render_json_node(&r, n);
	ret = ret ? kd_nomem(err) : json_render_end(&r, NULL, out, err);
	json_render_fini(&r);
	return ret;
}

/* A view as JSON, as another document. */
static void json_doc(const struct view *v, struct doc *d)
{
	char *text = NULL;
	size_t size = 0;
	struct kd_err err = KD_ERR_INIT;
	FILE *f;

	if (!v || !view_doc(v)) {
		doc_note(d, DOC_HINT, "it was long ago: < goes back, and J makes it anew");
		return;
	}
	f = open_memstream(&text, &size);
	if (!f)
		return;
	if (own_json(v, f, &err))
		doc_note(d, DOC_FINDING, "%s", err.text);
	if (!fclose(f))
		doc_text(d, "json", doc_strn(text, size));
	free(text);
}

void own_doc(struct tui *t, const char *line, struct doc *d)
{
	doc_init(d, NULL);
	if (!strcmp(line, ":help"))
		help_doc(d);
	else if (!strcmp(line, ":messages"))
		messages_doc(&t->messages, d);
	else if (!strcmp(line, ":gdb"))
		console_doc(&t->console, d);
	else if (!strcmp(line, ":opening"))
		opening_doc(t, d);
	else
		json_doc(t->json_of, d);
}
