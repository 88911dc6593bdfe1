// SPDX-License-Identifier: GPL-3.0-or-later
/* Files of modules: see module_file.h. */
#include "load/module_file.h"

#include <elf.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "load/read_file.h"

/* Twice as much space for what is unpacked; KD_UNSUPPORTED: more than MOST. */
static int grow(uint8_t **out, size_t *cap, size_t most, struct kd_err *err)
{
	size_t more = *cap ? *cap * 2 : 1 << 18;
	uint8_t *p;

	if (more > most)
		return kd_fail(err, KD_UNSUPPORTED, "it is larger than %zu MiB", most >> 20);
	p = realloc(*out, more);
	if (!p)
		return kd_nomem(err);
	*out = p;
	*cap = more;
	return 0;
}

static int unpack_gzip(const uint8_t *in, size_t len, size_t most, uint8_t **out, size_t *out_len,
		       struct kd_err *err)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in, .avail_in = (uInt)len };
	size_t cap = 0;
	int code = Z_OK, ret = 0;

	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return kd_nomem(err);
	while (code == Z_OK && !ret) {
		if (z.total_out == cap)
			ret = grow(out, &cap, most, err);
		if (ret)
			break;
		z.next_out = *out + z.total_out;
		z.avail_out = (uInt)(cap - z.total_out);
		code = inflate(&z, Z_NO_FLUSH);
	}
	*out_len = z.total_out;
	inflateEnd(&z);
	if (!ret && code != Z_STREAM_END)
		return kd_fail(err, KD_CORRUPT, "its gzip stream is damaged");
	return ret;
}

static int unpack_zstd(const uint8_t *in, size_t len, size_t most, uint8_t **out, size_t *out_len,
		       struct kd_err *err)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	ZSTD_inBuffer from = { .src = in, .size = len };
	ZSTD_outBuffer to = { 0 };
	size_t cap = 0, left = 1;
	int ret = z ? 0 : kd_nomem(err);

	while (!ret && left) {
		if (to.pos == cap)
			ret = grow(out, &cap, most, err);
		if (ret)
			break;
		to.dst = *out;
		to.size = cap;
		left = ZSTD_decompressStream(z, &to, &from);
		if (ZSTD_isError(left) || (left && from.pos == from.size && to.pos < to.size))
			ret = kd_fail(err, KD_CORRUPT, "its zstd stream is damaged");
	}
	*out_len = to.pos;
	ZSTD_freeDStream(z);
	return ret;
}

static const struct {
	const char *suffix;
	int (*unpack)(const uint8_t *in, size_t len, size_t most, uint8_t **out, size_t *out_len,
		      struct kd_err *err);
} packers[] = {
	{ ".ko.gz", unpack_gzip },
	{ ".ko.zst", unpack_zstd },
	{ ".ko.xz", unpack_xz },
};

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/* Unpack m in place. */
static int unpack(struct module_file *m, const char *file, bool keep_xz, struct kd_err *err)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(packers); i++) {
		uint8_t *plain = NULL;
		size_t len = 0;
		int ret;

		if (!ends_with(file, packers[i].suffix))
			continue;
		ret = packers[i].unpack(m->bytes, m->len, MODULE_MOST, &plain, &len, err);
		if (ret) {
			free(plain);
			if (ret != KD_UNSUPPORTED || !keep_xz || packers[i].unpack != unpack_xz)
				return ret;
			snprintf(m->suffix, sizeof(m->suffix), "%s", packers[i].suffix + 1);
			return 0;
		}
		free(m->bytes);
		m->bytes = plain;
		m->len = len;
	}
	return 0;
}

static int check_elf(struct module_file *m, struct kd_err *err)
{
	const uint8_t *b = m->bytes;

	if (strcmp(m->suffix, "ko"))
		return 0;
	if (m->len < sizeof(Elf32_Ehdr) || memcmp(b, ELFMAG, SELFMAG) ||
	    (b[EI_DATA] == ELFDATA2LSB && b[16] != ET_REL))
		return kd_fail(err, KD_CORRUPT, "it is no module");
	m->machine = (uint16_t)(b[18] | b[19] << 8);
	return 0;
}

int module_file_read(const char *folder, const char *file, bool keep_xz, struct module_file *out,
		     struct kd_err *err)
{
	char *bytes;
	int ret;

	*out = (struct module_file){ .suffix = "ko" };
	ret = read_file(folder, file, MODULE_MOST, &bytes, &out->len, err);
	if (ret)
		return ret;
	out->bytes = (uint8_t *)bytes;
	ret = unpack(out, file, keep_xz, err);
	if (!ret)
		ret = check_elf(out, err);
	return ret ? kd_context(err, ret, "%s/%s", folder, file) : 0;
}

void module_file_fini(struct module_file *m)
{
	free(m->bytes);
	*m = (struct module_file){ 0 };
}
