// SPDX-License-Identifier: GPL-3.0-or-later
/* A second kernel's initramfs: see initrd.h. */
#include "setup/initrd.h"

#include <stdarg.h>
#include <string.h>

#include "load/read_file.h"
#include "setup/initrd_priv.h"
#include "setup/pack.h"

/* For the parts ----------------------------------------------------------------------------- */

void initrd_note(struct initrd_build *b, const char *fmt, ...)
{
	struct initrd *out = b->out;
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	for (size_t i = 0; i < out->nnotes; i++)
		if (!strcmp(out->notes[i], text)) {
			free(text);
			return;
		}
	if (out->nnotes < INITRD_NOTES)
		out->notes[out->nnotes++] = text;
	else
		free(text);
}

int initrd_say(struct initrd_build *b, struct kd_err *err, const char *fmt, ...)
{
	_cleanup_(freep) char *more = NULL;
	char *joined;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&more, fmt, ap);
	va_end(ap);
	if (n < 0) {
		more = NULL;
		return kd_nomem(err);
	}
	if (asprintf(&joined, "%s%s", b->conf ? b->conf : "", more) < 0)
		return kd_nomem(err);
	free(b->conf);
	b->conf = joined;
	return 0;
}

/* What is asked for ------------------------------------------------------------------------- */

static int take_release(struct initrd_build *b, struct kd_err *err)
{
	_cleanup_(freep) char *running = NULL;
	const char *release = b->q->release;

	read_file(b->root, "/proc/sys/kernel/osrelease", 256, &running, NULL, NULL);
	if (running)
		running[strcspn(running, "\n")] = '\0';
	if (!release)
		release = running;
	if (!release)
		return kd_fail(err, KD_NOTFOUND,
			       "which kernel runs is not known: say --kernel-release");
	if (!*release || strlen(release) >= sizeof(b->out->release) || strchr(release, '/'))
		return kd_fail(err, KD_USAGE, "\"%s\" is no release of a kernel", release);
	b->other_release = !running || strcmp(running, release) != 0;
	snprintf(b->out->release, sizeof(b->out->release), "%s", release);
	if ((b->q->modules_dir ? asprintf(&b->folder, "%s", b->q->modules_dir)
			       : asprintf(&b->folder, "%s/lib/modules/%s", b->root, release)) < 0) {
		b->folder = NULL;
		return kd_nomem(err);
	}
	return 0;
}

/* Without one it is made so that any kernel takes it. */
static int read_config(struct initrd_build *b, struct kd_err *err)
{
	_cleanup_(freep) char *path = NULL;

	if (b->q->config)
		return kconfig_read(b->q->config, &b->config, err);
	if (!kconfig_installed(b->root, b->out->release, !b->other_release, &b->config, NULL))
		return 0;
	kconfig_fini(&b->config);
	if (asprintf(&path, "%s/config", b->folder) < 0) {
		path = NULL;
		return kd_nomem(err);
	}
	if (kconfig_read(path, &b->config, NULL))
		kconfig_fini(&b->config);
	return 0;
}

static int find_targets(struct initrd_build *b, struct kd_err *err)
{
	const char *const *list = b->q->targets;

	if (!list || !list[0])
		return kd_fail(err, KD_USAGE, "no target: --target LABEL=NAME says where dumps go");
	for (size_t i = 0; list[i]; i++) {
		struct target *t = &b->targets[i];
		int ret;

		if (i == CONF_TARGETS)
			return kd_fail(err, KD_USAGE, "too many targets: at most %d", CONF_TARGETS);
		ret = target_find(b->root, list[i], t, err);
		if (ret)
			return ret;
		if (b->q->dmesg_only && t->raw)
			return kd_fail(err, KD_USAGE, "raw:%s: the log alone needs a file system",
				       t->device);
		if (!strncmp(t->device, "/dev/", 5))
			initrd_note(b,
				    "%s has no UUID known here: the second kernel may know it by "
				    "another name",
				    t->device);
		b->ntargets++;
	}
	return 0;
}

/* kdview.conf --------------------------------------------------------------------------------- */

static int say_targets(struct initrd_build *b, struct kd_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < b->ntargets && !ret; i++) {
		const struct target *t = &b->targets[i];

		ret = t->raw ? initrd_say(b, err, "raw %s\n", t->device)
			     : initrd_say(b, err, "target %s %s %s\n", t->device,
					  *t->type ? t->type : "auto", t->folder);
	}
	return ret;
}

static int say_options(struct initrd_build *b, struct kd_err *err)
{
	const struct initrd_request *q = b->q;
	int ret = 0;

	if (q->capture && q->capture[0]) {
		ret = initrd_say(b, err, "capture");
		for (size_t i = 0; q->capture[i] && !ret; i++)
			ret = initrd_say(b, err, " %s", q->capture[i]);
		ret = ret ? ret : initrd_say(b, err, "\n");
	}
	if (!ret && q->dmesg_only)
		ret = initrd_say(b, err, "dmesg\n");
	if (!ret && q->no_verify)
		ret = initrd_say(b, err, "verify no\n");
	if (!ret && q->wait)
		ret = initrd_say(b, err, "wait %u\n", q->wait);
	if (!ret && q->limit)
		ret = initrd_say(b, err, "limit %u\n", q->limit);
	if (!ret && q->on_done)
		ret = initrd_say(b, err, "end %s\n", q->on_done);
	if (!ret && q->on_fail)
		ret = initrd_say(b, err, "failed %s\n", q->on_fail);
	return ret;
}

struct complaints {
	const char *text;
	struct kd_err *err;
	int status;
};

static void on_complaint(void *data, unsigned line, const char *what)
{
	struct complaints *c = data;
	const char *s = c->text;

	while (--line && strchr(s, '\n'))
		s = strchr(s, '\n') + 1;
	if (!c->status)
		c->status = kd_fail(c->err, KD_USAGE, "\"%.*s\": %s",
				    (int)kd_min(strcspn(s, "\n"), 200), s, what);
}

/* The second kernel would leave out what it does not understand. */
static int check_conf(const struct initrd_build *b, struct kd_err *err)
{
	struct complaints c = { .text = b->conf, .err = err };
	char *copy = strdup(b->conf);
	struct conf conf;

	if (!copy)
		return kd_nomem(err);
	conf_parse(copy, on_complaint, &c, &conf);
	conf_fini(&conf);
	return c.status;
}

/* All together ----------------------------------------------------------------------------------
 */

static int fill(struct initrd_build *b, struct kd_err *err)
{
	static const char *const folders[] = { "dev", "proc", "sys" };
	int ret = 0;

	for (size_t i = 0; i < KD_ARRAY_SIZE(folders) && !ret; i++)
		ret = cpio_folder(&b->cpio, folders[i], 0755, err);
	/* For what is said before /dev is mounted, and kernels that cannot mount it. */
	if (!ret)
		ret = cpio_device(&b->cpio, "dev/console", 0600, 5, 1, err);
	if (!ret)
		ret = cpio_device(&b->cpio, "dev/null", 0666, 1, 3, err);
	if (!ret)
		ret = cpio_device(&b->cpio, "dev/kmsg", 0600, 1, 11, err);
	if (!ret)
		ret = initrd_say(b, err, "# for kernel %s, by kdview " KD_VERSION "\n",
				 b->out->release);
	if (!ret)
		ret = initrd_add_modules(b, err);
	if (!ret)
		ret = say_targets(b, err);
	if (!ret)
		ret = initrd_add_programs(b, err);
	if (!ret)
		ret = say_options(b, err);
	if (!ret)
		ret = check_conf(b, err);
	if (!ret)
		ret = cpio_file(&b->cpio, "kdview.conf", 0600, b->conf, strlen(b->conf), err);
	return ret ? ret : cpio_end(&b->cpio, err);
}

static enum initrd_pack choose_pack(const struct initrd_build *b)
{
	if (b->q->pack != INITRD_AUTO)
		return b->q->pack;
	if (kconfig_builtin(&b->config, "RD_ZSTD"))
		return INITRD_ZSTD;
	if (b->config.text && !kconfig_builtin(&b->config, "RD_GZIP"))
		return INITRD_PLAIN;
	return INITRD_GZIP;
}

static int pack(struct initrd_build *b, struct kd_err *err)
{
	struct initrd *out = b->out;

	out->plain_len = b->cpio.len;
	out->packed = choose_pack(b);
	if (out->packed == INITRD_ZSTD)
		return pack_zstd(b->cpio.bytes, b->cpio.len, &out->bytes, &out->len, err);
	if (out->packed == INITRD_GZIP)
		return pack_gzip(b->cpio.bytes, b->cpio.len, &out->bytes, &out->len, err);
	out->bytes = b->cpio.bytes;
	out->len = b->cpio.len;
	b->cpio = (struct cpio){ 0 };
	return 0;
}

int initrd_build(const struct initrd_request *q, struct initrd *out, struct kd_err *err)
{
	struct initrd_build *b = calloc(1, sizeof(*b));
	int ret;

	*out = (struct initrd){ 0 };
	if (!b)
		return kd_nomem(err);
	b->q = q;
	b->out = out;
	b->root = q->root ? q->root : "";
	ret = take_release(b, err);
	if (!ret)
		ret = read_config(b, err);
	if (!ret)
		ret = find_targets(b, err);
	if (!ret)
		ret = initrd_choose_modules(b, err);
	if (!ret)
		ret = fill(b, err);
	if (!ret)
		ret = pack(b, err);
	out->conf = b->conf;
	module_set_fini(&b->modules);
	module_index_fini(&b->index);
	cpio_fini(&b->cpio);
	kconfig_fini(&b->config);
	free(b->folder);
	free(b);
	return ret;
}

void initrd_fini(struct initrd *i)
{
	for (size_t k = 0; k < i->nnotes; k++)
		free(i->notes[k]);
	free(i->bytes);
	free(i->conf);
	*i = (struct initrd){ 0 };
}
