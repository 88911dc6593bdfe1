/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing a dump, as convert and capture do: open the input, find what is worth most, write
 * it, tell what came of it. One thread but for what job.h starts.
 */
#ifndef KD_UI_WRITE_DUMP_H
#define KD_UI_WRITE_DUMP_H

#include "capture/dest.h"
#include "capture/image.h"
#include "capture/job.h"
#include "capture/recheck.h"
#include "core/page_trace.h"
#include "kernel/kernel.h"
#include "ui/cli.h"
#include "ui/doc.h"

#define WRITE_LEVELS_MAX 8

#define PARTS_MOST 64 /* of a split dump */

struct write_dump {
	const char *command; /* static: "convert" */
	const char *in;
	const char *out; /* where to, for people */
	bool raw;	 /* IN is raw memory, with core headers at: */
	paddr_t elfcorehdr;
	struct job_options job;
	const char *const *parts; /* names of job.parts files; NULL: OUT.1 and so on */
	unsigned levels[WRITE_LEVELS_MAX]; /* the next is taken when one does not fit */
	size_t nlevels;
	uint64_t keep_free; /* bytes of the target */
	bool fit;	    /* what does not fit is left out, and the dump gets its name */
	bool flat, force, quiet, no_progress;
	bool as_image;	  /* memory as it is: */
	struct image_options image;
	const char *vmlinux; /* of IN; NULL: search, if its types are wanted */
	const char *const *debug_dirs; /* where to search for it and modules, too; may be NULL */
	int spool;	     /* IN, if it came through a pipe; else -1 */
	char *spool_path;    /* owned */
	size_t nthreads;     /* in a core of virtual memory */
	bool terminal;	  /* somebody watches stderr */
	bool progressing; /* a line of progress is on it */
	uint64_t told;	  /* ms: when progress was last told */
	int width;	  /* of what was told */

	struct page_trace *trace;
	struct kernel *kernel; /* NULL: the dump alone is known */
	struct dump *dump;     /* the kernel's, or our own */
	struct space space;
	bool has_space, own_dump;
	struct select *select;
	struct value value;
	struct dest dest;
	struct sink sink;
	bool with_manifest; /* write one beside the dump */
	struct sums sums;
	bool with_recheck, rechecked;
	struct recheck recheck;
	struct job_result result;
};

/* Defaults; before anything else. */
void write_dump_init(struct write_dump *w, const char *command);
void write_dump_fini(struct write_dump *w);

/* The options that both commands have: level, compression, format, threads. KD_USAGE. */
int write_dump_args(struct write_dump *w, const struct args *a, struct kd_err *err);

/* A part of that: --format and what goes with it. */
int write_dump_take_format(struct write_dump *w, const struct args *a, struct kd_err *err);

/*
 * makedumpfile's options: those that are none here are answered, KD_USAGE, or passed over with a
 * word of it. Their table, to be put into a command's own, is hidden from help.
 */
int write_dump_makedumpfile(const struct args *a, struct kd_err *err);

#define MAKEDUMPFILE_OPTIONS                                                                       \
	{ 0, "reassemble", NULL, NULL },                                                           \
	{ 'R', "rearrange", NULL, NULL }, { 0, "config", "FILE", NULL },                           \
	{ 0, "eppic", "FILE", NULL }, { 'g', "generate-vmcoreinfo", "FILE", NULL },                \
	{ 'e', "exclude-unused-vm", NULL, NULL }, { 'L', "file-size-limit", "SIZE", NULL },        \
	{ 0, "dry-run", NULL, NULL }, { 0, "mem-usage", NULL, NULL },                              \
	{ 0, "check-params", NULL, NULL }, { 0, "vtop", "ADDRESS", NULL },                         \
	{ 'v', "makedumpfile-version", NULL, NULL }, { 0, "xen-syms", "FILE", NULL },              \
	{ 0, "xen-vmcoreinfo", "FILE", NULL }, { 0, "xen_phys_start", "ADDRESS", NULL },           \
	{ 0, "diskset", "FILE", NULL }, { 'x', "vmlinux-of-kernel", "FILE", NULL },                \
	{ 'i', "vmcoreinfo-of-kernel", "FILE", NULL }, { 0, "cyclic-buffer", "SIZE", NULL },       \
	{ 0, "non-cyclic", NULL, NULL }, { 'b', "block-order", "N", NULL },                        \
	{ 0, "splitblock-size", "SIZE", NULL }, { 0, "work-dir", "DIR", NULL },                    \
	{ 0, "non-mmap", NULL, NULL }, { 'X', "exclude-xen-user-domain", NULL, NULL },             \
	{ 'D', "debug", NULL, NULL }, { 0, "show-stats", NULL, NULL },                             \
	{ 0, "partial-dmesg", NULL, NULL }

/* Open IN. KD_CANCELLED, and errors as dump_open(). */
int write_dump_open(struct write_dump *w, struct kd_err *err);

/* Find what is to be written first. KD_NOMEM, KD_CANCELLED. */
int write_dump_value(struct write_dump *w, struct kd_err *err);

/* Would WHERE, or what it is called until it is whole, overwrite the input? KD_USAGE. */
int write_dump_check_target(const struct write_dump *w, const char *where, struct kd_err *err);

/*
 * Write to dest, which is open, and commit it. KD_NOSPACE: dest has what fitted (under its
 * name, if FIT); otherwise as job_run() and dest_commit().
 */
int write_dump_run(struct write_dump *w, struct kd_err *err);

/*
 * After a run that gave the dump its name, STATUS: its manifest, and a check that it reads as
 * the source does, if they are wanted. KD_MISMATCH: it does not; KD_IO and others: neither could
 * be done. The dump stays.
 */
int write_dump_after(struct write_dump *w, int status, struct kd_err *err);

/*
 * The same to job.parts files, PARTS or OUT.1 and so on, which this opens. result is that of all
 * of them.
 */
int write_dump_split(struct write_dump *w, struct kd_err *err);

/*
 * If IN is "-": standard input, as it is if it is a file, else after writing all of it to a file
 * without a name, beside OUT where that is one. KD_IO, KD_NOSPACE, KD_CANCELLED.
 */
int write_dump_spool(struct write_dump *w, struct kd_err *err);

/* What came of it: a part of the answer of either command. */
void write_dump_answer(const struct write_dump *w, int status, struct doc *d);

/*
 * A part of that: how to use a core of virtual memory. Writes OUT.gdb, gdb's commands to load it
 * with the symbols of its modules, where there are any.
 */
void write_dump_answer_gdb(const struct write_dump *w, struct doc *d);

/* Print an answer, on stderr where standard output is the dump; as JSON where that was asked for. */
void write_dump_print(const struct write_dump *w, const struct args *a, const struct doc *d);

/* The exit code for STATUS, once it is told. Ends by the signal that cancelled it. */
int write_dump_exit(struct write_dump *w, int status, const struct kd_err *err);

/* For job_options: shows progress, and stops at a signal. */
bool write_dump_tick(void *data, const struct job_progress *p);
void write_dump_end_progress(struct write_dump *w);

#endif
