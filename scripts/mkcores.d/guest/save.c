// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * /proc/vmcore to a device or file (see save.h).
 */
#include "save.h"
#include "sys.h"

#include <asm/termbits.h>
#include <asm/ioctls.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/mount.h>

#define PAGE	 4096u
#define WINDOW	 (1024u * 1024)
#define REPORT	 (256u * 1024 * 1024)
#define WAIT_MS	 30000
#define ENODEV_	 19
#define EINVAL_	 22
#define EPIPE_	 32
#define SEEK_SET_ 0
#define SEEK_END_ 2

/* The kernel's pages are mapped where it lets us, read into this buffer where not. */
static _Alignas(4096) unsigned char buffer[WINDOW];

/* Cuts *S at its first ':' and answers the piece before it. */
static char *next_field(char **s)
{
	char *field = *s;

	while (**s && **s != ':')
		(*s)++;
	if (**s)
		*(*s)++ = '\0';
	return field;
}

static long wait_for(const char *dev)
{
	for (int ms = 0; ms < WAIT_MS; ms += 100) {
		if (file_exists(dev))
			return 0;
		sleep_ms(100);
	}
	return say_failed(dev, -ENODEV_);
}

static bool all_zero(const unsigned char *p)
{
	const unsigned long *w = (const unsigned long *)(const void *)p;

	for (size_t i = 0; i < PAGE / sizeof(*w); i++)
		if (w[i])
			return false;
	return true;
}

static long write_all(int fd, const unsigned char *p, size_t n)
{
	while (n) {
		long put = SYS(write, fd, p, n);

		if (put <= 0)
			return put ? put : -EPIPE_;
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

/* Writes the N bytes at P, which belong at OFF, and leaves out pages of zeros. */
static long write_sparse(int fd, int64_t off, const unsigned char *p, size_t n)
{
	size_t at = 0, end;

	while (at < n) {
		int64_t pos;
		long err;

		while (at + PAGE <= n && all_zero(p + at))
			at += PAGE;
		for (end = at; end < n && !(end + PAGE <= n && all_zero(p + end));)
			end = n - end < PAGE ? n : end + PAGE;
		if (end == at)
			break;
		pos = file_seek(fd, off + (int64_t)at, SEEK_SET_);
		if (pos < 0)
			return (long)pos;
		err = write_all(fd, p + at, end - at);
		if (err < 0)
			return err;
		at = end;
	}
	return 0;
}

static const unsigned char *map(int fd, int64_t off, size_t n)
{
#ifdef __x86_64__
	long at = SYS(mmap, 0, n, PROT_READ, MAP_PRIVATE, fd, off);
#else
	long at = SYS(mmap2, 0, n, PROT_READ, MAP_PRIVATE, fd, off / PAGE);
#endif
	return (unsigned long)at < -4095UL ? (const unsigned char *)at : NULL;
}

/* Reads N bytes at OFF into the buffer; 0 or errno. */
static long fill(int fd, int64_t off, size_t n)
{
	int64_t pos = file_seek(fd, off, SEEK_SET_);
	size_t got = 0;

	if (pos < 0)
		return (long)pos;
	while (got < n) {
		long r = SYS(read, fd, buffer + got, n - got);

		if (r <= 0)
			return r ? r : -EPIPE_;
		got += (size_t)r;
	}
	return 0;
}

static long copy_window(int in, int out, int64_t off, size_t n, bool sparse)
{
	const unsigned char *p = map(in, off, n);
	const unsigned char *data = p;
	long err = 0;

	if (!p) {
		err = fill(in, off, n);
		data = buffer;
	}
	if (!err)
		err = sparse ? write_sparse(out, off, data, n) : write_all(out, data, n);
	if (p)
		SYS(munmap, p, n);
	return err;
}

/* Copies all of IN to OUT; the size or errno. */
static int64_t copy(int in, int out, bool sparse)
{
	int64_t size = file_seek(in, 0, SEEK_END_);

	if (size < 0)
		return size;
	say_num("saving ", (uint64_t)size, " bytes");
	for (int64_t off = 0; off < size;) {
		size_t n = size - off < WINDOW ? (size_t)(size - off) : WINDOW;
		long err = copy_window(in, out, off, n, sparse);

		if (err < 0)
			return err;
		off += (int64_t)n;
		if (!(off & (REPORT - 1)))
			say_num("  ", (uint64_t)off >> 20, " MiB");
	}
	return size;
}

/* A serial line must pass all bytes as they are. */
static void make_raw(int fd)
{
	struct termios t;

	if (SYS(ioctl, fd, TCGETS, &t) < 0)
		return;
	t.c_iflag = 0;
	t.c_oflag = 0;
	t.c_lflag = 0;
	t.c_cflag = CS8 | CREAD | CLOCAL | B115200;
	SYS(ioctl, fd, TCSETS, &t);
}

/*
 * Gives a file its full length where the dump ends in zeros, which were left out. A block device
 * answers EINVAL, and need not be told.
 */
static void set_length(int fd, int64_t size)
{
#ifdef __x86_64__
	SYS(ftruncate, fd, size);
#else
	SYS(ftruncate64, fd, size & 0xffffffff, size >> 32);
#endif
}

static long save_to(const char *path, int flags, bool sparse)
{
	int64_t size;
	long in = SYS(open, "/proc/vmcore", O_RDONLY | O_LARGEFILE);
	long out = SYS(open, path, flags | O_LARGEFILE, 0600);

	if (in < 0)
		return say_failed("/proc/vmcore", in);
	if (out < 0)
		return say_failed(path, out);
	if (!sparse)
		make_raw((int)out);
	size = copy((int)in, (int)out, sparse);
	if (size < 0)
		return say_failed("copying", (long)size);
	if (sparse) {
		long err;

		set_length((int)out, size);
		err = SYS(fsync, out);
		if (err < 0)
			return say_failed("fsync", err);
	} else {
		SYS(ioctl, out, TCSBRK, 1); /* waits until the line has taken all */
	}
	SYS(close, out);
	say_num("saved ", (uint64_t)size, " bytes");
	return 0;
}

static long save_to_fs(char *rest)
{
	char part[256] = "/mnt/", whole[256] = "/mnt/";
	const char *type = next_field(&rest);
	const char *dev = next_field(&rest);
	long err = wait_for(dev);

	if (err < 0)
		return err;
	SYS(mkdir, "/mnt", 0700);
	err = SYS(mount, dev, "/mnt", type, MS_NOATIME, 0);
	if (err < 0)
		return say_failed("mount", err);
	str_add(whole, sizeof(whole), rest);
	str_add(part, sizeof(part), rest);
	str_add(part, sizeof(part), "-incomplete");
	err = save_to(part, O_WRONLY | O_CREAT | O_TRUNC, true);
	if (!err)
		err = SYS(rename, part, whole);
	SYS(sync, 0);
	SYS(umount2, "/mnt", 0);
	return err;
}

long save_vmcore(char *where)
{
	const char *kind = next_field(&where);
	long err;

	if (str_eq(kind, "fs"))
		return save_to_fs(where);
	if (!str_eq(kind, "raw") && !str_eq(kind, "stream"))
		return say_failed("kd.save: unknown kind", -EINVAL_);
	err = wait_for(where);
	return err < 0 ? err : save_to(where, O_WRONLY, str_eq(kind, "raw"));
}
