/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel log, out of the dump's memory: the lockless ring buffer
 * (kernel/printk/printk_ringbuffer.h, since v5.10), the records of v3.5 to v5.9
 * (struct printk_log), or the plain text before. By what VMCOREINFO names.
 */
#ifndef KD_KERNEL_LOG_H
#define KD_KERNEL_LOG_H

#include "core/err.h"

struct kernel;

struct log_record {
	uint64_t ts_nsec;  /* since boot; 0 for plain text */
	uint64_t seq;
	uint32_t caller;   /* pid, or CPU with bit 31 set; 0: not recorded */
	uint8_t level;	   /* 0 emerg ... 7 debug */
	uint8_t facility;
	bool has_ts;
	char *text;	   /* owned, raw bytes of the kernel without a final newline, terminated */
	size_t len;
};

struct log {
	struct log_record *list; /* oldest first */
	size_t n;
	bool partial; /* records, or parts of them, are missing */
	char *damage; /* owned: what is missing or broken; NULL: sound */
};

/* Read the whole log. KD_NOTFOUND: the dump does not say where it is. */
int log_read(const struct kernel *k, struct log *l, struct kd_err *err);
void log_fini(struct log *l);

#endif
