// SPDX-License-Identifier: GPL-3.0-or-later
/* Network devices: see net.h. */
#include "kernel/net.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/net_priv.h"
#include "kernel/objects.h"

#define ADJACENT_MAX 64
#define NAME_SIZE 17 /* IFNAMSIZ and a NUL */

/* uapi/linux/if.h */
#define UP (1u << 0)
#define RUNNING (1u << 6)
#define PROMISC (1u << 8)
#define ALLMULTI (1u << 9)
#define LOWER_UP (1u << 16)
#define DORMANT (1u << 17)

/* Bits of net_device.state (enum netdev_state_t), the same since v2.6.17. */
#define STATE_START (1u << 0)
#define STATE_NOCARRIER (1u << 2)
#define STATE_DORMANT (1u << 4)

bool net_get(const struct net_walk *w, vaddr_t base, const struct member *m, uint64_t *v)
{
	*v = 0;
	return m->found && !object_read(w->k, w->o, base, m, v, NULL);
}

void net_device_fini(struct net_device *d)
{
	free(d->addresses);
	d->addresses = NULL;
}

/* Flags and state ------------------------------------------------------------------ */

static const char *state_name(uint64_t state)
{
	/* uapi/linux/if.h: IF_OPER_* */
	static const char *const names[] = { "unknown", "not present", "down", "lower layer down",
					     "testing", "dormant",     "up" };

	return state < KD_ARRAY_SIZE(names) ? names[state] : NULL;
}

static bool is_running(const struct net_walk *w, vaddr_t dev)
{
	uint64_t state;

	return net_get(w, dev, &w->o->net_device_state, &state) && state & STATE_START;
}

/* As dev_get_flags() (net/core/dev.c) tells user space. */
static uint64_t user_flags(const struct net_walk *w, vaddr_t dev, uint64_t operstate)
{
	uint64_t flags, gflags, state;

	if (!net_get(w, dev, &w->o->net_device_flags, &flags))
		return 0;
	flags &= UINT32_MAX & ~(uint64_t)(RUNNING | LOWER_UP | DORMANT);
	if (net_get(w, dev, &w->o->net_device_gflags, &gflags))
		flags = (flags & ~(uint64_t)(PROMISC | ALLMULTI)) | (gflags & (PROMISC | ALLMULTI));
	if (!is_running(w, dev) || !net_get(w, dev, &w->o->net_device_state, &state))
		return flags;
	/* up, or unknown: not every driver tells */
	if (operstate == 6 || operstate == 0)
		flags |= RUNNING;
	if (!(state & STATE_NOCARRIER))
		flags |= LOWER_UP;
	if (state & STATE_DORMANT)
		flags |= DORMANT;
	return flags;
}

const char *net_flags(uint64_t flags, char *buf, size_t size)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{ 0, "up" },	      { 1, "broadcast" },  { 2, "debug" },    { 3, "loopback" },
		{ 4, "pointopoint" }, { 5, "notrailers" }, { 6, "running" },  { 7, "noarp" },
		{ 8, "promisc" },     { 9, "allmulti" },   { 10, "master" },  { 11, "slave" },
		{ 12, "multicast" },  { 16, "lower_up" },  { 17, "dormant" },
	};
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < KD_ARRAY_SIZE(names) && len < size; i++)
		if (flags >> names[i].bit & 1)
			len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? " " : "",
						names[i].name);
	return buf;
}

/* Neighbours ------------------------------------------------------------------------ */

static void read_name(const struct net_walk *w, vaddr_t dev, char name[32])
{
	name[0] = '\0';
	space_read_str(&w->k->space, dev + w->o->net_device_name.offset, name, NAME_SIZE, NULL);
}

struct neighbour {
	const struct net_walk *w;
	bool is_master; /* wanted: the master; else the first one */
	uint64_t dev;	/* 0: not found */
	unsigned n;
};

static int look_at_neighbour(void *data, vaddr_t entry)
{
	struct neighbour *x = data;
	const struct objects *o = x->w->o;
	vaddr_t at = entry - o->netdev_adjacent_list.offset;
	uint64_t dev, master;

	if (++x->n > ADJACENT_MAX || !net_get(x->w, at, &o->netdev_adjacent_dev, &dev) || !dev)
		return 1;
	net_get(x->w, at, &o->netdev_adjacent_master, &master);
	if (x->is_master && !master)
		return 0;
	x->dev = dev;
	return 1;
}

/* The device that links of LIST lead to; 0: none. */
static vaddr_t find_neighbour(const struct net_walk *w, vaddr_t dev, const struct member *list,
			      bool is_master)
{
	struct neighbour x = { .w = w, .is_master = is_master };

	if (list->found && w->o->netdev_adjacent_list.found)
		object_list(w->k, dev + list->offset, look_at_neighbour, &x, NULL);
	return x.dev;
}

/* A bridge lies above its ports too, but as their master: it is not made on them. */
static void read_neighbours(const struct net_walk *w, struct net_device *d)
{
	const struct objects *o = w->o;
	vaddr_t master = find_neighbour(w, d->addr, &o->net_device_upper, true);
	vaddr_t below = find_neighbour(w, d->addr, &o->net_device_lower, false);

	if (master)
		read_name(w, master, d->master);
	if (below && find_neighbour(w, below, &o->net_device_upper, true) != d->addr)
		read_name(w, below, d->below);
}

/* Devices --------------------------------------------------------------------------- */

/* A pointer since v2.6.31; an array before that and where a device has its own. */
static void read_hardware(const struct net_walk *w, struct net_device *d)
{
	const struct objects *o = w->o;
	uint64_t at = d->addr + o->net_device_addr.offset, len;

	if (!net_get(w, d->addr, &o->net_device_addr_len, &len) || len > sizeof(d->hardware) ||
	    !o->net_device_addr.found)
		return;
	if (o->net_device_addr.count <= 1 && !net_get(w, d->addr, &o->net_device_addr, &at))
		return;
	if (!space_read(&w->k->space, at, d->hardware, (size_t)len, NULL, NULL))
		d->hardware_len = (size_t)len;
}

static int read_device(void *data, vaddr_t entry)
{
	struct net_walk *w = data;
	const struct objects *o = w->o;
	struct net_device d = { .addr = entry - o->net_device_list.offset };
	uint64_t operstate;
	int ret;

	read_name(w, d.addr, d.name);
	net_get(w, d.addr, &o->net_device_ifindex, &d.index);
	net_get(w, d.addr, &o->net_device_mtu, &d.mtu);
	if (net_get(w, d.addr, &o->net_device_operstate, &operstate))
		d.state = state_name(operstate);
	d.flags = user_flags(w, d.addr, operstate);
	/* what is not running is down, whatever it says (net/core/rtnetlink.c) */
	if (d.state && !is_running(w, d.addr))
		d.state = "down";
	read_hardware(w, &d);
	read_neighbours(w, &d);
	d.has_stats = net_read_stats(w, d.addr, &d.stats);
	d.addresses = net_read_addresses(w, d.addr, d.name);
	ret = w->device(w->data, &d);
	net_device_fini(&d);
	return ret;
}

int net_devices(const struct kernel *k, const struct objects *o, vaddr_t ns,
		int (*step)(void *data, const struct net_device *d), void *data, struct kd_err *err)
{
	struct net_walk w = { .k = k, .o = o, .device = step, .data = data };
	const struct member *const needed[] = { &o->net_dev_base_head, &o->net_device_list,
						&o->net_device_name, NULL };
	int ret = objects_need(o, needed, "network devices", err);

	return ret ? ret : object_list(k, ns + o->net_dev_base_head.offset, read_device, &w, err);
}
