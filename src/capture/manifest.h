/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The manifest beside a dump, DUMP.json: of which crash it is, what is in it and what is not,
 * and checksums of its blocks, so that years later it can be told that nothing rotted.
 */
#ifndef KD_CAPTURE_MANIFEST_H
#define KD_CAPTURE_MANIFEST_H

#include "capture/job.h"
#include "capture/sums.h"

struct kernel;

struct manifest_facts {
	const char *file;	     /* name of the dump, without folders */
	const char *format;	     /* "kdump", "flattened", "elf64", "raw" */
	const struct kernel *kernel; /* NULL: not known */
	const struct select *select;
	const struct job_options *job;
	const struct job_result *result;
	const struct sums *sums; /* finished */
	bool complete;
};

/* As JSON text, the caller's. KD_NOMEM. */
int manifest_text(const struct manifest_facts *f, char **text, struct kd_err *err);

/* "DUMP.json", the caller's; NULL: no memory. */
char *manifest_path(const char *dump);

struct manifest {
	uint64_t size, block; /* bytes: of the file, of a block */
	uint64_t *sums;	      /* owned */
	size_t n;
	bool complete;
};

/* KD_NOTFOUND: there is none; KD_CORRUPT: it makes no sense; KD_IO, KD_NOMEM. */
int manifest_read(const char *path, struct manifest *out, struct kd_err *err);
void manifest_fini(struct manifest *m);

#endif
