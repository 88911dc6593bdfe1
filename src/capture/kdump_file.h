/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing a kdump-compressed file, version 6 (makedumpfile's diskdump_mod.h): headers,
 * two bitmaps, a descriptor for each page of the second, then the pages' data, in any
 * order. Its status says "incomplete" until the end (of a file: a stream has an end mark), and a page whose data is not there
 * yet has an empty descriptor: so the file can be read at any moment, however the writer
 * ended.
 */
#ifndef KD_CAPTURE_KDUMP_FILE_H
#define KD_CAPTURE_KDUMP_FILE_H

#include "capture/sink.h"
#include "core/space.h"

struct kdump_file {
	struct sink *sink; /* borrowed */
	uint64_t page_size;
	uint64_t bitmap_off, bitmap_len; /* of one of the two */
	uint64_t desc_off;
	uint64_t data_off; /* where the next data goes */
	uint64_t zero_off; /* of the page all pages of zeros share; 0: not there yet */
	uint64_t npages;   /* with a descriptor */
	uint8_t *head;	   /* owned: the headers, to be written again at the end */
	size_t head_len;
	size_t status_off; /* in the first header */
};

struct kdump_facts {
	const struct space *space; /* of the kernel; NULL: not known */
	const struct dump *dump;
	uint64_t max_pfn;   /* pages are below */
	unsigned level;	    /* the dump level */
	uint32_t status;    /* enum page_compression */
	bool split;	    /* this file holds the pages [split_start, split_end) only */
	uint64_t split_start, split_end;
};

/* Write the headers; the bitmaps stay empty. Errors: sink_write()'s, KD_NOMEM. */
int kdump_file_begin(struct kdump_file *f, struct sink *s, const struct kdump_facts *facts,
		     struct kd_err *err);
void kdump_file_fini(struct kdump_file *f);

/* How many pages will have a descriptor: before any of them is written. */
void kdump_file_count(struct kdump_file *f, uint64_t npages);

/* Parts of the bitmaps: LEN bytes from byte OFF on. RAM: pages that exist; HELD: that are here. */
int kdump_file_bitmaps(struct kdump_file *f, uint64_t off, const void *ram, const void *held,
		       size_t len, struct kd_err *err);

/* A page of a batch. */
struct kdump_page {
	uint64_t index;	     /* of its descriptor: how many pages of the second bitmap are before it */
	uint32_t len, flags; /* of its data; LEN 0: a page of zeros */
	bool lost;	     /* it could not be read: its descriptor stays empty */
	int status;	     /* how it is lost */
};

/* N pages, in any order, whose data lies in DATA one after the other. */
int kdump_file_pages(struct kdump_file *f, const struct kdump_page *pages, size_t n,
		     const void *data, size_t len, struct kd_err *err);

/* All is there: the header says so. */
int kdump_file_finish(struct kdump_file *f, struct kd_err *err);

#endif
