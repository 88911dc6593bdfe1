// SPDX-License-Identifier: GPL-3.0-or-later
/* What is told of a dump being written, and of one that was: see write_dump.h. */
#include <inttypes.h>
#include <string.h>

#include "ui/output.h"
#include "ui/render_json.h"
#include "ui/render_text.h"
#include "ui/signals.h"
#include "ui/write_dump.h"

/* Progress ----------------------------------------------------------------------------------- */

bool write_dump_tick(void *data, const struct job_progress *p)
{
	struct write_dump *w = data;
	uint64_t step = w->terminal ? 500 : 5000, left = 0;
	char line[100];

	if (signals_pending())
		return false;
	if (w->quiet || w->no_progress || p->ms < 1000 || p->ms < w->told + step)
		return true;
	w->told = p->ms;
	if (p->done)
		left = (p->total - p->done) * p->ms / p->done / 1000;
	snprintf(line, sizeof(line), "%s: %" PRIu64 " %%, %" PRIu64 " MiB written, %" PRIu64
		 " MiB/s, %" PRIu64 ":%02" PRIu64 " left",
		 p->what, p->total ? p->done * 100 / p->total : 0, p->bytes >> 20,
		 (p->bytes >> 20) * 1000 / p->ms, left / 60, left % 60);
	if (w->terminal)
		w->width = fprintf(stderr, "\r%-*s", w->width > 1 ? w->width - 1 : 0, line);
	else
		fprintf(stderr, "kdview: %s\n", line);
	return true;
}

void write_dump_end_progress(struct write_dump *w)
{
	if (w->terminal && w->width)
		fprintf(stderr, "\r%*s\r", w->width - 1, "");
	w->width = 0;
}

/* The answer ----------------------------------------------------------------------------------- */

static const struct doc_column kind_columns[] = {
	{ .key = "kind", .flags = DOC_ONLY_JSON },
	{ .key = "words", .title = "PAGES", .flags = DOC_ONLY_TEXT },
	{ .key = "pages", .title = "NUMBER", .flags = DOC_RIGHT },
	{ .key = "kept", .title = "KEPT" },
};

static const struct doc_column tier_columns[] = {
	{ .key = "tier", .title = "WHAT" },
	{ .key = "wanted", .title = "PAGES", .flags = DOC_RIGHT },
	{ .key = "written", .title = "WRITTEN", .flags = DOC_RIGHT },
};

static const struct doc_column lost_columns[] = {
	{ .key = "pfn", .title = "LOST FROM" },
	{ .key = "pages", .title = "PAGES", .flags = DOC_RIGHT },
	{ .key = "why", .title = "WHY" },
};

static const struct doc_column check_columns[] = {
	{ .key = "check", .title = "READ AGAIN" },
	{ .key = "source", .title = "SOURCE", .flags = DOC_RIGHT },
	{ .key = "same", .title = "SAME", .flags = DOC_RIGHT },
};

static void put_check(const struct write_dump *w, struct doc *d)
{
	doc_table(d, "checks", DOC_ALIGNED, check_columns, KD_ARRAY_SIZE(check_columns));
	for (size_t i = 0; i < w->recheck.n; i++) {
		const struct recheck_item *r = &w->recheck.items[i];

		doc_put(d, doc_str(r->what));
		doc_put(d, doc_uint(r->was));
		doc_put(d, doc_styled(doc_uint(r->same), r->same < r->was ? DOC_BAD : DOC_PLAIN));
	}
}

static void put_kinds(const struct write_dump *w, struct doc *d)
{
	doc_table(d, "kinds", DOC_ALIGNED, kind_columns, KD_ARRAY_SIZE(kind_columns));
	for (unsigned k = PAGE_ABSENT + 1; k < PAGE_KINDS; k++) {
		if (!w->result.kinds[k])
			continue;
		doc_put(d, doc_str(page_kind_key(k)));
		doc_put(d, doc_str(page_kind_words(k)));
		doc_put(d, doc_uint(w->result.kinds[k]));
		doc_put(d, doc_bool(select_keeps(w->select, k)));
	}
}

static void put_tiers(const struct write_dump *w, struct doc *d)
{
	doc_table(d, "order", DOC_ALIGNED, tier_columns, KD_ARRAY_SIZE(tier_columns));
	for (unsigned t = 0; t < VALUE_TIERS; t++) {
		if (!w->result.wanted[t])
			continue;
		doc_put(d, doc_str(value_tier_words(t)));
		doc_put(d, doc_uint(w->result.wanted[t]));
		doc_put(d, doc_styled(doc_uint(w->result.written[t]),
				      w->result.written[t] < w->result.wanted[t] ? DOC_BAD
										 : DOC_PLAIN));
	}
}

static void put_lost(const struct write_dump *w, struct doc *d)
{
	if (!w->result.nlost_runs)
		return;
	doc_table(d, "lost_runs", DOC_ALIGNED, lost_columns, KD_ARRAY_SIZE(lost_columns));
	for (size_t i = 0; i < w->result.nlost_runs; i++) {
		doc_put(d, doc_hex(w->result.lost_runs[i].first));
		doc_put(d, doc_uint(w->result.lost_runs[i].n));
		doc_put(d, doc_str(kd_status_name(w->result.lost_runs[i].status)));
	}
}

void write_dump_answer(const struct write_dump *w, int status, struct doc *d)
{
	const struct job_result *r = &w->result;
	uint64_t written = 0;

	for (unsigned t = 0; t < VALUE_TIERS; t++)
		written += r->written[t];
	doc_fields(d, NULL);
	doc_field(d, "input", "input", doc_str(w->in));
	doc_field(d, "output", "output",
		  doc_str(w->dest.incomplete ? w->dest.incomplete : w->out));
	doc_field(d, "complete", "complete",
		  doc_styled(doc_bool(!status), status ? DOC_BAD : DOC_PLAIN));
	doc_field(d, "level", "dump level", doc_uint(w->job.level));
	doc_field(d, "bytes", "bytes", doc_uint(r->bytes));
	doc_field(d, "pages", "pages", doc_uint(written));
	doc_field(d, "zeros", "of zeros", doc_uint(r->zeros));
	doc_field(d, "lost", "lost",
		  doc_styled(doc_uint(r->lost), r->lost ? DOC_BAD : DOC_PLAIN));
	if (w->image.virtual && !status && !w->dest.stream)
		write_dump_answer_gdb(w, d);
	if (w->select)
		put_kinds(w, d);
	if (!w->as_image)
		put_tiers(w, d);
	put_lost(w, d);
	if (w->rechecked)
		put_check(w, d);
	for (size_t i = 0; w->select && select_unknown(w->select, i); i++)
		doc_note(d, DOC_FINDING, "%s", select_unknown(w->select, i));
}

void write_dump_print(const struct write_dump *w, const struct args *a, const struct doc *d)
{
	FILE *f = w->dest.kind == DEST_STREAM ? stderr : stdout;
	struct text_render text = { .out = f };
	struct json_render json = { 0 };
	struct kd_err err = KD_ERR_INIT;

	if (args_has(a, "json") && !json_render_init(&json, w->command, &err)) {
		for (const struct doc_node *n = d->root.first; n; n = n->next)
			render_json_node(&json, n);
		json_render_end(&json, NULL, f, &err);
		json_render_fini(&json);
	} else if (!w->quiet) {
		for (const struct doc_node *n = d->root.first; n; n = n->next)
			render_text_node(&text, n);
	}
}
