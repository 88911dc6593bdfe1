/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A module's file: .ko, or that compressed as distributions do (.ko.gz, .ko.zst, .ko.xz). */
#ifndef KD_SETUP_MODULE_FILE_H
#define KD_SETUP_MODULE_FILE_H

#include "core/err.h"

#define MODULE_MOST (256u << 20) /* bytes */

struct module_file {
	uint8_t *bytes; /* owned */
	size_t len;
	char suffix[8];	  /* of bytes: "ko"; "ko.xz" where we could not unpack it */
	uint16_t machine; /* EM_*; 0: not seen */
};

/*
 * Read FOLDER/FILE and unpack it. KEEP_XZ: should this program have no xz, the kernel does; else
 * that is KD_UNSUPPORTED. KD_CORRUPT: it is no module; KD_NOTFOUND, KD_IO, KD_NOMEM.
 */
int module_file_read(const char *folder, const char *file, bool keep_xz, struct module_file *out,
		     struct kd_err *err);
void module_file_fini(struct module_file *m);

/*
 * Take the debug information out, which a kernel built at home has in its modules, ten times as
 * much as the rest. Sections of that become empty ones and keep their numbers. A signed module, or
 * one that makes no sense, stays as it is.
 */
void module_file_strip(struct module_file *m);

#endif
