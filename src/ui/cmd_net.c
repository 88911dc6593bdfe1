// SPDX-License-Identifier: GPL-3.0-or-later
/* net: network devices and their addresses. */
#include <inttypes.h>
#include <string.h>

#include "kernel/net.h"
#include "kernel/objects.h"
#include "kernel/path.h"
#include "ui/commands.h"
#include "ui/links.h"
#include "ui/parts.h"

static const struct doc_column columns[] = {
	{ .key = "namespace_text", .title = "NAMESPACE", .flags = DOC_ONLY_TEXT },
	{ .key = "namespace", .flags = DOC_ONLY_JSON },
	{ .key = "namespace_name", .flags = DOC_ONLY_JSON },
	{ .key = "index", .title = "INDEX", .flags = DOC_RIGHT },
	{ .key = "name", .title = "NAME" },
	{ .key = "device", .title = "NET_DEVICE" },
	{ .key = "state", .title = "STATE" },
	{ .key = "flags", .title = "FLAGS" },
	{ .key = "mtu", .title = "MTU", .flags = DOC_RIGHT },
	{ .key = "hardware", .title = "HARDWARE" },
	{ .key = "of", .title = "OF" },
	{ .key = "master", .flags = DOC_ONLY_JSON },
	{ .key = "below", .flags = DOC_ONLY_JSON },
	{ .key = "addresses", .title = "ADDRESSES" },
};

static const struct doc_column stat_columns[] = {
	{ .key = "namespace_text", .title = "NAMESPACE", .flags = DOC_ONLY_TEXT },
	{ .key = "namespace", .flags = DOC_ONLY_JSON },
	{ .key = "namespace_name", .flags = DOC_ONLY_JSON },
	{ .key = "index", .flags = DOC_ONLY_JSON },
	{ .key = "name", .title = "NAME" },
	{ .key = "rx_bytes", .title = "RX BYTES", .flags = DOC_RIGHT },
	{ .key = "rx_packets", .title = "PACKETS", .flags = DOC_RIGHT },
	{ .key = "rx_errors", .title = "ERRORS", .flags = DOC_RIGHT },
	{ .key = "rx_dropped", .title = "DROPPED", .flags = DOC_RIGHT },
	{ .key = "tx_bytes", .title = "TX BYTES", .flags = DOC_RIGHT },
	{ .key = "tx_packets", .title = "PACKETS", .flags = DOC_RIGHT },
	{ .key = "tx_errors", .title = "ERRORS", .flags = DOC_RIGHT },
	{ .key = "tx_dropped", .title = "DROPPED", .flags = DOC_RIGHT },
};

struct net {
	struct session *s;
	struct doc *d;
	struct objects o;
	bool stats;
	unsigned uncounted;
	const struct net_namespace *ns;
	struct kd_err first; /* list that is damaged */
};

static void put_namespace(struct net *q)
{
	const struct net_namespace *ns = q->ns;

	doc_put(q->d, *ns->name	  ? doc_str(ns->name)
		      : ns->inode ? doc_uint(ns->inode)
				  : doc_none(NULL));
	doc_put(q->d, ns->inode ? doc_uint(ns->inode) : doc_none(NULL));
	doc_put(q->d, *ns->name ? doc_str(ns->name) : doc_none(NULL));
}

static struct doc_cell hardware_cell(const struct net_device *d)
{
	char text[3 * sizeof(d->hardware) + 1] = "";

	for (size_t i = 0; i < d->hardware_len; i++)
		snprintf(text + 3 * i - (i ? 1 : 0), 4, "%s%02x", i ? ":" : "", d->hardware[i]);
	return *text ? doc_str(text) : doc_none(NULL);
}

static struct doc_cell text_cell(const char *s)
{
	return s && *s ? doc_str(s) : doc_none(NULL);
}

static void put_device(struct net *q, const struct net_device *d)
{
	char words[160];

	put_namespace(q);
	doc_put(q->d, doc_uint(d->index));
	doc_put(q->d, doc_styled(doc_str(d->name), DOC_STRONG));
	doc_put(q->d, link_object(doc_addr(q->s->k->arch, d->addr), "net_device", d->addr));
	doc_put(q->d, text_cell(d->state));
	doc_put(q->d, doc_str(net_flags(d->flags, words, sizeof(words))));
	doc_put(q->d, doc_uint(d->mtu));
	doc_put(q->d, hardware_cell(d));
	doc_put(q->d, text_cell(*d->master ? d->master : d->below));
	doc_put(q->d, text_cell(d->master));
	doc_put(q->d, text_cell(d->below));
	doc_put(q->d, text_cell(d->addresses));
}

static void put_stats(struct net *q, const struct net_device *d)
{
	const struct net_stats *s = &d->stats;
	const uint64_t numbers[] = { s->rx_bytes, s->rx_packets, s->rx_errors, s->rx_dropped,
				     s->tx_bytes, s->tx_packets, s->tx_errors, s->tx_dropped };

	put_namespace(q);
	doc_put(q->d, doc_uint(d->index));
	doc_put(q->d, doc_styled(doc_str(d->name), DOC_STRONG));
	for (size_t i = 0; i < KD_ARRAY_SIZE(numbers); i++)
		doc_put(q->d, d->has_stats ? doc_uint(numbers[i]) : doc_none(NULL));
	q->uncounted += !d->has_stats;
}

static int each_device(void *data, const struct net_device *d)
{
	struct net *q = data;

	if (q->stats)
		put_stats(q, d);
	else
		put_device(q, d);
	return session_cancelled(NULL);
}

static int each_namespace(void *data, const struct net_namespace *ns)
{
	struct net *q = data;
	struct kd_err why = KD_ERR_INIT;
	int ret;

	q->ns = ns;
	ret = net_devices(q->s->k, &q->o, ns->addr, each_device, q, &why);
	if (ret == KD_CANCELLED || ret == KD_NOTFOUND) {
		q->first = why;
		return ret;
	}
	if (ret && !q->first.status)
		q->first = why;
	return session_cancelled(NULL);
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	static const char *const types[] = { NET_TYPES,	    PATH_TYPES, "mnt_namespace",
					     "task_struct", "nsproxy",	"rb_node",
					     NULL };
	struct net q = { .s = s, .d = d, .stats = args_has(a, "statistics"), .first = KD_ERR_INIT };
	int ret;

	objects_resolve(s->k, types, &q.o);
	if (q.stats)
		doc_table(d, "statistics", DOC_ALIGNED, stat_columns, KD_ARRAY_SIZE(stat_columns));
	else
		doc_table(d, "devices", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	ret = net_namespaces(s->k, &q.o, each_namespace, &q, err);
	if (ret == KD_NOTFOUND && q.first.status)
		return kd_fail(err, ret, "%s", q.first.text);
	if (q.first.status)
		doc_note(d, DOC_FINDING, "%s", q.first.text);
	if (q.uncounted)
		doc_note(d, DOC_HINT, "%u device%s counted by the driver in a way of its own",
			 q.uncounted, q.uncounted == 1 ? " is" : "s are");
	return ret;
}

static const struct opt_def options[] = {
	{ 's', "statistics", NULL, "bytes and packets that went through, errors, drops" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "net", "all devices" },
	{ "net -s", "what they counted" },
	{ NULL, NULL },
};

const struct command cmd_net = {
	.name = "net",
	.group = "processes and devices",
	.synopsis = "",
	.summary = "network devices and their addresses",
	.help = "The devices of every network namespace, which has the name that ip-netns(8) gave\n"
		"it or its inode number: index, name, state, flags as ip(8) shows them, MTU,\n"
		"hardware address, the device it is a port of or is made on, IPv4 and IPv6\n"
		"addresses with the length of their prefix.",
	.options = options,
	.examples = examples,
	.flags = CMD_SHELL | CMD_PROMPT,
	.run = run,
};
