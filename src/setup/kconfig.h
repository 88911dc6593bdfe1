/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A kernel's configuration (.config): the answers it was built with. Found as a file (plain,
 * gzip, /proc/config.gz), or inside a kernel's image that was built with CONFIG_IKCONFIG:
 * bzImage, vmlinux, either of them compressed.
 */
#ifndef KD_SETUP_KCONFIG_H
#define KD_SETUP_KCONFIG_H

#include "core/err.h"

struct kconfig {
	char *text; /* owned: lines, "CONFIG_X=y" or "# CONFIG_X is not set" */
	size_t len;
	char *source;	   /* owned: where it is from, for people */
	char release[128]; /* of its kernel, as far as it says: "6.1.192"; "": it does not */
};

/*
 * From a file, known by what it holds. KD_NOTFOUND: a kernel's image without a configuration
 * (out->release is told nevertheless); KD_CORRUPT: neither; KD_UNSUPPORTED: compressed in a way
 * not known here; KD_IO, KD_NOMEM. kconfig_fini() in any case.
 */
int kconfig_read(const char *path, struct kconfig *out, struct kd_err *err);

/* The same of LEN bytes, named SOURCE. */
int kconfig_read_bytes(const uint8_t *p, size_t len, const char *source, struct kconfig *out,
		       struct kd_err *err);

/*
 * Of the kernel RELEASE installed below ROOT: boot/config-RELEASE, lib/modules/RELEASE/config and
 * the like. RUNNING: it is the one that runs, and proc/config.gz is the first to be asked.
 * KD_NOTFOUND, with the names that were tried.
 */
int kconfig_installed(const char *root, const char *release, bool running, struct kconfig *out,
		      struct kd_err *err);
void kconfig_fini(struct kconfig *c);

/*
 * The answer for NAME (without CONFIG_), in BUF, always terminated: "y", "m", a number, a text
 * without its quotes; "n" where it says "is not set". false: it is not mentioned, since what it
 * depends on is not set or this kernel does not know it; BUF is "" then.
 */
bool kconfig_value(const struct kconfig *c, const char *name, char *buf, size_t size);

/* Is it y, or m? */
bool kconfig_on(const struct kconfig *c, const char *name);
bool kconfig_builtin(const struct kconfig *c, const char *name);
bool kconfig_number(const struct kconfig *c, const char *name, uint64_t *v);

/* Is it for i386 (32 bits) rather than x86_64? */
bool kconfig_is_32bit(const struct kconfig *c);

#endif
