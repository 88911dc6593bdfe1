/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What modprobe.d(5) says. */
#ifndef KD_SETUP_MODPROBE_CONF_H
#define KD_SETUP_MODPROBE_CONF_H

#include "core/err.h"

/*
 * All files NAME.conf of etc/modprobe.d, run/modprobe.d, lib/modprobe.d ... below ROOT, in the
 * order of their names, one behind the other, lines that go on made one: *text is the caller's.
 * A name in a folder hides the same name in those behind it. No folder is no error. KD_NOMEM.
 */
int modprobe_conf_read(const char *root, char **text, struct kd_err *err);

/*
 * The next line of TEXT (modprobe_conf_read(), or modules.softdep) that is WORD and for the module
 * NAME: what stands behind it, LEN bytes. *at moves on from the start; NULL: no more.
 */
const char *modprobe_conf_next(const char **at, const char *word, const char *name, size_t *len);

#endif
