// SPDX-License-Identifier: GPL-3.0-or-later
/* Modules of an initramfs: which, and their files. */
#include <string.h>
#include <sys/stat.h>

#include "setup/initrd_priv.h"
#include "setup/module_file.h"

#define WATCHDOGS 4

/* Which ------------------------------------------------------------------------------------ */

/* Add what WORD stands for; *found: is there such a thing, built in or not? */
static int want(struct initrd_build *b, const char *word, bool *found, struct kd_err *err)
{
	size_t n;
	int ret = module_set_add(&b->modules, &b->index, word, &n, err);

	*found = n > 0;
	return ret;
}

/*
 * A driver that is bound now. Of the kernel that runs its module is known; another kernel may
 * have it under another name, or another driver for the same device.
 */
static int want_driver(void *data, const struct device_driver *d, struct kd_err *err)
{
	struct initrd_build *b = data;
	bool found = false;
	int ret = 0;

	if (*d->module)
		ret = want(b, d->module, &found, err);
	if (ret || found || (!*d->module && !b->other_release))
		return ret;
	if (*d->alias)
		ret = want(b, d->alias, &found, err);
	if (!ret && !found)
		ret = want(b, d->name, &found, err);
	if (!ret && !found && *d->module)
		initrd_note(
			b,
			"%s has no module for what %s drives here: it must be part of the kernel",
			b->out->release, d->module);
	return ret;
}

/* The tables of characters that vfat asks for when it mounts (fs/fat/Kconfig). */
static int want_nls(struct initrd_build *b, struct kd_err *err)
{
	const char *words[] = { "nls_cp437", "nls_ascii", "nls_iso8859-1", "nls_utf8" };
	char page[16], set[32], word[2][48];
	size_t n = KD_ARRAY_SIZE(words);
	int ret = 0;

	if (kconfig_value(&b->config, "FAT_DEFAULT_CODEPAGE", page, sizeof(page)) &&
	    kconfig_value(&b->config, "FAT_DEFAULT_IOCHARSET", set, sizeof(set))) {
		snprintf(word[0], sizeof(word[0]), "nls_cp%s", page);
		snprintf(word[1], sizeof(word[1]), "nls_%s", set);
		words[0] = word[0];
		words[1] = word[1];
		n = 2;
		if (kconfig_builtin(&b->config, "FAT_DEFAULT_UTF8"))
			words[n++] = "nls_utf8";
	}
	for (size_t i = 0; i < n && !ret; i++) {
		bool found;

		ret = want(b, words[i], &found, err);
	}
	return ret;
}

static int want_file_system(struct initrd_build *b, const struct target *t, struct kd_err *err)
{
	char alias[48];
	bool found = false;
	int ret;

	if (!*t->type) {
		initrd_note(b,
			    "%s: its file system is not known, so no module is there for it: say "
			    "which (:ext4)",
			    t->device);
		return 0;
	}
	snprintf(alias, sizeof(alias), "fs-%s", t->type);
	ret = want(b, t->type, &found, err);
	if (!ret && !found)
		ret = want(b, alias, &found, err);
	if (!ret && !found && !strncmp(t->type, "ext", 3))
		ret = want(b, "ext4", &found, err);
	if (!ret && !found)
		return kd_fail(err, KD_NOTFOUND,
			       "%s: kernel %s has no file system %s, neither as a module "
			       "nor built in",
			       t->device, b->out->release, t->type);
	if (!ret && (!strcmp(t->type, "vfat") || !strcmp(t->type, "msdos")))
		ret = want_nls(b, err);
	return ret;
}

static int want_target(struct initrd_build *b, const struct target *t, struct kd_err *err)
{
	int ret = 0;

	if (*t->node)
		ret = device_drivers(b->root, t->node, want_driver, b, err);
	else if (!b->q->modules || !b->q->modules[0])
		return kd_fail(err, KD_NOTFOUND,
			       "no device has %s now, so its drivers are not known: attach "
			       "it, or name them (--module)",
			       t->device);
	else
		initrd_note(b, "no device has %s now: its drivers are those of --module",
			    t->device);
	if (!ret && !t->raw)
		ret = want_file_system(b, t, err);
	return ret;
}

/* "NAME:PARAMETERS" */
static int want_named(struct initrd_build *b, const char *word, struct kd_err *err)
{
	char name[MODULE_NAME];
	bool found = false;
	int ret;

	if (!module_name(word, strcspn(word, ":"), name))
		return kd_fail(err, KD_USAGE, "--module %s: no name of a module", word);
	ret = want(b, name, &found, err);
	if (!ret && !found)
		ret = kd_fail(err, KD_NOTFOUND, "kernel %s has no module %s", b->out->release,
			      name);
	return ret;
}

/*
 * Process 1 feeds a watchdog while all goes well. One that was armed before the crash goes on
 * counting, so it needs its driver; else the kernel's own does.
 */
static int want_watchdog(struct initrd_build *b, struct kd_err *err)
{
	bool found = false, any = false;
	int ret = 0;

	if (b->q->watchdog)
		return strcmp(b->q->watchdog, "none") ? want_named(b, b->q->watchdog, err) : 0;
	for (int i = 0; i < WATCHDOGS && !ret; i++) {
		char folder[64];
		struct kd_err why = KD_ERR_INIT;

		snprintf(folder, sizeof(folder), "sys/class/watchdog/watchdog%d/device", i);
		ret = device_drivers_of(b->root, folder, want_driver, b, &why);
		any |= !ret;
		if (ret && ret != KD_NOTFOUND)
			return kd_fail(err, ret, "%s", why.text);
		ret = 0;
	}
	return any ? 0 : want(b, "softdog", &found, err);
}

int initrd_choose_modules(struct initrd_build *b, struct kd_err *err)
{
	int ret = 0;

	if (b->q->no_modules)
		return 0;
	ret = module_index_open(b->root, b->folder, &b->index, err);
	if (ret == KD_NOTFOUND)
		return kd_context(err, ret,
				  "the modules of kernel %s are not here (--kernel-release, "
				  "--modules-dir, or --no-modules if it needs none)",
				  b->out->release);
	for (size_t i = 0; i < b->ntargets && !ret; i++)
		ret = want_target(b, &b->targets[i], err);
	for (size_t i = 0; !ret && b->q->modules && b->q->modules[i]; i++)
		ret = want_named(b, b->q->modules[i], err);
	return ret ? ret : want_watchdog(b, err);
}

/* Files ------------------------------------------------------------------------------------- */

/* "NAME:PARAMETERS" of the request. */
static const char *own_parameters(const struct initrd_build *b, const char *module)
{
	for (size_t i = 0; b->q->modules && b->q->modules[i]; i++) {
		const char *word = b->q->modules[i], *colon = strchr(word, ':');
		char name[MODULE_NAME];

		if (colon && module_name(word, (size_t)(colon - word), name) &&
		    !strcmp(name, module))
			return colon + 1;
	}
	return "";
}

static int add_module(struct initrd_build *b, const struct module_entry *e, struct kd_err *err)
{
	_cleanup_(freep) char *options = NULL;
	struct module_file f;
	const char *own = own_parameters(b, e->name);
	char path[MODULE_NAME + 24];
	bool keep_xz = kconfig_builtin(&b->config, "MODULE_DECOMPRESS") &&
		       kconfig_builtin(&b->config, "MODULE_COMPRESS_XZ");
	int ret = module_file_read(b->folder, e->file, keep_xz, &f, err);

	if (!ret)
		module_file_strip(&f);
	if (!ret && f.machine && b->machine && f.machine != b->machine)
		ret = kd_fail(err, KD_CORRUPT,
			      "%s/%s is not for the machine that other modules are for", b->folder,
			      e->file);
	if (!ret)
		ret = module_options(&b->index, e->name, &options, err);
	if (!ret) {
		b->machine = f.machine ? f.machine : b->machine;
		snprintf(path, sizeof(path), "modules/%s.%s", e->name, f.suffix);
		b->out->modules_len += f.len;
		b->out->nmodules++;
		ret = cpio_file(&b->cpio, path, 0600, f.bytes, f.len, err);
	}
	if (!ret)
		ret = initrd_say(b, err, "module /%s%s%s%s%s\n", path, options ? " " : "",
				 options ? options : "", *own ? " " : "", own);
	module_file_fini(&f);
	return ret;
}

int initrd_add_modules(struct initrd_build *b, struct kd_err *err)
{
	int ret = b->modules.n ? cpio_folder(&b->cpio, "modules", 0700, err) : 0;

	for (size_t i = 0; i < b->modules.n && !ret; i++)
		ret = add_module(b, b->modules.at[i], err);
	return ret;
}
