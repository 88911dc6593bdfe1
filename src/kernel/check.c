// SPDX-License-Identifier: GPL-3.0-or-later
/* Counts had in two ways: see check.h. */
#include "kernel/check.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/damage.h"
#include "kernel/info.h"
#include "kernel/kernel.h"
#include "kernel/log.h"

static struct check *add(struct checks *c, const char *what, const char *source, uint64_t found,
			 uint64_t other)
{
	struct check *new = &c->list[c->n++];

	*new = (struct check){
		.what = what,
		.source = source,
		.found = found,
		.other = other,
		.agrees = found == other,
	};
	return new;
}

/* Tasks and CPUs ---------------------------------------------------------------- */

/* A difference is told with the list. */
static void check_tasks(const struct kernel *k, struct checks *c)
{
	uint64_t found = 0;

	if (k->tasks.nr_threads < 0 || !k->types)
		return;
	for (size_t i = 0; i < k->tasks.n; i++)
		found += !k->tasks.list[i].idle;
	add(c, "tasks", "nr_threads", found, (uint64_t)k->tasks.nr_threads);
}

static void check_cpus(const struct kernel *k, struct checks *c)
{
	uint64_t online = 0, noted = 0, counted;
	struct check *check;

	if (!symbols_by_name(k->symbols, "__cpu_online_mask"))
		return;
	for (size_t i = 0; i < k->cpus.n; i++) {
		online += k->cpus.list[i].online;
		noted += k->cpus.list[i].has_note && k->cpus.list[i].online;
	}
	/* a difference is told with the CPUs */
	add(c, "CPUs online", "registers in notes", online, noted);
	/* since v5.3 (0c09ab96fc82) */
	if (kernel_read_symbol(k, "__num_online_cpus", 4, &counted, NULL))
		return;
	check = add(c, "CPUs online", "__num_online_cpus", online, counted);
	if (!check->agrees)
		damage_note(&check->finding,
			    "CPUs: cpu_online_mask has %" PRIu64 ", but the kernel counted %" PRIu64
			    " (__num_online_cpus)", online, counted);
}

/* A crash note has the PID of what ran there; so has the CPU's current task. */
static void check_pids(const struct kernel *k, struct checks *c)
{
	uint64_t compared = 0, same = 0;
	char *finding = NULL;
	struct check *check;

	for (size_t i = 0; i < k->cpus.n; i++) {
		const struct cpu *cpu = &k->cpus.list[i];
		const struct task *t = cpu->current ? tasks_by_addr(&k->tasks, cpu->current) : NULL;

		if (!cpu->has_pid || !t || t->no_pid)
			continue;
		compared++;
		same += t->pid == cpu->note_pid;
		if (t->pid != cpu->note_pid)
			damage_note(&finding,
				    "CPUs: CPU %u ran PID %" PRIu32 ", but its crash note names PID %"
				    PRIu32, cpu->nr, t->pid, cpu->note_pid);
	}
	if (!compared)
		return;
	check = add(c, "CPUs' tasks", "PIDs in CPU notes", compared, same);
	check->finding = finding;
}

/* Modules ----------------------------------------------------------------------- */

#define LINKED_IN "Modules linked in:"
#define NAME_MAX_LEN 63

/*
 * A kernel with many modules does not get them all into one record (LOG_LINE_MAX, later
 * PRINTKRB_RECORD_MAX): what is about as long may go on somewhere else.
 */
#define RECORD_NEARLY_FULL 900

/* The names in the log, one by one: out of the list's record and those it goes on in. */
struct linked {
	const struct log *l;
	size_t record;
	const char *at;
	uint32_t caller;
	size_t len; /* of all texts so far */
	char name[NAME_MAX_LEN + 1];
	bool moving; /* was being loaded or unloaded */
};

/* One " name(FLAGS)" at *P; false: it is none, or the text ends. */
static bool take_name(const char **p, char *name, bool *moving)
{
	const char *s = *p + strspn(*p, " ");
	size_t n = 0;

	*moving = false;
	while (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == '-')
		n++;
	if (!n || n > NAME_MAX_LEN)
		return false;
	memcpy(name, s, n);
	name[n] = '\0';
	s += n;
	if (*s == '(') {
		size_t flags = strcspn(s, ")");

		*moving = memchr(s, '+', flags) || memchr(s, '-', flags);
		s += flags + (s[flags] == ')');
	}
	*p = s;
	return !*s || *s == ' ';
}

static bool is_names_only(const char *text)
{
	char name[NAME_MAX_LEN + 1];
	bool moving;

	if (*text != ' ')
		return false;
	while (text[strspn(text, " ")] && text[strspn(text, " ")] != '[')
		if (!take_name(&text, name, &moving))
			return false;
	return true;
}

static bool next_name(struct linked *w)
{
	for (;;) {
		const struct log_record *r;

		if (take_name(&w->at, w->name, &w->moving))
			return true;
		/* "[last unloaded: ...]" ends it */
		if (w->at[strspn(w->at, " ")] || ++w->record >= w->l->n)
			return false;
		r = &w->l->list[w->record];
		if (r->caller != w->caller || !r->text || !is_names_only(r->text))
			return false;
		w->at = r->text;
		w->len += r->len;
	}
}

/*
 * The last list that was printed as part of the crash: modules may come and go after an older one.
 * false: there is none.
 */
static bool find_linked(const struct log *l, const struct info *i, struct linked *w)
{
	size_t first = i->crashed ? i->panic_record : SIZE_MAX;

	for (size_t n = l->n; n-- > 0 && n >= first && first != SIZE_MAX;) {
		const struct log_record *r = &l->list[n];

		if (!r->text || strncmp(r->text, LINKED_IN, strlen(LINKED_IN)))
			continue;
		*w = (struct linked){ .l = l,
				      .record = n,
				      .at = r->text + strlen(LINKED_IN),
				      .caller = r->caller,
				      .len = r->len };
		return true;
	}
	return false;
}

/* Names of one side, as many as a sentence bears. */
struct names {
	char text[256];
	size_t n;
};

static void add_name(struct names *names, const char *name)
{
	size_t used = strlen(names->text);

	if (names->n++ < 4)
		snprintf(names->text + used, sizeof(names->text) - used, "%s%s", used ? ", " : "",
			 name);
	else if (names->n == 5)
		snprintf(names->text + used, sizeof(names->text) - used, ", ...");
}

static bool in_transit(const struct module *m)
{
	return strcmp(m->state, "live") != 0;
}

/*
 * Which modules of the list the log names, in MARKS; into EXTRA which it names besides. A module
 * that is coming or going may be in either alone. Returns how many names there are.
 */
static uint64_t read_linked(const struct kernel *k, struct linked *w, bool *marks,
			    struct names *extra)
{
	uint64_t n = 0;

	for (; next_name(w); n++) {
		bool found = false;

		for (size_t i = 0; i < k->modules.n && !found; i++) {
			found = !strcmp(k->modules.list[i].name, w->name);
			marks[i] |= found;
		}
		if (!found && !w->moving)
			add_name(extra, w->name);
	}
	return n;
}

static void check_modules(const struct kernel *k, const struct log *l, const struct info *i,
			  struct checks *c)
{
	_cleanup_(freep) bool *marks = calloc(k->modules.n + 1, sizeof(*marks));
	struct names extra = { 0 }, lacking = { 0 };
	struct linked w;
	struct check *check;
	uint64_t printed;

	/* where the list is not known there is nothing to compare */
	if (!marks || (!k->modules.n && k->modules.damage) || !find_linked(l, i, &w))
		return;
	printed = read_linked(k, &w, marks, &extra);
	for (size_t n = 0; n < k->modules.n; n++)
		if (!marks[n] && !in_transit(&k->modules.list[n]))
			add_name(&lacking, k->modules.list[n].name);
	if (lacking.n && !extra.n && w.len > RECORD_NEARLY_FULL)
		return;
	check = add(c, "modules", "the log", k->modules.n, printed);
	check->agrees = !extra.n && !lacking.n;
	if (extra.n)
		damage_note(&check->finding,
			    "modules: the log of the crash names %zu that the list does not have: %s",
			    extra.n, extra.text);
	if (lacking.n)
		damage_note(&check->finding,
			    "modules: the list has %zu that the log of the crash does not name: %s",
			    lacking.n, lacking.text);
}

void checks_read(const struct kernel *k, const struct log *l, const struct info *i,
		 struct checks *out)
{
	*out = (struct checks){ 0 };
	check_tasks(k, out);
	check_cpus(k, out);
	check_pids(k, out);
	if (l && i)
		check_modules(k, l, i, out);
}

void checks_fini(struct checks *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->list[i].finding);
	*c = (struct checks){ 0 };
}
