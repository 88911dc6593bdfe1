// SPDX-License-Identifier: GPL-3.0-or-later
/* Loading a crash kernel. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "load/cmdline.h"
#include "load/kexec.h"
#include "load/load.h"

void segment_list_fini(struct segment_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->at[i].buf);
	free(l->cmdline);
	*l = (struct segment_list){ 0 };
}

void load_report_fini(struct load_report *r)
{
	segment_list_fini(&r->segments);
	free(r->cmdline);
	*r = (struct load_report){ 0 };
}

int load_reservation(const struct machine *m, struct kd_err *err)
{
	bool asked = strstr(m->cmdline, "crashkernel=");

	if (!m->has_kexec)
		return kd_fail(err, KD_UNSUPPORTED, "the running kernel cannot load crash kernels: it was "
			       "built without CONFIG_KEXEC and CONFIG_KEXEC_FILE; boot another one "
			       "(\"kdview check\" says what it needs)");
	if (m->crash_size)
		return 0;
	return kd_fail(err, KD_NOSPACE,
		       asked ? "no memory is reserved, though the command line has crashkernel=: the "
			       "kernel found no such place, or it was given back (\"dmesg | grep -i "
			       "crashkernel\" says why); boot with a smaller one"
			     : "no memory is reserved: add crashkernel=256M to the kernel's command line "
			       "(GRUB: GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, then "
			       "update-grub), and boot again");
}

static int may_load(const struct load_request *q, const struct machine *m, struct kd_err *err)
{
	if (q->dry_run)
		return 0;
	if (*m->root)
		return kd_fail(err, KD_USAGE, "a copy of a machine, %s, can not be loaded into: only "
			       "--dry-run goes with it", m->root);
	if (geteuid())
		return kd_fail(err, KD_IO, "only root may load a kernel: use sudo");
	if (m->load_disabled)
		return kd_fail(err, KD_IO, "the sysctl kernel.kexec_load_disabled is 1, and so it stays "
			       "until the machine boots: load before it is set, at boot");
	return load_reservation(m, err);
}

/* A file to be loaded: *len bytes, not empty. */
static int open_file(const char *path, const char *what, int *fd, uint64_t *len, struct kd_err *err)
{
	struct stat st;

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &st))
		return kd_fail(err, errno == ENOENT ? KD_NOTFOUND : KD_IO, "%s: cannot open the %s: %s",
			       path, what, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return kd_fail(err, KD_USAGE, "%s is no file: the %s has to be one", path, what);
	if (!st.st_size)
		return kd_fail(err, KD_CORRUPT, "%s is empty: install the %s again", path, what);
	*len = (uint64_t)st.st_size;
	return 0;
}

/* The initramfs as a file; *fd -1: there is none. */
static int open_initrd(const struct load_request *q, int *fd, uint64_t *len, struct kd_err *err)
{
	const uint8_t *at = q->initrd_bytes;
	size_t left = q->initrd_len;

	if (!at)
		return q->initrd ? open_file(q->initrd, "initramfs", fd, len, err) : 0;
	*len = left;
	*fd = memfd_create("initrd", MFD_CLOEXEC);
	if (*fd < 0)
		return kd_fail(err, KD_IO, "cannot make a file in memory: %s", strerror(errno));
	while (left) {
		ssize_t n = write(*fd, at, left);

		if (n < 0 && errno != EINTR)
			return kd_fail(err, KD_NOMEM, "cannot keep the initramfs in memory: %s",
				       strerror(errno));
		at += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int by_file(const struct load_request *q, const struct machine *m, struct load_report *out,
		   bool *no_such, struct kd_err *err)
{
	_cleanup_(closep) int kernel = -1;
	_cleanup_(closep) int initrd = -1;
	int ret = open_file(q->kernel, "kernel", &kernel, &out->kernel_len, err);

	if (!ret)
		ret = open_initrd(q, &initrd, &out->initrd_len, err);
	if (ret || q->dry_run)
		return ret;
	return kexec_load_file(kernel, initrd, out->cmdline, m, no_such, err);
}

int load_crash_kernel(const struct load_request *q, const struct machine *m,
		      struct load_report *out, struct kd_err *err)
{
	bool no_such = false;
	int ret;

	*out = (struct load_report){ .how = LOAD_FILE };
	ret = may_load(q, m, err);
	if (!ret)
		ret = cmdline_asked(q, m, &out->cmdline, err);
	if (ret)
		return ret;
	if (machine_crash_region(m))
		out->region = *machine_crash_region(m);
	return by_file(q, m, out, &no_such, err);
}
