/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of net: see net.h. */
#ifndef KD_KERNEL_NET_PRIV_H
#define KD_KERNEL_NET_PRIV_H

#include "kernel/net.h"

struct member;

struct net_walk {
	const struct kernel *k;
	const struct objects *o;
	int (*device)(void *data, const struct net_device *d);
	void *data;
};

/* A member as a number; false, and 0: it is not there, or can not be read. */
bool net_get(const struct net_walk *w, vaddr_t base, const struct member *m, uint64_t *v);

/* Its addresses as text, owned by the caller; NULL: out of memory. */
char *net_read_addresses(const struct net_walk *w, vaddr_t dev, const char *name);

/* What a device has counted; false: only its driver knows. */
bool net_read_stats(const struct net_walk *w, vaddr_t dev, struct net_stats *out);

#endif
