/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the three forms of the kernel log share: see log.c. */
#ifndef KD_KERNEL_LOG_PRIV_H
#define KD_KERNEL_LOG_PRIV_H

#include "kernel/log.h"
#include "kernel/window.h"

#define LOG_TEXT_MAX (64u << 10) /* bytes of one record: text_len has 16 bits */

/* A log that is being read. */
struct log_reader {
	const struct kernel *k;
	struct windows *w;
	struct log *log;
	size_t cap;	/* of log->list */
	size_t missing; /* records that could not be had for missing pages */
};

/*
 * Add a record with LEN bytes of text at AT, or what could be read of them (the
 * rest counts as missing). KD_NOMEM only.
 */
int log_add(struct log_reader *r, const struct log_record *rec, vaddr_t at, size_t len,
	    struct kd_err *err);

/* A variable of printk: VMCOREINFO's SYMBOL(NAME) or the symbol table's. */
bool log_symbol(const struct kernel *k, const char *name, vaddr_t *addr);
/* The number of SIZE bytes in it; the sentence names it. */
int log_variable(const struct kernel *k, const char *name, size_t size, uint64_t *value,
		 struct kd_err *err);

/* One for each form: 0, or why there is nothing to show. */
int log_read_ring(struct log_reader *r, struct kd_err *err);
int log_read_records(struct log_reader *r, struct kd_err *err);
int log_read_text(struct log_reader *r, struct kd_err *err);

#endif
