// SPDX-License-Identifier: GPL-3.0-or-later
/* verify: is a dump what was written once? */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/manifest.h"
#include "core/dump.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/print_doc.h"
#include "ui/signals.h"

#define READ_LEN (UINT64_C(1) << 20)
#define LISTED 100

struct verify {
	const char *path;
	bool has_manifest;
	struct manifest manifest;
	uint64_t size; /* of the file now */
	uint64_t bad;  /* blocks that differ; without a manifest: bytes that make no sense */
	uint64_t lost; /* bytes that should be there; only without a manifest */
	uint64_t read; /* bytes of memory; the same */
	bool incomplete;
};

static const struct doc_column columns[] = {
	{ .key = "block", .title = "BLOCK", .flags = DOC_RIGHT },
	{ .key = "from", .title = "FROM BYTE", .flags = DOC_RIGHT },
	{ .key = "to", .title = "TO", .flags = DOC_RIGHT },
	{ .key = "how", .title = "HOW" },
};

static void put_block(struct verify *v, struct doc *d, uint64_t block, uint64_t off, uint64_t len,
		      const char *how)
{
	if (!v->bad++)
		doc_table(d, "damaged", DOC_ALIGNED, columns, KD_ARRAY_SIZE(columns));
	if (v->bad > LISTED)
		return;
	doc_put(d, doc_uint(block));
	doc_put(d, doc_uint(off));
	doc_put(d, doc_uint(off + len - 1));
	doc_put(d, doc_str(how));
}

static int check_blocks(struct verify *v, int fd, struct doc *d, struct kd_err *err)
{
	const struct manifest *m = &v->manifest;

	for (size_t i = 0; i < m->n; i++) {
		uint64_t off = i * m->block, len = kd_min(m->block, m->size - off), sum;

		if (signals_pending())
			return kd_fail(err, KD_CANCELLED, "cancelled");
		if (off + len > v->size)
			put_block(v, d, i, off, len, off >= v->size ? "missing" : "cut off");
		else if (sums_read(fd, off, len, &sum, NULL))
			put_block(v, d, i, off, len, "cannot be read");
		else if (sum != m->sums[i])
			put_block(v, d, i, off, len, "differs");
	}
	return 0;
}

static int by_manifest(struct verify *v, struct doc *d, struct kd_err *err)
{
	_cleanup_(closep) int fd = open(v->path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int ret;

	if (fd < 0 || fstat(fd, &st))
		return kd_fail(err, KD_IO, "%s: cannot open: %s", v->path, strerror(errno));
	v->size = (uint64_t)st.st_size;
	v->incomplete = !v->manifest.complete;
	ret = check_blocks(v, fd, d, err);
	if (ret)
		return ret;
	if (v->size > v->manifest.size)
		doc_note(d, DOC_FINDING, "%" PRIu64 " bytes were added at its end",
			 v->size - v->manifest.size);
	if (v->bad > LISTED)
		doc_note(d, DOC_FINDING, "only the first %d of them are listed", LISTED);
	if (!v->bad && v->size == v->manifest.size)
		return 0;
	return v->bad ? kd_fail(err, KD_MISMATCH,
				"%" PRIu64 " of %zu blocks are not what was written", v->bad,
				v->manifest.n)
		      : kd_fail(err, KD_MISMATCH, "it is larger than what was written");
}

/* Without a manifest: can all that it should hold be read? Says nothing of what is there. */
static int by_structure(struct verify *v, struct doc *d, struct kd_err *err)
{
	_cleanup_(dump_closep) struct dump *dump = NULL;
	_cleanup_(freep) uint8_t *buf = malloc(READ_LEN);
	struct dump_range r;
	int ret = dump_open(v->path, &dump, err);

	if (ret || !dump)
		return ret;
	if (!buf)
		return kd_nomem(err);
	v->size = dump->file_size;
	v->incomplete = dump->incomplete;
	for (paddr_t pa = 0; dump_next_held(dump, pa, &r); pa = r.end) {
		for (paddr_t at = r.start; at < r.end && !signals_pending();) {
			size_t done = 0;
			int status = dump_read(dump, at, buf, kd_min(READ_LEN, r.end - at), &done,
					       NULL);

			v->read += done;
			at += done;
			if (!status)
				continue;
			/* The rest of a page that is not there. */
			done = kd_min(4096 - at % 4096, r.end - at);
			v->bad += status == KD_CORRUPT ? done : 0;
			v->lost += status == KD_LOST ? done : 0;
			at += done;
		}
		if (signals_pending())
			return kd_fail(err, KD_CANCELLED, "cancelled");
	}
	if (*dump->remark)
		doc_note(d, DOC_FINDING, "%s", dump->remark);
	return v->bad || v->lost ? kd_fail(err, KD_MISMATCH, "%" PRIu64 " KiB are damaged, %" PRIu64
					   " KiB are lost", v->bad >> 10, v->lost >> 10)
				 : 0;
}

static void put_summary(const struct verify *v, int status, struct doc *d)
{
	doc_fields(d, NULL);
	doc_field(d, "dump", "dump", doc_str(v->path));
	doc_field(d, "sound", "sound", doc_styled(doc_bool(!status), status ? DOC_BAD : DOC_PLAIN));
	doc_field(d, "checked", "checked by",
		  doc_str(v->has_manifest ? "its manifest" : "its structure (there is no manifest: "
							     "contents are not checked)"));
	doc_field(d, "bytes", "bytes", doc_uint(v->size));
	if (v->has_manifest)
		doc_field(d, "blocks", "blocks", doc_uint(v->manifest.n));
	doc_field(d, "complete", "complete", doc_bool(!v->incomplete));
}

static int verify(struct verify *v, const struct args *a, struct kd_err *err)
{
	_cleanup_(freep) char *found = NULL;
	const char *path = args_value(a, "manifest");
	struct doc d;
	int ret;

	if (a->nwords != 1)
		return kd_fail(err, KD_USAGE, "it wants a dump: kdview verify DUMP");
	v->path = a->words[0];
	found = manifest_path(v->path);
	if (!found)
		return kd_nomem(err);
	ret = manifest_read(path ? path : found, &v->manifest, err);
	if (ret && (path || ret != KD_NOTFOUND))
		return ret;
	v->has_manifest = !ret;
	doc_init(&d, NULL);
	ret = v->has_manifest ? by_manifest(v, &d, err) : by_structure(v, &d, err);
	if (!ret || ret == KD_MISMATCH) {
		put_summary(v, ret, &d);
		if (args_has(a, "json") || !args_has(a, "quiet"))
			print_doc(a, "verify", &d);
	}
	doc_fini(&d);
	return ret;
}

int verify_main(const struct cli *cli)
{
	struct kd_err err = KD_ERR_INIT;
	struct verify v = { 0 };
	int ret = verify(&v, &cli->args, &err), code;

	manifest_fini(&v.manifest);
	if (!ret)
		return CLI_OK;
	code = cli_complain("verify", ret, &err);
	if (ret == KD_CANCELLED && signals_pending())
		signals_die(signals_pending());
	return ret == KD_USAGE || ret == KD_MISMATCH ? code : CLI_DUMP;
}

static const struct opt_def options[] = {
	{ 0, "manifest", "FILE", "its manifest (DUMP.json)" },
	{ 'q', "quiet", NULL, "only the exit status, and what is wrong" },
	{ 0, "json", NULL, "the answer as JSON" },
	{ 'h', "help", NULL, "this help" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "verify /var/crash/host-2026-01-31-120000/vmcore", "has it rotted?" },
	{ NULL, NULL },
};

const struct command cmd_verify = {
	.name = "verify",
	.group = "dumps",
	.synopsis = "DUMP",
	.summary = "is a dump what was written once?",
	.help = "Compares the file with the checksums of its manifest, DUMP.json, which capture\n"
		"writes, and names the blocks that differ. Without a manifest it reads all that the\n"
		"dump should hold, and tells what is damaged or lost: bytes that are wrong but make\n"
		"sense are not seen then.\n"
		"\n"
		"Exit status: 0 all right, 1 it differs, 2 wrong usage, 3 it can not be checked.",
	.options = options,
	.examples = examples,
	.min = 1,
	.max = 1,
	.flags = CMD_SHELL | CMD_NO_DUMP | CMD_OWN_FILES,
};
