// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * makedumpfile's options that are none here. Who has them in a configuration learns what to write
 * instead; those that only say how makedumpfile should work, or what it should know, are taken:
 * at the time of a crash a dump is worth more than an answer. As of makedumpfile 1.7's -h.
 */
#include <string.h>

#include "ui/output.h"
#include "ui/write_dump.h"

static const struct {
	const char *name;
	const char *instead; /* NULL: it is taken, and does nothing */
} answers[] = {
	{ "reassemble",
	  "parts are one dump for kdview, \"kdview info PART...\", and \"makedumpfile "
	  "--reassemble\" takes those that \"kdview convert\" wrote" },
	{ "rearrange",
	  "\"kdview convert - DUMP <FLATTENED\" makes a file of a flattened stream, and "
	  "every command reads it as it is" },
	{ "config", "data in pages is not erased here; filter with makedumpfile, then \"kdview "
		    "convert\" the result" },
	{ "eppic", "data in pages is not erased here; filter with makedumpfile, then \"kdview "
		   "convert\" the result" },
	{ "generate-vmcoreinfo", "a dump has its VMCOREINFO: no file of it is needed" },
	{ "exclude-unused-vm",
	  "pages of unused page structs are kept; --dump-level says what is left "
	  "out" },
	{ "file-size-limit", "--free-keep leaves room on the target, and -d N,N takes the next "
			     "level when one does not fit" },
	{ "dry-run", "\"kdview estimate\" tells how large dumps become" },
	{ "mem-usage", "\"kdview estimate\" tells how large dumps become" },
	{ "check-params", "\"kdview check\" tells if a dump would come about" },
	{ "vtop", "\"kdview vtop DUMP ADDRESS\" does it" },
	{ "makedumpfile-version", "\"kdview version\" tells it" },
	{ "xen-syms", "dumps of Xen are not filtered; -d 0 keeps all of one" },
	{ "xen-vmcoreinfo", "dumps of Xen are not filtered; -d 0 keeps all of one" },
	{ "xen_phys_start", "dumps of Xen are not filtered; -d 0 keeps all of one" },
	{ "diskset", "dumps of sadump are not read" },
	/* What it needs of the kernel it finds in the dump. */
	{ "vmlinux-of-kernel", NULL },
	{ "vmcoreinfo-of-kernel", NULL },
	/* Memory is bounded, whatever the dump's size. */
	{ "cyclic-buffer", NULL },
	{ "non-cyclic", NULL },
	{ "block-order", NULL },
	{ "splitblock-size", NULL },
	{ "work-dir", NULL },
	{ "non-mmap", NULL },
	{ "exclude-xen-user-domain", NULL },
	{ "debug", NULL },
	{ "show-stats", NULL },
	{ "partial-dmesg", NULL },
};

int write_dump_makedumpfile(const struct args *a, struct kd_err *err)
{
	for (size_t i = 0; i < a->noptions; i++) {
		const struct opt_def *o = a->options[i].def;
		char word[64];

		for (size_t j = 0; j < KD_ARRAY_SIZE(answers); j++) {
			if (strcmp(o->name, answers[j].name))
				continue;
			/* Those with a letter have the long name here alone. */
			if (o->letter)
				snprintf(word, sizeof(word), "-%c", o->letter);
			else
				snprintf(word, sizeof(word), "--%s", o->name);
			if (answers[j].instead)
				return kd_fail(err, KD_USAGE, "%s: %s", word, answers[j].instead);
			complain("%s of makedumpfile is not needed here", word);
		}
	}
	return 0;
}
