/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file as a run of bytes, whatever envelope it came in: a plain file, or the stream of records
 * that makedumpfile -F and QEMU write ("flattened"). Formats read through it and need not know.
 *
 * The file is mapped where that can be, so bytes that lie together are served without a copy. Where
 * it cannot (/proc/vmcore, devices, or a file that needs more addresses than this program has:
 * 32-bit ones), all is read by system calls. Offsets have 64 bits either way. Everything is
 * immutable after source_open(), but for source_borrow(): any number of threads may read.
 */
#ifndef KD_CORE_SOURCE_H
#define KD_CORE_SOURCE_H

#include "core/err.h"

struct source;
struct source_copy;
struct page_cache;

enum source_kind {
	SOURCE_MISSING, /* the file does not hold them */
	SOURCE_ZEROS,	/* they take no room in the file */
	SOURCE_FILE,
};

struct source_ops {
	/*
	 * What there is of the bytes at OFF, *len (above 0) how many are of that kind and lie
	 * together; those of SOURCE_FILE at *at of the file itself.
	 */
	enum source_kind (*piece)(const struct source *s, uint64_t off, uint64_t *at, uint64_t *len);
	/* How many bytes from OFF are zeros that take no room in the file. NULL: not known. */
	uint64_t (*hole)(const struct source *s, uint64_t off);
	void (*close)(struct source *s);
};

struct source {
	const struct source_ops *ops;
	char *path;
	const char *envelope; /* for people: "flattened"; NULL: a plain file */
	uint64_t file_size;   /* bytes of the file itself */
	uint64_t size;	      /* bytes of what is in it: nothing is held at or above */
	bool gaps;	      /* bytes below that may be missing */
	bool careful;	      /* read by system calls alone: see source_be_careful() */
	bool proc;	      /* of /proc: what is mapped of it is no memory of ours */
	bool ordinary;	      /* neither a device nor one of /proc: its holes are holes */
	char damage[160];     /* what is wrong with the envelope, a sentence; empty: nothing */
	/* for the envelopes alone */
	const uint8_t *map; /* the file itself, read-only; NULL: careful */
	int fd;
	void *priv;
	struct source_copy *copies;
	struct page_cache *blocks; /* careful: those that numbers were read from lately */
};

/*
 * Open PATH, out of whatever envelope. KD_IO, KD_UNSUPPORTED (no file or block device, or an empty one),
 * KD_NOMEM. A damaged or cut-off envelope is no error: what came before is there, see damage.
 */
int source_open(const char *path, struct source **out, struct kd_err *err);
/* The same, without a map, whether one could be had or not. */
int source_open_unmapped(const char *path, struct source **out, struct kd_err *err);
void source_close(struct source *s);
void source_closep(struct source **s);

/*
 * A page of the map that cannot be read ends the program by SIGBUS. From now on nothing is read
 * through it: what cannot be read is missing then. Small reads bring a block of 4 KB, of which 1 MB
 * is remembered. Before other threads read. Files that are no ordinary ones, /proc/vmcore and block
 * devices, are opened so.
 */
void source_be_careful(struct source *s);

/* Is this the head of a file in an envelope, whatever is inside? */
bool source_is_envelope(const uint8_t *head, size_t len);

/* Copy LEN bytes at OFF; returns how many came before the first that the file does not hold. */
size_t source_read(const struct source *s, uint64_t off, void *buf, size_t len);

/* For the envelopes: LEN bytes at AT of the file itself; returns how many there were. */
size_t source_file_read(const struct source *s, uint64_t at, void *buf, size_t len);

/* LEN bytes at OFF in place; NULL: they are not in a map, not together, or not all there. */
const void *source_peek(const struct source *s, uint64_t off, uint64_t len);

/*
 * LEN bytes at OFF in one piece, copied only if they do not lie together; they stay until
 * source_close(). NULL when they are not all there, or on lack of memory. One thread only: for
 * opening a dump.
 */
const void *source_borrow(struct source *s, uint64_t off, uint64_t len);

/*
 * LEN bytes at OFF of /proc/vmcore, where the first kernel left them: the second one has little room
 * for copies. NULL: of another file, or they cannot be had so. source_unmap() ends it.
 */
const void *source_map(const struct source *s, uint64_t off, size_t len);
void source_unmap(const void *p, size_t len);

/* How many of the LEN bytes at OFF the file holds. */
uint64_t source_held(const struct source *s, uint64_t off, uint64_t len);

/* How many bytes from OFF need no reading: they are zeros, or not there at all. 0: not known. */
uint64_t source_nothing(const struct source *s, uint64_t off);

/*
 * The first place at or after OFF from which bytes may be other than zeros, and in *len (above 0)
 * how many. What is passed over is zeros, or not there. The file's own holes count: they are
 * found without being read. false: there is nothing more.
 */
bool source_next_data(const struct source *s, uint64_t off, uint64_t *at, uint64_t *len);

#endif
