// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernel log as text: see log_text.h. */
#include "capture/log_text.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/log.h"

/* Further lines of a record stand under the first. */
static void put_lines(FILE *f, const struct log_record *r)
{
	const char *p = r->text ? r->text : "", *end = p + (r->text ? r->len : 0);
	bool first = true;

	do {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl ? nl : end) - p);

		if (r->has_ts && first)
			fprintf(f, "[%5" PRIu64 ".%06" PRIu64 "] ", r->ts_nsec / 1000000000,
				r->ts_nsec / 1000 % 1000000);
		else if (r->has_ts)
			fprintf(f, "%15s", "");
		fwrite(p, 1, len, f);
		fputc('\n', f);
		p += len + (nl != NULL);
		first = false;
	} while (p < end);
}

int log_text(const struct kernel *k, char **text, size_t *len, struct kd_err *err)
{
	struct log l;
	FILE *f;
	int ret = log_read(k, &l, err);

	if (ret)
		return ret;
	*text = NULL;
	f = open_memstream(text, len);
	if (f) {
		for (size_t i = 0; i < l.n; i++)
			put_lines(f, &l.list[i]);
		if (l.damage)
			fprintf(f, "(the log is not whole: %s)\n", l.damage);
	}
	log_fini(&l);
	if (f && !fclose(f))
		return 0;
	free(*text);
	return kd_nomem(err);
}
