/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A dump: the physical memory of one crashed machine, as a file holds it.
 *
 * The only room that touches a dump file. A format is a struct dump_ops, found
 * by probing; callers see ranges of RAM, a reader, notes and VMCOREINFO.
 * Everything is immutable after dump_open(), so any number of threads may read.
 */
#ifndef KD_CORE_DUMP_H
#define KD_CORE_DUMP_H

#include "core/err.h"
#include "core/vmcoreinfo.h"

struct dump;

/* One run of RAM: [start, end), bytes; [start, stored) is in the file. */
struct dump_range {
	paddr_t start, end;
	paddr_t stored;	   /* end of what the file holds of it; the rest was filtered out */
	uint64_t file_off; /* private to the format */
};

/*
 * Where the producer says that the kernel maps physical memory. Evidence to check, not
 * truth: QEMU says 0 for all, and the list knows no vmalloc.
 */
struct dump_map {
	vaddr_t vaddr;
	paddr_t paddr;
	uint64_t size;
};

/* An ELF note; desc is borrowed from the dump. */
struct dump_note {
	char name[16];
	uint32_t type;
	const void *desc;
	size_t len;
};

struct dump_ops {
	const char *name;
	/* 1: mine, 0: not mine, negative: mine but unusable. HEAD is the first LEN bytes. */
	int (*probe)(const uint8_t *head, size_t len);
	/* Fill ranges, notes, machine; on failure the caller closes. */
	int (*open)(struct dump *d, struct kd_err *err);
	/*
	 * Read up to LEN bytes at PA. *done says how many came before the first byte
	 * that could not be had; 0 only when all came.
	 */
	int (*read)(const struct dump *d, paddr_t pa, void *buf, size_t len, size_t *done,
		    struct kd_err *err);
	void (*close)(struct dump *d);
};

struct dump {
	const struct dump_ops *ops;
	char *path;
	const uint8_t *map; /* the whole file, read-only */
	uint64_t file_size; /* bytes */
	void *priv;	    /* the format's own */

	char format[64];	/* for people: "ELF64 core" */
	uint16_t machine;	/* EM_386, EM_X86_64: the producer's word */
	struct dump_range *ranges; /* sorted by start, disjoint */
	size_t nranges;
	struct dump_map *maps;
	size_t nmaps;
	struct dump_note *notes;
	size_t nnotes;
	struct vmcoreinfo *vmcoreinfo; /* NULL: the dump has none */

	uint64_t ram_bytes;	/* sum of ranges */
	uint64_t excluded_bytes; /* of them filtered out by the producer */
	uint64_t lost_bytes;	/* of them promised by the headers, but not in the file */
};

/*
 * Open PATH, whatever its format. KD_IO (can not be read), KD_UNSUPPORTED (no
 * format fits: the text says what the file looks like), KD_CORRUPT (headers make
 * no sense), KD_NOMEM. *out is owned by the caller: dump_close().
 */
int dump_open(const char *path, struct dump **out, struct kd_err *err);
void dump_close(struct dump *d);
void dump_closep(struct dump **d);

/*
 * Does the file look like a dump (as opposed to a vmlinux, say)? Reads its first
 * bytes only; false also when it can not be read.
 */
bool dump_probe_path(const char *path);

/*
 * Read LEN bytes of physical memory at PA into BUF. Returns 0, or how the first
 * missing byte is missing (KD_NODATA, KD_LOST, KD_CORRUPT, KD_ABSENT), with
 * *done (may be NULL) the number of good bytes before it. Bytes of BUF past
 * *done are undefined: never silently zero.
 */
int dump_read(const struct dump *d, paddr_t pa, void *buf, size_t len, size_t *done,
	      struct kd_err *err);

/* The range that holds PA, or NULL. */
const struct dump_range *dump_find_range(const struct dump *d, paddr_t pa);

/* The n-th note of that name and type, or NULL. */
const struct dump_note *dump_find_note(const struct dump *d, const char *name, uint32_t type,
				       size_t n);

#endif
