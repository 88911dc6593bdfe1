// SPDX-License-Identifier: GPL-3.0-or-later
/* Estimates: what is counted, and what damaged files do to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <lzma.h>

#include "setup/estimate.h"
#include "setup/pack.h"

#define PAGE UINT64_C(4096)

static size_t put_entry(uint8_t *out, const char *name, size_t size)
{
	size_t n = (size_t)sprintf((char *)out,
				   "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1u,
				   0100644u, 0u, 0u, 1u, 0u, (unsigned)size, 0u, 0u, 0u, 0u,
				   (unsigned)strlen(name) + 1, 0u);

	memcpy(out + n, name, strlen(name) + 1);
	n = (n + strlen(name) + 1 + 3) & ~(size_t)3;
	memset(out + n, 'x', size);
	return (n + size + 3) & ~(size_t)3;
}

/* Two files, of 5000 bytes and of 1: three pages. */
static size_t make_archive(uint8_t *out)
{
	size_t n;

	memset(out, 0, 16384);
	n = put_entry(out, "init", 5000);
	n += put_entry(out + n, "etc", 1);
	return n + put_entry(out + n, "TRAILER!!!", 0);
}

static void plain_archives_are_counted_in_pages(void **state)
{
	uint8_t a[65536];
	bool guessed;
	size_t n = make_archive(a);

	(void)state;
	assert_int_equal(initramfs_unpacked(a, n, &guessed), 3 * PAGE);
	assert_false(guessed);
	/* one more behind padding */
	memmove(a + n + 512, a, n);
	memset(a + n, 0, 512);
	assert_int_equal(initramfs_unpacked(a, 2 * n + 512, &guessed), 6 * PAGE);
}

static void compressed_archives_are_unpacked(void **state)
{
	uint8_t a[16384], xz[16384];
	uint8_t *packed = NULL;
	bool guessed;
	size_t n = make_archive(a), len = 0;

	(void)state;
	assert_int_equal(pack_gzip(a, n, &packed, &len, NULL), 0);
	assert_int_equal(initramfs_unpacked(packed, len, &guessed), n);
	assert_false(guessed);
	/* cut, it is guessed */
	assert_int_equal(initramfs_unpacked(packed, len / 2, &guessed), len / 2 * 4);
	assert_true(guessed);
	free(packed);
	packed = NULL;
	assert_int_equal(pack_zstd(a, n, &packed, &len, NULL), 0);
	assert_int_equal(initramfs_unpacked(packed, len, &guessed), n);
	assert_false(guessed);
	assert_int_equal(initramfs_unpacked(packed, len / 2, &guessed), len / 2 * 4);
	assert_true(guessed);
	free(packed);
	len = 0;
	assert_int_equal(
		lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, a, n, xz, &len, sizeof(xz)),
		LZMA_OK);
	assert_int_equal(initramfs_unpacked(xz, len, &guessed), n);
	assert_false(guessed);
}

/* Microcode first, as distributions have it. */
static void a_compressed_one_may_follow_a_plain_one(void **state)
{
	uint8_t a[32768], plain[16384];
	uint8_t *packed = NULL;
	bool guessed;
	size_t n = make_archive(a), len = 0;

	(void)state;
	memcpy(plain, a, n);
	assert_int_equal(pack_zstd(plain, n, &packed, &len, NULL), 0);
	memcpy(a + n, packed, len);
	assert_int_equal(initramfs_unpacked(a, n + len, &guessed), 3 * PAGE + n);
	assert_false(guessed);
	free(packed);
}

static void sizes_that_lie_end(void **state)
{
	uint8_t a[16384];
	bool guessed;
	size_t n = make_archive(a);

	(void)state;
	for (size_t i = 0; i < n; i++)
		assert_true(initramfs_unpacked(a, i, &guessed) <= 4 * n + 3 * PAGE);
	memcpy(a + 54, "ffffffff", 8); /* of the first file */
	assert_true(initramfs_unpacked(a, n, &guessed) < 3 * PAGE);
	make_archive(a);
	memcpy(a + 94, "ffffffff", 8); /* its name */
	assert_true(initramfs_unpacked(a, n, &guessed) < 3 * PAGE);
	make_archive(a);
	memcpy(a + 54, "zzzzzzzz", 8); /* no number at all */
	assert_true(initramfs_unpacked(a, n, &guessed) <= 4 * n);
	assert_true(guessed);
}

/* Of an ELF kernel that spans what its headers say, and no more. */
static void make_vmlinux(const char *path, uint64_t memsz)
{
	uint8_t h[4096] = { 0 };
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	memcpy(h, "\177ELF\2\1\1", 7);
	h[0x10] = 2;  /* ET_EXEC */
	h[0x12] = 62; /* EM_X86_64 */
	h[0x14] = 1;
	memcpy(h + 0x18, &(uint64_t){ 0x1000000 }, 8);
	h[0x20] = 64; /* e_phoff */
	h[0x34] = 64;
	h[0x36] = 56;
	h[0x38] = 1;
	h[0x40] = 1; /* PT_LOAD */
	h[0x44] = 5;
	memcpy(h + 0x48, &(uint64_t){ 0x200 }, 8);
	memcpy(h + 0x50, &(uint64_t){ 0xffffffff81000000 }, 8);
	memcpy(h + 0x58, &(uint64_t){ 0x1000000 }, 8);
	memcpy(h + 0x60, &(uint64_t){ 0x100 }, 8);
	memcpy(h + 0x68, &memsz, 8);
	fwrite(h, 1, sizeof(h), f);
	fclose(f);
}

static uint64_t part(const struct estimate *e, const char *key)
{
	for (size_t i = 0; i < e->n; i++)
		if (!strcmp(e->parts[i].key, key))
			return e->parts[i].bytes;
	return 0;
}

static void the_sum_is_that_of_the_parts(void **state)
{
	struct range crash = { .start = 0x27000000, .end = 0x2f000000 };
	struct machine m = { .ncrash = 1, .crash = { crash } };
	char path[] = "/tmp/estimate_test.XXXXXX";
	struct kd_err err = KD_ERR_INIT;
	struct estimate e;
	uint64_t sum = 0, first;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	make_vmlinux(path, UINT64_C(40) << 20);
	if (estimate_make(NULL, path, NULL, &e, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < e.n; i++)
		sum += e.parts[i].bytes;
	assert_int_equal(e.least, sum);
	assert_int_equal(part(&e, "kernel"), UINT64_C(40) << 20);
	assert_true(e.is_64 && e.want > e.least && !(e.want & 0xfffff));
	first = e.want;
	/* a larger kernel wants that much more */
	make_vmlinux(path, UINT64_C(80) << 20);
	assert_int_equal(estimate_make(NULL, path, NULL, &e, &err), 0);
	assert_true(e.want >= first + (UINT64_C(40) << 20));
	/* crash memory in one section, and in two */
	make_vmlinux(path, UINT64_C(40) << 20);
	assert_int_equal(estimate_make(&m, path, NULL, &e, &err), 0);
	assert_int_equal(part(&e, "pages"), UINT64_C(6) << 20);
	m.crash[0] = (struct range){ .start = 0x28000000, .end = 0x30000000 };
	assert_int_equal(estimate_make(&m, path, NULL, &e, &err), 0);
	assert_int_equal(part(&e, "pages"), UINT64_C(4) << 20);
	assert_true(estimate_make(NULL, "/nonexistent", NULL, &e, &err) < 0);
	assert_true(estimate_make(NULL, path, "/nonexistent", &e, &err) < 0);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_archives_are_counted_in_pages),
		cmocka_unit_test(compressed_archives_are_unpacked),
		cmocka_unit_test(a_compressed_one_may_follow_a_plain_one),
		cmocka_unit_test(sizes_that_lie_end),
		cmocka_unit_test(the_sum_is_that_of_the_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
