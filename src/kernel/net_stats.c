// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What network devices have counted, where the kernel's common code does it (dev_get_stats(),
 * net/core/dev.c): in the device itself, and for each CPU. Many drivers count for themselves.
 */
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/net_priv.h"
#include "kernel/objects.h"

/* The first four as in enum netdev_stat_type. */
enum per_cpu { NO_CPU, LSTATS, TSTATS, DSTATS, LSTATS_TX };

/* One CPU's share of a per-CPU pointer of the device. */
static bool cpu_share(const struct net_walk *w, vaddr_t dev, const struct member *m,
		      const struct cpu *c, vaddr_t *at)
{
	uint64_t ptr;

	if (!net_get(w, dev, m, &ptr) || !ptr || !c->percpu)
		return false;
	*at = ptr + c->percpu;
	if (w->k->arch->ptr_size == 4)
		*at &= UINT32_MAX;
	return true;
}

static void add(const struct net_walk *w, vaddr_t at, const struct member *m, uint64_t *sum)
{
	uint64_t v;

	if (net_get(w, at, m, &v))
		*sum += v;
}

static void add_sw(const struct net_walk *w, vaddr_t at, struct net_stats *s)
{
	const struct objects *o = w->o;

	add(w, at, &o->sw_netstats_rx_packets, &s->rx_packets);
	add(w, at, &o->sw_netstats_rx_bytes, &s->rx_bytes);
	add(w, at, &o->sw_netstats_tx_packets, &s->tx_packets);
	add(w, at, &o->sw_netstats_tx_bytes, &s->tx_bytes);
}

static void add_d(const struct net_walk *w, vaddr_t at, struct net_stats *s)
{
	const struct objects *o = w->o;

	add(w, at, &o->dstats_rx_packets, &s->rx_packets);
	add(w, at, &o->dstats_rx_bytes, &s->rx_bytes);
	add(w, at, &o->dstats_rx_drops, &s->rx_dropped);
	add(w, at, &o->dstats_tx_packets, &s->tx_packets);
	add(w, at, &o->dstats_tx_bytes, &s->tx_bytes);
	add(w, at, &o->dstats_tx_drops, &s->tx_dropped);
}

/* What is sent over the loopback device is received again; a dummy device only swallows. */
static void add_l(const struct net_walk *w, vaddr_t at, bool both, struct net_stats *s)
{
	const struct objects *o = w->o;

	add(w, at, &o->lstats_packets, &s->tx_packets);
	add(w, at, &o->lstats_bytes, &s->tx_bytes);
	if (both) {
		add(w, at, &o->lstats_packets, &s->rx_packets);
		add(w, at, &o->lstats_bytes, &s->rx_bytes);
	}
}

static void add_cpus(const struct net_walk *w, vaddr_t dev, enum per_cpu how, struct net_stats *s)
{
	const struct objects *o = w->o;
	vaddr_t at;

	for (size_t i = 0; i < w->k->cpus.n; i++) {
		const struct cpu *c = &w->k->cpus.list[i];

		if (how == TSTATS && cpu_share(w, dev, &o->net_device_tstats, c, &at))
			add_sw(w, at, s);
		if (how == DSTATS && cpu_share(w, dev, &o->net_device_dstats, c, &at))
			add_d(w, at, s);
		if ((how == LSTATS || how == LSTATS_TX) &&
		    cpu_share(w, dev, &o->net_device_lstats, c, &at))
			add_l(w, at, how == LSTATS, s);
		/* counted by the core, whoever counts the rest; since v5.18 for each CPU */
		if (cpu_share(w, dev, &o->net_device_core_stats, c, &at)) {
			add(w, at, &o->core_stats_rx_dropped, &s->rx_dropped);
			add(w, at, &o->core_stats_tx_dropped, &s->tx_dropped);
		}
	}
}

static void add_own(const struct net_walk *w, vaddr_t dev, struct net_stats *s)
{
	const struct objects *o = w->o;

	add(w, dev, &o->net_stats_rx_packets, &s->rx_packets);
	add(w, dev, &o->net_stats_rx_bytes, &s->rx_bytes);
	add(w, dev, &o->net_stats_rx_errors, &s->rx_errors);
	add(w, dev, &o->net_stats_rx_dropped, &s->rx_dropped);
	add(w, dev, &o->net_stats_tx_packets, &s->tx_packets);
	add(w, dev, &o->net_stats_tx_bytes, &s->tx_bytes);
	add(w, dev, &o->net_stats_tx_errors, &s->tx_errors);
	add(w, dev, &o->net_stats_tx_dropped, &s->tx_dropped);
}

/* The functions that drivers share. false: it is another. */
static bool by_function(const struct net_walk *w, uint64_t function, enum per_cpu *how, bool *own)
{
	static const struct {
		const char *name;
		enum per_cpu how;
		bool own; /* the device's own counters as well */
	} known[] = {
		{ "dev_get_tstats64", TSTATS, true },
		{ "ip_tunnel_get_stats64", TSTATS, true },
		{ "br_get_stats64", TSTATS, true },
		{ "loopback_get_stats64", LSTATS, false },
		{ "dummy_get_stats64", LSTATS_TX, false },
	};
	const struct symbol *sym = symbols_by_addr(w->k->symbols, function);

	for (size_t i = 0; sym && sym->addr == function && i < KD_ARRAY_SIZE(known); i++) {
		if (strcmp(sym->name, known[i].name))
			continue;
		*how = known[i].how;
		*own = known[i].own;
		return true;
	}
	return false;
}

bool net_read_stats(const struct net_walk *w, vaddr_t dev, struct net_stats *out)
{
	const struct objects *o = w->o;
	uint64_t ops, function, type;
	enum per_cpu how = NO_CPU;
	bool own = true;

	*out = (struct net_stats){ 0 };
	if (!net_get(w, dev, &o->net_device_ops, &ops) || !ops ||
	    !net_get(w, ops, &o->net_device_ops_stats64, &function))
		return false;
	if (function && !by_function(w, function, &how, &own))
		return false;
	if (!function && net_get(w, ops, &o->net_device_ops_stats, &function) && function)
		return false;
	/* since v6.7 */
	if (!function && net_get(w, dev, &o->net_device_stat_type, &type) &&
	    (type == TSTATS || type == DSTATS))
		how = (enum per_cpu)type;
	if (own)
		add_own(w, dev, out);
	add_cpus(w, dev, how, out);
	return true;
}
