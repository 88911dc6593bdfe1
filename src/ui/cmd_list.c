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
#define MEMBERS_MAX 32

struct listing {
	struct session *s;
	struct doc *d;
	bool contents; /* -s: each entry with its contents */
	char *name;    /* owned: of the type, and behind it the members, cut apart */
	struct type_ref type;
	struct part_member members[MEMBERS_MAX]; /* to show */
	size_t nmembers;			 /* 0: all */
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

/* Members on one line: elements of an array one after the other, structs closed. */
static struct doc_cell member_cell(const struct listing *l, vaddr_t entry)
{
	struct joined j = { .n = 0 };
	struct doc_cell c;

	j.out = open_memstream(&j.text, &j.size);
	if (!j.out)
		return doc_none("out of memory");
	for (size_t i = 0; i < l->nmembers; i++) {
		struct type_print p = {
			.k = l->s->k,
			.max_elements = PART_TYPE_ELEMENTS,
			.max_lines = PART_TYPE_ELEMENTS + 1,
			.radix = l->how.radix,
			.line = join_line,
			.data = &j,
		};

		j.n = 0;
		if (l->nmembers > 1)
			fprintf(j.out, "%s%s = ", i ? "  " : "", l->members[i].path);
		type_print_member(&p, &l->members[i].m, l->members[i].path, entry);
	}
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

	if (l->contents && !l->nmembers) {
		doc_section_of(l->d, "entries", NULL);
		doc_fields(l->d, NULL);
		doc_field(l->d, "entry", "entry", entry_cell(l, entry));
		part_type_value(l->d, &l->how, &l->type, NULL, 0, entry);
		doc_section_end(l->d);
		doc_flush(l->d);
	} else {
		doc_put(l->d, entry_cell(l, entry));
		value_describe(l->s->k, l->s->task, entry, buf, sizeof(buf));
		doc_put(l->d, *buf ? link_address(doc_styled(doc_str(buf), DOC_NAME), entry)
				   : doc_none(NULL));
		doc_put(l->d, l->nmembers ? member_cell(l, entry) : doc_none(NULL));
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

/* "STRUCT.member,member": all of one struct. */
static int take_type(struct listing *l, const char *text, struct kd_err *err)
{
	struct type_found found;
	char *list;
	int ret;

	l->name = strdup(text);
	if (!l->name)
		return kd_nomem(err);
	list = strchr(l->name, '.');
	if (list)
		*list++ = '\0';
	l->contents = true;
	ret = type_search(l->s->k, l->name, 0, &found, err);
	if (!ret)
		l->type = found.type;
	for (char *next; list && !ret; list = next) {
		struct part_member *m = &l->members[l->nmembers];

		next = strchr(list, ',');
		if (next)
			*next++ = '\0';
		if (l->nmembers == MEMBERS_MAX)
			return kd_fail(err, KD_USAGE, "more than %d members", MEMBERS_MAX);
		m->path = list;
		ret = type_member_path(&l->type, list, &m->m, err);
		l->nmembers += !ret;
	}
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

static int take_words(struct listing *l, struct list_walk *w, const struct args *a,
		      struct kd_err *err)
{
	/* "OFFSET START", or START alone */
	const char *offset = a->nwords > 1 ? a->words[0] : args_value(a, "offset");
	int ret = address_select(l->s, a->words[a->nwords - 1], NULL, &w->start, err);

	if (!ret && a->nwords > 1 && args_has(a, "offset"))
		ret = kd_fail(err, KD_USAGE, "the offset was given twice");
	if (!ret)
		ret = args_number(a, "limit", 1 << 24, &w->limit, err);
	if (!ret && offset)
		ret = take_offset(l->s, offset, w, err);
	if (!ret && args_has(a, "struct"))
		ret = take_type(l, args_value(a, "struct"), err);
	w->is_head = args_has(a, "head");
	w->plain = w->plain || args_has(a, "plain");
	w->back = args_has(a, "reverse");
	if (!ret && w->back && w->plain)
		ret = kd_fail(err, KD_USAGE, "only a list_head leads backwards");
	return ret;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct listing l = { .s = s, .d = d };
	struct list_walk w = {
		.space = &s->k->space, .entry = put_entry, .data = &l, .limit = LIST_DEFAULT
	};
	int ret = take_words(&l, &w, a, err);

	l.how = (struct part_type){
		.k = s->k,
		.depth = 1,
		.elements = PART_TYPE_ELEMENTS,
		.lines = PART_TYPE_LINES,
		.radix = args_has(a, "hex") ? 16 : 0,
	};
	if (!ret && (!l.contents || l.nmembers))
		doc_table(d, "entries", DOC_LINES, columns, KD_ARRAY_SIZE(columns));
	if (!ret)
		ret = finish(&l, &w, list_walk(&w), err);
	free(l.name);
	return ret;
}

static const struct opt_def options[] = {
	{ 'H', "head", NULL, "ADDR is a head (list_head, hlist_head), no entry itself" },
	{ 'h', "entry", NULL, "ADDR is an entry, which goes without saying" },
	{ 'r', "reverse", NULL, "the other way round, by what a list_head has as prev" },
	{ 'x', "hex", NULL, "numbers in hexadecimal" },
	{ 'p', "plain", NULL, "pointers lead to entries, not to the pointers within them" },
	{ 'o', "offset", "OFFSET|STRUCT.MEMBER", "where in an entry the link is (0)" },
	{ 's', "struct", "STRUCT[.MEMBER[,...]]", "show each entry by this type" },
	{ 0, "limit", "N", "at most N entries (10000)" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "list -H modules -o module.list -s module.name", "names of all modules" },
	{ "list task_struct.tasks -s task_struct.pid,comm -h init_task", "from an entry on" },
	{ NULL, NULL },
};

const struct command cmd_list = {
	.name = "list",
	.group = "memory and symbols",
	.synopsis = "[OFFSET|STRUCT.MEMBER] ADDR|SYMBOL[+OFF]|EXPRESSION",
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
	.max = 2,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_SYMBOLS,
	.run = run,
};
