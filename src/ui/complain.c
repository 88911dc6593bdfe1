// SPDX-License-Identifier: GPL-3.0-or-later
/* Complaints, on stderr: see output.h and cli.h. */
#include <stdarg.h>

#include "ui/cli.h"
#include "ui/escape.h"
#include "ui/output.h"

void complain(const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_(freep) char *clean = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		fputs("kdview: out of memory\n", stderr);
		return;
	}
	clean = escape_text(text, (size_t)n, true, NULL);
	fprintf(stderr, "kdview: %s\n", clean ? clean : "out of memory");
}

int cli_complain(const char *what, int status, const struct kd_err *err)
{
	if (what)
		complain("%s: %s", what, err->text);
	else
		complain("%s", err->text);
	if (status == KD_USAGE)
		fprintf(stderr, "\"kdview %s%s--help\" tells more\n", what ? what : "",
			what ? " " : "");
	return status == KD_USAGE ? CLI_USAGE : CLI_FAILED;
}
