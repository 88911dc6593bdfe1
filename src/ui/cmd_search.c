// SPDX-License-Identifier: GPL-3.0-or-later
/* search: where in memory a value or a text stands. */
#include <inttypes.h>
#include <string.h>

#include "ui/commands.h"
#include "ui/links.h"
#include "ui/parts.h"
#include "ui/select.h"

#define CHUNK (1u << 20) /* bytes read at once */
#define TEXT_MAX 256	 /* bytes looked for */
#define HITS_DEFAULT 1000

struct search {
	struct session *s;
	struct doc *d;
	uint8_t want[TEXT_MAX];
	size_t len;    /* bytes of it */
	size_t step;   /* places are multiples of it */
	uint64_t mask; /* of a value: bits that count */
	bool has_mask;
	bool physical; /* addresses are */
	uint64_t limit, hits;
	uint64_t done, total; /* bytes, for the count shown */
	uint64_t skipped;     /* bytes that are missing */
	uint64_t begun;
	const struct task *task; /* whose stack it is in */
	uint8_t *buf;		 /* CHUNK + TEXT_MAX */
};

static const struct doc_column columns[] = {
	{ .key = "address" },
	{ .key = "value", .before = ": " },
	{ .key = "meaning", .before = "  " },
	{ .key = "pid", .flags = DOC_ONLY_JSON },
};

static void put_hit(struct search *q, uint64_t at, const uint8_t *p)
{
	const struct kernel *k = q->s->k;
	char buf[256] = "";
	uint64_t v = 0;

	doc_put(q->d,
		q->physical
			? doc_linked((struct doc_cell){ .type = DOC_ADDR, .num = at, .digits = 10 },
				     "mem -p 0x%" PRIx64, at)
			: doc_linked(doc_addr(k->arch, at), "mem 0x%" PRIx64, at));
	memcpy(&v, p, kd_min(q->len, sizeof(v)));
	doc_put(q->d, q->step == 1 ? doc_strn((const char *)p, q->len) : doc_hex(v));
	if (q->task)
		snprintf(buf, sizeof(buf), "stack of %" PRIu32 " %.16s +0x%" PRIx64, q->task->pid,
			 q->task->comm, at - q->task->stack);
	else if (!q->physical)
		value_describe(k, NULL, at, buf, sizeof(buf));
	doc_put(q->d, *buf ? link_address(doc_styled(doc_str(buf), DOC_NAME), at) : doc_none(NULL));
	doc_put(q->d, q->task ? doc_uint(q->task->pid) : doc_none(NULL));
}

static bool is_hit(const struct search *q, const uint8_t *p)
{
	uint64_t v = 0, want = 0;

	if (!q->has_mask)
		return *p == *q->want && !memcmp(p, q->want, q->len);
	memcpy(&v, p, q->len);
	memcpy(&want, q->want, q->len);
	return !((v ^ want) & q->mask);
}

/* Places in N bytes from AT on. */
static void look_through(struct search *q, uint64_t at, const uint8_t *p, size_t n)
{
	size_t i = (size_t)((q->step - at % q->step) % q->step);

	for (; i + q->len <= n && q->hits < q->limit; i += q->step) {
		if (!is_hit(q, p + i))
			continue;
		put_hit(q, at + i, p + i);
		q->hits++;
	}
}

static int read_some(const struct search *q, uint64_t at, void *buf, size_t len, size_t *done)
{
	return q->physical ? dump_read(q->s->k->dump, at, buf, len, done, NULL)
			   : space_read(&q->s->k->space, at, buf, len, done, NULL);
}

/* Bytes to skip where memory is missing: a page, or, of a virtual area, all that is unmapped. */
static uint64_t next_page(const struct search *q, uint64_t at)
{
	uint64_t page = UINT64_C(1) << q->s->k->arch->page_shift;
	struct arch_walk w;

	if (!q->physical && q->s->k->arch->walk &&
	    q->s->k->arch->walk(&q->s->k->space, at, &w, NULL) == KD_UNMAPPED) {
		/* an empty entry of an upper table spans more than a page */
		unsigned levels = q->s->k->space.levels;

		for (unsigned i = w.nsteps; w.nsteps && i < levels && i < ARCH_WALK_STEPS; i++)
			page <<= q->s->k->arch->ptr_size == 4 && levels == 2 ? 10 : 9;
	}
	return (at | (page - 1)) + 1;
}

/* [START, END). A place that crosses a chunk's border is found by reading on a little. */
static int search_range(struct search *q, uint64_t start, uint64_t end, struct kd_err *err)
{
	uint64_t at = start, base = q->done;

	while (at < end && q->hits < q->limit) {
		size_t want = (size_t)kd_min(CHUNK, end - at), more, done;
		int ret = session_cancelled(err);

		if (ret)
			return ret;
		more = (size_t)kd_min(want + q->len - 1, end - at);
		read_some(q, at, q->buf, more, &done);
		look_through(q, at, q->buf, done);
		if (done >= want) {
			at += want;
		} else {
			uint64_t next = next_page(q, at + done);

			next = next > at && next < end ? next : end;
			q->skipped += next - (at + done);
			at = next;
		}
		q->done = base + (at - start);
		if (q->total)
			session_count(q->s, (unsigned)(clock_ms() - q->begun), "megabytes",
				      (size_t)(q->done >> 20), (size_t)(q->total >> 20));
		if (doc_status(q->d))
			return doc_status(q->d);
	}
	return 0;
}

/* What to look for --------------------------------------------------------------- */

static int take_text(struct search *q, const char *text, struct kd_err *err)
{
	q->len = strlen(text);
	q->step = 1;
	if (!q->len || q->len > TEXT_MAX)
		return kd_fail(err, KD_USAGE, "a text of 1 to %u bytes", TEXT_MAX);
	memcpy(q->want, text, q->len);
	return 0;
}

static int take_value(struct search *q, const struct args *a, struct kd_err *err)
{
	unsigned size = args_has(a, "words") ? 4 : q->s->k->arch->ptr_size;
	uint64_t v, ignore = 0;
	int ret = address_select(q->s, a->words[0], NULL, &v, err);

	if (ret)
		return ret;
	if (size == 4 && v >> 32)
		return kd_fail(err, KD_USAGE, "0x%" PRIx64 " has more than 32 bits", v);
	if (args_has(a, "ignore") && !parse_hex(args_value(a, "ignore"), &ignore))
		return kd_fail(err, KD_USAGE, "\"%s\" is no mask", args_value(a, "ignore"));
	memcpy(q->want, &v, size);
	q->len = q->step = size;
	q->has_mask = ignore != 0;
	q->mask = ~ignore;
	if (size == 4)
		q->mask &= UINT32_MAX;
	return 0;
}

static int take_what(struct search *q, const struct args *a, struct kd_err *err)
{
	const char *text = args_value(a, "string");
	int ret = args_number(a, "limit", 1 << 24, &q->limit, err);

	if (ret)
		return ret;
	if (!text == !a->nwords)
		return kd_fail(err, KD_USAGE, "either a VALUE or --string TEXT");
	return text ? take_text(q, text, err) : take_value(q, a, err);
}

/* Where to look -------------------------------------------------------------------- */

static int search_stacks(struct search *q, struct kd_err *err)
{
	const struct kernel *k = q->s->k;
	uint64_t size = kernel_stack_size(k);
	int ret = 0;

	for (size_t i = 0; i < k->tasks.n && !ret && q->hits < q->limit; i++) {
		q->task = &k->tasks.list[i];
		if (q->task->stack)
			ret = search_range(q, q->task->stack, q->task->stack + size, err);
	}
	return ret;
}

static int search_image(struct search *q, struct kd_err *err)
{
	vaddr_t start, end;

	if ((!kernel_symbol(q->s->k, "_text", &start) &&
	     !kernel_symbol(q->s->k, "_stext", &start)) ||
	    !kernel_symbol(q->s->k, "_end", &end) || end < start || end - start > 1u << 30)
		return kd_fail(err, KD_NOTFOUND, "where the kernel image lies is not known");
	q->total = end - start;
	return search_range(q, start, end, err);
}

/* A range as "START:END" or "START+LENGTH", by numbers or symbols. */
static int search_given(struct search *q, const char *word, struct kd_err *err)
{
	char first[256];
	const char *colon = strchr(word, ':');
	vaddr_t start, end;
	int ret;

	if (!colon || (size_t)(colon - word) >= sizeof(first))
		return kd_fail(err, KD_USAGE, "\"%s\" is no range: START:END", word);
	memcpy(first, word, (size_t)(colon - word));
	first[colon - word] = '\0';
	ret = address_select(q->s, first, NULL, &start, err);
	if (!ret)
		ret = address_select(q->s, colon + 1, NULL, &end, err);
	if (ret)
		return ret;
	if (end <= start)
		return kd_fail(err, KD_USAGE, "the range \"%s\" is empty", word);
	q->total = end - start;
	return search_range(q, start, end, err);
}

static bool finds_zeros(const struct search *q)
{
	static const uint8_t zeros[TEXT_MAX];

	return is_hit(q, zeros);
}

static int search_all(struct search *q, struct kd_err *err)
{
	const struct dump *dump = q->s->k->dump;
	struct dump_range r = { 0 };
	struct dump_totals totals;
	int ret = 0;

	q->physical = true;
	dump_count(dump, &totals);
	/* what is missing may be terabytes: it is not asked for page by page, nor are zeros */
	q->total = totals.ram - totals.excluded;
	q->skipped = totals.excluded;
	while (!ret && q->hits < q->limit &&
	       (finds_zeros(q) ? dump_next_held : dump_next_data)(dump, r.end, &r))
		ret = search_range(q, r.start, r.end, err);
	return ret;
}

static int search(struct search *q, const struct args *a, struct kd_err *err)
{
	if (args_has(a, "range"))
		return search_given(q, args_value(a, "range"), err);
	if (args_has(a, "kernel"))
		return search_image(q, err);
	if (args_has(a, "stacks"))
		return search_stacks(q, err);
	return search_all(q, err);
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct search q = { .s = s, .d = d, .limit = HITS_DEFAULT, .begun = clock_ms() };
	int ret = take_what(&q, a, err);

	if (ret)
		return ret;
	q.buf = malloc(CHUNK + TEXT_MAX);
	if (!q.buf)
		return kd_nomem(err);
	doc_table(d, "hits", DOC_LINES, columns, KD_ARRAY_SIZE(columns));
	ret = search(&q, a, err);
	session_progress_end(s);
	free(q.buf);
	if (ret && ret != KD_CANCELLED)
		return ret;
	if (q.hits >= q.limit)
		doc_note(d, DOC_HINT, "stopped at %" PRIu64 " places: --limit takes more", q.hits);
	else
		doc_note(d, DOC_HINT, "%" PRIu64 " place%s%s", q.hits, q.hits == 1 ? "" : "s",
			 ret ? " so far" : "");
	if (q.skipped)
		doc_note(d, DOC_HINT, "%" PRIu64 " of the bytes asked for are not there",
			 q.skipped);
	return ret;
}

static const struct opt_def options[] = {
	{ 's', "string", "TEXT", "look for a text instead of a value" },
	{ 'r', "range", "START:END", "only in this range of virtual addresses" },
	{ 'k', "kernel", NULL, "only in the kernel image" },
	{ 't', "stacks", NULL, "only in the stacks of tasks" },
	{ '4', "words", NULL, "a value of 4 bytes, not of a pointer's size" },
	{ 'i', "ignore", "MASK", "bits of the value that do not count" },
	{ 0, "limit", "N", "at most N places (1000)" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "search -t init_task", "who has a pointer to init_task on its stack" },
	{ "search -s 'some text'", "in all memory of the dump" },
	{ "search -r ffff888000000000:ffff888000100000 deadbeef -4", "a range" },
	{ NULL, NULL },
};

const struct command cmd_search = {
	.name = "search",
	.group = "memory and symbols",
	.synopsis = "[VALUE|SYMBOL[+OFF]|EXPRESSION]",
	.summary = "where in memory a value or a text stands",
	.help = "A value at addresses that are multiples of its size, or a text anywhere. Without\n"
		"-r, -k or -t all memory that the dump has is searched, and addresses are "
		"physical.\n"
		"VALUE is hexadecimal. ^C ends it with what was found so far.",
	.options = options,
	.examples = examples,
	.max = 1,
	.flags = CMD_SHELL | CMD_PROMPT | CMD_SYMBOLS,
	.run = run,
};
