/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the user brings along: aliases, notes about the dump, a log of the session. One
 * for all sessions over a kernel; one thread only.
 */
#ifndef KD_UI_USER_H
#define KD_UI_USER_H

#include "core/err.h"

struct doc;
struct session;

struct alias {
	char *name, *text; /* owned */
};

/* A note on something of the dump. */
struct user_note {
	char *on;   /* owned: "task 0xff..", "0xffffffff81000000", "frame 3 of ...", "" (the dump) */
	char *text; /* owned */
	int64_t when; /* seconds since 1970 */
};

struct user {
	struct alias *aliases; /* owned */
	size_t naliases;
	struct user_note *notes; /* owned */
	size_t nnotes;
	char *notes_path; /* owned; NULL: there can be none */
	char *notes_error; /* owned: why they could not be read; NULL: they could */
	FILE *log;	  /* owned; NULL: none */
	unsigned depth;	  /* of files and loops within each other */
};

#define USER_DEPTH_MAX 8

/*
 * Read the notes that were made of the dump at DUMP_PATH before: from the file beside it,
 * "DUMP.notes", or, where that folder cannot be written, from the user's state folder.
 * KD_NOMEM only.
 */
int user_new(const char *dump_path, struct user **out, struct kd_err *err);
void user_free(struct user *u);

/* Set an alias; TEXT NULL: remove it. KD_USAGE: no name for one; KD_NOTFOUND, KD_NOMEM. */
int user_alias(struct user *u, const char *name, const char *text, struct kd_err *err);

/*
 * LINE with aliases at its beginning replaced, each once; owned by the caller; NULL: no
 * memory.
 */
char *user_expand(const struct user *u, const char *line);

/* Add a note, or remove the I-th, and write them down. KD_NOMEM, KD_IO, KD_NOTFOUND. */
int user_note_add(struct user *u, const char *on, const char *text, struct kd_err *err);
int user_note_remove(struct user *u, size_t i, struct kd_err *err);

/* The notes as a table under "notes"; nothing if there are none. */
void part_notes(const struct session *s, struct doc *d);

/* Write LINE into the log, as what was typed. */
void user_log_line(struct user *u, const char *line);

/*
 * Run the lines of the user's kdviewrc, $XDG_CONFIG_HOME/kdview/kdviewrc, if there is one.
 * It must belong to the user, and to nobody else to write. What fails is told.
 */
void user_read_rc(struct session *s);

/*
 * Run the lines of a file, their answers appended to D. The first failure is returned, with
 * the number of its line; the lines after it are run all the same.
 */
int user_source(struct session *s, const char *path, FILE *f, struct doc *d, struct kd_err *err);

/* Of user_notes.c, for user.c alone. */
int user_notes_read(struct user *u, const char *dump_path, struct kd_err *err);
void user_notes_fini(struct user *u);

#endif
