// SPDX-License-Identifier: GPL-3.0-or-later
/* Comparing checksums: see verify.h. */
#include "load/purgatory/verify.h"

#include "load/sha256.h"

bool purgatory_region_ok(const struct purgatory_region *r)
{
	uint8_t digest[SHA256_SIZE], differ = 0;

	if (r->addr > UINTPTR_MAX || r->len > UINTPTR_MAX - r->addr)
		return false;
	/* address 0 is as good as any other here */
	sha256((const void *)(uintptr_t)r->addr, (size_t)r->len, digest);
	for (unsigned i = 0; i < SHA256_SIZE; i++)
		differ |= digest[i] ^ r->digest[i];
	return !differ;
}
