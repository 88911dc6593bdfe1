/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kdview.conf: what process 1 of a second kernel does. Lines of words that blanks separate,
 * without quotes; "#" begins a comment.
 *
 *   module FILE [PARAMETER]...      load it; in the order of lines
 *   target DEVICE [TYPE [FOLDER]]   mount it and save into a dated folder in FOLDER (/);
 *                                   TYPE ext4, xfs, vfat ..., or auto
 *   raw DEVICE                      save onto the device itself
 *   capture OPTION...               options of "kdview capture"
 *   dmesg                           save the kernel's log as text, and nothing else
 *   wait SECONDS                    for a device to appear (30)
 *   limit SECONDS                   for all together; then the machine reboots (3600)
 *   verify yes|no                   read the dump again when it is written (yes)
 *   hook PROGRAM [ARGUMENT]...      run when it is saved or not: last argument the dump or ""
 *   end ACTION                      reboot, poweroff, halt or shell (reboot)
 *   failed ACTION                   the same, where nothing was saved (what end says)
 *
 * DEVICE is LABEL=, UUID= or a path. Targets are tried one after the other until one holds.
 */
#ifndef KD_SETUP_CONF_H
#define KD_SETUP_CONF_H

#include "core/err.h"

#define CONF_WORDS 32	/* of a line */
#define CONF_MODULES 256
#define CONF_TARGETS 16

enum conf_end { END_REBOOT, END_POWEROFF, END_HALT, END_SHELL };

struct conf_target {
	const char *device;
	const char *type;   /* NULL: as the device says */
	const char *folder; /* in it, "/" for its root; NULL: the device itself is written */
};

struct conf {
	char *text; /* owned: all strings lie in it */
	struct {
		const char *file, *parameters;
	} modules[CONF_MODULES];
	size_t nmodules;
	struct conf_target targets[CONF_TARGETS];
	size_t ntargets;
	const char *options[CONF_WORDS], *hook[CONF_WORDS];
	size_t noptions, nhook;
	unsigned wait, limit; /* seconds */
	bool verify, only_log;
	enum conf_end end, failed;
};

/*
 * Take TEXT (owned by *out from now on, also on failure) apart. A line that makes no sense
 * is told to COMPLAIN and left out: the others are worth more than an order to stop.
 */
void conf_parse(char *text, void (*complaint)(void *data, unsigned line, const char *what),
		void *data, struct conf *out);
void conf_fini(struct conf *c);

#endif
