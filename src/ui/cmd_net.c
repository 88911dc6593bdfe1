// SPDX-License-Identifier: GPL-3.0-or-later
/* net: network devices and their addresses. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/objects.h"
#include "ui/commands.h"
#include "ui/links.h"
#include "ui/parts.h"

#define ADDRESSES_MAX 1024 /* of one device */

static const struct doc_column columns[] = {
	{ .key = "namespace", .title = "NAMESPACE", .flags = DOC_RIGHT },
	{ .key = "index", .title = "INDEX", .flags = DOC_RIGHT },
	{ .key = "name", .title = "NAME" },
	{ .key = "device", .title = "NET_DEVICE" },
	{ .key = "flags", .title = "FLAGS" },
	{ .key = "mtu", .title = "MTU", .flags = DOC_RIGHT },
	{ .key = "hardware", .title = "HARDWARE" },
	{ .key = "addresses", .title = "ADDRESSES" },
};

struct net {
	struct session *s;
	struct doc *d;
	struct objects o;
	uint64_t ns; /* inode number of the namespace being shown */
	bool has_ns;
	char *addresses; /* being collected */
	size_t size;
	unsigned n;
	struct kd_err first; /* list that is damaged */
};

static int get(const struct net *q, vaddr_t base, const struct member *m, uint64_t *v)
{
	return object_read(q->s->k, &q->o, base, m, v, NULL);
}

static void add_text(struct net *q, const char *s, uint64_t prefix)
{
	size_t len = strlen(q->addresses);

	if (len < q->size)
		snprintf(q->addresses + len, q->size - len, "%s%s/%" PRIu64, len ? " " : "", s,
			 prefix);
}

static void add_ipv4(struct net *q, vaddr_t dev)
{
	uint64_t in, ifa;

	if (get(q, dev, &q->o.net_device_ip, &in) || !in ||
	    get(q, in, &q->o.in_device_ifa_list, &ifa))
		return;
	for (unsigned n = 0; ifa && n < ADDRESSES_MAX; n++) {
		uint64_t local, prefix = 0;
		uint32_t be;
		char text[INET_ADDRSTRLEN];

		if (get(q, ifa, &q->o.in_ifaddr_local, &local))
			return;
		get(q, ifa, &q->o.in_ifaddr_prefixlen, &prefix);
		be = (uint32_t)local; /* network order as it lies in memory */
		if (inet_ntop(AF_INET, &be, text, sizeof(text)))
			add_text(q, text, prefix);
		if (get(q, ifa, &q->o.in_ifaddr_next, &ifa))
			return;
	}
}

static int add_ipv6(void *data, vaddr_t entry)
{
	struct net *q = data;
	vaddr_t ifa = entry - q->o.inet6_ifaddr_list.offset;
	uint64_t prefix = 0;
	uint8_t bytes[16];
	char text[INET6_ADDRSTRLEN];

	if (++q->n > ADDRESSES_MAX)
		return 1;
	get(q, ifa, &q->o.inet6_ifaddr_prefix_len, &prefix);
	if (!space_read(&q->s->k->space, ifa + q->o.inet6_ifaddr_addr.offset, bytes, sizeof(bytes),
			NULL, NULL) &&
	    inet_ntop(AF_INET6, bytes, text, sizeof(text)))
		add_text(q, text, prefix);
	return 0;
}

static struct doc_cell address_cell(struct net *q, vaddr_t dev)
{
	const struct objects *o = &q->o;
	char text[1024] = "";
	uint64_t in6;

	q->addresses = text;
	q->size = sizeof(text);
	q->n = 0;
	add_ipv4(q, dev);
	if (o->inet6_dev_addr_list.found && o->inet6_ifaddr_list.found &&
	    o->inet6_ifaddr_addr.found && !get(q, dev, &o->net_device_ip6, &in6) && in6)
		object_list(q->s->k, in6 + o->inet6_dev_addr_list.offset, add_ipv6, q, NULL);
	q->addresses = NULL;
	return *text ? doc_str(text) : doc_none(NULL);
}

/* A pointer since v2.6.31; an array before that and where a device has its own. */
static struct doc_cell hardware_cell(const struct net *q, vaddr_t dev)
{
	uint64_t at, len = 0;
	uint8_t bytes[32];
	char text[3 * sizeof(bytes) + 1] = "";

	if (get(q, dev, &q->o.net_device_addr_len, &len) || !len || len > sizeof(bytes))
		return doc_none(NULL);
	if (q->o.net_device_addr.count > 1)
		at = dev + q->o.net_device_addr.offset;
	else if (get(q, dev, &q->o.net_device_addr, &at))
		return doc_none(NULL);
	if (space_read(&q->s->k->space, at, bytes, (size_t)len, NULL, NULL))
		return doc_none(NULL);
	for (size_t i = 0; i < len; i++)
		snprintf(text + 3 * i - (i ? 1 : 0), 4, "%s%02x", i ? ":" : "", bytes[i]);
	return doc_str(text);
}

static const char *flag_words(uint64_t flags, char *buf, size_t size)
{
	/* uapi/linux/if.h */
	static const char *const names[] = { "up",	    "broadcast",  "debug",   "loopback",
					     "pointopoint", "notrailers", "running", "noarp",
					     "promisc",	    "allmulti",	  "master",  "slave",
					     "multicast" };
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < KD_ARRAY_SIZE(names) && len < size; i++)
		if (flags >> i & 1)
			len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? " " : "",
						names[i]);
	return buf;
}

static int put_device(void *data, vaddr_t entry)
{
	struct net *q = data;
	const struct objects *o = &q->o;
	const struct arch *arch = q->s->k->arch;
	vaddr_t dev = entry - o->net_device_list.offset;
	char name[32] = "", words[160];
	uint64_t v;

	space_read_str(&q->s->k->space, dev + o->net_device_name.offset, name, 17, NULL);
	doc_put(q->d, q->has_ns ? doc_uint(q->ns) : doc_none(NULL));
	doc_put(q->d, get(q, dev, &o->net_device_ifindex, &v) ? doc_none(NULL) : doc_uint(v));
	doc_put(q->d, doc_styled(doc_str(name), DOC_STRONG));
	doc_put(q->d, link_object(doc_addr(arch, dev), "net_device", dev));
	doc_put(q->d, get(q, dev, &o->net_device_flags, &v)
			      ? doc_none(NULL)
			      : doc_str(flag_words(v, words, sizeof(words))));
	doc_put(q->d, get(q, dev, &o->net_device_mtu, &v) ? doc_none(NULL) : doc_uint(v));
	doc_put(q->d, hardware_cell(q, dev));
	doc_put(q->d, address_cell(q, dev));
	return session_cancelled(NULL);
}

static int put_namespace(struct net *q, vaddr_t net, struct kd_err *err)
{
	q->has_ns = !get(q, net, &q->o.net_inum, &q->ns);
	return object_list(q->s->k, net + q->o.net_dev_base_head.offset, put_device, q, err);
}

static int each_namespace(void *data, vaddr_t entry)
{
	struct net *q = data;
	struct kd_err why = KD_ERR_INIT;

	if (put_namespace(q, entry - q->o.net_list.offset, &why) && !q->first.status)
		q->first = why;
	return session_cancelled(NULL);
}

static int run(struct session *s, const struct args *a, struct doc *d, struct kd_err *err)
{
	static const char *const types[] = { "net",	  "net_device",	  "in_device", "in_ifaddr",
					     "inet6_dev", "inet6_ifaddr", NULL };
	struct net q = { .s = s, .d = d, .first = KD_ERR_INIT };
	const struct member *const needed[] = { &q.o.net_dev_base_head, &q.o.net_device_list,
						&q.o.net_device_name, NULL };
	vaddr_t list, first;
	int ret;

	(void)a;
	if (!kernel_symbol(s->k, "init_net", &first))
		return kd_fail(err, KD_NOTFOUND, "this kernel has no network (no symbol init_net)");
	objects_resolve(s->k, types, &q.o);
	ret = objects_need(&q.o, needed, "network devices", err);
	if (ret)
		return ret;
	doc_table(d, "devices", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	if (q.o.net_list.found && kernel_symbol(s->k, "net_namespace_list", &list))
		ret = object_list(s->k, list, each_namespace, &q, err);
	else
		ret = put_namespace(&q, first, err);
	if (q.first.status)
		doc_note(d, DOC_FINDING, "%s", q.first.text);
	return ret;
}

static const struct command_example examples[] = {
	{ "net", "all devices" },
	{ NULL, NULL },
};

const struct command cmd_net = {
	.name = "net",
	.group = "processes and devices",
	.synopsis = "",
	.summary = "network devices and their addresses",
	.help = "The devices of every network namespace: index, name, flags, MTU, hardware "
		"address,\n"
		"IPv4 and IPv6 addresses with the length of their prefix.",
	.examples = examples,
	.flags = CMD_SHELL | CMD_PROMPT,
	.run = run,
};
