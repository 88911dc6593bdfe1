// SPDX-License-Identifier: GPL-3.0-or-later
/* The dump of a crash on purpose: see crash_test.h. */
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "capture/log_text.h"
#include "capture/manifest.h"
#include "kernel/kernel.h"
#include "load/read_file.h"
#include "setup/conf.h"
#include "setup/crash_test.h"
#include "setup/device.h"
#include "setup/mountinfo.h"

#define LOG_MOST (64u << 20) /* bytes of a log as text */
#define FOLDERS_MOST 10000

static void looked(struct crash_test_result *r, const char *fmt, ...) KD_PRINTF(2, 3);
static void looked(struct crash_test_result *r, const char *fmt, ...)
{
	size_t len = strlen(r->looked);
	va_list ap;

	if (len)
		len += (size_t)snprintf(r->looked + len, sizeof(r->looked) - len, "; ");
	if (len >= sizeof(r->looked))
		return;
	va_start(ap, fmt);
	vsnprintf(r->looked + len, sizeof(r->looked) - len, fmt, ap);
	va_end(ap);
}

/* Folders ---------------------------------------------------------------------------------- */

/* The dump DUMP, or "": only its log LOG was saved. */
static void take(const char *dump, const char *log, struct crash_test_result *r)
{
	_cleanup_(freep) char *json = manifest_path(dump);
	struct manifest m = { 0 };
	struct stat st;

	r->arrived = true;
	r->only_log = stat(dump, &st) != 0;
	snprintf(r->where, sizeof(r->where), "%s", r->only_log ? log : dump);
	if (r->only_log && stat(log, &st))
		return;
	r->saved = (uint64_t)st.st_mtime;
	r->whole = true;
	if (!r->only_log && json && !manifest_read(json, &m, NULL)) {
		r->whole = m.complete;
		if (!stat(json, &st))
			r->saved = (uint64_t)st.st_mtime;
	}
	manifest_fini(&m);
}

static bool look_in(const char *folder, const char *name, const char *id,
		    struct crash_test_result *r)
{
	char dump[CRASH_TEST_PATH], log[CRASH_TEST_PATH];
	_cleanup_(freep) char *text = NULL;
	size_t len;

	snprintf(log, sizeof(log), "%s/%s/vmcore-dmesg.txt", folder, name);
	if (read_file("", log, LOG_MOST, &text, &len, NULL) || !memmem(text, len, id, strlen(id)))
		return false;
	snprintf(dump, sizeof(dump), "%s/%s/vmcore-incomplete", folder, name);
	if (!access(dump, F_OK)) {
		take(dump, log, r);
		r->whole = false;
		return true;
	}
	snprintf(dump, sizeof(dump), "%s/%s/vmcore", folder, name);
	take(dump, log, r);
	return true;
}

void crash_test_search(const char *folder, const char *id, struct crash_test_result *r)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	unsigned n = 0;

	if (!d) {
		looked(r, "%s: %s", folder, strerror(errno));
		return;
	}
	while (!r->arrived && n++ < FOLDERS_MOST && (e = readdir(d)))
		if (e->d_name[0] != '.')
			look_in(folder, e->d_name, id, r);
	closedir(d);
	if (!r->arrived)
		looked(r, "%s has no log with it", folder);
}

/* A device that is a dump -----------------------------------------------------------------------
 */

static void look_raw(const char *path, const char *id, struct crash_test_result *r)
{
	struct kernel_options opt = { .dump_path = path, .alone = true, .careful = true };
	_cleanup_(kernel_closep) struct kernel *k = NULL;
	_cleanup_(freep) char *text = NULL;
	struct kd_err err = KD_ERR_INIT;
	size_t len = 0;

	if (kernel_open(&opt, &k, &err) || log_text(k, &text, &len, &err)) {
		looked(r, "%s", err.text);
	} else if (!text || !memmem(text, len, id, strlen(id))) {
		looked(r, "%s has the dump of another crash", path);
	} else {
		r->arrived = true;
		r->whole = !k->dump->incomplete;
		snprintf(r->where, sizeof(r->where), "%s", path);
	}
}

/* File systems ------------------------------------------------------------------------------------
 */

/* Where FOLDER of the file system on NODE is seen; false: nowhere. */
static bool find_mounted(const char *root, const char *node, const char *folder,
			 char out[CRASH_TEST_PATH])
{
	_cleanup_(mounts_close) struct mounts list = { 0 };
	struct stat st, other;
	struct mount m;
	bool found = false;

	if (stat(node, &st) || mounts_open(root, &list, NULL))
		return false;
	while (!found && mounts_next(&list, &m)) {
		size_t n = strcmp(m.root, "/") ? strlen(m.root) : 0;
		_cleanup_(freep) char *source = NULL;
		bool same = S_ISBLK(st.st_mode) && m.major == major(st.st_rdev) &&
			    m.minor == minor(st.st_rdev);

		if (!same && asprintf(&source, "%s%s", root, m.source) >= 0)
			same = !stat(source, &other) && other.st_dev == st.st_dev &&
			       other.st_ino == st.st_ino;
		if (!same || strncmp(folder, m.root, n) || (folder[n] && folder[n] != '/'))
			continue;
		snprintf(out, CRASH_TEST_PATH, "%s%s%s", root, strcmp(m.point, "/") ? m.point : "",
			 folder + n);
		found = !access(out, F_OK);
	}
	return found;
}

/* For reading: a journal that is to be replayed is left alone. */
static bool mount_quietly(const char *node, const char *where, const char *type)
{
	const char *data = !strcmp(type, "ext4")    ? "noload"
			   : !strcmp(type, "xfs")   ? "norecovery"
			   : !strcmp(type, "btrfs") ? "subvolid=5,nologreplay"
						    : NULL;

	return !mount(node, where, type, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, data);
}

/* In a process and mount namespace of its own, so that nobody else sees it. */
static void look_unmounted(const char *node, const char *type, const char *folder, const char *id,
			   struct crash_test_result *r)
{
	static const char where[] = "/run";
	char path[CRASH_TEST_PATH];

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    !mount_quietly(node, where, type)) {
		looked(r, "%s is not mounted, and cannot be: %s", node, strerror(errno));
		return;
	}
	snprintf(path, sizeof(path), "%s%s", where, folder);
	crash_test_search(path, id, r);
	if (r->arrived) {
		snprintf(path, sizeof(path), "%s", r->where + strlen(where));
		snprintf(r->where, sizeof(r->where), "%.900s on %.100s", path, node);
	}
}

static int look_apart(const char *node, const char *type, const char *folder, const char *id,
		      struct crash_test_result *r, struct kd_err *err)
{
	struct crash_test_result *shared =
		mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	if (shared == MAP_FAILED)
		return kd_nomem(err);
	*shared = *r;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		look_unmounted(node, type, folder, id, shared);
		_exit(0);
	}
	if (pid > 0)
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	*r = *shared;
	munmap(shared, sizeof(*r));
	return pid < 0 ? kd_nomem(err) : 0;
}

static int look_at(const char *root, const struct conf_target *c, const char *id,
		   struct crash_test_result *r, struct kd_err *err)
{
	char node[DEVICE_PATH], path[CRASH_TEST_PATH];
	struct kd_err why = KD_ERR_INIT;
	const char *type;

	if (device_find(root, c->device, node, &type, &why)) {
		looked(r, "%s", why.text);
		return 0;
	}
	type = c->type ? c->type : type;
	if (!c->folder)
		look_raw(node, id, r);
	else if (find_mounted(root, node, strcmp(c->folder, "/") ? c->folder : "", path))
		crash_test_search(path, id, r);
	else if (*root || geteuid() || !type)
		looked(r, "%s is not mounted here%s", c->device,
		       *root || !geteuid() ? "" : ", and only root could");
	else
		return look_apart(node, type, strcmp(c->folder, "/") ? c->folder : "", id, r, err);
	return 0;
}

static void no_complaint(void *data, unsigned line, const char *what)
{
	(void)data, (void)line, (void)what;
}

int crash_test_find(const char *root, const struct crash_test *t, struct crash_test_result *out,
		    struct kd_err *err)
{
	char *text = strdup(t->conf);
	struct conf *conf = calloc(1, sizeof(*conf));
	int ret = 0;

	*out = (struct crash_test_result){ 0 };
	if (!text || !conf) {
		free(text);
		free(conf);
		return kd_nomem(err);
	}
	conf_parse(text, no_complaint, NULL, conf);
	if (!conf->ntargets)
		looked(out, "where its dump was to go is not known");
	for (size_t i = 0; i < conf->ntargets && !ret && !out->arrived; i++)
		ret = look_at(root, &conf->targets[i], t->id, out, err);
	/* The log alone is enough only where no more was asked for. */
	out->whole &= !out->only_log || conf->only_log;
	conf_fini(conf);
	free(conf);
	return ret;
}
