// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Disks that fail and disks that are slow, for LD_PRELOAD:
 *   FAULT_FILE, FAULT_FROM, FAULT_TO  bytes [FROM, TO) of this file cannot be read (EIO)
 *   FAULT_WRITE_US                    each write takes as long
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGE 1024 /* bytes: more than a message, less than most compressed pages */

static int is_faulty(int fd, off_t off, size_t len)
{
	const char *file = getenv("FAULT_FILE");
	long long from, to;
	struct stat a, b;

	if (!file || stat(file, &a) || fstat(fd, &b) || a.st_ino != b.st_ino || a.st_dev != b.st_dev)
		return 0;
	from = atoll(getenv("FAULT_FROM"));
	to = atoll(getenv("FAULT_TO"));
	return off < to && off + (long long)len > from;
}

ssize_t pread64(int fd, void *buf, size_t len, off_t off);
ssize_t pwrite64(int fd, const void *buf, size_t len, off_t off);

ssize_t pread64(int fd, void *buf, size_t len, off_t off)
{
	ssize_t (*next)(int, void *, size_t, off_t) =
		(ssize_t (*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread64");

	if (is_faulty(fd, off, len)) {
		errno = EIO;
		return -1;
	}
	return next(fd, buf, len, off);
}

static void take_time(void)
{
	const char *us = getenv("FAULT_WRITE_US");

	if (us)
		usleep((useconds_t)atoi(us));
}

ssize_t pwrite64(int fd, const void *buf, size_t len, off_t off)
{
	ssize_t (*next)(int, const void *, size_t, off_t) =
		(ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64");

	take_time();
	return next(fd, buf, len, off);
}

/* Streams: large writes alone, or the programs that are started would be slow too. */
ssize_t write(int fd, const void *buf, size_t len)
{
	ssize_t (*next)(int, const void *, size_t) =
		(ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");

	if (len >= LARGE)
		take_time();
	return next(fd, buf, len);
}
