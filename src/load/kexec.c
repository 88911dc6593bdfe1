// SPDX-License-Identifier: GPL-3.0-or-later
/* The system calls that load and unload, and what their errors mean. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/syscall.h>

#include "load/kexec.h"

/* include/uapi/linux/kexec.h, whose copy on the building machine may be older than its kernel. */
#define ON_CRASH 0x1u
#define UPDATE_ELFCOREHDR 0x4u
#define ARCH_386 (3u << 16)
#define ARCH_X86_64 (62u << 16)
#define FILE_ON_CRASH 0x2u
#define FILE_NO_INITRAMFS 0x4u

struct kernel_segment {
	const void *buf;
	size_t len;
	uintptr_t mem;
	size_t memsz;
};

/* Why nobody may load, as the kernel says it in one number: EPERM. */
static int not_permitted(const struct machine *m, struct kd_err *err)
{
	if (geteuid())
		return kd_fail(err, KD_IO, "only root may do this: use sudo");
	if (load_permitted(m, err))
		return KD_IO;
	if (*m->lockdown && strcmp(m->lockdown, "none"))
		return kd_fail(
			err, KD_IO,
			"this kernel is locked down (%s): it takes kernels only whose "
			"signature it knows, by -s (the distribution's signed one); or turn off "
			"Secure Boot in the firmware",
			m->lockdown);
	return kd_fail(err, KD_IO,
		       "the kernel does not permit it: this process lacks CAP_SYS_BOOT (a "
		       "container?); do it on the host itself, as root");
}

static int failed(int error, const struct machine *m, struct kd_err *err)
{
	switch (error) {
	case EPERM:
		return not_permitted(m, err);
	case EACCES:
		return kd_fail(err, KD_IO,
			       "the integrity policy of this kernel (IMA) takes kernels only as files "
			       "with a signature: load with -s, or boot without ima_policy=");
	case EBUSY:
		return kd_fail(err, KD_IO,
			       "another program loads or unloads a kernel at this moment: "
			       "try again");
	case EADDRNOTAVAIL:
		return kd_fail(
			err, KD_NOSPACE,
			"it does not fit into the crash memory of %" PRIu64
			" MiB: boot with a larger crashkernel= (\"kdview estimate\" says which)",
			m->crash_size >> 20);
	case ENOMEM:
		return kd_fail(err, KD_NOMEM,
			       "the kernel has not enough memory to load it: free some");
	default:
		return kd_fail(err, KD_IO,
			       "the kernel refused: %s; the end of \"dmesg\" may say why",
			       strerror(error));
	}
}

/* What only a kernel that reads the file itself says. */
static int failed_file(int error, const struct machine *m, struct kd_err *err)
{
	switch (error) {
	case ENODATA:
	case EBADMSG:
	case EKEYREJECTED:
	case ENOKEY:
	case ENOPKG:
		return kd_fail(
			err, KD_IO,
			"the kernel does not accept the file's signature (%s): take the "
			"distribution's signed kernel, or enroll its key (mokutil --import), or, "
			"unless Secure Boot is on, load with -c",
			error == ENODATA ? "there is none" : strerror(error));
	case EACCES:
		return kd_fail(err, KD_IO,
			       "the integrity policy of this kernel (IMA) does not accept the kernel or "
			       "initramfs: each needs an IMA signature (evmctl ima_sign, with a key "
			       "that it knows), or boot without ima_policy=");
	case ENOEXEC:
		return kd_fail(err, KD_UNSUPPORTED,
			       "the kernel does not know this format of file: it "
			       "takes bzImage (vmlinuz) only; others load with -c");
	case EINVAL:
		return kd_fail(err, KD_UNSUPPORTED,
			       "the kernel does not take this file, or its command "
			       "line (the end of \"dmesg\" may say why): -c may load it");
	case ENOSYS:
		return kd_fail(err, KD_UNSUPPORTED,
			       "this kernel has no kexec_file_load (it was built "
			       "without CONFIG_KEXEC_FILE): load with -c");
	default:
		return failed(error, m, err);
	}
}

int kexec_load_file(int kernel, int initrd, const char *cmdline, const struct machine *m,
		    bool *no_such, struct kd_err *err)
{
	int error = ENOSYS;

#ifdef SYS_kexec_file_load
	unsigned long flags = FILE_ON_CRASH | (initrd < 0 ? FILE_NO_INITRAMFS : 0);

	if (!syscall(SYS_kexec_file_load, kernel, initrd, strlen(cmdline) + 1, cmdline, flags))
		return 0;
	error = errno;
#else
	(void)kernel, (void)initrd, (void)cmdline;
#endif
	*no_such = error == ENOSYS || error == EINVAL || error == ENOEXEC || error == ENOTSUP;
	return failed_file(error, m, err);
}

static unsigned long arch_flag(const struct machine *m)
{
	return m->arch == MACHINE_I386 ? ARCH_386 : ARCH_X86_64;
}

int kexec_load_segments(const struct segment_list *l, const struct machine *m, bool hotplug,
			struct kd_err *err)
{
	struct kernel_segment at[LOAD_MAX_SEGMENTS];

	for (size_t i = 0; i < l->n; i++) {
		const struct load_segment *s = &l->at[i];

		if (s->mem + s->memsz - 1 > UINTPTR_MAX)
			return kd_fail(err, KD_UNSUPPORTED,
				       "the crash memory is above 4 GiB, where a program "
				       "of 32 bits cannot load: use the x86_64 one");
		at[i] = (struct kernel_segment){ .buf = s->buf,
						 .len = s->len,
						 .mem = (uintptr_t)s->mem,
						 .memsz = (size_t)s->memsz };
	}
	if (!syscall(SYS_kexec_load, (unsigned long)l->entry, l->n, at,
		     arch_flag(m) | ON_CRASH | (hotplug ? UPDATE_ELFCOREHDR : 0)))
		return 0;
	if (errno == ENOSYS)
		return kd_fail(err, KD_UNSUPPORTED,
			       "this kernel has no kexec_load (it was built without "
			       "CONFIG_KEXEC): take a bzImage (vmlinuz), which -s loads");
	return failed(errno, m, err);
}

int kexec_unload(const struct machine *m, struct kd_err *err)
{
	/* No segments: what is loaded goes. The other call can do it too, where there is only that.
	 */
	if (!syscall(SYS_kexec_load, 0UL, 0UL, NULL, arch_flag(m) | ON_CRASH))
		return 0;
#ifdef SYS_kexec_file_load
	if ((errno == ENOSYS || errno == EPERM) &&
	    !syscall(SYS_kexec_file_load, -1, -1, 0UL, NULL, FILE_ON_CRASH | 0x1u /* UNLOAD */))
		return 0;
#endif
	if (errno == ENOSYS)
		return kd_fail(err, KD_UNSUPPORTED,
			       "this kernel cannot load others (it was built without "
			       "CONFIG_KEXEC)");
	return failed(errno, m, err);
}
