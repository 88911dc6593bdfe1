/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A dump: the physical memory of one crashed machine, as a file (or a set of them) holds it.
 *
 * The only room that touches a dump file. A format is a struct dump_ops, found
 * by probing; callers see ranges of RAM, a reader, notes and VMCOREINFO.
 * What can be seen is immutable after dump_open(), so any number of threads may read; what a
 * format keeps for speed it guards itself.
 */
#ifndef KD_CORE_DUMP_H
#define KD_CORE_DUMP_H

#include "core/err.h"
#include "core/source.h"
#include "core/vmcoreinfo.h"

struct dump;
struct page_trace;

/* One run of RAM: [start, end), bytes. Whether it is in the file is another question. */
struct dump_range {
	paddr_t start, end;
};

/* Of the machine's RAM, in bytes. What is in none of the last two can be read, or is corrupt. */
struct dump_totals {
	uint64_t ram;
	uint64_t excluded; /* left out by the producer's filter */
	uint64_t lost;	   /* meant to be in the dump, but not in the file */
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
	/*
	 * Fill notes, machine and the rest; on failure the caller closes. Takes no longer for a
	 * large dump than for a small one. A format that takes only one file leaves the others
	 * to the caller, who refuses them.
	 */
	int (*open)(struct dump *d, struct kd_err *err);
	/*
	 * Read up to LEN bytes at PA. *done says how many came before the first byte
	 * that could not be had; 0 only when all came.
	 */
	int (*read)(const struct dump *d, paddr_t pa, void *buf, size_t len, size_t *done,
		    struct kd_err *err);
	/* See dump_map(); NULL: never. */
	const void *(*map)(const struct dump *d, paddr_t pa, size_t len);
	/* See dump_next_range(), dump_next_data() (NULL: all of a range is data), dump_count(). */
	bool (*next_range)(const struct dump *d, paddr_t from, struct dump_range *out);
	bool (*next_data)(const struct dump *d, paddr_t from, struct dump_range *out);
	/* See dump_next_held(); NULL: all of RAM is held. */
	bool (*next_held)(const struct dump *d, paddr_t from, struct dump_range *out);
	void (*count)(const struct dump *d, struct dump_totals *t);
	void (*close)(struct dump *d);
	bool sets; /* knows what to do with more than one file */
	bool slow; /* reading is work (pages to decompress): much at once is for all CPUs */
};

struct dump {
	const struct dump_ops *ops;
	char *path; /* of the first file */
	struct source **files;
	size_t nfiles;
	uint64_t file_size;   /* bytes, of all files */
	uint64_t headers_off; /* raw memory: where in the file the ELF core headers are; else 0 */
	void *priv;	      /* the format's own */

	char format[96];  /* for people: "ELF64 core" */
	char remark[512]; /* what a user should know of the files as a whole; empty: nothing */
	uint16_t machine; /* EM_386, EM_X86_64: the producer's word; 0: it does not say */
	bool incomplete;  /* the producer says that it could not write all */
	int dump_level;	  /* the filter, as makedumpfile numbers its classes; -1: not said */
	bool has_phys_base;
	uint64_t phys_base; /* where the kernel was loaded, as the format's header says */
	struct dump_map *maps;
	size_t nmaps;
	struct dump_note *notes;
	size_t nnotes;
	struct page_trace *trace; /* borrowed: remembers what is read; NULL: nobody asks */
	struct vmcoreinfo *vmcoreinfo; /* NULL: the dump has none */
	bool vmcoreinfo_searched;      /* it is none of the notes, but lay in memory: */
	paddr_t vmcoreinfo_at;	       /* there */
};

/*
 * Open PATH, whatever its format. KD_IO (can not be read), KD_UNSUPPORTED (no
 * format fits: the text says what the file looks like), KD_CORRUPT (headers make
 * no sense), KD_NOMEM. *out is owned by the caller: dump_close().
 */
int dump_open(const char *path, struct dump **out, struct kd_err *err);

/*
 * Open N files as one dump: the parts of a split one, in any order. What is missing is said in
 * remark, and of each page that is not there. Errors as above, and KD_MISMATCH: the files are
 * not of one dump, or one is there twice.
 */
int dump_open_set(const char *const *paths, size_t n, struct dump **out, struct kd_err *err);

/*
 * Open a file that is physical memory from address 0 on, as the second kernel saw it: what
 * /dev/oldmem was, or QEMU's pmemsave. HEADERS is the address of the ELF core headers in it, the
 * second kernel's elfcorehdr=; 0: look for them. The low memory that was moved away for the
 * second kernel is read from where those headers say it was put. Where none are found, all of
 * the file is the machine's memory, and machine is 0. Errors as above, and KD_NOTFOUND: there are
 * no headers at HEADERS.
 */
int dump_open_raw(const char *path, paddr_t headers, struct dump **out, struct kd_err *err);

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

/*
 * LEN bytes of physical memory at PA in place, without a copy: see source_map(). NULL: they have to be
 * read. source_unmap() ends it.
 */
const void *dump_map(const struct dump *d, paddr_t pa, size_t len);

/*
 * The first run of RAM at or after FROM; one that FROM is in the middle of starts there. Runs may
 * touch. false: there is none. For all: for (pa = 0; dump_next_range(d, pa, &r); pa = r.end).
 */
bool dump_next_range(const struct dump *d, paddr_t from, struct dump_range *out);

/*
 * The first run of memory at or after FROM that the dump holds and that may be other than zeros, in
 * the same way. What is passed over holds zeros, or is missing: for looking through all memory.
 */
bool dump_next_data(const struct dump *d, paddr_t from, struct dump_range *out);

/*
 * The first run of memory at or after FROM that the dump should hold, in the same way: what is
 * passed over was left out by a filter, or is no memory.
 */
bool dump_next_held(const struct dump *d, paddr_t from, struct dump_range *out);

/* Counted when asked for: goes over all pages of formats that list them. */
void dump_count(const struct dump *d, struct dump_totals *t);

/* The n-th note of that name and type, or NULL. */
const struct dump_note *dump_find_note(const struct dump *d, const char *name, uint32_t type,
				       size_t n);

#endif
