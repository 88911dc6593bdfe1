// SPDX-License-Identifier: GPL-3.0-or-later
/* convert: a dump in another format, or with less in it. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "capture/dest.h"
#include "capture/job.h"
#include "core/page_trace.h"
#include "kernel/kernel.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/output.h"
#include "ui/parts.h"
#include "ui/render_json.h"
#include "ui/render_text.h"
#include "ui/signals.h"

#define WORKERS_MOST 32

struct convert {
	const char *in, *out;
	struct job_options job;
	bool flat, force, quiet;
	bool terminal; /* somebody watches stderr */
	uint64_t told; /* ms: when progress was last told */
	int width;     /* of what was told */

	struct page_trace *trace;
	struct kernel *kernel; /* NULL: the dump alone is known */
	struct dump *dump;     /* the kernel's, or our own */
	struct space space;
	bool has_space, own_dump;
	struct select *select;
	struct value value;
	struct dest dest;
	struct sink sink;
	struct job_result result;
};

/* Arguments ------------------------------------------------------------------------------ */

static int take_level(struct convert *c, const struct args *a, struct kd_err *err)
{
	uint64_t level = 0;
	int ret = args_number(a, "dump-level", LEVEL_ALL, &level, err);

	c->job.level = (unsigned)level;
	return ret;
}

/* makedumpfile's letters for compressors are known too. */
static int take_method(struct convert *c, const struct args *a, struct kd_err *err)
{
	static const struct {
		const char *option;
		enum page_compression how;
	} letters[] = {
		{ "zlib", PAGE_ZLIB }, { "lzo", PAGE_LZO }, { "snappy", PAGE_SNAPPY },
		{ "zstd", PAGE_ZSTD },
	};
	const char *named = args_value(a, "compress");

	c->job.method = (struct compress_method){ .how = PAGE_ZSTD };
	for (size_t i = 0; i < KD_ARRAY_SIZE(letters); i++)
		if (args_has(a, letters[i].option))
			c->job.method = (struct compress_method){ .how = letters[i].how };
	return named ? compress_method_parse(named, &c->job.method, err) : 0;
}

static int take_format(struct convert *c, const struct args *a, struct kd_err *err)
{
	const char *format = args_value(a, "format");

	c->flat = args_has(a, "flattened") || !strcmp(c->out, "-");
	if (!format || !strcmp(format, "kdump"))
		return 0;
	if (!strcmp(format, "flat")) {
		c->flat = true;
		return 0;
	}
	return kd_fail(err, KD_USAGE, "--format %s: it is kdump or flat", format);
}

static int take_args(struct convert *c, const struct args *a, struct kd_err *err)
{
	uint64_t workers = 0;
	int ret;

	if (a->nwords != 2)
		return kd_fail(err, KD_USAGE, "it wants a dump and where to write it: kdview convert IN "
					      "OUT");
	c->in = a->words[0];
	c->out = a->words[1];
	c->force = args_has(a, "force");
	ret = take_level(c, a, err);
	if (!ret)
		ret = take_method(c, a, err);
	if (!ret)
		ret = take_format(c, a, err);
	if (!ret)
		ret = args_number(a, "jobs", WORKERS_MOST, &workers, err);
	c->job.workers = (unsigned)workers;
	return ret;
}

/* The input --------------------------------------------------------------------------------- */

/*
 * What is known of the kernel tells what to write first. A dump that says too little of
 * itself is written all the same, in the order of its pages.
 */
static int open_input(struct convert *c, struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	struct kernel_options ko = { .dump_path = c->in, .alone = true };
	const struct arch *const archs[] = { &arch_x86_64, &arch_i386 };
	int ret = page_trace_new(12, &c->trace, err);

	if (ret)
		return ret;
	ko.trace = c->trace;
	if (!kernel_open(&ko, &c->kernel, &why)) {
		c->dump = c->kernel->dump;
		c->space = c->kernel->space;
		c->has_space = true;
		return value_find(c->kernel, c->trace, &c->value, err);
	}
	ret = dump_open(c->in, &c->dump, err);
	if (ret)
		return ret;
	c->own_dump = true;
	for (size_t i = 0; i < KD_ARRAY_SIZE(archs) && !c->has_space; i++)
		if (archs[i]->machine == c->dump->machine)
			c->has_space = !space_init_kernel(&c->space, archs[i], c->dump, NULL);
	complain("%s: what is worth most is not known, pages are written in their order: %s", c->in,
		 why.text);
	return 0;
}

/* Progress ----------------------------------------------------------------------------------- */

static bool on_tick(void *data, const struct job_progress *p)
{
	struct convert *c = data;
	uint64_t step = c->terminal ? 500 : 5000, left = 0;
	char line[100];

	if (signals_pending())
		return false;
	if (c->quiet || p->ms < 1000 || p->ms < c->told + step)
		return true;
	c->told = p->ms;
	if (p->done)
		left = (p->total - p->done) * p->ms / p->done / 1000;
	snprintf(line, sizeof(line), "%s: %" PRIu64 " %%, %" PRIu64 " MiB written, %" PRIu64
		 " MiB/s, %" PRIu64 ":%02" PRIu64 " left",
		 p->what, p->total ? p->done * 100 / p->total : 0, p->bytes >> 20,
		 (p->bytes >> 20) * 1000 / p->ms, left / 60, left % 60);
	if (c->terminal)
		c->width = fprintf(stderr, "\r%-*s", c->width > 1 ? c->width - 1 : 0, line);
	else
		fprintf(stderr, "kdview: %s\n", line);
	return true;
}

static void end_progress(struct convert *c)
{
	if (c->terminal && c->width)
		fprintf(stderr, "\r%*s\r", c->width - 1, "");
	c->width = 0;
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

static void put_kinds(const struct convert *c, struct doc *d)
{
	doc_table(d, "kinds", DOC_ALIGNED, kind_columns, KD_ARRAY_SIZE(kind_columns));
	for (unsigned k = PAGE_ABSENT + 1; k < PAGE_KINDS; k++) {
		if (!c->result.kinds[k])
			continue;
		doc_put(d, doc_str(page_kind_key(k)));
		doc_put(d, doc_str(page_kind_words(k)));
		doc_put(d, doc_uint(c->result.kinds[k]));
		doc_put(d, doc_bool(select_keeps(c->select, k)));
	}
}

static void put_tiers(const struct convert *c, struct doc *d)
{
	doc_table(d, "order", DOC_ALIGNED, tier_columns, KD_ARRAY_SIZE(tier_columns));
	for (unsigned t = 0; t < VALUE_TIERS; t++) {
		if (!c->result.wanted[t])
			continue;
		doc_put(d, doc_str(value_tier_words(t)));
		doc_put(d, doc_uint(c->result.wanted[t]));
		doc_put(d, doc_styled(doc_uint(c->result.written[t]),
				      c->result.written[t] < c->result.wanted[t] ? DOC_BAD
										 : DOC_PLAIN));
	}
}

static void put_lost(const struct convert *c, struct doc *d)
{
	if (!c->result.nlost_runs)
		return;
	doc_table(d, "lost_runs", DOC_ALIGNED, lost_columns, KD_ARRAY_SIZE(lost_columns));
	for (size_t i = 0; i < c->result.nlost_runs; i++) {
		doc_put(d, doc_hex(c->result.lost_runs[i].first));
		doc_put(d, doc_uint(c->result.lost_runs[i].n));
		doc_put(d, doc_str(kd_status_name(c->result.lost_runs[i].status)));
	}
}

static void put_answer(const struct convert *c, int status, struct doc *d)
{
	const struct job_result *r = &c->result;
	uint64_t written = 0;

	for (unsigned t = 0; t < VALUE_TIERS; t++)
		written += r->written[t];
	doc_fields(d, NULL);
	doc_field(d, "input", "input", doc_str(c->in));
	doc_field(d, "output", "output",
		  doc_str(status && c->dest.incomplete ? c->dest.incomplete : c->out));
	doc_field(d, "complete", "complete",
		  doc_styled(doc_bool(!status), status ? DOC_BAD : DOC_PLAIN));
	doc_field(d, "bytes", "bytes", doc_uint(r->bytes));
	doc_field(d, "pages", "pages", doc_uint(written));
	doc_field(d, "zeros", "of zeros", doc_uint(r->zeros));
	doc_field(d, "lost", "lost",
		  doc_styled(doc_uint(r->lost), r->lost ? DOC_BAD : DOC_PLAIN));
	put_kinds(c, d);
	put_tiers(c, d);
	put_lost(c, d);
	for (size_t i = 0; select_unknown(c->select, i); i++)
		doc_note(d, DOC_FINDING, "%s", select_unknown(c->select, i));
}

/* On stderr where standard output is the dump. */
static void tell(const struct convert *c, const struct args *a, int status)
{
	FILE *f = c->dest.stream ? stderr : stdout;
	struct text_render text = { .out = f };
	struct json_render json = { 0 };
	struct kd_err err = KD_ERR_INIT;
	struct doc d;

	doc_init(&d, NULL);
	put_answer(c, status, &d);
	if (args_has(a, "json") && !json_render_init(&json, "convert", &err)) {
		for (const struct doc_node *n = d.root.first; n; n = n->next)
			render_json_node(&json, n);
		json_render_end(&json, NULL, f, &err);
		json_render_fini(&json);
	} else if (!c->quiet) {
		for (const struct doc_node *n = d.root.first; n; n = n->next)
			render_text_node(&text, n);
	}
	doc_fini(&d);
}

/* All together ---------------------------------------------------------------------------------- */

static int write_output(struct convert *c, struct kd_err *err)
{
	int ret = sink_init(&c->sink, c->dest.fd, c->flat, err);

	if (!ret)
		ret = job_run(c->dump, c->has_space ? &c->space : NULL, &c->value, c->select, &c->sink,
			      &c->job, &c->result, err);
	end_progress(c);
	return ret ? ret : dest_commit(&c->dest, err);
}

static int convert(struct convert *c, const struct args *a, struct kd_err *err)
{
	int ret = open_input(c, err);

	if (!ret)
		ret = select_open(c->dump, c->has_space ? &c->space : NULL, c->job.level, &c->select,
				  err);
	if (!ret)
		ret = dest_open(c->out, c->force, &c->dest, err);
	if (ret)
		return ret;
	ret = write_output(c, err);
	tell(c, a, ret);
	if (ret && c->dest.incomplete)
		kd_context(err, ret, "%s is what could be written", c->dest.incomplete);
	dest_close(&c->dest, true);
	return ret;
}

static void convert_fini(struct convert *c)
{
	job_result_fini(&c->result);
	value_fini(&c->value);
	select_close(c->select);
	if (c->own_dump)
		dump_close(c->dump);
	kernel_close(c->kernel);
	page_trace_free(c->trace);
}

int convert_main(const struct cli *cli)
{
	struct kd_err err = KD_ERR_INIT;
	struct convert c = {
		.terminal = isatty(STDERR_FILENO),
		.quiet = args_has(&cli->args, "quiet"),
		.dest = { .fd = -1 },
	};
	int ret = take_args(&c, &cli->args, &err), code;

	c.job.tick = on_tick;
	c.job.data = &c;
	if (!ret)
		ret = convert(&c, &cli->args, &err);
	convert_fini(&c);
	if (!ret)
		return CLI_OK;
	code = cli_complain("convert", ret, &err);
	if (ret == KD_CANCELLED && signals_pending())
		signals_die(signals_pending());
	return ret == KD_NOSPACE ? CLI_INCOMPLETE : code;
}

static const struct opt_def options[] = {
	{ 'd', "dump-level", "N", "leave out: 1 zeros, 2 and 4 page cache, 8 processes, 16 free (sum)" },
	{ 0, "compress", "HOW", "zstd (default), lzo, zlib, snappy or none; zstd:LEVEL, zlib:LEVEL" },
	{ 'c', "zlib", NULL, "--compress zlib" },
	{ 'l', "lzo", NULL, "--compress lzo" },
	{ 'p', "snappy", NULL, "--compress snappy" },
	{ 'z', "zstd", NULL, "--compress zstd" },
	{ 0, "format", "FORMAT", "kdump (default) or flat" },
	{ 'F', "flattened", NULL, "a flattened stream, as for \"-\"" },
	{ 'j', "jobs", "N", "threads that compress (as many as there are CPUs)" },
	{ 'f', "force", NULL, "replace the output if it is there" },
	{ 'q', "quiet", NULL, "no progress, no summary" },
	{ 0, "json", NULL, "the summary as JSON" },
	{ 'h', "help", NULL, "this help" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "convert -d 31 vmcore small.kdump", "filtered and compressed" },
	{ "convert --compress lzo vmcore out.kdump", "all of it" },
	{ "convert -d 31 vmcore - | ssh host 'cat >vmcore.flat'", "through a pipe" },
	{ NULL, NULL },
};

const struct command cmd_convert = {
	.name = "convert",
	.group = "dumps",
	.synopsis = "IN OUT",
	.summary = "a dump in another format, filtered and compressed",
	.help = "Writes any dump that can be read as a kdump-compressed one. What is needed to\n"
		"understand the crash is written first (the log, stacks, tasks, kernel), so that\n"
		"a dump that was cut off or did not fit still tells most. OUT appears only when\n"
		"all of it is on the disk; until then it is OUT-incomplete. A page that cannot be\n"
		"read costs that page: it is counted and listed.\n"
		"\n"
		"Exit status 4: no space was left, and OUT-incomplete has what fitted.",
	.options = options,
	.examples = examples,
	.min = 2,
	.max = 2,
	.flags = CMD_SHELL | CMD_NO_DUMP | CMD_OWN_FILES,
};
