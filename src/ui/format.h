/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers for people. */
#ifndef KD_UI_FORMAT_H
#define KD_UI_FORMAT_H

#include "core/base.h"

/* "1.5 GiB", to the nearest tenth; bytes below 1 KiB are exact. Into BUF; returns BUF. */
const char *format_size(uint64_t bytes, char *buf, size_t size);

#endif
