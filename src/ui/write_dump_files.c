// SPDX-License-Identifier: GPL-3.0-or-later
/* Dumps that are more than one file, or none: see write_dump.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "ui/signals.h"
#include "ui/write_dump.h"

/* Parts ----------------------------------------------------------------------------------- */

/* What was added by a part to what was there. */
static void add_result(struct job_result *sum, const struct job_result *r)
{
	memcpy(sum->kinds, r->kinds, sizeof(sum->kinds));
	for (unsigned t = 0; t < VALUE_TIERS; t++) {
		sum->wanted[t] += r->wanted[t];
		sum->written[t] += r->written[t];
	}
	sum->zeros += r->zeros;
	sum->bytes += r->bytes;
	sum->ms += r->ms;
	sum->max_pfn = r->max_pfn;
	for (size_t i = 0; i < r->nlost_runs; i++)
		job_result_lost(sum, r->lost_runs[i].first, r->lost_runs[i].n,
				r->lost_runs[i].status);
}

static int write_part(struct write_dump *w, unsigned i, struct kd_err *err)
{
	_cleanup_(freep) char *path = NULL;
	int ret;

	if (w->parts)
		path = strdup(w->parts[i]);
	else if (asprintf(&path, "%s.%u", w->out, i + 1) < 0)
		path = NULL;
	if (!path)
		return kd_nomem(err);
	w->job.part = i;
	ret = write_dump_check_target(w, path, err);
	if (!ret)
		ret = dest_open(path, w->force, &w->dest, err);
	if (!ret)
		ret = write_dump_run(w, err);
	/* One that failed stays, for who tells of it. */
	if (!ret)
		dest_close(&w->dest, false);
	return ret ? kd_context(err, ret, "part %u", i + 1) : 0;
}

int write_dump_split(struct write_dump *w, struct kd_err *err)
{
	struct job_result sum = { 0 };
	int ret = 0;

	for (unsigned i = 0; i < w->job.parts; i++) {
		const char *name = w->parts ? w->parts[i] : w->out;

		if (dest_is_remote(name) || !strcmp(name, "-"))
			return kd_fail(err, KD_USAGE, "%s: parts are files", name);
	}
	for (unsigned i = 0; i < w->job.parts && !ret; i++) {
		ret = write_part(w, i, err);
		add_result(&sum, &w->result);
	}
	job_result_fini(&w->result);
	w->result = sum;
	return ret;
}

/* Standard input ------------------------------------------------------------------------------ */

#define SPOOL_CHUNK (UINT64_C(1) << 20)

/* A file without a name, beside OUT or where temporary files go. */
static int open_spool(const struct write_dump *w, struct kd_err *err)
{
	const char *tmp = getenv("TMPDIR");
	_cleanup_(freep) char *path = NULL;
	int n, fd;

	if (!strcmp(w->out, "-") || dest_is_remote(w->out))
		n = asprintf(&path, "%s/kdview-XXXXXX", tmp && *tmp ? tmp : "/var/tmp");
	else
		n = asprintf(&path, "%s-input-XXXXXX", w->out);
	if (n < 0) {
		path = NULL;
		return kd_nomem(err);
	}
	fd = mkostemp(path, O_CLOEXEC); /* 0600 */
	if (fd < 0)
		return kd_fail(err, KD_IO, "%s: cannot create: %s", path, strerror(errno));
	unlink(path);
	return fd;
}

static int put(int fd, const char *p, size_t len, struct kd_err *err)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return kd_fail(err, errno == ENOSPC || errno == EDQUOT ? KD_NOSPACE : KD_IO,
				       "standard input: cannot keep it: %s", strerror(errno));
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int copy_input(int fd, struct kd_err *err)
{
	_cleanup_(freep) char *buf = malloc(SPOOL_CHUNK);

	if (!buf)
		return kd_nomem(err);
	for (;;) {
		ssize_t n = read(STDIN_FILENO, buf, SPOOL_CHUNK);
		int ret;

		if (signals_pending())
			return kd_fail(err, KD_CANCELLED, "cancelled");
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return kd_fail(err, KD_IO, "standard input: %s", strerror(errno));
		if (!n)
			return 0;
		ret = put(fd, buf, (size_t)n, err);
		if (ret)
			return ret;
	}
}

int write_dump_spool(struct write_dump *w, struct kd_err *err)
{
	struct stat st;
	int ret = 0, fd = STDIN_FILENO;

	if (strcmp(w->in, "-"))
		return 0;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		fd = open_spool(w, err);
		if (fd < 0)
			return fd;
		w->spool = fd;
		ret = copy_input(fd, err);
	}
	if (!ret && asprintf(&w->spool_path, "/proc/self/fd/%d", fd) < 0) {
		w->spool_path = NULL;
		ret = kd_nomem(err);
	}
	return ret;
}
