/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words of a command line taken apart by tables of options. Options may stand
 * anywhere; "--" ends them; "-ab", "-n5", "-n 5", "--limit=5" and "--limit 5" are
 * understood.
 */
#ifndef KD_UI_ARGS_H
#define KD_UI_ARGS_H

#include "core/err.h"

/* An option; tables end with name NULL. */
struct opt_def {
	char letter;	   /* 0: none */
	const char *name;  /* long name */
	const char *value; /* what it takes, for help ("DIR"); NULL: nothing */
	const char *help;  /* NULL: it is not offered, but understood */
};

struct args_option {
	const struct opt_def *def;
	const char *value;
};

/* Strings are borrowed from the words parsed. */
struct args {
	struct args_option *options; /* owned */
	size_t noptions;
	const char **words; /* owned; what is no option */
	size_t nwords;
	const char *const *rest; /* after "--", with ARGS_REST; else NULL */
	size_t nrest;
	char *raw; /* owned; ARGS_RAW: the words as one text */
};

enum args_flags {
	ARGS_RAW = 1,  /* a word that looks like an option but is none ends the options */
	ARGS_REST = 2, /* words after "--" go to rest */
};

/*
 * Parse N words by two tables (either may be NULL). KD_USAGE: unknown option (with
 * the nearest ones), value missing or not wanted. args_fini() in any case.
 */
int args_parse(const char *const *words, size_t n, const struct opt_def *own,
	       const struct opt_def *common, unsigned flags, struct args *out, struct kd_err *err);
void args_fini(struct args *a);

bool args_has(const struct args *a, const char *name);
/* The last value of an option; NULL: not given. */
const char *args_value(const struct args *a, const char *name);
/* The i-th value of an option that may be repeated; NULL past the end. */
const char *args_value_at(const struct args *a, const char *name, size_t i);

/* An option's value as a number of at most MAX; KD_USAGE; *v is kept when not given. */
int args_number(const struct args *a, const char *name, uint64_t max, uint64_t *v,
		struct kd_err *err);

/*
 * An option's value as an address, also as the kernel's command line has it:
 * "[SIZE[KMGTPE]@]ADDRESS[KMGTPE]". KD_USAGE; *v is kept when not given.
 */
int args_address(const struct args *a, const char *name, uint64_t *v, struct kd_err *err);

/* A whole text as a number, decimal or 0x...; false: none. */
bool parse_number(const char *s, uint64_t *v);
/* The same, hexadecimal with or without 0x. */
bool parse_hex(const char *s, uint64_t *v);

/* The option of a table by letter (0: not by letter) or name of LEN bytes; NULL: none. */
const struct opt_def *opt_find(const struct opt_def *table, char letter, const char *name,
			       size_t len);

#endif
