/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Network devices of each network namespace (struct net, include/net/net_namespace.h;
 * struct net_device, include/linux/netdevice.h) and their addresses.
 */
#ifndef KD_KERNEL_NET_H
#define KD_KERNEL_NET_H

#include "core/err.h"

struct kernel;
struct objects;

/* The types that the functions below need, for objects_resolve(). */
#define NET_TYPES                                                                                  \
	"net", "net_device", "net_device_ops", "netdev_adjacent", "net_device_core_stats",         \
		"pcpu_sw_netstats", "pcpu_lstats", "pcpu_dstats", "in_device", "in_ifaddr",        \
		"inet6_dev", "inet6_ifaddr"

#define NET_ADDRESSES_MAX 1024 /* of one device */

struct net_stats {
	uint64_t rx_bytes, rx_packets, rx_errors, rx_dropped;
	uint64_t tx_bytes, tx_packets, tx_errors, tx_dropped;
};

struct net_device {
	vaddr_t addr;
	char name[32];
	uint64_t index, mtu;
	uint64_t flags;	   /* IFF_* as ip(8) shows them; see net_flags() */
	const char *state; /* static: "up", "down", "unknown", ...; NULL: not known */
	uint8_t hardware[32];
	size_t hardware_len; /* 0: none */
	char master[32];     /* the device it is a port of; "": none */
	char below[32];	     /* the device it is made on (VLANs and the like); "": none */
	bool has_stats;	     /* false: its driver counts in its own way */
	struct net_stats stats;
	char *addresses; /* owned: "10.0.2.15/24 fe80::1/64"; NULL: out of memory */
};

void net_device_fini(struct net_device *d);

struct net_namespace {
	vaddr_t addr;
	uint64_t inode; /* as /proc/PID/ns/net shows it; 0: not known */
	char name[64];	/* as ip-netns(8) knows it; "": none */
};

/*
 * Each namespace, in the kernel's order; nonzero from STEP stops and is returned.
 * KD_NOTFOUND: this kernel has no network, or the types do not tell; KD_CORRUPT.
 */
int net_namespaces(const struct kernel *k, const struct objects *o,
		   int (*step)(void *data, const struct net_namespace *ns), void *data,
		   struct kd_err *err);

/* Each device of a namespace, in the same way; D is valid during the call. */
int net_devices(const struct kernel *k, const struct objects *o, vaddr_t ns,
		int (*step)(void *data, const struct net_device *d), void *data,
		struct kd_err *err);

/* "up broadcast multicast" of a device's flags, into BUF; returns BUF. */
const char *net_flags(uint64_t flags, char *buf, size_t size);

#endif
