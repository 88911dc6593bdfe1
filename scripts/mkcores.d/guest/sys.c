// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * System calls and strings of the guest's init (see sys.h).
 */
#include "sys.h"

#include <linux/fcntl.h>
#include <linux/mman.h>

#define CMDLINE_SIZE 4096

/*
 * One entry for all calls. A thread made by clone() comes out of the system call on its own stack
 * and takes its start address from there by the very same "ret": see spawn().
 */
#ifdef __x86_64__
__asm__(".text\n"
	".globl sys_call\n"
	".type sys_call, @function\n"
	"sys_call:\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdi\n"
	"	mov %rdx, %rsi\n"
	"	mov %rcx, %rdx\n"
	"	mov %r8, %r10\n"
	"	mov %r9, %r8\n"
	"	mov 8(%rsp), %r9\n"
	"	syscall\n"
	"	ret\n"
	".size sys_call, . - sys_call\n");
#define SAVED_REGS 0
#else
__asm__(".text\n"
	".globl sys_call\n"
	".type sys_call, @function\n"
	"sys_call:\n"
	"	push %ebp\n"
	"	push %ebx\n"
	"	push %esi\n"
	"	push %edi\n"
	"	mov 20(%esp), %eax\n"
	"	mov 24(%esp), %ebx\n"
	"	mov 28(%esp), %ecx\n"
	"	mov 32(%esp), %edx\n"
	"	mov 36(%esp), %esi\n"
	"	mov 40(%esp), %edi\n"
	"	mov 44(%esp), %ebp\n"
	"	int $0x80\n"
	"	pop %edi\n"
	"	pop %esi\n"
	"	pop %ebx\n"
	"	pop %ebp\n"
	"	ret\n"
	".size sys_call, . - sys_call\n");
#define SAVED_REGS 4
#endif

/* gcc calls these four by itself, with or without a library. */
void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

void *memcpy(void *dst, const void *src, size_t n)
{
	void *to = dst;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(src), "+c"(n) : : "memory");
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if (d <= s)
		return memcpy(dst, src, n);
	while (n--) {
		d[n] = s[n];
		__asm__ volatile("" : : : "memory");
	}
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	void *to = dst;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(c) : "memory");
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (size_t i = 0; i < n; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

size_t str_len(const char *s)
{
	size_t n = 0;

	while (s[n]) {
		n++;
		/* Keeps gcc from seeing strlen in this loop and calling it. */
		__asm__ volatile("");
	}
	return n;
}

bool str_eq(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool str_starts(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return false;
	return true;
}

void str_add(char *buf, size_t size, const char *s)
{
	size_t n = str_len(buf);

	while (*s && n + 1 < size)
		buf[n++] = *s++;
	buf[n] = '\0';
}

/*
 * Divides N by ten in place and answers the remainder, 32 bits at a time: a 64-bit division on
 * i386 would need libgcc.
 */
static unsigned int div10(uint64_t *n)
{
	uint32_t hi = (uint32_t)(*n >> 32), lo = (uint32_t)*n;
	uint32_t rem = hi % 10;
	uint32_t mid = rem << 16 | lo >> 16;
	uint32_t low = (mid % 10) << 16 | (lo & 0xffff);

	*n = (uint64_t)(hi / 10) << 32 | (uint64_t)(mid / 10) << 16 | low / 10;
	return low % 10;
}

void str_add_num(char *buf, size_t size, uint64_t n)
{
	char digits[24];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + div10(&n));
	} while (n && at);
	str_add(buf, size, digits + at);
}

uint64_t str_num(const char *s)
{
	uint64_t n = 0;

	while (*s >= '0' && *s <= '9')
		n = n * 10 + (unsigned int)(*s++ - '0');
	return n;
}

void say(const char *a, const char *b)
{
	char line[512] = "kd: ";

	str_add(line, sizeof(line) - 1, a);
	if (b)
		str_add(line, sizeof(line) - 1, b);
	str_add(line, sizeof(line), "\n");
	SYS(write, 1, line, str_len(line));
}

void say_num(const char *a, uint64_t n, const char *b)
{
	char num[64] = "";

	str_add_num(num, sizeof(num), n);
	str_add(num, sizeof(num), b);
	say(a, num);
}

long say_failed(const char *what, long err)
{
	char text[256] = "";

	str_add(text, sizeof(text), what);
	str_add(text, sizeof(text), ": errno ");
	str_add_num(text, sizeof(text), err < 0 ? (uint64_t)-err : (uint64_t)err);
	say("failed: ", text);
	return err;
}

long file_read(const char *path, char *buf, size_t size)
{
	long fd = SYS(open, path, O_RDONLY);
	size_t got = 0;
	long n = 0;

	buf[0] = '\0';
	if (fd < 0)
		return fd;
	while (got < size - 1 && (n = SYS(read, fd, buf + got, size - 1 - got)) > 0)
		got += (size_t)n;
	buf[got] = '\0';
	SYS(close, fd);
	return n < 0 ? n : (long)got;
}

long file_write(const char *path, const char *text)
{
	long fd = SYS(open, path, O_WRONLY);
	long n;

	if (fd < 0)
		return fd;
	n = SYS(write, fd, text, str_len(text));
	SYS(close, fd);
	return n;
}

int64_t file_seek(int fd, int64_t off, int whence)
{
#ifdef __x86_64__
	return SYS(lseek, fd, off, whence);
#else
	int64_t at = 0;
	long err = SYS(_llseek, fd, off >> 32, off & 0xffffffff, &at, whence);

	return err < 0 ? err : at;
#endif
}

bool file_exists(const char *path)
{
	return SYS(access, path, 0) == 0;
}

long dir_each(const char *path, void (*fn)(const char *name, void *ctx), void *ctx)
{
	/* struct linux_dirent64: inode and offset (8 bytes each), length (2), type (1), name */
	_Alignas(8) char buf[2048];
	long fd = SYS(open, path, O_RDONLY | O_DIRECTORY);
	long n;

	if (fd < 0)
		return fd;
	while ((n = SYS(getdents64, fd, buf, sizeof(buf))) > 0)
		for (long at = 0; at < n; at += *(uint16_t *)(void *)(buf + at + 16))
			fn(buf + at + 19, ctx);
	SYS(close, fd);
	return n;
}

void sleep_ms(unsigned int ms)
{
	long ts[2] = { ms / 1000, ms % 1000 * 1000000L };

	SYS(nanosleep, ts, 0);
}

long spawn(unsigned long flags, void *stack, size_t size, void (*fn)(void))
{
	long *top = (long *)(((uintptr_t)stack + size - 64) & ~(uintptr_t)15);

	/* What "pop ...; ret" at the end of sys_call() finds there; FN sees an aligned stack. */
	top[0] = (long)fn;
	if (SAVED_REGS)
		top[SAVED_REGS] = (long)fn;
	return SYS(clone, flags, top);
}

const char *option(const char *key, const char *fallback)
{
	static char line[CMDLINE_SIZE];
	char *at = line;

	if (file_read("/proc/cmdline", line, sizeof(line)) <= 0)
		return fallback;
	while (*at) {
		char *word = at;
		bool more;

		while (*at && *at != ' ' && *at != '\n')
			at++;
		more = *at;
		*at = '\0';
		if (str_starts(word, key))
			return word + str_len(key);
		if (more)
			at++;
	}
	return fallback;
}
