// SPDX-License-Identifier: GPL-3.0-or-later
/* Writing a dump: see write_dump.h. */
#include "ui/write_dump.h"

#include <ctype.h>
#include <inttypes.h>
#include <malloc.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/manifest.h"
#include "capture/spare.h"
#include "core/source.h"
#include "ui/looks.h"
#include "ui/output.h"
#include "ui/signals.h"

#define WORKERS_MOST 32
/* To look at a kernel a second time takes what it took the first time, and to unwind in both. */
#define RECHECK_SPARE (UINT64_C(48) << 20)

void write_dump_init(struct write_dump *w, const char *command)
{
	*w = (struct write_dump){
		.command = command,
		.terminal = isatty(STDERR_FILENO),
		.nlevels = 1,
		.dest = { .fd = -1 },
		.spool = -1,
	};
	w->job.tick = write_dump_tick;
	w->job.data = w;
}

void write_dump_fini(struct write_dump *w)
{
	dest_close(&w->dest, true);
	sums_fini(&w->sums);
	job_result_fini(&w->result);
	value_fini(&w->value);
	select_close(w->select);
	if (w->own_dump)
		dump_close(w->dump);
	kernel_close(w->kernel);
	page_trace_free(w->trace);
	closep(&w->spool);
	free(w->spool_path);
}

/* Arguments ------------------------------------------------------------------------------ */

/* "31", or "1,17,31": the next one when there is no space for the one before. */
static int take_levels(struct write_dump *w, const struct args *a, struct kd_err *err)
{
	const char *text = args_value(a, "dump-level");

	if (!text)
		return 0;
	w->nlevels = 0;
	while (w->nlevels < WRITE_LEVELS_MAX) {
		size_t len = strcspn(text, ",");
		char word[8];
		uint64_t level;

		snprintf(word, sizeof(word), "%.*s", (int)kd_min(len, sizeof(word) - 1), text);
		if (!parse_number(word, &level) || level > LEVEL_ALL)
			return kd_fail(err, KD_USAGE, "option --dump-level: \"%s\" is no number from 0 "
						      "to %u", word, LEVEL_ALL);
		w->levels[w->nlevels++] = (unsigned)level;
		if (!text[len])
			return 0;
		text += len + 1;
	}
	return kd_fail(err, KD_USAGE, "option --dump-level: at most %u of them", WRITE_LEVELS_MAX);
}

/* makedumpfile's letters for compressors are known too. */
static int take_method(struct write_dump *w, const struct args *a, struct kd_err *err)
{
	static const struct {
		const char *option;
		enum page_compression how;
	} letters[] = {
		{ "zlib", PAGE_ZLIB }, { "lzo", PAGE_LZO }, { "snappy", PAGE_SNAPPY },
		{ "zstd", PAGE_ZSTD },
	};
	const char *named = args_value(a, "compress");

	w->job.method = (struct compress_method){ .how = PAGE_ZSTD };
	for (size_t i = 0; i < KD_ARRAY_SIZE(letters); i++)
		if (args_has(a, letters[i].option))
			w->job.method = (struct compress_method){ .how = letters[i].how };
	return named ? compress_method_parse(named, &w->job.method, err) : 0;
}

int write_dump_args(struct write_dump *w, const struct args *a, struct kd_err *err)
{
	uint64_t workers = 0;
	int ret;

	w->force = args_has(a, "force");
	w->quiet = args_has(a, "quiet");
	ret = take_levels(w, a, err);
	if (!ret)
		ret = take_method(w, a, err);
	if (!ret)
		ret = write_dump_take_format(w, a, err);
	if (!ret)
		ret = args_number(a, "jobs", WORKERS_MOST, &workers, err);
	w->job.workers = (unsigned)workers;
	return ret;
}

/* The input --------------------------------------------------------------------------------- */

/* A dump that says too little of itself is written all the same. */
static int open_dump(struct write_dump *w, struct kd_err *err)
{
	const struct arch *const archs[] = { &arch_x86_64, &arch_i386 };
	const char *path = w->spool_path ? w->spool_path : w->in;
	int ret = w->raw ? dump_open_raw(path, w->elfcorehdr, &w->dump, err)
			 : dump_open(path, &w->dump, err);

	if (ret)
		return ret;
	w->own_dump = true;
	for (size_t i = 0; i < w->dump->nfiles; i++)
		source_be_careful(w->dump->files[i]);
	for (size_t i = 0; i < KD_ARRAY_SIZE(archs) && !w->has_space; i++)
		if (archs[i]->machine == w->dump->machine)
			w->has_space = !space_init_kernel(&w->space, archs[i], w->dump, NULL);
	return 0;
}

/*
 * Physical memory as it is wants nothing of the kernel but what page tables and VMCOREINFO tell
 * about its pages. Where these do not say it at once, false: all there is will be asked.
 */
static bool open_quickly(struct write_dump *w)
{
	if (!w->as_image || w->image.virtual || w->with_recheck)
		return false;
	if (!open_dump(w, NULL) && w->has_space)
		return true;
	dump_close(w->dump);
	w->dump = NULL;
	w->own_dump = false;
	return false;
}

/* Where standard input was kept is not what the user calls it. */
static void name_input(const struct write_dump *w, struct kd_err *err)
{
	size_t len = w->spool_path ? strlen(w->spool_path) : 0;
	char *at = err && len ? strstr(err->text, w->spool_path) : NULL;
	struct kd_err was;

	if (!at || isalnum((uint8_t)at[len]))
		return;
	was = *err;
	snprintf(at, sizeof(err->text) - (size_t)(at - err->text), "standard input%s",
		 was.text + (at - err->text) + len);
}

/* Raw memory looks like nothing: how to say that it is that. */
static void tell_of_raw(const struct write_dump *w, struct kd_err *err)
{
	struct kd_err was;

	if (!err || err->status != KD_UNSUPPORTED || w->raw ||
	    !file_may_be_memory(w->spool_path ? w->spool_path : w->in))
		return;
	was = *err;
	kd_fail(err, was.status, "%s; if it is raw memory, %s", was.text,
		strcmp(w->command, "capture") ? "--elfcorehdr 0 reads it"
					      : "it is to be named with --raw-source");
}

static int open_input(struct write_dump *w, struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	struct kernel_options ko = {
		.dump_path = w->spool_path ? w->spool_path : w->in,
		.raw = w->raw,
		.elfcorehdr = w->elfcorehdr,
		/* Threads are tasks: without types, those running on CPUs. */
		.vmlinux_path = w->vmlinux,
		.debug_dirs = w->debug_dirs,
		.alone = !w->image.virtual,
		.careful = true,
	};
	int ret;

	if (open_quickly(w))
		return 0;
	ret = page_trace_new(12, &w->trace, err);
	if (ret)
		return ret;
	ko.trace = w->trace;
	if (!kernel_open(&ko, &w->kernel, &why)) {
		w->dump = w->kernel->dump;
		w->space = w->kernel->space;
		w->has_space = true;
		w->image.k = w->kernel;
		return 0;
	}
	name_input(w, &why);
	if (w->vmlinux)
		return kd_fail(err, why.status, "%s", why.text);
	ret = open_dump(w, err);
	if (!ret && w->as_image)
		complain("%s: little is known of its kernel: %s", w->in, why.text);
	else if (!ret)
		complain("%s: what is worth most is not known, pages are written in their order: %s",
			 w->in, why.text);
	return ret;
}

int write_dump_open(struct write_dump *w, struct kd_err *err)
{
	int ret = open_input(w, err);

	if (ret && !w->dump) {
		tell_of_raw(w, err);
		name_input(w, err);
	}
	return ret;
}

int write_dump_value(struct write_dump *w, struct kd_err *err)
{
	int ret = w->kernel && !w->as_image ? value_find(w->kernel, w->trace, &w->value, err) : 0;

	/* What is read from now on is everything. */
	w->dump->trace = NULL;
	page_trace_free(w->trace);
	w->trace = NULL;
	malloc_trim(0);
	return ret;
}

/* Is PATH one of the files that are read? */
static bool is_input(const struct write_dump *w, const char *path)
{
	struct stat ours, theirs;

	if (stat(path, &ours))
		return false;
	for (size_t i = 0; i < w->dump->nfiles; i++)
		if (!fstat(w->dump->files[i]->fd, &theirs) && ours.st_dev == theirs.st_dev &&
		    ours.st_ino == theirs.st_ino)
			return true;
	return false;
}

int write_dump_check_target(const struct write_dump *w, const char *where, struct kd_err *err)
{
	_cleanup_(freep) char *incomplete = NULL;

	if (asprintf(&incomplete, "%s-incomplete", where) < 0) {
		incomplete = NULL;
		return kd_nomem(err);
	}
	if (is_input(w, where))
		return kd_fail(err, KD_USAGE, "%s is the input", where);
	if (is_input(w, incomplete))
		return kd_fail(err, KD_USAGE, "%s is the input, and %s would be written there first",
			       incomplete, where);
	return 0;
}

/* The output ---------------------------------------------------------------------------------- */

static int write_once(struct write_dump *w, unsigned level, struct kd_err *err)
{
	uint64_t space = dest_space(&w->dest);
	int ret;

	/* What the input was made without is left out of the output as well. */
	w->job.level = level;
	if (w->dump->dump_level > 0)
		w->job.level |= (unsigned)w->dump->dump_level & LEVEL_ALL;
	sums_fini(&w->sums);
	job_result_fini(&w->result);
	select_close(w->select);
	w->select = NULL;
	ret = select_open(w->dump, w->has_space ? &w->space : NULL, level, &w->select, err);
	if (!ret)
		ret = sink_init(&w->sink, w->dest.fd, w->flat,
				w->with_manifest ? &w->sums : NULL, err);
	if (ret)
		return ret;
	if (w->keep_free && space != UINT64_MAX)
		w->sink.limit = space > w->keep_free ? space - w->keep_free : 1;
	ret = w->as_image ? image_run(w->dump, w->has_space ? &w->space : NULL, w->select,
				      &w->sink, &w->image, &w->result, &w->nthreads, err)
			  : job_run(w->dump, w->has_space ? &w->space : NULL, &w->value, w->select,
				    &w->sink, &w->job, &w->result, err);
	write_dump_end_progress(w);
	return ret;
}

int write_dump_run(struct write_dump *w, struct kd_err *err)
{
	int ret = KD_NOSPACE, committed;

	w->flat |= w->dest.stream;
	/* A hole of a file is zeros; a hole of a device is what was there before. */
	if (w->as_image && w->dest.kind == DEST_DEVICE)
		return kd_fail(err, KD_UNSUPPORTED, "a device takes --format kdump or flat only");
	for (size_t i = 0; i < w->nlevels; i++) {
		ret = write_once(w, w->levels[i], err);
		if (ret != KD_NOSPACE || i + 1 == w->nlevels || w->dest.stream)
			break;
		complain("there is no space for dump level %u: now level %u", w->levels[i],
			 w->levels[i + 1]);
		ret = dest_rewind(&w->dest, err);
		if (ret)
			return ret;
	}
	if (ret && !(ret == KD_NOSPACE && w->fit))
		return ret;
	committed = dest_commit(&w->dest, ret ? NULL : err);
	return ret ? ret : committed;
}

/* The rest ------------------------------------------------------------------------------------- */

static bool go_on(void *data)
{
	(void)data;
	return !signals_pending();
}

/* Of those that have a manifest. */
static const char *format_name(const struct write_dump *w)
{
	if (w->flat)
		return "flattened";
	if (!w->as_image)
		return "kdump";
	return w->image.format == IMAGE_RAW ? "raw" : "elf64";
}

static int put_manifest(struct write_dump *w, bool complete, struct kd_err *err)
{
	_cleanup_(freep) char *path = manifest_path(w->out), *text = NULL;
	const char *slash = strrchr(w->out, '/');
	struct manifest_facts f = {
		.file = slash ? slash + 1 : w->out,
		.format = format_name(w),
		.kernel = w->kernel,
		.select = w->select,
		.job = &w->job,
		.result = &w->result,
		.sums = &w->sums,
		.complete = complete,
	};
	int ret = sums_finish(&w->sums, w->dest.fd, go_on, NULL, err);

	if (ret)
		return ret;
	if (!path)
		return kd_nomem(err);
	ret = manifest_text(&f, &text, err);
	if (ret || !text)
		return ret;
	if (w->dest.kind == DEST_SSH)
		return dest_put_remote(w->dest.program, path, text, strlen(text), err);
	/* The dump is there: one that is left of another dump must not stand beside it. */
	return dest_put(path, true, text, strlen(text), err);
}

int write_dump_after(struct write_dump *w, int status, struct kd_err *err)
{
	bool named = (w->dest.kind == DEST_FILE && !w->dest.incomplete) ||
		     w->dest.kind == DEST_DEVICE;
	int ret = 0;

	if ((status && status != KD_NOSPACE) || w->dest.kind == DEST_STREAM)
		return 0;
	if (w->with_manifest && !w->dest.incomplete && w->dest.kind != DEST_DEVICE)
		ret = put_manifest(w, !status, err);
	if (ret)
		return kd_context(err, ret, "the manifest");
	if (!w->with_recheck || !named || !w->kernel || status)
		return 0;
	if (spare_memory() < RECHECK_SPARE) {
		complain("%s is not opened again, to see that it reads as the source: memory is short",
			 w->dest.path);
		return 0;
	}
	ret = recheck_run(w->kernel, w->dest.path, &w->recheck, err);
	if (ret)
		return kd_context(err, ret, "what was written does not open");
	w->rechecked = true;
	return recheck_passed(&w->recheck)
		       ? 0
		       : kd_fail(err, KD_MISMATCH,
				 "what was written does not read as the source does: see its check");
}

int write_dump_exit(struct write_dump *w, int status, const struct kd_err *err)
{
	struct kd_err named = *err;
	int code;

	if (!status)
		return CLI_OK;
	name_input(w, &named);
	code = cli_complain(w->command, status, &named);
	if (status == KD_CANCELLED && signals_pending()) {
		/* What is written so far is put on the disk. */
		dest_close(&w->dest, true);
		signals_die(signals_pending());
	}
	if (status == KD_NOSPACE)
		return CLI_INCOMPLETE;
	return status != KD_USAGE && !w->dump ? CLI_DUMP : code;
}
