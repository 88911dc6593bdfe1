// SPDX-License-Identifier: GPL-3.0-or-later
/* Dumps: format-independent part; see dump.h. */
#include "core/dump.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "core/formats.h"
#include "core/page_trace.h"
#include "core/spread.h"

/* One line a format. */
static const struct dump_ops *const formats[] = {
	&dump_elf_ops,
	&dump_diskdump_ops,
};

#define PROBE_LEN 4096
/* More than anyone splits a dump into. */
#define FILES_MAX 1024

/* Probing --------------------------------------------------------------------- */

static const struct dump_ops *probe(const uint8_t *head, size_t len, int *status)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(formats); i++) {
		*status = formats[i]->probe(head, len);
		if (*status)
			return formats[i];
	}
	return NULL;
}

/* What a file that is no dump looks like: half of the answer to "why not". */
static const char *looks_like(const uint8_t *head, size_t len)
{
	static const struct {
		const char *magic;
		size_t off, len;
		const char *what;
	} kinds[] = {
		{ "DISKDUMP", 0, 8, "a diskdump file of the time before kdump" },
		{ "\x1f\x8b", 0, 2, "gzip-compressed data: unpack it first" },
		{ "\xfd"
		  "7zXZ",
		  0, 5, "xz-compressed data: unpack it first" },
		{ "\x28\xb5\x2f\xfd", 0, 4, "zstd-compressed data: unpack it first" },
		{ "HdrS", 0x202, 4, "a kernel image (bzImage)" },
		{ "\x7f"
		  "ELF",
		  0, 4, "an ELF file, but not a core" },
	};

	if (!len)
		return "nothing is in it";
	for (size_t i = 0; i < KD_ARRAY_SIZE(kinds); i++)
		if (range_contains(len, kinds[i].off, kinds[i].len) &&
		    !memcmp(head + kinds[i].off, kinds[i].magic, kinds[i].len))
			return kinds[i].what;
	return "no format known here";
}

/* The format of one file, or why there is none. */
static int find_format(const struct source *s, const struct dump_ops **ops, struct kd_err *err)
{
	uint8_t head[PROBE_LEN];
	size_t len = source_read(s, 0, head, sizeof(head));
	int status;

	*ops = probe(head, len, &status);
	if (!*ops && *s->damage)
		return kd_fail(err, KD_CORRUPT, "%s", s->damage);
	if (!*ops)
		return kd_fail(err, KD_UNSUPPORTED, "not a dump%s%s: %s",
			       s->envelope ? ", though " : "", s->envelope ? s->envelope : "",
			       looks_like(head, len));
	return status < 0 ? kd_fail(err, status, "a damaged %s", (*ops)->name) : 0;
}

bool dump_probe_path(const char *path)
{
	uint8_t head[PROBE_LEN];
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof(head), 0);
	int status;

	return n > 0 && (source_is_envelope(head, (size_t)n) || probe(head, (size_t)n, &status));
}

/* Opening --------------------------------------------------------------------- */

static int add_file(struct dump *d, const char *path, struct kd_err *err)
{
	struct source *s;
	int status = source_open(path, &s, err);

	if (status)
		return kd_context(err, status, "%s", path);
	d->files[d->nfiles++] = s;
	d->file_size += s->file_size;
	if (*s->damage)
		dump_remark(d, "%s", s->damage);
	return 0;
}

int dump_new(const char *const *paths, size_t n, struct dump **out, struct kd_err *err)
{
	_cleanup_(dump_closep) struct dump *d = calloc(1, sizeof(*d));

	if (!n || n > FILES_MAX)
		return kd_fail(err, KD_USAGE, "%zu files can not be one dump", n);
	if (!d)
		return kd_nomem(err);
	d->dump_level = -1;
	d->path = strdup(paths[0]);
	d->files = calloc(n, sizeof(struct source *));
	if (!d->path || !d->files)
		return kd_nomem(err);
	for (size_t i = 0; i < n; i++) {
		int status = add_file(d, paths[i], err);

		if (status)
			return status;
	}
	*out = d;
	d = NULL;
	return 0;
}

int dump_open_as(struct dump *d, const struct dump_ops *ops, struct kd_err *err)
{
	size_t used;
	int status;

	d->ops = ops;
	status = ops->open(d, err);
	if (!status)
		status = dump_take_vmcoreinfo(d, err);
	if (status)
		return status;
	used = strlen(d->format);
	if (d->files[0]->envelope)
		snprintf(d->format + used, sizeof(d->format) - used, ", %s", d->files[0]->envelope);
	if (d->incomplete)
		dump_remark(d, "its producer could not write all of it");
	return 0;
}

/* All files are of one format, which knows about sets if there is more than one. */
static int open_files(struct dump *d, struct kd_err *err)
{
	const struct dump_ops *first = &dump_elf_ops, *ops;
	int status = 0;

	for (size_t i = 0; i < d->nfiles; i++) {
		status = find_format(d->files[i], &ops, err);
		if (!status && d->nfiles > 1 && (!ops->sets || (i && ops != first)))
			status = kd_fail(err, KD_MISMATCH, "no part of a split dump, but %s %s",
					 ops == &dump_elf_ops ? "an" : "a", ops->name);
		if (status || !ops)
			return kd_context(err, status, "%s", d->files[i]->path);
		first = ops;
	}
	status = dump_open_as(d, first, err);
	/* of several files, the format names the one that is at fault */
	return status && d->nfiles == 1 ? kd_context(err, status, "%s", d->path) : status;
}

int dump_open_set(const char *const *paths, size_t n, struct dump **out, struct kd_err *err)
{
	_cleanup_(dump_closep) struct dump *d = NULL;
	int status = dump_new(paths, n, &d, err);

	if (status || !d)
		return status;
	status = open_files(d, err);
	if (status)
		return status;
	*out = d;
	d = NULL;
	return 0;
}

int dump_open(const char *path, struct dump **out, struct kd_err *err)
{
	return dump_open_set(&path, 1, out, err);
}

void dump_forget(struct dump *d)
{
	if (d->ops && d->ops->close)
		d->ops->close(d);
	vmcoreinfo_free(d->vmcoreinfo);
	free(d->maps);
	free(d->notes);
	d->ops = NULL;
	d->priv = NULL;
	d->vmcoreinfo = NULL;
	d->maps = NULL;
	d->nmaps = 0;
	d->notes = NULL;
	d->nnotes = 0;
}

void dump_close(struct dump *d)
{
	if (!d)
		return;
	dump_forget(d);
	for (size_t i = 0; i < d->nfiles; i++)
		source_close(d->files[i]);
	free(d->files);
	free(d->path);
	free(d);
}

void dump_closep(struct dump **d)
{
	dump_close(*d);
}

/* For the formats ------------------------------------------------------------- */

void dump_remark(struct dump *d, const char *fmt, ...)
{
	size_t n = strlen(d->remark);
	va_list ap;

	if (n && n + 2 < sizeof(d->remark)) {
		memcpy(d->remark + n, "; ", 3);
		n += 2;
	}
	va_start(ap, fmt);
	vsnprintf(d->remark + n, sizeof(d->remark) - n, fmt, ap);
	va_end(ap);
}

int dump_take_vmcoreinfo(struct dump *d, struct kd_err *err)
{
	const struct dump_note *n = dump_find_note(d, "VMCOREINFO", 0, 0);

	return n && !d->vmcoreinfo ? vmcoreinfo_parse(n->desc, n->len, &d->vmcoreinfo, err) : 0;
}

int dump_add_map(struct dump *d, struct dump_map map, struct kd_err *err)
{
	struct dump_map *m = reallocarray(d->maps, d->nmaps + 1, sizeof(*m));

	if (!m)
		return kd_nomem(err);
	d->maps = m;
	d->maps[d->nmaps++] = map;
	return 0;
}

/* Reading --------------------------------------------------------------------- */

static int read_all(const struct dump *d, paddr_t pa, uint8_t *buf, size_t len, size_t *done,
		    struct kd_err *err)
{
	int status = 0;

	for (*done = 0; *done < len && !status;) {
		size_t n = 0;
		paddr_t at;

		if (kd_add_overflow(pa, *done, &at))
			status = kd_fail(err, KD_ABSENT, "beyond the end of the address space");
		else
			status = d->ops->read(d, at, buf + *done, len - *done, &n, err);
		*done += n;
	}
	return status;
}

/* What one of several threads reads. */
struct share {
	const struct dump *d;
	paddr_t pa;
	uint8_t *buf;
	size_t len, done;
	int status;
	struct kd_err err;
};

static void read_share(void *data)
{
	struct share *s = data;

	s->err = KD_ERR_INIT;
	s->status = read_all(s->d, s->pa, s->buf, s->len, &s->done, &s->err);
}

/* Below that a thread is not worth it. */
#define SHARE_MIN (UINT64_C(128) << 10)
#define SHARES_MAX 16

/* N threads take a run of whole pages each, but for the ends; PA + LEN does not overflow. */
static int read_together(const struct dump *d, paddr_t pa, uint8_t *buf, size_t len, unsigned n,
			 size_t *done, struct kd_err *err)
{
	struct share shares[SHARES_MAX];
	/* no format has larger pages */
	size_t each = (len / n + 65535) & ~(size_t)65535, at = 0, used = 0;

	for (; used < n && at < len; used++) {
		size_t size = kd_min(len - at, each - (used ? 0 : pa & 65535));

		if (used + 1 == n)
			size = len - at;
		shares[used] =
			(struct share){ .d = d, .pa = pa + at, .buf = buf + at, .len = size };
		at += size;
	}
	spread(read_share, shares, used, sizeof(*shares));
	*done = 0;
	for (size_t i = 0; i < used; i++) {
		*done += shares[i].done;
		if (!shares[i].status)
			continue;
		if (err)
			*err = shares[i].err;
		return shares[i].status;
	}
	return 0;
}

int dump_read(const struct dump *d, paddr_t pa, void *buf, size_t len, size_t *done,
	      struct kd_err *err)
{
	uint64_t n = d->ops->slow && len >= 2 * SHARE_MIN && len <= UINT64_MAX - pa
			     ? kd_min(kd_min(spread_cpus(), SHARES_MAX), len / SHARE_MIN)
			     : 1;
	size_t got;
	int status = n > 1 ? read_together(d, pa, buf, len, (unsigned)n, &got, err)
			   : read_all(d, pa, buf, len, &got, err);

	if (d->trace)
		page_trace_add(d->trace, pa, got);
	if (done)
		*done = got;
	return status;
}

const void *dump_map(const struct dump *d, paddr_t pa, size_t len)
{
	const void *p = d->ops->map ? d->ops->map(d, pa, len) : NULL;

	if (p && d->trace)
		page_trace_add(d->trace, pa, len);
	return p;
}

bool dump_next_range(const struct dump *d, paddr_t from, struct dump_range *out)
{
	return d->ops->next_range(d, from, out);
}

bool dump_next_data(const struct dump *d, paddr_t from, struct dump_range *out)
{
	return d->ops->next_data ? d->ops->next_data(d, from, out) : dump_next_range(d, from, out);
}

bool dump_next_held(const struct dump *d, paddr_t from, struct dump_range *out)
{
	return d->ops->next_held ? d->ops->next_held(d, from, out)
				 : d->ops->next_range(d, from, out);
}

void dump_count(const struct dump *d, struct dump_totals *t)
{
	*t = (struct dump_totals){ 0 };
	d->ops->count(d, t);
}

const struct dump_note *dump_find_note(const struct dump *d, const char *name, uint32_t type,
				       size_t n)
{
	for (size_t i = 0; i < d->nnotes; i++)
		if (d->notes[i].type == type && !strcmp(d->notes[i].name, name) && !n--)
			return &d->notes[i];
	return NULL;
}
