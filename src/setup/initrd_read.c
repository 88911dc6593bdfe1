// SPDX-License-Identifier: GPL-3.0-or-later
/* An initramfs, read: see initrd_read.h and cpio.h. */
#include "setup/initrd_read.h"

#include <string.h>

#include "load/read_file.h"
#include "load/unpack.h"

#define INITRD_MOST (512u << 20) /* bytes, also unpacked */
#define CONF_MOST (1u << 20)
#define HEADER 110
#define CONF "kdview.conf"

/* The I-th number of a header: 8 hexadecimal digits. */
static bool number(const uint8_t *header, unsigned i, uint64_t *out)
{
	*out = 0;
	for (unsigned k = 0; k < 8; k++) {
		uint8_t c = header[6 + 8 * i + k];
		unsigned digit = c >= '0' && c <= '9'	? c - '0' + 0u
				 : c >= 'a' && c <= 'f' ? c - 'a' + 10u
				 : c >= 'A' && c <= 'F' ? c - 'A' + 10u
							: 16;

		if (digit > 15)
			return false;
		*out = *out << 4 | digit;
	}
	return true;
}

/* Go through the archive. */
static int find_conf(const uint8_t *b, size_t len, char **text, struct kd_err *err)
{
	static const char trailer[] = "TRAILER!!!";
	uint64_t off = 0;

	while (range_contains(len, off, HEADER)) {
		uint64_t size, name;
		const char *s = (const char *)b + off + HEADER;
		uint64_t data;

		if ((memcmp(b + off, "070701", 6) && memcmp(b + off, "070702", 6)) ||
		    !number(b + off, 6, &size) || !number(b + off, 11, &name))
			return kd_fail(err, KD_CORRUPT, "it is no initramfs");
		/* Both are at multiples of 4 from the start. */
		data = (off + HEADER + name + 3) & ~UINT64_C(3);
		if (!name || !range_contains(len, data, size) || s[name - 1])
			return kd_fail(err, KD_CORRUPT, "it is damaged");
		if (!strcmp(s, trailer))
			break;
		if (!strcmp(s, CONF) && size <= CONF_MOST) {
			*text = strndup((const char *)b + data, size);
			return *text ? 0 : kd_nomem(err);
		}
		off = (data + size + 3) & ~UINT64_C(3);
	}
	return kd_fail(err, KD_NOTFOUND, "it has no " CONF ": kdview did not make it");
}

int initrd_read_conf(const char *path, char **text, struct kd_err *err)
{
	_cleanup_(freep) char *bytes = NULL;
	_cleanup_(freep) uint8_t *plain = NULL;
	const uint8_t *b;
	size_t len;
	int ret = read_file("", path, INITRD_MOST, &bytes, &len, err);

	*text = NULL;
	if (ret)
		return ret;
	b = (const uint8_t *)bytes;
	if (len > 4 && !memcmp(b, "\x1f\x8b", 2))
		ret = unpack_gzip(b, len, INITRD_MOST, &plain, &len, err);
	else if (len > 4 && !memcmp(b, "\x28\xb5\x2f\xfd", 4))
		ret = unpack_zstd(b, len, INITRD_MOST, &plain, &len, err);
	if (!ret)
		ret = find_conf(plain ? plain : b, len, text, err);
	return ret ? kd_context(err, ret, "%s", path) : 0;
}
