/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a second kernel saves a dump, as people name it:
 *
 *   LABEL=NAME[:TYPE][/FOLDER]	   a file system, by what lies on the disk
 *   UUID=NUMBER[:TYPE][/FOLDER]   the same
 *   /dev/NAME[:TYPE][/FOLDER]	   the same, by the device it has now
 *   /FOLDER			   a folder of this system: its file system, and the path there
 *   raw:/dev/NAME		   a device without a file system; all on it is overwritten
 */
#ifndef KD_SETUP_TARGET_H
#define KD_SETUP_TARGET_H

#include "core/err.h"
#include "setup/device.h"

#define TARGET_WORD 300 /* bytes */

/* As kdview.conf wants it. */
struct target {
	char device[TARGET_WORD]; /* by UUID where that is known: names of devices change */
	char type[32];		  /* of its file system; "": not known; raw: "" */
	char folder[DEVICE_PATH]; /* "/...": in the file system */
	bool raw;
	char node[DEVICE_PATH]; /* its path now, behind root; "": it is not there */
};

/*
 * Find TEXT on the system below ROOT (machine.h). A LABEL or UUID that is not there is no error:
 * node is "" then. KD_USAGE: no target, with how they look; KD_UNSUPPORTED: none that a second
 * kernel can use (ssh, nfs, tmpfs, ...); KD_NOTFOUND: no such device or folder.
 */
int target_find(const char *root, const char *text, struct target *out, struct kd_err *err);

#endif
