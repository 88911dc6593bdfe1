// SPDX-License-Identifier: GPL-3.0-or-later
/* initrd: the second kernel's whole user space in one file. */
#include <string.h>

#include "capture/dest.h"
#include "ui/cli.h"
#include "ui/commands.h"
#include "ui/initrd_args.h"
#include "ui/print_doc.h"

static int initrd(const struct args *a, struct initrd_args *words, struct initrd *out,
		  struct kd_err *err)
{
	struct doc d;
	int ret;

	if (a->nwords != 1)
		return kd_fail(err, KD_USAGE,
			       "it wants the file to write: kdview initrd OUT --target "
			       "LABEL=crash");
	ret = initrd_args_take(a, words, err);
	if (!ret)
		ret = initrd_build(&words->q, out, err);
	if (!ret)
		ret = dest_put(a->words[0], true, (const char *)out->bytes, out->len, err);
	if (ret || args_has(a, "quiet"))
		return ret;
	doc_init(&d, NULL);
	doc_fields(&d, NULL);
	doc_field(&d, "file", "written", doc_str(a->words[0]));
	initrd_answer(out, &d);
	print_doc(a, "initrd", &d);
	doc_fini(&d);
	return 0;
}

int initrd_main(const struct cli *cli)
{
	struct kd_err err = KD_ERR_INIT;
	struct initrd_args words = { 0 };
	struct initrd out = { 0 };
	int ret = initrd(&cli->args, &words, &out, &err);

	initrd_fini(&out);
	initrd_args_fini(&words);
	return ret ? cli_complain("initrd", ret, &err) : CLI_OK;
}

static const struct opt_def options[] = {
	INITRD_OPTIONS,
	{ 0, "root", "DIR", "the system it is for: /proc, /sys, /dev, /lib, /boot are there" },
	{ 'q', "quiet", NULL, "only what goes wrong" },
	{ 0, "json", NULL, "the answer as JSON" },
	{ 'h', "help", NULL, "this help" },
	{ 0, NULL, NULL, NULL },
};

static const struct command_example examples[] = {
	{ "initrd /boot/kdview.img --target /var/crash", "onto the disk that has this folder" },
	{ "initrd kdview.img -t UUID=0a1b-2c3d:vfat/dumps -t raw:/dev/sdb3",
	  "else onto a raw disk" },
	{ "initrd kdview.img -t LABEL=crash --dmesg-only --on-done poweroff", "only the log" },
	{ "initrd kdview.img -t LABEL=crash:ext4 -m virtio_pci -m virtio_blk",
	  "for another machine" },
	{ NULL, NULL },
};

const struct command cmd_initrd = {
	.name = "initrd",
	.group = "crash kernel",
	.synopsis = "OUT",
	.summary = "write the second kernel's initramfs: saves the dump, then reboots",
	.help = "Writes OUT (0600): kdview-capture as /init, its kdview.conf, and the modules of "
		"the\n"
		"second kernel that the targets need, with all that these need, in the order they\n"
		"are loaded. Nothing else is in it; no shell. WHERE is\n"
		"  LABEL=NAME, UUID=NUMBER or /dev/NAME, with :TYPE and /FOLDER behind it: a file\n"
		"    system on a disk or partition; :TYPE is seen if the disk is there;\n"
		"  /FOLDER: a folder of this system, on a disk or partition;\n"
		"  raw:/dev/NAME: all of a disk or partition without a file system.\n"
		"A dump gets a dated folder in FOLDER. The next target is taken when one is not\n"
		"there, cannot be mounted or has not enough space. Volumes of LVM, RAIDs, "
		"encrypted\n"
		"disks and other machines are no targets: the second kernel does not have them.\n"
		"\n"
		"Drivers are those that the disk has now; options of modules are those of\n"
		"modprobe.d. A hook is run when the dump is saved, or when nothing could be; its\n"
		"last argument is the dump or \"\".\n"
		"\n"
		"Exit status: 0 written, 1 not, 2 wrong usage.",
	.options = options,
	.examples = examples,
	.min = 1,
	.max = 1,
	.flags = CMD_SHELL | CMD_NO_DUMP | CMD_OWN_FILES,
};
