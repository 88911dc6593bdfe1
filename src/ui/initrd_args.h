/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the second kernel's initramfs is to be, on the command line: initrd, load --build-initrd. */
#ifndef KD_UI_INITRD_ARGS_H
#define KD_UI_INITRD_ARGS_H

#include "setup/initrd.h"
#include "ui/args.h"
#include "ui/doc.h"

/* clang-format off */
/* Lines of a table of options. */
#define INITRD_OPTIONS                                                                             \
	{ 't', "target", "WHERE", "where dumps go; again: where the first cannot" },               \
	{ 'm', "module", "NAME[:PARAMETERS]", "a module more" },                                   \
	{ 0, "dmesg-only", NULL, "save the kernel's log, nothing else" },                          \
	{ 0, "capture-options", "OPTIONS", "of \"kdview capture\": \"-d 31 --compress lzo\"" },    \
	{ 0, "on-done", "ACTION", "then: reboot (default), poweroff, halt or shell" },             \
	{ 0, "on-fail", "ACTION", "the same, when nothing could be saved" },                       \
	{ 0, "hook", "PROGRAM [ARGUMENT]...", "run it then; a static program" },                   \
	{ 0, "wait", "SECONDS", "for the target's device to appear (30)" },                        \
	{ 0, "limit", "SECONDS", "for all together, then it reboots (3600)" },                     \
	{ 0, "no-verify", NULL, "do not read the dump again when it is written" },                 \
	{ 0, "watchdog", "MODULE", "that process 1 feeds (the one in use, or softdog); none" },    \
	{ 0, "init", "FILE", "kdview-capture (this program, or beside it)" },                      \
	{ 0, "kernel-release", "RELEASE", "of the second kernel (the running one's)" },            \
	{ 0, "modules-dir", "DIR", "its modules (/lib/modules/RELEASE)" },                         \
	{ 0, "config", "FILE", "its configuration (/boot/config-RELEASE)" },                       \
	{ 0, "no-modules", NULL, "it has all it needs built in" },                                 \
	{ 0, "pack", "HOW", "zstd, gzip or none (what its configuration allows)" }
/* clang-format on */

#define INITRD_WORDS 64

/* A request, and the lists that it borrows. */
struct initrd_args {
	struct initrd_request q;
	const char *targets[INITRD_WORDS], *modules[INITRD_WORDS];
	const char *capture[INITRD_WORDS], *hook[INITRD_WORDS];
	char *text[2]; /* owned: that of capture and of hook */
};

/* KD_USAGE. Borrows from A. initrd_args_fini() in any case. */
int initrd_args_take(const struct args *a, struct initrd_args *out, struct kd_err *err);
void initrd_args_fini(struct initrd_args *i);

/* Does A have one of the options above? For those who take them only with another. */
const char *initrd_args_first(const struct args *a);

/* What was made: fields and notes. */
void initrd_answer(const struct initrd *i, struct doc *d);

#endif
