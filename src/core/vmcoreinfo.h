/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * VMCOREINFO: the text note in which a kernel describes itself, lines of
 * KEY=VALUE or KIND(NAME)=VALUE (kernel/vmcore_info.c, before v6.9
 * kernel/crash_core.c; Documentation/admin-guide/kdump/vmcoreinfo.rst).
 * Immutable after parsing.
 */
#ifndef KD_CORE_VMCOREINFO_H
#define KD_CORE_VMCOREINFO_H

#include "core/err.h"

struct vmcoreinfo;

/*
 * Parse LEN bytes of text (not terminated, copied). Lines without '=' are
 * skipped, the first of two equal keys wins. KD_NOMEM only.
 */
int vmcoreinfo_parse(const char *text, size_t len, struct vmcoreinfo **out, struct kd_err *err);
void vmcoreinfo_free(struct vmcoreinfo *vi);
void vmcoreinfo_freep(struct vmcoreinfo **vi);

/* The value of a line by its whole key ("OSRELEASE"), or NULL. Borrowed. */
const char *vmcoreinfo_get(const struct vmcoreinfo *vi, const char *key);

/*
 * The number of KIND(NAME)=; KIND is "SYMBOL" (hex), "OFFSET", "SIZE",
 * "LENGTH" or "NUMBER" (decimal, may be negative). false when it is not there
 * or no number.
 */
bool vmcoreinfo_number(const struct vmcoreinfo *vi, const char *kind, const char *name,
		       uint64_t *value);

/* The value of KEY= read as hex (KERNELOFFSET, BUILD-ID is text). */
bool vmcoreinfo_hex(const struct vmcoreinfo *vi, const char *key, uint64_t *value);

/* The i-th line, "KEY=VALUE" split; false past the end. */
bool vmcoreinfo_line(const struct vmcoreinfo *vi, size_t i, const char **key, const char **value);

#endif
