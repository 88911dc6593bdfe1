// SPDX-License-Identifier: GPL-3.0-or-later
/* Configurations: from text, gzip, and out of images; damaged ones are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "machine_files.h"
#include "setup/kconfig.h"

static const char sample[] = "#\n"
			     "# Automatically generated file; DO NOT EDIT.\n"
			     "# Linux/x86 6.1.192 Kernel Configuration\n"
			     "#\n"
			     "CONFIG_64BIT=y\n"
			     "CONFIG_KEXEC_FILE=y\n"
			     "# CONFIG_KEXEC is not set\n"
			     "CONFIG_ISO9660_FS=m\n"
			     "CONFIG_PHYSICAL_START=0x1000000\n"
			     "CONFIG_DEFAULT_HOSTNAME=\"(none)\"\n"
			     "CONFIG_EMPTY=\"\"\n"
			     "CONFIG_LAST=y";

static int read_bytes(const void *p, size_t n, struct kconfig *out)
{
	struct kd_err err = KD_ERR_INIT;

	return kconfig_read_bytes(p, n, "test", out, &err);
}

static size_t pack_gzip(const void *p, size_t n, uint8_t *out, size_t room)
{
	z_stream z = { .avail_in = (uInt)n, .avail_out = (uInt)room, .next_out = out };

	memcpy(&z.next_in, &p, sizeof(z.next_in));
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return room - z.avail_out;
}

/* A vmlinux with a configuration in the middle, as kernel/configs.c has it. */
static size_t make_vmlinux(uint8_t *out, size_t room)
{
	size_t n = 3000;

	memset(out, 0x90, room);
	memcpy(out, "\177ELF", 4);
	memcpy(out + n, "IKCFG_ST", 8);
	n += 8;
	n += pack_gzip(sample, sizeof(sample) - 1, out + n, room - n);
	memcpy(out + n, "IKCFG_ED", 8);
	return n + 2000;
}

/* A bzImage around a payload that has its unpacked size behind it. */
static size_t make_image(const uint8_t *payload, size_t n, uint32_t size, uint8_t *out)
{
	static const char release[] = "6.1.0-7-test (builder@host) #1 SMP";
	uint32_t len = (uint32_t)n + 4;

	memset(out, 0, 4096);
	out[0x1f1] = 3; /* (3 + 1) * 512 bytes before the code */
	memcpy(out + 0x202, "HdrS\x0f\x02", 6);
	out[0x20e] = 0x00;
	out[0x20f] = 0x03; /* 0x300 + 0x200 */
	memcpy(out + 0x500, release, sizeof(release));
	out[0x248] = 64;
	memcpy(out + 0x24c, &len, 4);
	memcpy(out + 2048 + 64, payload, n);
	memcpy(out + 2048 + 64 + n, &size, 4);
	return 2048 + 64 + n + 4;
}

static void expect_sample(struct kconfig *c)
{
	char v[64];
	uint64_t n;

	assert_true(kconfig_builtin(c, "64BIT"));
	assert_false(kconfig_is_32bit(c));
	assert_true(kconfig_builtin(c, "KEXEC_FILE"));
	assert_true(kconfig_builtin(c, "LAST"));
	assert_true(kconfig_on(c, "ISO9660_FS"));
	assert_false(kconfig_builtin(c, "ISO9660_FS"));
	assert_true(kconfig_value(c, "KEXEC", v, sizeof(v)));
	assert_string_equal(v, "n");
	assert_false(kconfig_value(c, "KEXE", v, sizeof(v)));
	assert_false(kconfig_value(c, "KEXEC_SIG", v, sizeof(v)));
	assert_string_equal(v, "");
	assert_true(kconfig_value(c, "DEFAULT_HOSTNAME", v, sizeof(v)));
	assert_string_equal(v, "(none)");
	assert_true(kconfig_value(c, "EMPTY", v, sizeof(v)));
	assert_string_equal(v, "");
	assert_true(kconfig_number(c, "PHYSICAL_START", &n));
	assert_int_equal(n, 0x1000000);
	assert_false(kconfig_number(c, "EMPTY", &n));
	kconfig_fini(c);
}

static void answers_are_found_in_text(void **state)
{
	struct kconfig c;

	(void)state;
	assert_int_equal(read_bytes(sample, sizeof(sample) - 1, &c), 0);
	assert_string_equal(c.release, "6.1.192");
	expect_sample(&c);
}

static void gzip_is_unpacked(void **state)
{
	uint8_t packed[4096];
	struct kconfig c;
	size_t n = pack_gzip(sample, sizeof(sample) - 1, packed, sizeof(packed));

	(void)state;
	assert_int_equal(read_bytes(packed, n, &c), 0);
	expect_sample(&c);
	/* cut anywhere it is refused */
	for (size_t i = 0; i < n; i += 7) {
		assert_true(read_bytes(packed, i, &c) < 0);
		kconfig_fini(&c);
	}
}

static void a_vmlinux_has_it_inside(void **state)
{
	uint8_t file[8192];
	struct kconfig c;
	size_t n = make_vmlinux(file, sizeof(file));

	(void)state;
	assert_int_equal(read_bytes(file, n, &c), 0);
	expect_sample(&c);
	file[3000] = 'X';
	assert_int_equal(read_bytes(file, n, &c), KD_NOTFOUND);
	kconfig_fini(&c);
	file[3000] = 'I';
	file[3030] ^= 0x55;
	assert_int_equal(read_bytes(file, n, &c), KD_CORRUPT);
	kconfig_fini(&c);
}

static void images_of_each_compressor_have_it_inside(void **state)
{
	static uint8_t vmlinux[8192], packed[16384], image[32768];
	size_t n = make_vmlinux(vmlinux, sizeof(vmlinux)), len;
	struct kconfig c;

	(void)state;
	/* gzip ends in the size itself, and the build adds no other */
	len = pack_gzip(vmlinux, n, packed, sizeof(packed));
	assert_int_equal(read_bytes(image, make_image(packed, len - 4, (uint32_t)n, image), &c), 0);
	assert_string_equal(c.release, "6.1.0-7-test");
	expect_sample(&c);

	len = ZSTD_compress(packed, sizeof(packed), vmlinux, n, 3);
	assert_false(ZSTD_isError(len));
	assert_int_equal(read_bytes(image, make_image(packed, len, (uint32_t)n, image), &c), 0);
	expect_sample(&c);
	/* a vmlinux.zst, not in an image */
	assert_int_equal(read_bytes(packed, len, &c), 0);
	expect_sample(&c);

	len = 0;
	assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, vmlinux, n, packed,
						 &len, sizeof(packed)),
			 LZMA_OK);
	assert_int_equal(read_bytes(image, make_image(packed, len, (uint32_t)n, image), &c), 0);
	expect_sample(&c);

	/* lz4 that packs nothing: one run of literal bytes in the legacy frame */
	memcpy(packed, "\x02\x21\x4c\x18", 4);
	len = 8;
	packed[len++] = 0xf0;
	for (size_t more = n - 15;; more -= 255) {
		packed[len++] = (uint8_t)kd_min(more, 255);
		if (more < 255)
			break;
	}
	memcpy(packed + len, vmlinux, n);
	len += n;
	memcpy(packed + 4, &(uint32_t){ (uint32_t)len - 8 }, 4);
	assert_int_equal(read_bytes(image, make_image(packed, len, (uint32_t)n, image), &c), 0);
	expect_sample(&c);
}

static void images_that_lie_are_refused(void **state)
{
	static uint8_t vmlinux[8192], packed[16384], image[32768];
	size_t n = make_vmlinux(vmlinux, sizeof(vmlinux)), size;
	size_t len = ZSTD_compress(packed, sizeof(packed), vmlinux, n, 3);
	struct kconfig c;

	(void)state;
	size = make_image(packed, len, (uint32_t)n, image);
	for (size_t i = 0; i < size; i += 13) {
		assert_true(read_bytes(image, i, &c) < 0);
		kconfig_fini(&c);
	}
	memset(image + 0x24c, 0xff, 4);
	assert_int_equal(read_bytes(image, size, &c), KD_CORRUPT);
	kconfig_fini(&c);
	make_image((const uint8_t *)"BZh9 is not known here", 22, 100, image);
	assert_int_equal(read_bytes(image, size, &c), KD_UNSUPPORTED);
	assert_string_equal(c.release, "6.1.0-7-test");
	kconfig_fini(&c);
}

static void what_is_no_configuration_is_refused(void **state)
{
	static const char *const texts[] = { "", "hello", "# a comment\n", "XCONFIG_A=y\n",
					     "root:x:0:0:root:/root:/bin/sh\n" };
	struct kconfig c;

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(texts); i++) {
		assert_int_equal(read_bytes(texts[i], strlen(texts[i]), &c), KD_CORRUPT);
		kconfig_fini(&c);
	}
	assert_int_equal(
		read_bytes("# Linux/arm64 6.1.9 Kernel Configuration\nCONFIG_A=y\n", 52, &c),
		KD_UNSUPPORTED);
	kconfig_fini(&c);
	assert_int_equal(read_bytes("CONFIG_A=y\n\0", 12, &c), KD_CORRUPT);
	kconfig_fini(&c);
	assert_int_equal(kconfig_read("/nonexistent", &c, NULL), KD_NOTFOUND);
	assert_int_equal(kconfig_read("/tmp", &c, NULL), KD_IO);
}

static void put_sample(const char *root, const char *name)
{
	FILE *f = machine_file_open(root, name);

	fputs(sample, f);
	fclose(f);
}

static void put_damaged(const char *root, const char *name)
{
	FILE *f = machine_file_open(root, name);

	fwrite("\1\2\0\3", 1, 4, f);
	fclose(f);
}

static void installed_ones_are_found_in_their_places(void **state)
{
	static const char *const places[] = { "usr/lib/modules/6.1/config",
					      "lib/modules/6.1/config", "boot/config-6.1" };
	char root[] = "/tmp/kconfig_test.XXXXXX", want[128];
	struct kd_err err = KD_ERR_INIT;
	struct kconfig c;

	(void)state;
	assert_non_null(mkdtemp(root));
	assert_int_equal(kconfig_installed(root, "6.1", true, &c, NULL), KD_NOTFOUND);
	kconfig_fini(&c);
	/* each is preferred to those before */
	for (size_t i = 0; i < KD_ARRAY_SIZE(places); i++) {
		put_sample(root, places[i]);
		assert_int_equal(kconfig_installed(root, "6.1", true, &c, NULL), 0);
		snprintf(want, sizeof(want), "%s/%s", root, places[i]);
		assert_string_equal(c.source, want);
		kconfig_fini(&c);
	}
	put_sample(root, "proc/config.gz");
	assert_int_equal(kconfig_installed(root, "6.1", true, &c, NULL), 0);
	assert_non_null(strstr(c.source, "/proc/config.gz"));
	kconfig_fini(&c);
	/* which is of the kernel that runs alone */
	assert_int_equal(kconfig_installed(root, "6.1", false, &c, NULL), 0);
	assert_null(strstr(c.source, "/proc/config.gz"));
	kconfig_fini(&c);
	assert_int_equal(kconfig_installed(root, "6.2", false, &c, NULL), KD_NOTFOUND);
	kconfig_fini(&c);
	assert_int_equal(kconfig_installed(root, "../../etc", false, &c, NULL), KD_NOTFOUND);
	kconfig_fini(&c);
	/* one that is damaged is told, also to who does not ask why */
	put_damaged(root, "boot/config-6.1");
	assert_int_equal(kconfig_installed(root, "6.1", false, &c, NULL), KD_CORRUPT);
	kconfig_fini(&c);
	assert_int_equal(kconfig_installed(root, "6.1", false, &c, &err), KD_CORRUPT);
	assert_non_null(strstr(err.text, "boot/config-6.1"));
	kconfig_fini(&c);
	machine_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_found_in_text),
		cmocka_unit_test(gzip_is_unpacked),
		cmocka_unit_test(a_vmlinux_has_it_inside),
		cmocka_unit_test(images_of_each_compressor_have_it_inside),
		cmocka_unit_test(images_that_lie_are_refused),
		cmocka_unit_test(what_is_no_configuration_is_refused),
		cmocka_unit_test(installed_ones_are_found_in_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
