/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the user searches for: an extended regular expression, or the text itself
 * where it is none. Case counts only if the pattern has a capital letter.
 */
#ifndef KD_TUI_PATTERN_H
#define KD_TUI_PATTERN_H

#include "core/err.h"

struct pattern;

/* TEXT must not be empty. KD_NOMEM. */
int pattern_new(const char *text, struct pattern **out, struct kd_err *err);
void pattern_free(struct pattern *p);
const char *pattern_text(const struct pattern *p);

/* The first match in LEN bytes, from FROM on; a match of nothing is none. */
bool pattern_match(const struct pattern *p, const char *s, size_t len, size_t from, size_t *start,
		   size_t *length);

#endif
