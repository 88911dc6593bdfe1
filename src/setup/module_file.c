// SPDX-License-Identifier: GPL-3.0-or-later
/* Files of modules: see module_file.h. */
#include "setup/module_file.h"

#include <elf.h>
#include <string.h>

#include "load/read_file.h"
#include "load/unpack.h"

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
