// SPDX-License-Identifier: GPL-3.0-or-later
/* The manifest beside a dump: see manifest.h. */
#include "capture/manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "core/utc.h"
#include "kernel/info.h"
#include "kernel/kernel.h"
#include "kernel/log.h"

#define VERSION 1
#define HASH "xxh64"
/* Of a manifest read: 1 PB of blocks of 64 MiB. */
#define BLOCKS_MAX (UINT64_C(1) << 24)
#define BLOCK_MIN (UINT64_C(1) << 20)

char *manifest_path(const char *dump)
{
	char *path;

	return asprintf(&path, "%s.json", dump) < 0 ? NULL : path;
}

/* Writing ------------------------------------------------------------------------------------ */

/* From the dump: any bytes. JSON wants UTF-8, so others become "?". */
static json_t *text_of(const char *s)
{
	json_t *j;
	char *copy;

	if (!s || !*s)
		return json_null();
	j = json_string(s);
	copy = j ? NULL : strdup(s);
	if (!copy)
		return j;
	for (char *p = copy; *p; p++)
		if ((uint8_t)*p >= 0x80)
			*p = '?';
	j = json_string(copy);
	free(copy);
	return j;
}

static json_t *time_of(bool known, int64_t when)
{
	char buf[UTC_TEXT];

	if (!known || !utc_format(when, UTC_ISO, buf))
		return json_null();
	return json_string(buf);
}

static json_t *number(uint64_t v)
{
	return json_integer((json_int_t)v);
}

static void put_kernel(json_t *root, const struct kernel *k)
{
	char id[2 * BUILD_ID_MAX + 1] = "";
	json_t *o = json_object();
	struct info i = { 0 };
	struct log l = { 0 };

	if (log_read(k, &l, NULL))
		l = (struct log){ 0 };
	info_read(k, l.n ? &l : NULL, &i);
	build_id_format(&k->build_id, id);
	json_object_set_new(o, "release", text_of(i.release));
	json_object_set_new(o, "version", text_of(i.version));
	json_object_set_new(o, "machine", text_of(i.machine));
	json_object_set_new(o, "host", text_of(i.nodename));
	json_object_set_new(o, "build_id", text_of(id));
	json_object_set_new(root, "kernel", o);
	json_object_set_new(root, "crash_time", time_of(i.has_crash_time, i.crash_time));
	json_object_set_new(root, "report", text_of(i.oops));
	json_object_set_new(root, "panic", text_of(i.panic));
	info_fini(&i);
	log_fini(&l);
}

static void put_pages(json_t *root, const struct manifest_facts *f)
{
	const struct job_result *r = f->result;
	json_t *kinds = json_object(), *order = json_array(), *lost = json_array();
	json_t *unknown = json_array();

	for (unsigned i = PAGE_ABSENT + 1; i < PAGE_KINDS; i++)
		if (r->kinds[i])
			json_object_set_new(kinds, page_kind_key(i),
					    json_pack("{s:I, s:b}", "pages",
						      (json_int_t)r->kinds[i], "kept",
						      select_keeps(f->select, i)));
	for (unsigned i = 0; i < VALUE_TIERS; i++)
		if (r->wanted[i])
			json_array_append_new(order, json_pack("{s:s, s:I, s:I}", "what",
							       value_tier_words(i), "wanted",
							       (json_int_t)r->wanted[i], "written",
							       (json_int_t)r->written[i]));
	for (size_t i = 0; i < r->nlost_runs; i++)
		json_array_append_new(lost, json_pack("{s:I, s:I, s:s}", "pfn",
						      (json_int_t)r->lost_runs[i].first, "pages",
						      (json_int_t)r->lost_runs[i].n, "why",
						      kd_status_name(r->lost_runs[i].status)));
	for (size_t i = 0; select_unknown(f->select, i); i++)
		json_array_append_new(unknown, json_string(select_unknown(f->select, i)));
	json_object_set_new(root, "kinds", kinds);
	json_object_set_new(root, "order", order);
	json_object_set_new(root, "zero_pages", number(r->zeros));
	json_object_set_new(root, "lost_pages", number(r->lost));
	json_object_set_new(root, "lost", lost);
	json_object_set_new(root, "not_told_apart", unknown);
}

static void put_sums(json_t *root, const struct sums *s)
{
	json_t *blocks = json_array();
	char word[17];

	for (size_t i = 0; i < s->n; i++) {
		snprintf(word, sizeof(word), "%016" PRIx64, s->list[i]);
		json_array_append_new(blocks, json_string(word));
	}
	json_object_set_new(root, "size", number(s->size));
	json_object_set_new(root, "hash", json_string(HASH));
	json_object_set_new(root, "block_size", number(SUMS_BLOCK));
	json_object_set_new(root, "blocks", blocks);
}

int manifest_text(const struct manifest_facts *f, char **text, struct kd_err *err)
{
	json_t *root = json_object();

	json_object_set_new(root, "kdview_manifest", json_integer(VERSION));
	json_object_set_new(root, "file", text_of(f->file));
	json_object_set_new(root, "written", time_of(true, time(NULL)));
	json_object_set_new(root, "complete", json_boolean(f->complete));
	json_object_set_new(root, "format", json_string(f->format));
	json_object_set_new(root, "dump_level", number(f->job->level));
	if (f->kernel)
		put_kernel(root, f->kernel);
	put_pages(root, f);
	put_sums(root, f->sums);
	*text = json_dumps(root, JSON_INDENT(1));
	json_decref(root);
	return *text ? 0 : kd_nomem(err);
}

/* Reading ------------------------------------------------------------------------------------- */

static bool take_number(const json_t *root, const char *key, uint64_t *out)
{
	const json_t *j = json_object_get(root, key);

	if (!json_is_integer(j) || json_integer_value(j) < 0)
		return false;
	*out = (uint64_t)json_integer_value(j);
	return true;
}

static bool take_sums(const json_t *root, struct manifest *m)
{
	const json_t *blocks = json_object_get(root, "blocks");
	const char *hash = json_string_value(json_object_get(root, "hash"));

	if (!hash || strcmp(hash, HASH) || !take_number(root, "size", &m->size) ||
	    !take_number(root, "block_size", &m->block) || m->block < BLOCK_MIN ||
	    !json_is_array(blocks))
		return false;
	m->n = json_array_size(blocks);
	if (m->n > BLOCKS_MAX || m->n != m->size / m->block + (m->size % m->block != 0))
		return false;
	m->sums = calloc(m->n + 1, sizeof(*m->sums));
	for (size_t i = 0; m->sums && i < m->n; i++) {
		const char *word = json_string_value(json_array_get(blocks, i));
		char *end;

		if (!word || strlen(word) != 16)
			return false;
		m->sums[i] = strtoull(word, &end, 16);
		if (*end)
			return false;
	}
	return m->sums != NULL;
}

int manifest_read(const char *path, struct manifest *m, struct kd_err *err)
{
	_cleanup_(fclosep) FILE *f = fopen(path, "re");
	json_error_t why;
	json_t *root;
	uint64_t version;
	bool ok;

	*m = (struct manifest){ 0 };
	if (!f && errno == ENOENT)
		return kd_fail(err, KD_NOTFOUND, "%s: there is none", path);
	if (!f)
		return kd_fail(err, KD_IO, "%s: cannot open: %s", path, strerror(errno));
	root = json_loadf(f, 0, &why);
	if (!root)
		return kd_fail(err, KD_CORRUPT, "%s: line %d: %s", path, why.line, why.text);
	ok = take_number(root, "kdview_manifest", &version) && version == VERSION &&
	     take_sums(root, m);
	m->complete = json_is_true(json_object_get(root, "complete"));
	json_decref(root);
	if (ok)
		return 0;
	manifest_fini(m);
	return kd_fail(err, KD_CORRUPT, "%s: no manifest that is known here", path);
}

void manifest_fini(struct manifest *m)
{
	free(m->sums);
	*m = (struct manifest){ 0 };
}
