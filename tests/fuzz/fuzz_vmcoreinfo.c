// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fuzz target: the input as raw memory in which VMCOREINFO is searched. What is found must stand:
 * the address space that it gives opens again, and reads end by themselves.
 */
#include <string.h>
#include <sys/mman.h>

#include "core/space.h"
#include "core/vmcoreinfo_search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct arch *const archs[] = { &arch_i386, &arch_x86_64 };

static void check(bool good)
{
	if (!good)
		abort();
}

static void use(const struct dump *d)
{
	const struct arch *a = archs[d->machine == arch_x86_64.machine];
	struct kd_err err = KD_ERR_INIT;
	struct space s;
	uint8_t buf[64];

	check(d->vmcoreinfo_searched && vmcoreinfo_get(d->vmcoreinfo, "OSRELEASE"));
	check(space_init_kernel(&s, a, d, &err) == 0);
	space_read(&s, 0xffffffff80000000, buf, sizeof(buf), NULL, &err);
	space_read(&s, 0xc0000000, buf, sizeof(buf), NULL, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vmcoreinfo_search how = { .archs = archs, .narchs = KD_ARRAY_SIZE(archs) };
	struct kd_err err = KD_ERR_INIT;
	_cleanup_(closep) int fd = memfd_create("memory", MFD_CLOEXEC);
	_cleanup_(dump_closep) struct dump *d = NULL;
	char path[32];
	int status;

	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (dump_open_raw(path, 0, &d, &err))
		return 0;
	status = vmcoreinfo_search(d, &how, &err);
	check(status ? err.text[0] && !d->vmcoreinfo_searched : d->vmcoreinfo != NULL);
	if (!status)
		use(d);
	return 0;
}
