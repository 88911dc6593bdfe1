// SPDX-License-Identifier: GPL-3.0-or-later
/* The first kernel's command line and the memory it reserved: see check.h. */
#include <dirent.h>
#include <inttypes.h>
#include <string.h>

#include "setup/check_priv.h"
#include "setup/crashkernel.h"

#define MIB (UINT64_C(1) << 20)
#define GIB4 (UINT64_C(4) << 30)
#define USUAL_SIZE (256 * MIB) /* where there is no image to estimate by */
#define CONFIG_MOST (4u << 20) /* bytes of a boot loader's file */
#define HOW                                                                                        \
	" (GRUB: into GRUB_CMDLINE_LINUX of /etc/default/grub, then update-grub or "               \
	"grub2-mkconfig), and reboot"

static uint64_t total(const struct range_list *l)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < l->n; i++)
		sum += range_len(&l->at[i]);
	return sum;
}

static void say(struct checking *c, enum check_state state, const char *name, const char *found,
		const char *set, const char *why)
{
	check_put(c, &(struct check_say){ .state = state,
					  .step = CHECK_STEP_BOOT,
					  .parts = CHECK_FIRST,
					  .name = name,
					  .found = found,
					  .set = set,
					  .why = why });
}

/* crashkernel= is there and nothing is reserved: why? */
static void explain_nothing(const struct checking *c, const struct crashkernel *k, uint64_t ram,
			    char *buf, size_t size)
{
	if (k->form == CRASHKERNEL_BAD)
		snprintf(buf, size, "The kernel does not understand it, and reserved nothing.");
	else if (k->form == CRASHKERNEL_RANGES && !k->size)
		snprintf(buf, size, "None of its ranges is for a machine with %" PRIu64 " MiB.",
			 ram / MIB);
	else if (k->offset)
		snprintf(buf, size,
			 "The memory from %#" PRIx64 " on was not free, so that nothing "
			 "was reserved.",
			 k->offset);
	else if (ram && k->size >= ram / 2)
		snprintf(buf, size,
			 "It is too much for a machine with %" PRIu64 " MiB: nothing was "
			 "reserved.",
			 ram / MIB);
	else if (!c->machine.has_kexec)
		snprintf(buf, size, "This kernel has no kexec.");
	else
		snprintf(buf, size,
			 "The kernel reserved nothing, or what was reserved has been given "
			 "back; \"dmesg | grep -i crashkernel\" says why.");
}

/* Does the file NAME below the root say crashkernel= in a line that is no comment? */
static bool says_crashkernel(const struct machine *m, const char *name)
{
	_cleanup_(freep) char *text = NULL;

	if (machine_file(m, name, CONFIG_MOST, &text, NULL, NULL))
		return false;
	for (const char *p = text; (p = strstr(p, "crashkernel=")); p++) {
		const char *line = p;

		while (line > text && line[-1] != '\n')
			line--;
		line += strspn(line, " \t");
		if (*line != '#')
			return true;
	}
	return false;
}

/* The same of the files in FOLDER whose names end with SUFFIX; the name of one into BUF. */
static bool folder_says(const struct machine *m, const char *folder, const char *suffix, char *buf,
			size_t size)
{
	_cleanup_(freep) char *path = NULL;
	struct dirent *e;
	bool found = false;
	DIR *dir;

	if (asprintf(&path, "%s/%s", m->root, folder) < 0) {
		path = NULL;
		return false;
	}
	dir = opendir(path);
	while (dir && !found && (e = readdir(dir))) {
		size_t n = strlen(e->d_name), len = strlen(suffix);

		if (n <= len || strcmp(e->d_name + n - len, suffix))
			continue;
		snprintf(buf, size, "%s/%s", folder, e->d_name);
		found = says_crashkernel(m, buf);
	}
	if (dir)
		closedir(dir);
	return found;
}

/*
 * Somebody has set it, and only the last step is missing: what the boot loader reads has it, or
 * what that is made of. The file's name into BUF; *made: the former.
 */
static bool find_setting(const struct machine *m, char *buf, size_t size, bool *made)
{
	static const char *const read[] = { "boot/grub/grub.cfg", "boot/grub2/grub.cfg",
					    "boot/extlinux/extlinux.conf" };
	static const char *const sources[] = { "etc/default/grub", "etc/kernel/cmdline" };

	*made = true;
	for (size_t i = 0; i < KD_ARRAY_SIZE(read); i++) {
		snprintf(buf, size, "%s", read[i]);
		if (says_crashkernel(m, buf))
			return true;
	}
	if (folder_says(m, "boot/loader/entries", ".conf", buf, size))
		return true;
	*made = false;
	for (size_t i = 0; i < KD_ARRAY_SIZE(sources); i++) {
		snprintf(buf, size, "%s", sources[i]);
		if (says_crashkernel(m, buf))
			return true;
	}
	return folder_says(m, "etc/default/grub.d", ".cfg", buf, size);
}

static void check_none(struct checking *c, const struct crashkernel *k, uint64_t ram)
{
	uint64_t want = (c->estimate ? c->estimate : USUAL_SIZE) / MIB;
	char set[320], why[256], file[320], found[400];
	bool made;

	snprintf(set, sizeof(set), "crashkernel=%" PRIu64 "M on the kernel's command line" HOW,
		 want);
	if (k->form == CRASHKERNEL_NONE && find_setting(&c->machine, file, sizeof(file), &made)) {
		snprintf(found, sizeof(found), "in /%s, but not on the command line", file);
		say(c, CHECK_MISSING, "crashkernel=", found,
		    made ? "reboot, into the entry that has it"
			 : "update-grub (grub2-mkconfig -o /boot/grub2/grub.cfg), and reboot",
		    "It is set, and not in effect yet.");
		return;
	}
	if (k->form == CRASHKERNEL_NONE) {
		say(c, CHECK_MISSING, "crashkernel=", "not on the command line", set,
		    "Memory for the second kernel is reserved at boot, or not at all.");
		return;
	}
	explain_nothing(c, k, ram, why, sizeof(why));
	say(c, CHECK_MISSING, "crashkernel=", k->word, set, why);
}

/* "256 MiB at 0x2b000000" */
static void describe(const struct checking *c, char *buf, size_t size)
{
	const struct range *r = machine_crash_region(&c->machine);
	size_t n;

	n = (size_t)snprintf(buf, size, "%" PRIu64 " MiB", c->machine.crash_size / MIB);
	if (r && n < size)
		n += (size_t)snprintf(buf + n, size - n, " at %#" PRIx64, r->start);
	if (c->machine.ncrash > 1 && n < size)
		snprintf(buf + n, size - n, ", %" PRIu64 " MiB at %#" PRIx64,
			 range_len(&c->machine.crash[0]) / MIB, c->machine.crash[0].start);
}

static void check_size(struct checking *c, const char *found)
{
	uint64_t size = c->machine.crash_size;
	bool cannot = size < c->least;
	char set[320], why[200];

	if (!c->estimate || size >= c->estimate) {
		say(c, CHECK_OK, "reserved memory", found, NULL, NULL);
		return;
	}
	snprintf(set, sizeof(set), "crashkernel=%" PRIu64 "M on the kernel's command line" HOW,
		 c->estimate / MIB);
	snprintf(why, sizeof(why),
		 "%s: %" PRIu64 " MiB are needed at least, with room to spare %" PRIu64
		 " MiB (\"kdview estimate\" shows how that is counted).",
		 cannot ? "The second kernel will run out of memory" : "It may just be too small",
		 c->least / MIB, c->estimate / MIB);
	say(c, cannot ? CHECK_MISSING : CHECK_ADVICE, "reserved memory", found, set, why);
}

/* Above 4 GiB, devices that address 32 bits need some memory below. */
static void check_low(struct checking *c, const struct crashkernel *k)
{
	const struct range *high = machine_crash_region(&c->machine);

	if (!high || high->start < GIB4)
		return;
	say(c, c->machine.ncrash > 1 ? CHECK_OK : CHECK_ADVICE, "reserved memory below 4 GiB",
	    c->machine.ncrash > 1 ? "there is some" : "none",
	    "crashkernel=256M,low beside the other, and reboot",
	    k->has_low && !k->low
		    ? "crashkernel=0,low forbids it: drivers that address 32 bits get no memory."
		    : "Drivers of devices that address 32 bits get no memory in the second "
		      "kernel.");
}

static void check_reservation(struct checking *c)
{
	const struct machine *m = &c->machine;
	uint64_t ram = total(&m->ram);
	struct crashkernel k;
	char found[160];

	crashkernel_parse(m->cmdline, ram, &k);
	if (!m->crash_size) {
		check_none(c, &k, ram);
		return;
	}
	if (k.form == CRASHKERNEL_NONE)
		say(c, CHECK_OK, "crashkernel=", "not on the command line, but memory is reserved",
		    NULL, NULL);
	else
		say(c, CHECK_OK, "crashkernel=", k.word, NULL, NULL);
	describe(c, found, sizeof(found));
	check_size(c, found);
	check_low(c, &k);
	if (m->iomem_hidden)
		say(c, CHECK_UNKNOWN, "/proc/iomem", "addresses are hidden", "run as root",
		    "Where crash memory lies, and how much RAM there is, only root may see.");
}

static void check_words(struct checking *c)
{
	const char *cmdline = c->machine.cmdline;

	if (check_has_word(cmdline, "hugepages"))
		say(c, CHECK_ADVICE, "hugepages=", "on the command line",
		    "keep it out of the second kernel's command line (--reuse-cmdline would take "
		    "it "
		    "along), or set vm.nr_hugepages by sysctl instead",
		    "The second kernel would set the same pages aside, and have no memory left.");
	if (check_has_word(cmdline, "mem") || check_has_word(cmdline, "memmap"))
		say(c, CHECK_ADVICE, "mem=, memmap=", "on the command line",
		    "keep them out of the second kernel's command line",
		    "They would hide crash memory from the second kernel.");
	if (check_has_word(cmdline, "crash_kexec_post_notifiers"))
		say(c, CHECK_ADVICE, "crash_kexec_post_notifiers", "on the command line",
		    "take it off the command line, and reboot",
		    "Other code of the crashed kernel runs before the dump is made, and may hang.");
}

void check_boot(struct checking *c)
{
	if (!c->has_machine)
		return;
	check_reservation(c);
	check_words(c);
}
