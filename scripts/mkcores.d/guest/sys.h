/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * System calls and a few string functions without a C library, so that the guest's init is one
 * small static binary for i386 and x86_64 and needs no 32-bit libc on the host that builds it.
 *
 * All calls answer what the kernel answers: a negative errno on failure.
 */
#ifndef GUEST_SYS_H
#define GUEST_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <asm/unistd.h>

/* System call NR with six arguments; unused ones are 0. */
long sys_call(long nr, long a, long b, long c, long d, long e, long f);

#define SYS(name, ...) SYS_(__NR_##name, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define SYS_(nr, a, b, c, d, e, f, ...) \
	sys_call(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

size_t str_len(const char *s);
bool str_eq(const char *a, const char *b);
bool str_starts(const char *s, const char *prefix);
/* Appends S to the string in BUF of SIZE bytes; what does not fit is cut off. */
void str_add(char *buf, size_t size, const char *s);
void str_add_num(char *buf, size_t size, uint64_t n);
/* The decimal number at the start of S, 0 if there is none. */
uint64_t str_num(const char *s);

/* Prints "kd: A B\n" with one write, so that kernel messages do not split it; B may be NULL. */
void say(const char *a, const char *b);
void say_num(const char *a, uint64_t n, const char *b);
/* Prints "kd: failed: WHAT: errno N" and passes ERR on. */
long say_failed(const char *what, long err);

/* Reads at most SIZE - 1 bytes of the file and ends them with NUL; bytes read or errno. */
long file_read(const char *path, char *buf, size_t size);
long file_write(const char *path, const char *text);
/* Moves the file position to OFF (SEEK_SET 0, SEEK_END 2); the new position or errno. */
int64_t file_seek(int fd, int64_t off, int whence);
bool file_exists(const char *path);
/* Calls FN with the name of each entry of the folder PATH; 0 or errno. */
long dir_each(const char *path, void (*fn)(const char *name, void *ctx), void *ctx);

void sleep_ms(unsigned int ms);
/*
 * Runs FN, which must not return, as a new thread or process made with clone(FLAGS) on the SIZE
 * bytes at STACK; answers its pid or errno.
 */
long spawn(unsigned long flags, void *stack, size_t size, void (*fn)(void));

/*
 * The value of KEY ("kd.crash=") on the kernel command line, or FALLBACK. The string lives until
 * the next call of option().
 */
const char *option(const char *key, const char *fallback);

#endif
