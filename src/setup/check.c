// SPDX-License-Identifier: GPL-3.0-or-later
/* Is everything there for a dump: see check.h. */
#include "setup/check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "setup/check_priv.h"
#include "setup/estimate.h"
#include "setup/installed.h"

const char *check_state_name(enum check_state s)
{
	static const char *const names[] = { "missing", "advice", "unknown", "ok" };

	return names[s];
}

const char *check_step_name(enum check_step s)
{
	static const char *const names[] = { "kernel", "boot", "load", "place", "sysctl" };

	return names[s];
}

/* The list ----------------------------------------------------------------------------- */

static void item_fini(struct check_item *i)
{
	free(i->name);
	free(i->found);
	free(i->set);
	free(i->why);
}

void check_list_fini(struct check_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		item_fini(&l->at[i]);
	free(l->at);
	*l = (struct check_list){ .n = 0 };
}

static char *copy(const char *s)
{
	return strdup(s ? s : "");
}

void check_put(struct checking *c, const struct check_say *say)
{
	struct check_list *l = c->list;
	struct check_item item = {
		.state = say->state,
		.step = say->step,
		.parts = say->parts & c->q->parts,
	};

	if (!item.parts || c->status)
		return;
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		struct check_item *more = realloc(l->at, cap * sizeof(*more));

		if (!more) {
			c->status = KD_NOMEM;
			return;
		}
		l->at = more;
		l->cap = cap;
	}
	item.name = copy(say->name);
	item.found = copy(say->found);
	item.set = copy(say->set);
	item.why = copy(say->why);
	if (!item.name || !item.found || !item.set || !item.why) {
		item_fini(&item);
		c->status = KD_NOMEM;
		return;
	}
	l->at[l->n++] = item;
	l->count[item.state]++;
}

/* Stable, so that what is put first is done first; the list is short. */
static void order(struct check_list *l)
{
	for (size_t i = 1; i < l->n; i++) {
		struct check_item item = l->at[i];
		size_t j = i;

		for (; j && (l->at[j - 1].state > item.state ||
			     (l->at[j - 1].state == item.state && l->at[j - 1].step > item.step));
		     j--)
			l->at[j] = l->at[j - 1];
		l->at[j] = item;
	}
}

const char *check_word(const char *cmdline, const char *name, size_t *value_len)
{
	size_t len = strlen(name);
	const char *found = NULL;

	for (const char *p = cmdline; p && *p;) {
		size_t n = strcspn(p, " \t\n");

		if (n >= len && !strncmp(p, name, len) && (n == len || p[len] == '=')) {
			found = p + len + (n > len);
			*value_len = n - len - (n > len);
		}
		p += n;
		p += strspn(p, " \t\n");
	}
	return found;
}

/* The kernels -------------------------------------------------------------------------- */

/* "b/config-6.1" beside "b/vmlinuz-6.1", or "m/config" beside "m/vmlinuz". */
static int config_beside(const char *image, struct kconfig *out)
{
	_cleanup_(freep) char *path = NULL;
	const char *slash = strrchr(image, '/'), *name = slash ? slash + 1 : image;
	const char *dash = strchr(name, '-');

	if (asprintf(&path, "%.*sconfig%s", (int)(name - image), image, dash ? dash : "") < 0) {
		path = NULL;
		return KD_NOMEM;
	}
	return kconfig_read(path, out, NULL);
}

/* An image "ROOT/boot/NAME" of a system that lies elsewhere: its ROOT; NULL: it is not that. */
static char *root_of_image(const char *image)
{
	static const char boot[] = "/boot/";
	const char *slash = strrchr(image, '/');
	size_t n = slash ? (size_t)(slash + 1 - image) : 0, len = sizeof(boot) - 1;

	if (n < len || strncmp(slash + 1 - len, boot, len))
		return NULL;
	return strndup(image, n - len);
}

/* Where the configuration of an image that has none inside may be; RELEASE is the image's. */
static int config_elsewhere(struct checking *c, const char *image, const char *release,
			    struct kconfig *out)
{
	bool running = c->has_machine && !strcmp(release, c->machine.release);
	_cleanup_(freep) char *root = root_of_image(image);

	if (!config_beside(image, out))
		return 0;
	kconfig_fini(out);
	if (root && !kconfig_installed(root, release, false, out, NULL))
		return 0;
	kconfig_fini(out);
	return kconfig_installed(c->q->root, release, running, out, NULL);
}

/* The second kernel's configuration: from its image, or where its release has it. */
static int config_of_image(struct checking *c, const char *path, struct kconfig *out,
			   struct kd_err *err)
{
	char release[sizeof(out->release)];
	int ret = kconfig_read(path, out, err);

	if (!ret || (ret != KD_NOTFOUND && ret != KD_UNSUPPORTED) || access(path, R_OK))
		return ret;
	snprintf(release, sizeof(release), "%s", out->release);
	kconfig_fini(out);
	ret = config_elsewhere(c, path, release, out) ? ret : 0;
	if (ret)
		kconfig_fini(out);
	snprintf(out->release, sizeof(out->release), "%s", release);
	return ret;
}

static void describe(struct check_kernel *k, const struct kconfig *c, bool has)
{
	if (!*k->release)
		snprintf(k->release, sizeof(k->release), "%s", c->release);
	if (!has)
		return;
	snprintf(k->config, sizeof(k->config), "%s", c->source);
	snprintf(k->arch, sizeof(k->arch), "%s", kconfig_is_32bit(c) ? "i386" : "x86_64");
}

static int read_first(struct checking *c, struct kd_err *err)
{
	struct check_kernel *k = &c->list->first;
	const struct check_request *q = c->q;

	if (c->has_machine)
		snprintf(k->release, sizeof(k->release), "%s", c->machine.release);
	if (q->config && !q->kernel) {
		int ret = kconfig_read(q->config, &c->first, err);

		if (ret)
			return ret;
		c->has_first = true;
	} else {
		c->has_first = !kconfig_installed(q->root, k->release, true, &c->first, NULL);
	}
	describe(k, &c->first, c->has_first);
	if (!*k->arch && c->has_machine)
		snprintf(k->arch, sizeof(k->arch), "%s",
			 c->machine.arch == MACHINE_I386 ? "i386" : "x86_64");
	return 0;
}

/* The image that would be loaded, if none was named: the running kernel's. */
static int find_image(struct checking *c, struct kd_err *err)
{
	if (c->q->kernel)
		c->image = strdup(c->q->kernel);
	else if (c->has_machine)
		c->image = installed_kernel(&c->machine);
	return c->q->kernel && !c->image ? kd_nomem(err) : 0;
}

/* How much memory it wants; a check of 0 bytes is none. */
static void make_estimate(struct checking *c)
{
	struct estimate e;

	if (!c->image ||
	    estimate_make(c->has_machine ? &c->machine : NULL, c->image, c->q->initrd, &e, NULL))
		return;
	c->estimate = e.want;
	c->least = e.least;
	/* no configuration tells more than the image itself */
	if (!*c->list->second.arch)
		snprintf(c->list->second.arch, sizeof(c->list->second.arch), "%s",
			 e.is_64 ? "x86_64" : "i386");
}

static int read_second(struct checking *c, struct kd_err *err)
{
	struct check_kernel *k = &c->list->second;
	const struct check_request *q = c->q;
	struct kd_err why = KD_ERR_INIT;
	int ret = 0;

	c->list->same = !q->kernel;
	if (c->list->same) {
		*k = c->list->first;
		c->has_second = c->has_first;
		return 0;
	}
	if (q->config)
		ret = kconfig_read(q->config, &c->second, &why);
	else
		ret = config_of_image(c, q->kernel, &c->second, &why);
	c->has_second = !ret;
	/* that it is nowhere is for the list to tell; that the file is not there is an error */
	if (ret &&
	    (q->config || access(q->kernel, R_OK) || (ret != KD_NOTFOUND && ret != KD_UNSUPPORTED)))
		return kd_fail(err, ret, "%s", why.text);
	if (ret)
		c->why = strdup(why.text);
	describe(k, &c->second, c->has_second);
	return 0;
}

/* What is loaded is the second kernel, where no other was named. */
static void take_loaded(struct checking *c, struct check_request *q)
{
	_cleanup_(freep) char *own = NULL;
	const struct record *r = &c->record;

	if (!c->has_machine || !c->machine.loaded || record_read(&c->machine, &c->record, NULL))
		return;
	if (!q->initrd && !q->kernel && r->initrd && !access(r->initrd, R_OK))
		q->initrd = r->initrd;
	own = installed_kernel(&c->machine);
	if (!q->kernel && !q->config && r->kernel && !access(r->kernel, R_OK) &&
	    (!own || strcmp(own, r->kernel)))
		q->kernel = r->kernel;
}

/* All ---------------------------------------------------------------------------------- */

static int run(struct checking *c, struct check_request *q, struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	int ret = machine_read(c->q->root, &c->machine, &why), unread = ret;

	/* A configuration can be judged without the machine. */
	c->has_machine = !ret;
	if (ret == KD_NOMEM)
		return kd_nomem(err);
	if (ret)
		check_put(c, &(struct check_say){ .state = CHECK_UNKNOWN,
						  .step = CHECK_STEP_BOOT,
						  .parts = CHECK_FIRST,
						  .name = "the running machine",
						  .why = why.text });
	take_loaded(c, q);
	ret = read_first(c, err);
	/* Where nothing can be seen, nothing is missing either: that must not be an answer. */
	if (!ret && unread && !c->has_first && !c->q->kernel)
		return kd_fail(err, unread, "%s", why.text);
	if (!ret)
		ret = find_image(c, err);
	if (!ret)
		ret = read_second(c, err);
	if (ret)
		return ret;
	make_estimate(c);
	c->list->loaded = c->has_machine && c->machine.loaded;
	check_config(c);
	check_image(c);
	check_boot(c);
	check_loading(c);
	check_target(c);
	check_panic(c);
	return c->status ? kd_nomem(err) : 0;
}

int check_run(const struct check_request *q, struct check_list *out, struct kd_err *err)
{
	struct check_request request = *q;
	struct checking c = { .q = &request, .list = out };
	int ret;

	request.root = q->root ? q->root : "";
	*out = (struct check_list){ .n = 0 };
	ret = run(&c, &request, err);
	order(out);
	machine_fini(&c.machine);
	kconfig_fini(&c.first);
	kconfig_fini(&c.second);
	free(c.image);
	free(c.why);
	record_fini(&c.record);
	return ret;
}
