// SPDX-License-Identifier: GPL-3.0-or-later
/* Addresses of network devices (struct in_ifaddr, struct inet6_ifaddr): see net_priv.h. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/net_priv.h"
#include "kernel/objects.h"

/* uapi/linux/if_addr.h */
#define DADFAILED 0x08u
#define DEPRECATED 0x20u
#define TENTATIVE 0x40u

struct list {
	const struct net_walk *w;
	FILE *out;
	unsigned n;
};

static void put(struct list *l, const char *fmt, ...) KD_PRINTF(2, 3);

static void put(struct list *l, const char *fmt, ...)
{
	va_list ap;

	if (l->n++)
		fputc(' ', l->out);
	va_start(ap, fmt);
	vfprintf(l->out, fmt, ap);
	va_end(ap);
}

/* Addresses are in network order: in memory as they are written. */
static void put_ipv4(struct list *l, vaddr_t ifa, const char *device)
{
	const struct objects *o = l->w->o;
	uint64_t local, far, prefix;
	char mine[INET_ADDRSTRLEN], theirs[INET_ADDRSTRLEN], label[17] = "";
	uint32_t be;

	if (!net_get(l->w, ifa, &o->in_ifaddr_local, &local))
		return;
	net_get(l->w, ifa, &o->in_ifaddr_prefixlen, &prefix);
	if (!net_get(l->w, ifa, &o->in_ifaddr_address, &far))
		far = local;
	if (o->in_ifaddr_label.found)
		space_read_str(&l->w->k->space, ifa + o->in_ifaddr_label.offset, label,
			       sizeof(label), NULL);
	be = (uint32_t)local;
	inet_ntop(AF_INET, &be, mine, sizeof(mine));
	be = (uint32_t)far;
	inet_ntop(AF_INET, &be, theirs, sizeof(theirs));
	put(l, "%s%s%s/%" PRIu64, mine, far != local ? " peer " : "", far != local ? theirs : "",
	    prefix);
	if (*label && strcmp(label, device))
		fprintf(l->out, " (%s)", label);
}

static void put_all_ipv4(struct list *l, vaddr_t dev, const char *device)
{
	const struct objects *o = l->w->o;
	uint64_t in, ifa;

	if (!net_get(l->w, dev, &o->net_device_ip, &in) || !in ||
	    !net_get(l->w, in, &o->in_device_ifa_list, &ifa))
		return;
	for (unsigned n = 0; ifa && n < NET_ADDRESSES_MAX; n++) {
		put_ipv4(l, ifa, device);
		if (!net_get(l->w, ifa, &o->in_ifaddr_next, &ifa))
			return;
	}
}

static int put_ipv6(void *data, vaddr_t entry)
{
	static const uint8_t none[16];
	struct list *l = data;
	const struct objects *o = l->w->o;
	const struct space *s = &l->w->k->space;
	vaddr_t ifa = entry - o->inet6_ifaddr_list.offset;
	char mine[INET6_ADDRSTRLEN], theirs[INET6_ADDRSTRLEN] = "";
	uint64_t prefix, flags;
	uint8_t bytes[16];

	if (l->n > NET_ADDRESSES_MAX)
		return 1;
	if (space_read(s, ifa + o->inet6_ifaddr_addr.offset, bytes, sizeof(bytes), NULL, NULL))
		return 0;
	inet_ntop(AF_INET6, bytes, mine, sizeof(mine));
	if (o->inet6_ifaddr_peer.found &&
	    !space_read(s, ifa + o->inet6_ifaddr_peer.offset, bytes, sizeof(bytes), NULL, NULL) &&
	    memcmp(bytes, none, sizeof(none)))
		inet_ntop(AF_INET6, bytes, theirs, sizeof(theirs));
	net_get(l->w, ifa, &o->inet6_ifaddr_prefix_len, &prefix);
	net_get(l->w, ifa, &o->inet6_ifaddr_flags, &flags);
	put(l, "%s%s%s/%" PRIu64, mine, *theirs ? " peer " : "", theirs, prefix);
	if (flags & DADFAILED)
		fprintf(l->out, " (another has it)");
	else if (flags & TENTATIVE)
		fprintf(l->out, " (tentative)");
	else if (flags & DEPRECATED)
		fprintf(l->out, " (deprecated)");
	return 0;
}

char *net_read_addresses(const struct net_walk *w, vaddr_t dev, const char *name)
{
	const struct objects *o = w->o;
	struct list l = { .w = w };
	char *text = NULL;
	size_t size;
	uint64_t in6;

	l.out = open_memstream(&text, &size);
	if (!l.out)
		return NULL;
	put_all_ipv4(&l, dev, name);
	if (o->inet6_dev_addr_list.found && o->inet6_ifaddr_list.found &&
	    o->inet6_ifaddr_addr.found && net_get(w, dev, &o->net_device_ip6, &in6) && in6)
		object_list(w->k, in6 + o->inet6_dev_addr_list.offset, put_ipv6, &l, NULL);
	return fclose(l.out) ? (free(text), NULL) : text;
}
