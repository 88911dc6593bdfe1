// SPDX-License-Identifier: GPL-3.0-or-later
/* What was loaded last. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "load/record.h"

#define FOLDER "run/kdview"
#define NAME FOLDER "/loaded"
#define MAX_RECORD 65536

static char *place(const struct machine *m, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", m->root, name) < 0 ? NULL : path;
}

/* A value is the rest of its line. */
static void put(FILE *f, const char *key, const char *value)
{
	if (!value)
		return;
	fprintf(f, "%s ", key);
	for (; *value; value++)
		fputc(*value == '\n' ? ' ' : *value, f);
	fputc('\n', f);
}

/* Who asks later is in another folder. */
static void put_path(FILE *f, const char *key, const char *path)
{
	_cleanup_(freep) char *whole = path ? realpath(path, NULL) : NULL;

	put(f, key, whole ? whole : path);
}

int record_write(const struct load_request *q, const struct machine *m, const struct load_report *r,
		 struct kd_err *err)
{
	_cleanup_(freep) char *folder = place(m, FOLDER), *path = place(m, NAME);
	_cleanup_(closep) int fd = -1;
	_cleanup_(fclosep) FILE *f = NULL;

	if (!folder || !path)
		return kd_nomem(err);
	if (mkdir(folder, 0700) && errno != EEXIST)
		return kd_fail(err, KD_IO, "%s: %s", folder, strerror(errno));
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return kd_fail(err, KD_IO, "%s: %s", path, strerror(errno));
	fd = -1;
	put_path(f, "kernel", q->kernel);
	if (q->initrd_bytes)
		put(f, "initrd", "(built)");
	else
		put_path(f, "initrd", q->initrd);
	put(f, "how", r->how == LOAD_FILE ? "file" : "segments");
	put(f, "cmdline", r->cmdline);
	fprintf(f, "when %" PRIu64 "\nram %" PRIu64 "\ncpus %zu\n", (uint64_t)time(NULL),
		machine_ram(m), m->nnotes);
	return fflush(f) ? kd_fail(err, KD_IO, "%s: %s", path, strerror(errno)) : 0;
}

void record_remove(const struct machine *m)
{
	_cleanup_(freep) char *path = place(m, NAME);

	if (path)
		unlink(path);
}

/* "key value" */
static int read_line(char *at, struct record *out, struct kd_err *err)
{
	char *value = strchr(at, ' '), **text;
	uint64_t *number;

	if (!value)
		return 0;
	*value++ = '\0';
	number = !strcmp(at, "when")   ? &out->when
		 : !strcmp(at, "ram")  ? &out->ram
		 : !strcmp(at, "cpus") ? &out->cpus
				       : NULL;
	if (number) {
		*number = strtoull(value, NULL, 10);
		return 0;
	}
	text = !strcmp(at, "kernel")	? &out->kernel
	       : !strcmp(at, "initrd")	? &out->initrd
	       : !strcmp(at, "cmdline") ? &out->cmdline
	       : !strcmp(at, "how")	? &out->how
					: NULL;
	if (!text || *text)
		return 0;
	*text = strdup(value);
	return *text ? 0 : kd_nomem(err);
}

int record_read(const struct machine *m, struct record *out, struct kd_err *err)
{
	_cleanup_(freep) char *text = NULL;
	char *save = NULL;
	int ret;

	*out = (struct record){ 0 };
	ret = machine_file(m, NAME, MAX_RECORD, &text, NULL, err);
	if (ret)
		return ret;
	for (char *at = strtok_r(text, "\n", &save); at && !ret; at = strtok_r(NULL, "\n", &save))
		ret = read_line(at, out, err);
	return ret;
}

bool record_is_stale(const struct record *r, const struct machine *m)
{
	bool cpus = r->cpus && m->nnotes && r->cpus != m->nnotes;
	bool ram = r->ram && !m->iomem_hidden && r->ram != machine_ram(m);

	return (cpus && !m->cpu_hotplug) || (ram && !m->memory_hotplug);
}

void record_fini(struct record *r)
{
	free(r->kernel);
	free(r->initrd);
	free(r->cmdline);
	free(r->how);
	*r = (struct record){ 0 };
}
