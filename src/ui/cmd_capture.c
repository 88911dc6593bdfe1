// SPDX-License-Identifier: GPL-3.0-or-later
/* capture: what a second kernel runs to save the first one's memory. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "capture/log_text.h"
#include "core/utc.h"
#include "core/vmcoreinfo.h"
#include "kernel/info.h"
#include "ui/commands.h"
#include "ui/output.h"
#include "ui/write_dump.h"

#define SOURCE "/proc/vmcore"
#define PROGRESS_BIT 1 /* of makedumpfile's --message-level */

struct capture {
	struct write_dump w;
	const char *where;   /* DEST, as it was typed */
	const char *program; /* ssh's; NULL: "ssh" */
	char *target;	     /* owned: of the dump, in a dated folder or not */
	char *log_target;    /* owned: of the log's text; NULL: not wanted */
	unsigned nparts;     /* of --split; 0: it is one file */
	bool only_log;
};

/* Arguments ------------------------------------------------------------------------------ */

/* "512M": a number of bytes. */
static int take_size(const struct args *a, const char *name, uint64_t *out, struct kd_err *err)
{
	static const char units[] = "KMGT";
	const char *text = args_value(a, name), *unit;
	char word[32];
	size_t len;

	if (!text)
		return 0;
	len = strlen(text);
	unit = len ? strchr(units, toupper((uint8_t)text[len - 1])) : NULL;
	snprintf(word, sizeof(word), "%.*s", (int)kd_min(unit ? len - 1 : len, sizeof(word) - 1),
		 text);
	if (!parse_number(word, out) ||
	    (unit && *out > UINT64_MAX >> 10 * (unsigned)(unit - units + 1)))
		return kd_fail(err, KD_USAGE, "option --%s wants a size, as 512M, not \"%s\"", name,
			       text);
	if (unit)
		*out <<= 10 * (unsigned)(unit - units + 1);
	return 0;
}

/* --split [SOURCE] DEST DEST...: as makedumpfile has it, so the source is always named. */
static int take_parts(struct capture *c, const struct args *a, const char *raw, struct kd_err *err)
{
	size_t first = raw ? 0 : 1, n = a->nwords > first ? a->nwords - first : 0;

	if (n < 2 || n > PARTS_MOST)
		return kd_fail(err, KD_USAGE,
			       "--split wants the source and 2 to %u files: kdview capture "
			       "--split %s DEST DEST",
			       PARTS_MOST, SOURCE);
	if (args_has(a, "dmesg") || args_has(a, "dump-dmesg"))
		return kd_fail(err, KD_USAGE,
			       "--split: the log goes to a file of its own: \"kdview "
			       "capture --dump-dmesg %s LOG\"",
			       raw ? raw : a->words[0]);
	c->w.in = raw ? raw : a->words[0];
	c->w.raw = raw != NULL;
	c->w.parts = (const char *const *)a->words + first;
	c->w.out = c->where = c->w.parts[0];
	c->nparts = (unsigned)n;
	return args_address(a, "elfcorehdr", &c->w.elfcorehdr, err);
}

static int take_source(struct capture *c, const struct args *a, struct kd_err *err)
{
	const char *raw = args_value(a, "raw-source");

	if (args_has(a, "split"))
		return take_parts(c, a, raw, err);
	if (!a->nwords || a->nwords > 2)
		return kd_fail(err, KD_USAGE,
			       "it wants where to write the dump: kdview capture "
			       "[SOURCE] DEST");
	if (raw && a->nwords == 2)
		return kd_fail(err, KD_USAGE, "two sources: %s and %s", raw, a->words[0]);
	c->where = a->words[a->nwords - 1];
	c->w.in = raw ? raw : a->nwords == 2 ? a->words[0] : SOURCE;
	c->w.out = c->where;
	c->w.raw = raw != NULL;
	if (args_has(a, "elfcorehdr") && !raw)
		return kd_fail(err, KD_USAGE, "--elfcorehdr goes with --raw-source");
	return args_address(a, "elfcorehdr", &c->w.elfcorehdr, err);
}

static int take_args(struct capture *c, const struct args *a, struct kd_err *err)
{
	uint64_t threads = 0, messages = PROGRESS_BIT;
	int ret = take_source(c, a, err);

	c->program = args_value(a, "ssh") ? args_value(a, "ssh") : getenv("KDVIEW_SSH");
	c->only_log = args_has(a, "dump-dmesg");
	c->w.fit = args_has(a, "fit");
	c->w.with_manifest = true;
	c->w.with_recheck = !args_has(a, "no-check");
	c->w.levels[0] = LEVEL_ALL;
	if (!ret)
		ret = write_dump_makedumpfile(a, err);
	if (!ret)
		ret = write_dump_args(&c->w, a, err);
	/* One that is cut off would be many that are. */
	if (!ret && c->w.job.parts)
		ret = kd_fail(err, KD_USAGE,
			      "capture writes one file, which \"kdview convert --format "
			      "split=%u DUMP PARTS\" splits",
			      c->w.job.parts);
	if (!ret && c->nparts && (c->w.as_image || c->w.flat))
		ret = kd_fail(err, KD_USAGE, "--split: parts are files of --format kdump");
	if (c->nparts) {
		c->w.job.parts = c->nparts;
		c->w.with_manifest = c->w.with_recheck = false;
	}
	if (!ret && c->w.as_image && c->w.image.virtual)
		ret = kd_fail(err, KD_USAGE,
			      "--format elf32 is made of a dump that there is: \"kdview "
			      "convert --format elf32 DUMP OUT\"");
	/* Nothing in it says what it is. */
	if (c->w.as_image && c->w.image.format == IMAGE_RAW)
		c->w.with_recheck = false;
	if (!ret)
		ret = take_size(a, "free-keep", &c->w.keep_free, err);
	if (!ret)
		ret = args_number(a, "num-threads", 1024, &threads, err);
	if (!ret)
		ret = args_number(a, "message-level", 31, &messages, err);
	if (threads && !c->w.job.workers)
		c->w.job.workers = (unsigned)kd_min(threads, 32);
	c->w.no_progress = !(messages & PROGRESS_BIT);
	return ret;
}

/* Where to ---------------------------------------------------------------------------------- */

/* What the dump says of itself, where its kernel could not be opened. */
static void info_of_dump(const struct dump *d, struct info *out)
{
	const char *release = d->vmcoreinfo ? vmcoreinfo_get(d->vmcoreinfo, "OSRELEASE") : NULL;
	const char *when = d->vmcoreinfo ? vmcoreinfo_get(d->vmcoreinfo, "CRASHTIME") : NULL;
	uint64_t sec;

	if (release)
		snprintf(out->release, sizeof(out->release), "%s", release);
	out->has_crash_time = when && parse_number(when, &sec) && sec <= INT64_MAX;
	if (out->has_crash_time)
		out->crash_time = (int64_t)sec;
}

/*
 * HOST-YYYY-MM-DD-HHMMSS (UTC): of the crash, as far as the dump tells, else of now. A host
 * without a name ("(none)") is called by its kernel.
 */
static void dated_name(const struct capture *c, char *buf, size_t size)
{
	struct info info = { 0 };
	const char *name = "unknown";
	int64_t when = time(NULL);
	char date[UTC_TEXT];
	size_t n;

	if (c->w.kernel)
		info_read(c->w.kernel, NULL, &info);
	else
		info_of_dump(c->w.dump, &info);
	if (info.has_crash_time)
		when = info.crash_time;
	if (isalnum((uint8_t)info.release[0]))
		name = info.release;
	if (isalnum((uint8_t)info.nodename[0]))
		name = info.nodename;
	n = (size_t)snprintf(buf, size, "%s", name);
	/* From the dump: it must be a name of a file, on vfat too. */
	for (size_t i = 0; i < n; i++)
		if (!isalnum((uint8_t)buf[i]) && !strchr("-_.+", buf[i]))
			buf[i] = '_';
	if (utc_format(when, UTC_NAME, date))
		snprintf(buf + n, size - n, "-%s", date);
	info_fini(&info);
}

/* DEST is a folder: of its own for this dump, with FILE in it. */
static int in_folder(struct capture *c, const char *file, struct kd_err *err)
{
	char name[INFO_UTS + 32];
	_cleanup_(freep) char *folder = NULL;
	struct stat st;
	int n, ret;

	dated_name(c, name, sizeof(name));
	if (dest_is_remote(c->where)) {
		n = asprintf(&c->target, "%s%s/%s", c->where, name, file);
	} else {
		/* Its parents are there or are not: a disk that is not mounted is no target. */
		if (stat(c->where, &st) && mkdir(c->where, 0700))
			return kd_fail(err, KD_IO, "%s: cannot create", c->where);
		ret = dest_folder(c->where, name, &folder, err);
		if (ret)
			return ret;
		n = asprintf(&c->target, "%s/%s", folder, file);
	}
	if (n < 0) {
		c->target = NULL;
		return kd_nomem(err);
	}
	return 0;
}

/* *folder: DEST is one. */
static int name_target(struct capture *c, const char *file, bool *folder, struct kd_err *err)
{
	size_t len = strlen(c->where);
	struct stat st;

	*folder = len && c->where[len - 1] == '/';
	if (!dest_is_remote(c->where) && !stat(c->where, &st) && S_ISDIR(st.st_mode))
		*folder = true;
	if (*folder)
		return in_folder(c, file, err);
	c->target = strdup(c->where);
	return c->target ? 0 : kd_nomem(err);
}

static int find_target(struct capture *c, bool want_log, struct kd_err *err)
{
	struct stat st;
	bool folder;
	int ret = name_target(c, "vmcore", &folder, err);

	if (ret)
		return ret;
	c->w.out = c->target;
	if (!folder && !want_log)
		return 0;
	if (!strcmp(c->target, "-") || (!folder && !stat(c->target, &st) && S_ISBLK(st.st_mode)))
		return kd_fail(err, KD_USAGE, "--dmesg: %s has no place for a second file",
			       c->where);
	if (asprintf(&c->log_target, "%s-dmesg.txt", c->target) < 0) {
		c->log_target = NULL;
		return kd_nomem(err);
	}
	return 0;
}

/* The log ------------------------------------------------------------------------------------- */

static int put_log(const struct capture *c, const char *where, struct kd_err *err)
{
	_cleanup_(freep) char *text = NULL;
	size_t len = 0;
	int ret;

	if (!c->w.kernel)
		return kd_fail(err, KD_NOTFOUND, "the dump does not tell where its log is");
	ret = log_text(c->w.kernel, &text, &len, err);
	if (ret || !text)
		return ret;
	if (dest_is_remote(where))
		return dest_put_remote(c->program, where, text, len, err);
	if (strcmp(where, "-"))
		return dest_put(where, c->w.force, text, len, err);
	fwrite(text, 1, len, stdout);
	return 0;
}

/* First of all: if nothing else can be saved, this may be. */
static void save_log(const struct capture *c)
{
	struct kd_err err = KD_ERR_INIT;

	if (c->log_target && put_log(c, c->log_target, &err))
		complain("the kernel log is not saved as text: %s", err.text);
}

static int only_log(struct capture *c, struct kd_err *err)
{
	bool folder;
	int ret = name_target(c, "vmcore-dmesg.txt", &folder, err);

	return ret ? ret : put_log(c, c->target, err);
}

/* All together ----------------------------------------------------------------------------------
 */

static int open_target(struct capture *c, struct kd_err *err)
{
	if (dest_is_remote(c->target))
		return dest_open_remote(c->program, c->target, &c->w.dest, err);
	return dest_open(c->target, c->w.force, &c->w.dest, err);
}

static int write_it(struct capture *c, const struct args *a, struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	struct doc d;
	int ret = c->nparts ? write_dump_split(&c->w, err) : write_dump_run(&c->w, err);
	int after = write_dump_after(&c->w, ret, &why);

	doc_init(&d, NULL);
	write_dump_answer(&c->w, ret, &d);
	write_dump_print(&c->w, a, &d);
	doc_fini(&d);
	if (ret && c->w.dest.incomplete)
		kd_context(err, ret, "%s is what could be written", c->w.dest.incomplete);
	if (after && !ret)
		*err = why;
	else if (after)
		complain("%s", why.text);
	return ret ? ret : after;
}

static int capture(struct capture *c, const struct args *a, struct kd_err *err)
{
	int ret = take_args(c, a, err);

	if (!ret)
		ret = write_dump_open(&c->w, err);
	if (ret)
		return ret;
	if (c->only_log)
		return only_log(c, err);
	if (!dest_is_remote(c->where))
		ret = write_dump_check_target(&c->w, c->where, err);
	if (!ret && !c->nparts)
		ret = find_target(c, args_has(a, "dmesg"), err);
	if (ret)
		return ret;
	save_log(c);
	ret = write_dump_value(&c->w, err);
	if (!ret && !c->nparts)
		ret = open_target(c, err);
	return ret ? ret : write_it(c, a, err);
}

int capture_main(const struct cli *cli)
{
	struct kd_err err = KD_ERR_INIT;
	struct capture c = { 0 };
	int ret;

	write_dump_init(&c.w, "capture");
	c.w.debug_dirs = cli->debug_dirs;
	ret = capture(&c, &cli->args, &err);
	ret = write_dump_exit(&c.w, ret, &err);
	write_dump_fini(&c.w);
	free(c.target);
	free(c.log_target);
	return ret;
}

static const struct opt_def options[] = {
	{ 'd', "dump-level", "N[,N]",
	  "leave out: 1 zeros, 2 and 4 page cache, 8 processes, 16 free (31, all of them); the "
	  "next N if it does not fit" },
	{ 0, "compress", "HOW",
	  "zstd (default), lzo, zlib, snappy or none; zstd:LEVEL, zlib:LEVEL" },
	{ 'c', "zlib", NULL, "--compress zlib" },
	{ 'l', "lzo", NULL, "--compress lzo" },
	{ 'p', "snappy", NULL, "--compress snappy" },
	{ 'z', "zstd", NULL, "--compress zstd" },
	{ 0, "format", "FORMAT", "kdump (default), flat, elf64 or raw: see convert" },
	{ 'E', "elf", NULL, "--format elf64" },
	{ 'F', "flattened", NULL, "a flattened stream, as for \"-\" and ssh" },
	{ 0, "split", NULL, "several files, of as many pages each: SOURCE DEST DEST..." },
	{ 0, "dmesg", NULL, "first save the kernel log as text, as DEST-dmesg.txt" },
	{ 0, "dump-dmesg", NULL, "save the log as text, and nothing else" },
	{ 0, "free-keep", "SIZE", "leave SIZE of the target free: 512M" },
	{ 0, "fit", NULL, "if not all fits, keep what is worth most under its name" },
	{ 0, "raw-source", "FILE", "the source is raw memory, as /dev/oldmem was" },
	{ 0, "elfcorehdr", "ADDRESS", "of its ELF core headers (they are searched)" },
	{ 0, "ssh", "PROGRAM", "instead of ssh; KDVIEW_SSH in the environment does the same" },
	{ 0, "no-check", NULL, "do not open what was written, to see that it reads as the source" },
	{ 'j', "jobs", "N", "threads that compress (as many as there are CPUs)" },
	{ 0, "num-threads", "N", "the same" },
	{ 0, "message-level", "N", "without bit 1: no progress" },
	{ 'f', "force", NULL, "replace the output if it is there" },
	{ 'q', "quiet", NULL, "no progress, no summary" },
	{ 0, "json", NULL, "the summary as JSON" },
	{ 'h', "help", NULL, "this help" },
	MAKEDUMPFILE_OPTIONS,
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "capture /var/crash", "/proc/vmcore, into a dated folder there" },
	{ "capture --dmesg /mnt/vmcore", "into a file, the log beside it" },
	{ "capture ssh:root@host:/var/crash/", "to another host" },
	{ "capture -l -d 31 /dev/sdb2", "to a block device" },
	{ "capture --split -l -d 31 /proc/vmcore /a/core /b/core",
	  "half of it onto each of two disks" },
	{ "capture --fit --free-keep 1G /var/crash", "what fits, and 1 GiB stays free" },
	{ NULL, NULL },
};

const struct command cmd_capture = {
	.name = "capture",
	.group = "dumps",
	.synopsis = "[SOURCE] DEST",
	.summary = "save a crashed kernel's memory, the most valuable first",
	.help = "What a second kernel runs: SOURCE is /proc/vmcore unless it is named. DEST is\n"
		"  a file: it is DEST-incomplete until all of it is on the disk;\n"
		"  a folder: HOST-DATE in it gets vmcore, vmcore.json, vmcore-dmesg.txt;\n"
		"  a block device that nothing uses: the dump is written in place, and can be\n"
		"    opened there, or copied off by \"kdview convert /dev/sdX FILE\";\n"
		"  ssh:[USER@]HOST:PATH: a flattened stream through ssh, in batch mode, into\n"
		"    PATH-incomplete, which gets its name once it is whole and on the disk; a "
		"PATH\n"
		"    that ends with / is a folder, as above; a host that does not answer for a\n"
		"    minute is given up;\n"
		"  \"-\": a flattened stream to standard output.\n"
		"The log, the crashed task, stacks, tasks and the kernel are written first, so "
		"that\n"
		"a dump that was cut off or did not fit still tells most. A page that cannot be "
		"read\n"
		"costs that page: it is counted and listed. Stopped by a signal, DEST-incomplete\n"
		"stays. Only --format kdump and flat have an order: of others that did not fit, "
		"what\n"
		"is there ends where space did. Options of makedumpfile that are here mean the\n"
		"same; of its others those that change nothing here are passed over, and for the\n"
		"rest it is said what does it.\n"
		"DEST.json is the manifest: which crash that is, what is in the dump, what was "
		"left\n"
		"out or lost, and checksums that \"kdview verify DEST\" checks. Then the dump is\n"
		"opened: if log, tasks, stacks, modules or the kernel do not read as in the "
		"source,\n"
		"that is said, the exit status is 1, and the dump stays. Parts (--split) have "
		"neither\n"
		"manifest nor check; all of them together are the dump.\n"
		"\n"
		"Exit status: 1 failed, 2 wrong usage, 3 the source can not be used, 4 no space "
		"was\n"
		"left, and DEST-incomplete (with --fit: DEST) has what is worth most.",
	.options = options,
	.examples = examples,
	.min = 1,
	.max = 1 + PARTS_MOST,
	.flags = CMD_SHELL | CMD_NO_DUMP | CMD_OWN_FILES,
};
