/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel log as a text file, as dmesg prints it: for whoever has no reader of dumps. */
#ifndef KD_CAPTURE_LOG_TEXT_H
#define KD_CAPTURE_LOG_TEXT_H

#include "core/err.h"

struct kernel;

/*
 * "[    1.234567] TEXT" lines, the kernel's bytes as they are, oldest first; what is missing is
 * said in a last line. *text is the caller's. Errors as log_read().
 */
int log_text(const struct kernel *k, char **text, size_t *len, struct kd_err *err);

#endif
