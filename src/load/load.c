// SPDX-License-Identifier: GPL-3.0-or-later
/* Loading a crash kernel. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "load/cmdline.h"
#include "load/kernel_image.h"
#include "load/kexec.h"
#include "load/load.h"
#include "load/machine_priv.h"
#include "load/meminfo.h"
#include "load/record.h"
#include "load/segments.h"

/* What the kernel puts in front of the command line: "elfcorehdr=0x<16 digits> ". */
#define FILE_ELFCOREHDR 30

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

int load_permitted(const struct machine *m, struct kd_err *err)
{
	if (m->load_disabled)
		return kd_fail(
			err, KD_IO,
			"the sysctl kernel.kexec_load_disabled is 1, and so it stays: "
			"until the next boot nothing can be loaded or unloaded; load at boot, "
			"before it is set");
	if (m->load_used_up)
		return kd_fail(
			err, KD_IO,
			"the sysctl kernel.kexec_load_limit_panic is 0: until the next "
			"boot nothing can be loaded or unloaded any more; set it to more times "
			"at boot");
	return 0;
}

int load_reservation(const struct machine *m, struct kd_err *err)
{
	bool asked = strstr(m->cmdline, "crashkernel=");

	if (!m->has_kexec)
		return kd_fail(err, KD_UNSUPPORTED,
			       "the running kernel cannot load crash kernels: it was "
			       "built without CONFIG_KEXEC and CONFIG_KEXEC_FILE; boot another one "
			       "(\"kdview check\" says what it needs)");
	if (m->xen_pv)
		return kd_fail(
			err, KD_UNSUPPORTED,
			"this kernel runs on Xen as a PV guest, where only Xen "
			"itself can start another: in dom0 use Xen's own kexec-tools, else let "
			"the host dump this machine (xl dump-core)");
	if (m->crash_size)
		return 0;
	return kd_fail(
		err, KD_NOSPACE,
		asked ? "no memory is reserved, though the command line has crashkernel=: the "
			"kernel found no such place, or it was given back (\"dmesg | grep -i "
			"crashkernel\" says why); boot with a smaller one"
		      : "no memory is reserved: add crashkernel=256M to the kernel's command line "
			"(GRUB: GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, then "
			"update-grub), and boot again");
}

static uint64_t mib(uint64_t bytes)
{
	return (bytes + (1 << 20) - 1) >> 20;
}

static int may_load(const struct load_request *q, const struct machine *m, struct kd_err *err)
{
	int ret;

	if (q->dry_run)
		return 0;
	if (*m->root)
		return kd_fail(err, KD_USAGE,
			       "a copy of a machine, %s, can not be loaded into: only "
			       "--dry-run goes with it",
			       m->root);
	if (geteuid())
		return kd_fail(err, KD_IO, "only root may load a kernel: use sudo");
	ret = load_permitted(m, err);
	return ret ? ret : load_reservation(m, err);
}

/* A file to be loaded: *len bytes, not empty. */
static int open_file(const char *path, const char *what, int *fd, uint64_t *len, struct kd_err *err)
{
	struct stat st;

	/* not waiting for who may write to a pipe */
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0 || fstat(*fd, &st))
		return kd_fail(err, errno == ENOENT ? KD_NOTFOUND : KD_IO,
			       "%s: cannot open the %s: %s", path, what, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return kd_fail(err, KD_USAGE, "%s is no file: the %s has to be one", path, what);
	if (!st.st_size)
		return kd_fail(err, KD_CORRUPT, "%s is empty: install the %s again", path, what);
	*len = (uint64_t)st.st_size;
	return 0;
}

/* Bytes as a file. */
static int memory_file(const char *name, const uint8_t *at, size_t left, int *fd,
		       struct kd_err *err)
{
	*fd = memfd_create(name, MFD_CLOEXEC);
	if (*fd < 0)
		return kd_fail(err, KD_IO, "cannot make a file in memory: %s", strerror(errno));
	while (left) {
		ssize_t n = write(*fd, at, left);

		if (n < 0 && errno != EINTR)
			return kd_fail(err, KD_NOMEM, "no memory to hold the %s as a file: %s",
				       name, strerror(errno));
		at += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* The initramfs as a file; *fd -1: there is none. */
static int open_initrd(const struct load_request *q, int *fd, uint64_t *len, struct kd_err *err)
{
	if (!q->initrd_bytes)
		return q->initrd ? open_file(q->initrd, "initramfs", fd, len, err) : 0;
	*len = q->initrd_len;
	return memory_file("initrd", q->initrd_bytes, q->initrd_len, fd, err);
}

/* A kernel that was compressed as a file: as it is to be read. */
static int unpacked(const struct kernel_image *k, int *fd, struct kd_err *err)
{
	close(*fd);
	return memory_file("kernel", k->file, k->len, fd, err);
}

/* What the kernel would say with one number, and after it has dropped what was loaded. */
static int check_image(const struct kernel_image *k, const struct load_report *r,
		       struct kd_err *err)
{
	uint64_t have = range_len(&r->region), need = k->memsz + r->initrd_len;
	size_t len = strlen(r->cmdline) + FILE_ELFCOREHDR;

	if (len > k->cmdline_max)
		return kd_fail(err, KD_USAGE,
			       "the command line has %zu bytes, with what the kernel adds to "
			       "it, but this kernel takes %zu: shorten it by %zu",
			       len, k->cmdline_max, len - k->cmdline_max);
	if (have && need > have)
		return kd_fail(err, KD_NOSPACE,
			       "the crash memory has %" PRIu64 " MiB; kernel and initramfs "
			       "alone take %" PRIu64 " MiB: %" PRIu64
			       " MiB are missing, and what the second "
			       "kernel works with; boot with a larger crashkernel= (\"kdview "
			       "estimate\" says "
			       "how large)",
			       have >> 20, mib(need), mib(need - have));
	return 0;
}

/*
 * A kernel that is to hold more than half of its memory refuses without a word
 * (kernel/kexec_core.c, sanity_check_segment_list()).
 */
static int check_half(const struct machine *m, uint64_t need, struct kd_err *err)
{
	struct meminfo mem;

	if (!meminfo_read(m, &mem) || need <= mem.total / 2)
		return 0;
	return kd_fail(err, KD_NOSPACE,
		       "kernel and initramfs take %" PRIu64 " MiB, and no kernel loads more "
		       "than half of its memory, here %" PRIu64 " MiB: make the initramfs smaller",
		       mib(need), mem.total >> 21);
}

/* *no_such: segments are worth a try. */
static int by_file(const struct load_request *q, const struct machine *m, struct load_report *out,
		   bool *no_such, struct kd_err *err)
{
	_cleanup_(kernel_image_close) struct kernel_image image = { 0 };
	_cleanup_(closep) int kernel = -1;
	_cleanup_(closep) int initrd = -1;
	uint64_t len;
	int ret = open_file(q->kernel, "kernel", &kernel, &len, err);

	if (!ret)
		ret = open_initrd(q, &initrd, &out->initrd_len, err);
	if (!ret)
		ret = kernel_image_open(q->kernel, &image, err);
	if (!ret && image.kind != IMAGE_BZIMAGE) {
		*no_such = true;
		ret = kd_fail(err, KD_UNSUPPORTED,
			      "%s is a vmlinux, and kexec_file_load takes bzImage "
			      "(vmlinuz) only%s",
			      q->kernel, q->how == LOAD_FILE ? ": load it with -c" : "");
	}
	if (!ret)
		ret = check_image(&image, out, err);
	if (!ret)
		ret = check_half(m, image.memsz + out->initrd_len, err);
	if (!ret && image.packed)
		ret = unpacked(&image, &kernel, err);
	if (ret || q->dry_run)
		return ret;
	return kexec_load_file(kernel, initrd, out->cmdline, m, no_such, err);
}

static int by_segments(const struct load_request *q, const struct machine *m,
		       struct load_report *out, struct kd_err *err)
{
	struct segment_list *l = &out->segments;
	uint64_t need = 0;
	int ret;

	out->how = LOAD_SEGMENTS;
	if (q->hotplug && !m->elfcorehdr_size)
		return kd_fail(
			err, KD_UNSUPPORTED,
			"this kernel does not keep core headers true when CPUs or "
			"memory come and go (CONFIG_CRASH_HOTPLUG): leave out --hotplug, and load "
			"again then");
	if (m->iomem_hidden)
		return kd_fail(err, KD_IO,
			       "where the crash memory is, /proc/iomem shows to root only: use "
			       "sudo");
	ret = load_segments(q, m, l, err);
	if (ret)
		return ret;
	for (size_t i = 0; i < l->n; i++)
		need += l->at[i].memsz;
	ret = check_half(m, need, err);
	if (ret)
		return ret;
	free(out->cmdline);
	out->cmdline = l->cmdline;
	l->cmdline = NULL;
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->at[i].name, "initrd"))
			out->initrd_len = l->at[i].len;
	return q->dry_run ? 0 : kexec_load_segments(l, m, q->hotplug, err);
}

/* Only a purgatory of ours, core headers of ours, can be like that. */
static const char *wants_segments(const struct load_request *q, const struct machine *m)
{
	return m->arch == MACHINE_I386		  ? "i386 has no kexec_file_load"
	       : q->no_checks			  ? "--no-checks is about our purgatory"
	       : q->serial			  ? "--console-serial is about our purgatory"
	       : q->on_error != LOAD_ERROR_REBOOT ? "--purgatory-on-error is about our purgatory"
	       : q->memmap_cmdline    ? "--pass-memmap-cmdline is about our map of memory"
	       : q->elf == LOAD_ELF32 ? "--elf32-core-headers is about our core headers"
				      : NULL;
}

static int load(const struct load_request *q, const struct machine *m, struct load_report *out,
		struct kd_err *err)
{
	const char *segments = wants_segments(q, m);
	struct kd_err first = KD_ERR_INIT;
	bool no_such = false;
	int ret;

	if (q->how == LOAD_FILE && segments)
		return kd_fail(err, KD_USAGE, "%s, so -s cannot be: take -c", segments);
	if (q->how != LOAD_SEGMENTS && !segments) {
		ret = by_file(q, m, out, &no_such, &first);
		if (ret && (!no_such || q->how == LOAD_FILE))
			return kd_fail(err, ret, "%s", first.text);
		if (!ret)
			return 0;
		segments = first.text;
	}
	if (q->how == LOAD_AUTO && segments)
		snprintf(out->why_segments, sizeof(out->why_segments), "%s", segments);
	ret = by_segments(q, m, out, err);
	/* The first is why the second was tried at all, and may be the one to care for. */
	if (ret && *first.text)
		return kd_context(err, ret, "not by kexec_file_load (%.400s), nor by kexec_load",
				  first.text);
	return ret;
}

/* Loading drops what was loaded before it looks at what is to be. */
static bool is_gone(const struct load_request *q, const struct machine *m)
{
	uint64_t v;

	return m->loaded && !q->dry_run &&
	       machine_number(m, "sys/kernel/kexec_crash_loaded", 10, &v) && !v;
}

int load_crash_kernel(const struct load_request *q, const struct machine *m,
		      struct load_report *out, struct kd_err *err)
{
	int ret;

	*out = (struct load_report){ .how = LOAD_FILE };
	ret = may_load(q, m, err);
	if (!ret)
		ret = cmdline_asked(q, m, &out->cmdline, err);
	if (ret)
		return ret;
	if (machine_crash_region(m))
		out->region = *machine_crash_region(m);
	ret = load(q, m, out, err);
	if (ret && is_gone(q, m)) {
		record_remove(m);
		return kd_context(err, ret,
				  "now no crash kernel is loaded, for the earlier one is gone");
	}
	return ret;
}
