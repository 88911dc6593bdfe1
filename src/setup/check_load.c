// SPDX-License-Identifier: GPL-3.0-or-later
/* Whether the second kernel may be loaded, and how it is started: see check.h. */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/payload.h"
#include "kernel/window.h"
#include "load/machine_priv.h"
#include "setup/check_priv.h"

#define RELOCATABLE 0x234 /* of the setup header */
#define PE_HEAD 4096	  /* bytes that have all headers of an EFI image */

static void say(struct checking *c, enum check_state state, unsigned parts, const char *name,
		const char *found, const char *set, const char *why)
{
	check_put(c, &(struct check_say){ .state = state,
					  .step = CHECK_STEP_LOAD,
					  .parts = parts,
					  .name = name,
					  .found = found,
					  .set = set,
					  .why = why });
}

static bool locked(const struct checking *c)
{
	return c->has_machine && *c->machine.lockdown && strcmp(c->machine.lockdown, "none");
}

/* Images ------------------------------------------------------------------------------- */

/*
 * Has an EFI image (PE/COFF specification, "Optional Header Data Directories") a certificate
 * table? Whether the kernel trusts who signed is another question.
 */
static bool is_signed(const uint8_t *head, size_t n)
{
	uint64_t pe = n > 0x40 ? uint_le(head + 0x3c, 4) : n, table;

	if (!range_contains(n, pe, 24 + 112 + 5 * 8) || memcmp(head + pe, "PE\0", 4))
		return false;
	/* PE32+ or PE32; the fifth entry */
	table = pe + 24 + (uint_le(head + pe + 24, 2) == 0x20b ? 112 : 96) + 4 * 8;
	return uint_le(head + table + 4, 4) != 0;
}

static void check_signature(struct checking *c, bool has_signature)
{
	bool forced = c->has_first && kconfig_builtin(&c->first, "KEXEC_SIG_FORCE");
	bool needed = locked(c) || forced;

	if (has_signature)
		say(c, CHECK_OK, CHECK_SECOND, "signature", "the image is signed", NULL, NULL);
	else if (needed)
		say(c, CHECK_MISSING, CHECK_SECOND, "signature", "the image is not signed",
		    "sign it (sbsign) with a key that the firmware or the kernel's keyring trusts, "
		    "or use the distribution's signed image",
		    forced ? "This kernel loads signed images only (CONFIG_KEXEC_SIG_FORCE)."
			   : "This kernel is locked down and loads signed images only.");
}

void check_image(struct checking *c)
{
	_cleanup_(closep) int fd =
		c->image ? open(c->image, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	uint8_t head[PE_HEAD];
	ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof(head), 0);

	if (!c->image && !c->has_machine)
		return;
	if (n <= 0) {
		say(c, CHECK_UNKNOWN, CHECK_SECOND, "second kernel's image",
		    c->image ? "it cannot be read" : "not found", "--kernel FILE",
		    "The running kernel's image is not where it is usually kept.");
		return;
	}
	say(c, CHECK_OK, CHECK_SECOND, "second kernel's image", c->image, NULL, NULL);
	if (!payload_probe(head, (size_t)n))
		return;
	check_signature(c, is_signed(head, (size_t)n));
	/* the header tells as well as a configuration that could not be found */
	if (!c->has_second && !head[RELOCATABLE])
		say(c, CHECK_MISSING, CHECK_SECOND, "relocatable", "the image says no",
		    "CONFIG_RELOCATABLE=y",
		    "It does not run in crash memory, unless it was built for that address.");
}

/* Loading ------------------------------------------------------------------------------ */

static void check_allowed(struct checking *c)
{
	uint64_t limit;

	if (c->machine.load_disabled)
		say(c, CHECK_MISSING, CHECK_FIRST, "kernel.kexec_load_disabled", "1",
		    "take it out of /etc/sysctl.conf and /etc/sysctl.d, and reboot",
		    "No kernel can be loaded until the next boot.");
	else
		say(c, CHECK_OK, CHECK_FIRST, "kernel.kexec_load_disabled", "0", NULL, NULL);
	if (!c->machine.loaded &&
	    machine_number(&c->machine, "proc/sys/kernel/kexec_load_limit_panic", 10, &limit) &&
	    !limit)
		say(c, CHECK_MISSING, CHECK_FIRST, "kernel.kexec_load_limit_panic", "0",
		    "take it out of /etc/sysctl.conf and /etc/sysctl.d, and reboot",
		    "The number of crash kernels that may be loaded is used up.");
}

/* The EFI variable: four bytes of attributes, one that says 1. */
static bool secure_boot(const struct machine *m)
{
	static const char name[] =
		"sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	_cleanup_(freep) char *text = NULL;
	size_t len = 0;

	return !machine_file(m, name, 16, &text, &len, NULL) && len == 5 && text[4] == 1;
}

static void check_lockdown(struct checking *c)
{
	const struct machine *m = &c->machine;

	if (locked(c) && m->arch == MACHINE_I386)
		say(c, CHECK_MISSING, CHECK_FIRST, "lockdown", m->lockdown,
		    "turn secure boot off, or take lockdown= off the kernel's command line",
		    "i386 has no way to load a signed kernel, and others are refused.");
	else if (locked(c))
		say(c, CHECK_OK, CHECK_FIRST, "lockdown", m->lockdown, NULL, NULL);
	else if (*m->lockdown)
		say(c, CHECK_OK, CHECK_FIRST, "lockdown", m->lockdown, NULL, NULL);
	else if (secure_boot(m))
		say(c, CHECK_UNKNOWN, CHECK_FIRST, "lockdown", "secure boot is on",
		    "mount -t securityfs none /sys/kernel/security",
		    "The kernel may load signed images only.");
}

static void check_loaded(struct checking *c)
{
	if (!c->machine.has_kexec) {
		/* where there is a configuration, it has told */
		if (!c->has_first)
			check_put(c, &(struct check_say){
					     .state = CHECK_MISSING,
					     .step = CHECK_STEP_KERNEL,
					     .parts = CHECK_FIRST,
					     .name = "kexec",
					     .found = "/sys/kernel/kexec_crash_loaded is not there",
					     .set = "CONFIG_KEXEC=y, CONFIG_KEXEC_FILE=y, "
						    "CONFIG_CRASH_DUMP=y",
					     .why = "This kernel can load no second one." });
		return;
	}
	if (c->machine.loaded && c->record.kernel && record_is_stale(&c->record, &c->machine))
		say(c, CHECK_ADVICE, CHECK_SECOND, "crash kernel",
		    "loaded before memory or CPUs changed", "kdview load, as before",
		    "A dump would lack new memory, or be made of memory that is gone.");
	else if (c->machine.loaded)
		say(c, CHECK_OK, CHECK_SECOND, "crash kernel", "loaded", NULL, NULL);
	else
		say(c, CHECK_ADVICE, CHECK_SECOND, "crash kernel", "not loaded",
		    "kdview load --build-initrd --target /var/crash (kdview.service does it at "
		    "each "
		    "boot)",
		    "A panic now leaves nothing.");
}

/* Programs of distributions that load a crash kernel at boot, too. */
static const struct {
	const char *name, *link;
} others[] = {
	{ "kdump-tools", "etc/systemd/system/multi-user.target.wants/kdump-tools.service" },
	{ "kdump", "etc/systemd/system/multi-user.target.wants/kdump.service" },
	{ "kdump", "etc/systemd/system/basic.target.wants/kdump.service" },
};

#define OUR_LINK "etc/systemd/system/multi-user.target.wants/kdview.service"

/* A link of systemd may point to nothing in a copy. */
static bool is_there(const struct machine *m, const char *name)
{
	_cleanup_(freep) char *path = NULL;
	struct stat st;

	if (asprintf(&path, "%s/%s", m->root, name) < 0) {
		path = NULL;
		return false;
	}
	return !lstat(path, &st);
}

static void check_services(struct checking *c)
{
	bool ours = is_there(&c->machine, OUR_LINK), other = false;
	char found[64], set[96];

	for (size_t i = 0; i < KD_ARRAY_SIZE(others); i++) {
		if (!is_there(&c->machine, others[i].link))
			continue;
		other = true;
		if (!ours)
			continue;
		snprintf(found, sizeof(found), "%s.service is enabled, too", others[i].name);
		snprintf(set, sizeof(set), "systemctl disable --now %s", others[i].name);
		say(c, CHECK_ADVICE, CHECK_FIRST, "kdview.service", found, set,
		    "Both load a crash kernel at boot: the last one wins.");
	}
	if (ours && !other)
		say(c, CHECK_OK, CHECK_FIRST, "kdview.service", "enabled", NULL, NULL);
	if (!ours && !other && c->machine.loaded)
		say(c, CHECK_ADVICE, CHECK_FIRST, "kdview.service", "not enabled",
		    "kdview.service into /etc/systemd/system, its /etc/kdview/load.conf, and "
		    "systemctl "
		    "enable kdview",
		    "After the next boot, nothing loads the crash kernel.");
}

/* CPUs or memory that may come later are in no core headers yet. */
static void check_hotplug(struct checking *c)
{
	_cleanup_(freep) char *possible = NULL, *present = NULL;

	/* the kernel tells only of what is loaded */
	if (!c->machine.loaded)
		return;
	if (c->machine.cpu_hotplug) {
		say(c, CHECK_OK, CHECK_FIRST, "crash_hotplug", "the kernel keeps the headers true",
		    NULL, NULL);
		return;
	}
	if (!machine_file(&c->machine, "sys/devices/system/cpu/possible", 4096, &possible, NULL,
			  NULL) &&
	    !machine_file(&c->machine, "sys/devices/system/cpu/present", 4096, &present, NULL,
			  NULL) &&
	    strcmp(possible, present))
		say(c, CHECK_ADVICE, CHECK_FIRST, "crash_hotplug",
		    "CPUs may be added, and the kernel does not update what is loaded",
		    "kdview load again after CPUs or memory came or went (udev: "
		    "SUBSYSTEM==\"cpu\", "
		    "SUBSYSTEM==\"memory\")",
		    "A dump would lack the registers of new CPUs, and new memory.");
}

/* The second kernel's command line --------------------------------------------------------- */

static const struct {
	const char *name, *why;
} unwanted[] = {
	{ "crashkernel", "The second kernel has no memory to reserve." },
	{ "hugepages", "It sets nearly all memory of the second kernel aside." },
	{ "hugetlb_cma", "It sets memory of the second kernel aside." },
	{ "cma", "It sets memory of the second kernel aside." },
	{ "mem", "It hides crash memory from the second kernel." },
	{ "log_buf_len", "A large log takes memory that the second kernel does not have." },
	{ "slub_debug", "It takes memory that the second kernel does not have." },
	{ "swiotlb", "It takes up to 64 MiB that the second kernel does not have." },
	{ "elfcorehdr", "Loading adds the right one." },
	{ "panic_on_warn", "A mere warning would end the saving." },
};

/* A second kernel that somebody else loaded: nobody can see what it is started with. */
static void check_foreign(struct checking *c, const struct kconfig *config, bool known)
{
	char set[128];

	snprintf(set, sizeof(set),
		 "%sreset_devices irqpoll panic=10, and the console= of this kernel",
		 !known || kconfig_on(config, "SMP") ? "nr_cpus=1 " : "");
	say(c, CHECK_UNKNOWN, CHECK_SECOND, "second kernel's command line",
	    "loaded by another program than kdview", set,
	    "One CPU, devices reset, interrupts that nobody handles polled, and a reboot where "
	    "saving fails.");
}

static void check_append(struct checking *c, const char *append, const struct kconfig *config,
			 bool known)
{
	uint64_t timeout = 0;

	if (known)
		kconfig_number(config, "PANIC_TIMEOUT", &timeout);
	if ((!known || kconfig_on(config, "SMP")) && !check_has_word(append, "nr_cpus") &&
	    !check_has_word(append, "maxcpus") && !check_has_word(append, "nosmp"))
		say(c, CHECK_ADVICE, CHECK_SECOND, "nr_cpus=", "not given", "--append nr_cpus=1",
		    "Each CPU takes memory, and starting the one that crashed first may hang.");
	if (!check_has_word(append, "reset_devices"))
		say(c, CHECK_ADVICE, CHECK_SECOND, "reset_devices", "not given",
		    "--append reset_devices",
		    "Drivers then bring devices that were at work into a known state.");
	if (!check_has_word(append, "irqpoll"))
		say(c, CHECK_ADVICE, CHECK_SECOND, "irqpoll", "not given", "--append irqpoll",
		    "Interrupts that the crashed kernel left behind may be switched off for good.");
	if (!check_has_word(append, "panic") && !timeout)
		say(c, CHECK_ADVICE, CHECK_SECOND, "panic=", "not given", "--append panic=10",
		    "When the second kernel panics, the machine stands still until somebody "
		    "comes.");
	for (size_t i = 0; i < KD_ARRAY_SIZE(unwanted); i++)
		if (check_has_word(append, unwanted[i].name))
			say(c, CHECK_ADVICE, CHECK_SECOND, unwanted[i].name, "given",
			    "leave it out of --append", unwanted[i].why);
}

static void check_cmdline(struct checking *c)
{
	const struct kconfig *config = c->list->same ? &c->first : &c->second;
	bool known = c->list->same ? c->has_first : c->has_second;

	if (c->q->append) {
		check_append(c, c->q->append, config, known);
	} else if (!c->has_machine || !c->machine.loaded) {
		say(c, CHECK_OK, CHECK_SECOND, "second kernel's command line",
		    "what \"kdview load\" gives it without --append", NULL, NULL);
	} else {
		if (c->record.cmdline)
			check_append(c, c->record.cmdline, config, known);
		else
			check_foreign(c, config, known);
	}
}

void check_loading(struct checking *c)
{
	if (c->has_machine) {
		check_allowed(c);
		check_lockdown(c);
		check_hotplug(c);
	}
	check_cmdline(c);
	if (c->has_machine) {
		check_loaded(c);
		check_services(c);
	}
}
