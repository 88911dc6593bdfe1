/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing memory as it is, uncompressed: ELF cores of physical memory, ELF cores of the
 * kernel's virtual memory (for debuggers that know nothing of page tables), raw physical
 * memory.
 *
 * What goes where is decided first: a list of pieces, each some memory and its place in the
 * file. Then headers and notes are written, then the pieces in the order of the file. Pages
 * of zeros are not written: they are holes. An ELF core says that it is incomplete until the
 * end (makedumpfile's bit of e_flags; a stream has an end mark), and a file that was cut off ends where writing did.
 *
 * Memory needed: 4 MB, and 48 bytes for each piece, of which there are IMAGE_PIECES_MAX at most.
 */
#ifndef KD_CAPTURE_IMAGE_H
#define KD_CAPTURE_IMAGE_H

#include "capture/job.h"
#include "capture/note_area.h"
#include "capture/scan.h"

#define IMAGE_PIECES_MAX (1u << 20)
#define IMAGE_UNMAPPED UINT64_MAX /* as a virtual address */

enum image_format { IMAGE_ELF32, IMAGE_ELF64, IMAGE_RAW };

/* SIZE bytes of memory, of which the first STORED are in the file, from OFF on. */
struct image_piece {
	vaddr_t va; /* IMAGE_UNMAPPED: none */
	paddr_t pa;
	uint64_t size, stored, off;
	bool shares; /* another piece has these bytes too, and writes them */
};

struct image_options {
	enum image_format format;
	bool virtual;		/* the kernel's virtual memory, not for IMAGE_RAW */
	const struct kernel *k; /* virtual: whose tasks become threads; NULL: none */
	const struct job_options *job; /* level, tick */
};

/* Pieces, being made: see image_physical() and image_virtual(). */
struct image {
	const struct dump *d;
	const struct space *space; /* NULL: not known */
	const struct image_options *opt;
	struct job_result *out;
	struct sink *sink;
	struct scan *scan; /* owned */
	uint16_t machine; /* EM_*; 0: not known */
	unsigned page_shift;
	struct scan_holes holes; /* unless some of the input is lost: then these are no zeros */
	uint64_t begun, told; /* ms */

	struct image_piece *pieces; /* owned; in the order of the file but for those that share */
	size_t npieces, room;
	size_t nlinear; /* virtual: the first ones are of the linear map, by address */
	struct image_piece *lost; /* owned: parts of the file that could not be read */
	size_t nlost, lost_room;
	size_t nthreads;
	uint64_t size; /* of the file: where the next piece goes */
	uint64_t phnum, shoff; /* ELF: of the headers as they were written first */
};

/*
 * Write D to SINK. *out is filled on failure too. Errors: KD_NOSPACE, KD_CANCELLED, KD_IO,
 * KD_NOMEM; KD_UNSUPPORTED: this memory does not go into that format, and why.
 * *nthreads: tasks with registers, if virtual.
 */
int image_run(const struct dump *d, const struct space *space, const struct select *select,
	      struct sink *sink, const struct image_options *opt, struct job_result *out,
	      size_t *nthreads, struct kd_err *err);

/* For its parts ------------------------------------------------------------------------ */

/* A piece behind the others, in the file too, unless it shares. KD_UNSUPPORTED: too many. */
int image_add(struct image *im, struct image_piece p, struct kd_err *err);
/* One whose place is known. KD_NOMEM. */
int image_push(struct image *im, const struct image_piece *p, struct kd_err *err);
/* Tell progress. KD_CANCELLED. */
int image_tick(struct image *im, const char *what, uint64_t done, uint64_t total,
	       struct kd_err *err);

/* A run of memory: all wanted, or none of it. FIRM: what is not wanted must not be read either. */
struct image_run {
	paddr_t start, end;
	bool wanted, firm;
};

/* Call EACH for the runs of RAM in [start, end), in order, until it returns other than 0. */
int image_walk(struct image *im, paddr_t start, paddr_t end,
	       int (*each)(void *data, const struct image_run *r, struct kd_err *err), void *data,
	       struct kd_err *err);

/* Make the pieces: of physical memory (image_physical.c), of the kernel's (image_virtual.c). */
int image_physical(struct image *im, struct kd_err *err);
int image_virtual(struct image *im, struct kd_err *err);

/*
 * Virtual: a note about what the file has of physical memory, for kdview to read it again: see
 * core/elf_core.c.
 */
int image_own_note(struct image *im, struct note_area *n, struct kd_err *err);

/*
 * Headers and notes (image_elf.c): decide where pieces go, and write what is in front of them;
 * the core is incomplete.
 */
int image_elf_begin(struct image *im, struct kd_err *err);
/* All is written: what was lost is taken out of the headers, which then say "complete". */
int image_elf_finish(struct image *im, struct kd_err *err);
/* A 64-bit program header of a piece at P, which has IMAGE_PHDR64 bytes. */
#define IMAGE_PHDR64 56
void image_put_phdr64(uint8_t *p, const struct image_piece *piece);

/*
 * Notes of our own in cores of virtual memory. Debuggers look at types before names: these are
 * nobody else's.
 */
#define IMAGE_NOTE_NAME "KDVIEW"
#define IMAGE_NOTE_MEMORY 0x4b440001 /* 64-bit program headers of physical memory */
#define IMAGE_NOTE_NOTES 0x4b440002  /* the dump's own notes */

#endif
