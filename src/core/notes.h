/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The notes of a dump: the same ELF notes, whatever the file's format. */
#ifndef KD_CORE_NOTES_H
#define KD_CORE_NOTES_H

#include "core/dump.h"

/*
 * Add the notes in LEN bytes at P, which stay as long as the dump does. Ends without an error at
 * an empty note or at one that reaches beyond LEN. KD_NOMEM.
 */
int notes_add(struct dump *d, const uint8_t *p, size_t len, struct kd_err *err);

#endif
