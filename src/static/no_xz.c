// SPDX-License-Identifier: GPL-3.0-or-later
/* In the place of load/unpack_xz.c: liblzma would be a tenth of this program. */
#include "load/unpack.h"

int unpack_xz(const uint8_t *in, size_t len, size_t most, uint8_t **out, size_t *out_len,
	      struct kd_err *err)
{
	(void)in, (void)len, (void)most, (void)out, (void)out_len;
	return kd_fail(
		err, KD_UNSUPPORTED,
		"the kernel does not unpack .xz itself (CONFIG_MODULE_DECOMPRESS is not set), nor "
		"does "
		"kdview-capture: use \"kdview initrd\", or unpack it with xz -d and run depmod");
}
