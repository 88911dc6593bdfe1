/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a file looks like, for those who gave the wrong one. */
#ifndef KD_UI_LOOKS_H
#define KD_UI_LOOKS_H

#include "core/base.h"

/* "a compressed kernel (bzImage)", "text", "no such file", ... into BUF; returns BUF. */
const char *file_looks(const char *path, char *buf, size_t size);

/*
 * Could it be raw memory: many whole pages, of no kind that is known? Only looking for a kernel
 * in it tells more.
 */
bool file_may_be_memory(const char *path);

#endif
