/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The flattened envelope, for pipes that can not seek (makedumpfile.h, struct makedumpfile_header
 * and makedumpfile_data_header; QEMU's dump.c writes it too): 4096 bytes of head, then records of
 * offset, size and that many bytes, offset -1 at the end. Envelope numbers are big endian, what
 * is inside is the producer's.
 *
 * Records come in any order, and a later one overwrites an earlier one. Bytes in no record are
 * zeros, as the file would have them if it were written out; but in a stream without its end they
 * are missing.
 */
#ifndef KD_CORE_FLATTENED_H
#define KD_CORE_FLATTENED_H

#include "core/source.h"

/* Are these the first LEN bytes of a flattened file? */
bool flattened_probe(const uint8_t *head, size_t len);

/*
 * Take over a mapped source: index its records in one pass over their headers. KD_UNSUPPORTED
 * (too many of them), KD_NOMEM.
 */
int flattened_open(struct source *s, struct kd_err *err);

#endif
