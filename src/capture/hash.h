/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * XXH64 (doc/xxhash_spec.md of the xxHash project): 64 bits of any number of bytes, at memory's
 * speed. Against rot, not against forgers.
 */
#ifndef KD_CAPTURE_HASH_H
#define KD_CAPTURE_HASH_H

#include "core/base.h"

struct hash {
	uint64_t lanes[4];
	uint64_t total; /* bytes */
	uint8_t rest[32];
};

void hash_init(struct hash *h);
void hash_add(struct hash *h, const void *data, size_t len);
uint64_t hash_value(const struct hash *h);

#endif
