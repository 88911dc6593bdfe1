/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What kernel crashed, when, where and with which words: the first page of every
 * answer. Each item is optional: what the dump does not say is NULL or has its
 * flag false.
 */
#ifndef KD_KERNEL_INFO_H
#define KD_KERNEL_INFO_H

#include "core/err.h"

struct kernel;
struct log;

#define INFO_UTS 65 /* bytes of a string in struct new_utsname */

struct info {
	char nodename[INFO_UTS], release[INFO_UTS], version[INFO_UTS]; /* raw; "": not known */
	char machine[INFO_UTS];

	/*
	 * The crash in the log's words, borrowed from the log: the line that says what
	 * went wrong ("BUG: unable to handle page fault ...") and the panic's own
	 * ("Kernel panic - not syncing: ..."). NULL: the log has none. Where the kernel had
	 * not crashed oops is the last such line, however old.
	 */
	const char *oops, *panic;
	uint64_t oops_age;   /* not crashed: from the report to the dump, nanoseconds */
	size_t panic_record; /* index in the log of the first of them */
	bool crashed;	     /* as struct kernel has it; else the times are the dump's */

	bool has_crash_time, has_uptime, has_load, has_taint;
	int64_t crash_time;    /* seconds since 1970, UTC */
	bool crash_time_exact; /* the kernel wrote it down (CRASHTIME=); else its clock's last tick
				*/
	uint64_t uptime_ns;    /* since boot, time asleep included */
	bool uptime_from_log;  /* only the last record's time stamp: a lower bound */
	uint32_t load[3];      /* hundredths: 1, 5, 15 minutes */
	uint64_t taint;	       /* tainted_mask */
	char *cmdline;	       /* owned; raw bytes; NULL: not known */

	unsigned cpus_online, cpus_possible, cpus_with_notes;
};

/* Collect it. L may be NULL (the log could not be read). Never fails: what is not there is not. */
void info_read(const struct kernel *k, const struct log *l, struct info *out);
void info_fini(struct info *i);

/* Do the words tell of the end: of the crash, or of what was going on when the dump was taken? */
bool info_is_recent(const struct info *i);

/* When it booted, seconds since 1970, UTC; false: not known. */
bool info_boot_time(const struct info *i, int64_t *seconds);

/*
 * The taint flags in words, "D (died: oops or BUG), O (out-of-tree module)", into
 * BUF; "none" for 0. Returns BUF.
 */
const char *info_taint(uint64_t taint, char *buf, size_t size);

/* Set the flag's bit in *TAINT; false: no flag has that letter. */
bool info_taint_bit(char letter, uint64_t *taint);

#endif
