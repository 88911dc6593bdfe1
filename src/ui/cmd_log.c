// SPDX-License-Identifier: GPL-3.0-or-later
/* log: the kernel log. */
#include <inttypes.h>
#include <string.h>

#include "core/utc.h"
#include "ui/commands.h"
#include "ui/parts.h"

static const struct doc_column columns[] = {
	{ .key = "stamp",
	  .flags = DOC_ONLY_TEXT | DOC_RIGHT,
	  .before = "[",
	  .after = "] ",
	  .min_width = 12 },
	{ .key = "seconds", .flags = DOC_ONLY_JSON },
	{ .key = "time", .flags = DOC_ONLY_JSON },
	{ .key = "level", .flags = DOC_ONLY_JSON },
	{ .key = "facility", .flags = DOC_ONLY_JSON },
	{ .key = "caller", .flags = DOC_ONLY_JSON },
	{ .key = "seq", .flags = DOC_ONLY_JSON },
	{ .key = "text" },
};

static const char *const level_names[] = {
	"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug",
};

static struct doc_cell clock_cell(int64_t boot_time, uint64_t ns)
{
	char buf[UTC_TEXT];

	if (!utc_format(boot_time + (int64_t)(ns / 1000000000), UTC_PEOPLE, buf))
		return doc_none(NULL);
	return doc_str(buf);
}

/* A thread or, with the highest bit, a CPU (printk_caller_id(), kernel/printk/printk.c). */
static struct doc_cell caller_cell(uint32_t caller)
{
	if (!caller)
		return doc_none(NULL);
	return caller >> 31 ? doc_fmt("C%" PRIu32, caller & INT32_MAX)
			    : doc_fmt("T%" PRIu32, caller);
}

static enum doc_style level_style(uint8_t level, bool marked)
{
	if (marked || level <= 2)
		return DOC_BAD;
	return level <= 4 ? DOC_WARN : DOC_PLAIN;
}

static void put_record(struct doc *d, const struct log_record *r, const struct part_log *what,
		       bool marked)
{
	bool clock = what->time == LOG_CLOCK;
	struct doc_cell none = { .type = DOC_NONE };
	struct doc_cell text = doc_styled(doc_strn(r->text ? r->text : "", r->text ? r->len : 0),
					  level_style(r->level, marked));

	doc_put(d, !r->has_ts ? none
			      : doc_styled(clock ? clock_cell(what->boot_time, r->ts_nsec)
						 : doc_nsec(r->ts_nsec),
					   DOC_DIM));
	doc_put(d, r->has_ts ? doc_nsec(r->ts_nsec) : none);
	doc_put(d,
		r->has_ts && what->has_boot_time ? clock_cell(what->boot_time, r->ts_nsec) : none);
	doc_put(d, r->level < KD_ARRAY_SIZE(level_names) ? doc_str(level_names[r->level]) : none);
	doc_put(d, doc_uint(r->facility));
	doc_put(d, caller_cell(r->caller));
	doc_put(d, doc_uint(r->seq));
	doc_put(d, marked ? doc_here(text) : text);
}

size_t part_log(struct doc *d, const struct log *l, const struct part_log *what)
{
	size_t shown = 0;

	doc_table(d, "log", DOC_LINES, columns, KD_ARRAY_SIZE(columns));
	for (size_t i = what->first; i < l->n; i++) {
		const struct log_record *r = &l->list[i];
		bool marked = i == what->mark[0] || i == what->mark[1];

		if (!(what->levels >> (r->level & 7) & 1))
			continue;
		put_record(d, r, what, marked);
		shown++;
	}
	if (l->damage)
		doc_note(d, DOC_FINDING, "log: %s", l->damage);
	return shown;
}

/* "err", "3": that level and what is worse; "err,info": just these. */
static int parse_levels(const char *word, unsigned *levels, struct kd_err *err)
{
	bool list = strchr(word, ',') != NULL;

	*levels = 0;
	while (*word) {
		size_t len = strcspn(word, ",");
		size_t n = 0;

		while (n < KD_ARRAY_SIZE(level_names) &&
		       (strlen(level_names[n]) != len || strncmp(level_names[n], word, len)))
			n++;
		if (n == KD_ARRAY_SIZE(level_names) && len == 1 && *word >= '0' && *word <= '7')
			n = (size_t)(*word - '0');
		if (n == KD_ARRAY_SIZE(level_names))
			return kd_fail(
				err, KD_USAGE,
				"\"%.*s\" is no level: emerg alert crit err warn notice info "
				"debug, or 0 to 7",
				(int)len, word);
		*levels |= list ? 1u << n : (2u << n) - 1;
		word += len + (word[len] == ',');
	}
	return 0;
}

/* Where to begin, so that the last N of those to be shown are. */
static size_t tail_start(const struct log *l, unsigned levels, uint64_t n)
{
	size_t i = l->n;

	while (i && n) {
		i--;
		if (levels >> (l->list[i].level & 7) & 1)
			n--;
	}
	return i;
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	struct part_log what = { .levels = 0xff, .mark = { SIZE_MAX, SIZE_MAX } };
	struct log l = { 0 };
	struct info info;
	uint64_t lines = 0;
	int ret = args_number(a, "lines", UINT32_MAX, &lines, err);

	if (!ret && args_has(a, "level"))
		ret = parse_levels(args_value(a, "level"), &what.levels, err);
	if (!ret)
		ret = log_read(s->k, &l, err);
	if (ret)
		return ret;
	info_read(s->k, &l, &info);
	what.mark[0] = info.panic_record;
	if (args_has(a, "lines"))
		what.first = tail_start(&l, what.levels, lines);
	what.has_boot_time = info_boot_time(&info, &what.boot_time);
	if (args_has(a, "time") && what.has_boot_time)
		what.time = LOG_CLOCK;
	part_log(d, &l, &what);
	if (args_has(a, "time") && !what.has_boot_time)
		doc_note(d, DOC_FINDING,
			 "when it booted is not known: the times are seconds since then");
	if (l.partial)
		ret = kd_fail(err, KD_LOST, "the log is not whole: %s", l.damage ? l.damage : "");
	info_fini(&info);
	log_fini(&l);
	return ret;
}

static const struct opt_def options[] = {
	{ 'T', "time", NULL, "date and time (UTC) instead of seconds since boot" },
	{ 'l', "level", "LEVEL", "this level and what is worse; LEVEL,LEVEL: just these" },
	{ 'n', "lines", "N", "only the last N records" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "log -n 50", "its last 50 records" },
	{ "log -l err", "errors and worse" },
	{ "log -T", "with date and time" },
	{ NULL, NULL },
};

const struct command cmd_log = {
	.name = "log",
	.aliases = "dmesg",
	.group = "the crash",
	.synopsis = "",
	.summary = "the kernel log",
	.help = "The log as it was in memory, oldest first. Records of several lines stay so;\n"
		"control characters are shown as \\xNN. Levels: emerg alert crit err warn notice\n"
		"info debug, or 0 to 7. Date and time come from the kernel's clock and uptime,\n"
		"and drift as the kernel's time stamps do.",
	.options = options,
	.examples = examples,
	.max = 0,
	.flags = CMD_SHELL | CMD_PROMPT,
	.run = run,
};
