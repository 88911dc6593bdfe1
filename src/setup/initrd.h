/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The whole of a second kernel's initramfs: kdview-capture as /init, its kdview.conf
 * (load/conf.h), the modules that the targets need, and nothing else.
 */
#ifndef KD_SETUP_INITRD_H
#define KD_SETUP_INITRD_H

#include "core/err.h"

enum initrd_pack {
	INITRD_AUTO, /* zstd where the kernel's configuration says that it can, else gzip */
	INITRD_ZSTD,
	INITRD_GZIP,
	INITRD_PLAIN,
};

/* Lists of texts end with NULL; a list may be NULL. All is borrowed. */
struct initrd_request {
	const char *root;	    /* machine.h; NULL: "" */
	const char *release;	    /* of the second kernel; NULL: of the running one */
	const char *modules_dir;    /* NULL: lib/modules/RELEASE below root */
	const char *config;	    /* of the second kernel; NULL: searched by release */
	const char *init;	    /* kdview-capture; NULL: this program, or searched beside it */
	const char *const *targets; /* in the order they are tried: see target.h */
	const char *const *modules; /* besides those the targets need: names, "NAME:PARAMETERS" */
	const char *const *capture; /* options of "kdview capture" */
	const char *const *hook;    /* a program and its arguments */
	const char *on_done, *on_fail; /* reboot, poweroff, halt, shell; NULL: as conf.h says */
	const char *watchdog;	       /* its module; "none"; NULL: the one in use, or softdog */
	unsigned wait, limit;	       /* seconds; 0: as conf.h says */
	bool dmesg_only;	       /* save the log, nothing else */
	bool no_verify;
	bool no_modules; /* this kernel has all it needs */
	enum initrd_pack pack;
};

#define INITRD_NOTES 32

/* What was made. initrd_fini() in any case. */
struct initrd {
	uint8_t *bytes; /* owned: the initramfs, as the kernel takes it */
	size_t len;
	enum initrd_pack packed; /* never INITRD_AUTO */
	char *conf;		 /* owned: kdview.conf */
	char release[128];
	size_t plain_len;	      /* before it was packed */
	size_t init_len, modules_len; /* of that, bytes */
	size_t nmodules;
	char *notes[INITRD_NOTES]; /* owned: what is done otherwise than one might expect */
	size_t nnotes;
};

/*
 * Make one, in memory. KD_USAGE: what is asked for makes no sense, or cannot be in a second
 * kernel; KD_NOTFOUND: a device, folder, module, or kdview-capture; KD_IO; KD_CORRUPT: files of
 * depmod; KD_UNSUPPORTED; KD_NOMEM. Each sentence ends with the next step.
 */
int initrd_build(const struct initrd_request *q, struct initrd *out, struct kd_err *err);
void initrd_fini(struct initrd *i);

#endif
