// SPDX-License-Identifier: GPL-3.0-or-later
/* list: entries of a linked list. */
#include <inttypes.h>
#include <string.h>

#include "kernel/listwalk.h"
#include "kernel/type_print.h"
#include "kernel/type_search.h"
#include "ui/commands.h"
#include "ui/links.h"
#include "ui/parts.h"
#include "ui/select.h"

#define LIST_DEFAULT 10000

struct listing {
	struct session *s;
	struct doc *d;
	bool contents;	  /* -s: each entry with its contents */
	const char *name; /* of the type */
	struct type_ref type;
	struct type_info info;
	struct type_member member;
	const char *path; /* of the member to show; NULL: all */
	struct part_type how;
};

static const struct doc_column columns[] = {
	{ .key = "entry" },
	{ .key = "meaning", .before = "  " },
	{ .key = "value", .before = "  " },
};

struct joined {
	char *text; /* owned */
	size_t size;
	FILE *out;
	unsigned n;
};

static int join_line(void *data, const struct type_line *line)
{
	struct joined *j = data;

	if (line->value)
		fprintf(j->out, "%s%s", j->n++ ? ", " : "", line->value);
	return 0;
}

/* A member on one line: elements of an array one after the other, structs closed. */
static struct doc_cell member_cell(const struct listing *l, vaddr_t entry)
{
	struct joined j = { .n = 0 };
	struct type_print p = {
		.k = l->s->k,
		.max_elements = PART_TYPE_ELEMENTS,
		.max_lines = PART_TYPE_ELEMENTS + 1,
		.line = join_line,
		.data = &j,
	};
	struct doc_cell c;

	j.out = open_memstream(&j.text, &j.size);
	if (!j.out)
		return doc_none("out of memory");
	type_print_member(&p, &l->member, l->path, entry);
	fclose(j.out);
	c = doc_styled(doc_str(j.text), DOC_STRONG);
	free(j.text);
	return c;
}

static struct doc_cell entry_cell(const struct listing *l, vaddr_t entry)
{
	struct doc_cell c = doc_addr(l->s->k->arch, entry);

	return l->contents ? link_object(c, l->name, entry) : link_address(c, entry);
}

static int put_entry(void *data, vaddr_t entry)
{
	struct listing *l = data;
	char buf[256];

	if (l->contents && !l->path) {
		doc_section_of(l->d, "entries", NULL);
		doc_fields(l->d, NULL);
		doc_field(l->d, "entry", "entry", entry_cell(l, entry));
		part_type_value(l->d, &l->how, &l->type, NULL, "", entry);
		doc_section_end(l->d);
		doc_flush(l->d);
	} else {
		doc_put(l->d, entry_cell(l, entry));
		value_describe(l->s->k, l->s->task, entry, buf, sizeof(buf));
		doc_put(l->d, *buf ? link_address(doc_styled(doc_str(buf), DOC_NAME), entry)
				   : doc_none(NULL));
		doc_put(l->d, l->path ? member_cell(l, entry) : doc_none(NULL));
	}
	return doc_status(l->d) ? doc_status(l->d) : session_cancelled(NULL);
}

/*
 * "STRUCT.member" or a number of bytes: where the pointer to the next entry is. A
 * member that is a pointer leads to the entry, one that is a struct (list_head,
 * hlist_node, llist_node) to the struct in the next.
 */
static int take_offset(struct session *s, const char *word, struct list_walk *w, struct kd_err *err)
{
	struct type_member m;
	struct type_info info;
	struct type_found found;
	char name[256], *dot;
	int ret;

	if (parse_number(word, &w->offset))
		return 0;
	snprintf(name, sizeof(name), "%s", word);
	dot = strchr(name, '.');
	if (!dot)
		return kd_fail(err, KD_USAGE, "\"%s\" is neither an offset nor STRUCT.MEMBER",
			       word);
	*dot = '\0';
	ret = type_search(s->k, name, w->start, &found, err);
	if (!ret)
		ret = type_member_path(&found.type, dot + 1, &m, err);
	if (ret)
		return ret;
	w->offset = m.offset;
	w->plain = type_peel(&m.type, &info) && info.kind == TYPE_POINTER;
	return 0;
}

static int take_type(struct listing *l, char *name, struct kd_err *err)
{
	char *dot = strchr(name, '.');
	struct type_found found;
	int ret;

	if (dot)
		*dot = '\0';
	l->path = dot ? dot + 1 : NULL;
	l->contents = true;
	l->name = name;
	ret = type_search(l->s->k, name, 0, &found, err);
	if (!ret)
		l->type = found.type;
	if (!ret && l->path)
		ret = type_member_path(&l->type, l->path, &l->member, err);
	return ret;
}

static int finish(struct listing *l, const struct list_walk *w, enum list_end end,
		  struct kd_err *err)
{
	const struct arch *arch = l->s->k->arch;
	int digits = 2 * arch->ptr_size;

	session_progress_end(l->s);
	switch (end) {
	case LIST_NULL:
	case LIST_START:
		doc_note(l->d, DOC_HINT, "%" PRIu64 " entr%s", w->n, w->n == 1 ? "y" : "ies");
		return 0;
	case LIST_LIMIT:
		doc_note(l->d, DOC_HINT, "only the first %" PRIu64 " entries: --limit takes more",
			 w->n);
		return 0;
	case LIST_LOOP:
		doc_note(l->d, DOC_FINDING,
			 "the list is damaged: after %" PRIu64
			 " entries it comes back to 0x%0*" PRIx64 ", which is not its start",
			 w->n, digits, w->last);
		return 0;
	case LIST_POISON:
		doc_note(l->d, DOC_FINDING,
			 "the list is damaged or ends with a mark: after %" PRIu64
			 " entries the next pointer is 0x%0*" PRIx64,
			 w->n, digits, w->last);
		return 0;
	case LIST_MISSING:
		if (w->n <= !w->is_head)
			return kd_fail(err, w->status, "address 0x%" PRIx64 ": %s", w->last,
				       kd_status_name(w->status));
		doc_note(l->d, DOC_FINDING,
			 "the list can not be followed after %" PRIu64 " entries: 0x%0*" PRIx64
			 " is %s",
			 w->n, digits, w->last, kd_status_name(w->status));
		return 0;
	default:
		return session_cancelled(err);
	}
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct listing l = { .s = s, .d = d };
	struct list_walk w = {
		.space = &s->k->space, .entry = put_entry, .data = &l, .limit = LIST_DEFAULT
	};
	_cleanup_(freep) char *type = NULL;
	int ret = address_select(s, a->words[0], NULL, &w.start, err);

	l.how = (struct part_type){
		.k = s->k, .depth = 1, .elements = PART_TYPE_ELEMENTS, .lines = PART_TYPE_LINES
	};
	if (!ret)
		ret = args_number(a, "limit", 1 << 24, &w.limit, err);
	if (!ret && args_has(a, "offset"))
		ret = take_offset(s, args_value(a, "offset"), &w, err);
	if (!ret && args_has(a, "struct")) {
		type = strdup(args_value(a, "struct"));
		ret = type ? take_type(&l, type, err) : kd_nomem(err);
	}
	if (ret)
		return ret;
	w.is_head = args_has(a, "head");
	w.plain = w.plain || args_has(a, "plain");
	if (!l.contents || l.path)
		doc_table(d, "entries", DOC_LINES, columns, KD_ARRAY_SIZE(columns));
	return finish(&l, &w, list_walk(&w), err);
}

static const struct opt_def options[] = {
	{ 'H', "head", NULL, "ADDR is a head (list_head, hlist_head), no entry itself" },
	{ 'p', "plain", NULL, "pointers lead to entries, not to the pointers within them" },
	{ 'o', "offset", "OFFSET|STRUCT.MEMBER", "where in an entry the link is (0)" },
	{ 's', "struct", "STRUCT[.MEMBER]", "show each entry by this type" },
	{ 0, "limit", "N", "at most N entries (10000)" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "list -H modules -o module.list -s module.name", "names of all modules" },
	{ "list init_task -o task_struct.tasks -s task_struct.comm", "from an entry on" },
	{ NULL, NULL },
};

const struct command cmd_list = {
	.name = "list",
	.group = "memory and symbols",
	.synopsis = "ADDR|SYMBOL[+OFF]|EXPRESSION",
	.summary = "the entries of a linked list",
	.help = "From an entry on or, with -H, from the head of a list_head, hlist_head, "
		"llist_head\n"
		"or the like. The link of a list_head leads to the link in the next entry; where\n"
		"STRUCT.MEMBER is a pointer, or with -p, it leads to the next entry itself. The "
		"walk\n"
		"ends at NULL or where it began; a loop that does not come back to the start, and\n"
		"memory that is missing, are told. From an entry of a list_head on, the head "
		"itself\n"
		"shows up as an entry.",
	.options = options,
	.examples = examples,
	.min = 1,
	.max = 1,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_SYMBOLS,
	.run = run,
};
