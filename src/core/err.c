// SPDX-License-Identifier: GPL-3.0-or-later
/* Errors: see err.h. */
#include "core/err.h"

#include <stdarg.h>
#include <string.h>

int kd_fail(struct kd_err *err, int status, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return status;
	err->status = status;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return status;
}

int kd_context(struct kd_err *err, int status, const char *fmt, ...)
{
	char old[sizeof(err->text)];
	va_list ap;
	size_t n;

	if (!err)
		return status;
	memcpy(old, err->text, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	n = strlen(err->text);
	/* A cut text is still a text: the outermost context says most. */
	if (old[0])
		(void)!snprintf(err->text + n, sizeof(err->text) - n, ": %s", old);
	err->status = status;
	return status;
}

int kd_nomem(struct kd_err *err)
{
	return kd_fail(err, KD_NOMEM, "out of memory");
}

const char *kd_status_name(int status)
{
	static const char *const names[] = {
		[-KD_OK] = "ok",
		[-KD_NODATA] = "excluded from the dump",
		[-KD_LOST] = "lost",
		[-KD_CORRUPT] = "corrupt",
		[-KD_ABSENT] = "not memory of this machine",
		[-KD_UNMAPPED] = "not mapped",
		[-KD_NOTFOUND] = "not found",
		[-KD_MISMATCH] = "mismatch",
		[-KD_UNSUPPORTED] = "unsupported",
		[-KD_NOMEM] = "out of memory",
		[-KD_IO] = "read error",
		[-KD_CANCELLED] = "cancelled",
		[-KD_TIMEOUT] = "timed out",
		[-KD_USAGE] = "usage",
		[-KD_NOSPACE] = "no space left",
		[-KD_GDB] = "gdb failed",
	};

	if (status > 0 || (size_t)-status >= KD_ARRAY_SIZE(names))
		return "unknown status";
	return names[-status];
}
