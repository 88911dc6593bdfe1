/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing a kdump-compressed file: tell the pages apart window by window, then read,
 * compress and write those that are wanted, the most valuable first. Memory needed does
 * not grow with the dump: about 3 MB, and 2 MB for each worker.
 */
#ifndef KD_CAPTURE_JOB_H
#define KD_CAPTURE_JOB_H

#include "capture/compress.h"
#include "capture/select.h"
#include "capture/sink.h"
#include "capture/value.h"

struct job_progress {
	const char *what;	/* static: "looking at pages", "writing" */
	uint64_t done, total;	/* pages */
	uint64_t bytes;		/* written */
	uint64_t ms;		/* since it began */
};

struct job_options {
	unsigned level;
	struct compress_method method;
	unsigned workers; /* threads; 0: as many as there are CPUs, 1: none besides the caller's */
	unsigned part, parts; /* PARTS above 1: only part PART, from 0 on, with as many pages as others */
	/* Called some times a second, by the caller's thread; false: stop. May be NULL. */
	bool (*tick)(void *data, const struct job_progress *p);
	void *data;
};

#define JOB_LOST_RUNS 1024

struct job_lost {
	pfn_t first;
	uint64_t n;
	int status; /* how it is missing */
};

struct job_result {
	uint64_t kinds[PAGE_KINDS];	/* pages of the machine */
	uint64_t wanted[VALUE_TIERS], written[VALUE_TIERS];
	uint64_t zeros;			/* of those written */
	uint64_t lost;			/* of those written: they could not be read */
	struct job_lost *lost_runs;	/* owned; the first JOB_LOST_RUNS of them */
	size_t nlost_runs;
	uint64_t bytes;			/* of the output */
	uint64_t max_pfn;
	uint64_t ms;
};

void job_result_fini(struct job_result *r);

/* N pages from page frame FIRST on could not be read. */
void job_result_lost(struct job_result *r, pfn_t first, uint64_t n, int status);

/*
 * Write D to SINK. SPACE is the kernel's (NULL: pages cannot be told apart), VALUE what
 * comes first (NULL: nothing special). *out is filled on failure too: KD_NOSPACE (what was
 * written first is there, and the file says that it is incomplete), KD_CANCELLED, KD_IO,
 * KD_NOMEM. Pages that cannot be read are no failure.
 */
int job_run(const struct dump *d, const struct space *space, const struct value *value,
	    const struct select *select, struct sink *sink, const struct job_options *opt,
	    struct job_result *out, struct kd_err *err);

#endif
