// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What configurations must say: see check.h. The kernel's Documentation/admin-guide/kdump/kdump.rst
 * has the list; that options came, went and were renamed is told by the configurations themselves.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "setup/check_priv.h"

#define BOTH (CHECK_FIRST | CHECK_SECOND)
#define GIB4 (UINT64_C(4) << 30)

/* A configuration under the rules. */
struct subject {
	const struct kconfig *config;
	unsigned parts; /* as which kernel it serves */
	bool is_32bit;
};

/* Options that a kernel just has to have. */
static const struct rule {
	const char *name;
	unsigned parts;
	enum check_state otherwise;
	bool module; /* a module will do */
	const char *why;
} rules[] = {
	{ "SYSFS", BOTH, CHECK_MISSING, false,
	  "Where crash notes and VMCOREINFO lie is told in /sys; loading and saving need it." },
	{ "PROC_FS", BOTH, CHECK_MISSING, false,
	  "Memory is described by /proc/iomem, and the dump is /proc/vmcore." },
	{ "CRASH_DUMP", CHECK_SECOND, CHECK_MISSING, false,
	  "The second kernel cannot read the first one's memory." },
	{ "PROC_VMCORE", CHECK_SECOND, CHECK_MISSING, false,
	  "The second kernel has no /proc/vmcore to save." },
	{ "BLK_DEV_INITRD", CHECK_SECOND, CHECK_MISSING, false,
	  "The second kernel cannot unpack the initramfs that saves the dump." },
	{ "BINFMT_ELF", CHECK_SECOND, CHECK_MISSING, false,
	  "The second kernel cannot run the program that saves the dump." },
	{ "DEVTMPFS", CHECK_SECOND, CHECK_MISSING, false,
	  "The second kernel makes no device files, so that no disk can be mounted." },
	{ "PRINTK", CHECK_FIRST, CHECK_ADVICE, false,
	  "Dumps have no kernel log, where the cause mostly stands." },
	{ "BUG", CHECK_FIRST, CHECK_ADVICE, false,
	  "What BUG() finds goes unnoticed, and the crash comes later, elsewhere." },
	{ "KALLSYMS", CHECK_FIRST, CHECK_ADVICE, false,
	  "Dumps can not name functions without the vmlinux of just this build." },
	{ "KALLSYMS_ALL", CHECK_FIRST, CHECK_ADVICE, false,
	  "Without a vmlinux, variables have no names: tasks and modules cannot be listed." },
	{ "MAGIC_SYSRQ", CHECK_FIRST, CHECK_ADVICE, false,
	  "Nobody can make a machine that hangs dump itself, nor test the set-up." },
	{ "DETECT_HUNG_TASK", CHECK_FIRST, CHECK_ADVICE, false,
	  "Tasks that sleep for ever (deadlocks, lost I/O) are not noticed." },
	{ "SOFTLOCKUP_DETECTOR", CHECK_FIRST, CHECK_ADVICE, false,
	  "A CPU that loops in the kernel is not noticed." },
	{ "HARDLOCKUP_DETECTOR", CHECK_FIRST, CHECK_ADVICE, false,
	  "A CPU that loops with interrupts off is not noticed." },
	{ "TMPFS", CHECK_SECOND, CHECK_ADVICE, false,
	  "The initramfs is a ramfs then: it may fill all memory unnoticed." },
	{ "WATCHDOG", CHECK_SECOND, CHECK_ADVICE, false,
	  "No watchdog restarts the machine when saving hangs." },
};

/* Options that cost the second kernel memory it does not have. */
static const char *const heavy[] = { "KASAN",		"KMSAN",      "KCSAN",	 "PROVE_LOCKING",
				     "DEBUG_PAGEALLOC", "PAGE_OWNER", "KMEMLEAK" };

static void put(struct checking *c, const struct subject *s, unsigned parts, enum check_state state,
		const char *name, const char *set, const char *why)
{
	char option[64], found[64];

	snprintf(option, sizeof(option), "CONFIG_%s", name);
	if (!kconfig_value(s->config, name, found, sizeof(found)) || !strcmp(found, "n"))
		snprintf(found, sizeof(found), "not set");
	check_put(c, &(struct check_say){ .state = state,
					  .step = CHECK_STEP_KERNEL,
					  .parts = parts & s->parts,
					  .name = option,
					  .found = found,
					  .set = state == CHECK_OK ? NULL : set,
					  .why = state == CHECK_OK ? NULL : why });
}

/* An option that must be y, or m, with MODULE. */
static void want(struct checking *c, const struct subject *s, const struct rule *r)
{
	bool there =
		r->module ? kconfig_on(s->config, r->name) : kconfig_builtin(s->config, r->name);
	char set[80];

	snprintf(set, sizeof(set), "CONFIG_%s=y", r->name);
	put(c, s, r->parts, there ? CHECK_OK : r->otherwise, r->name, set, r->why);
}

/* Loading ------------------------------------------------------------------------------ */

static void check_kexec(struct checking *c, const struct subject *s)
{
	bool load = kconfig_builtin(s->config, "KEXEC");
	bool file = kconfig_builtin(s->config, "KEXEC_FILE");
	bool locked = c->has_machine && *c->machine.lockdown && strcmp(c->machine.lockdown, "none");

	put(c, s, CHECK_FIRST, load || file ? CHECK_OK : CHECK_MISSING,
	    load || !file ? "KEXEC" : "KEXEC_FILE",
	    s->is_32bit ? "CONFIG_KEXEC=y" : "CONFIG_KEXEC=y and CONFIG_KEXEC_FILE=y",
	    "This kernel can load no second one.");
	if (s->is_32bit || (!load && !file) || (file && !load))
		return;
	put(c, s, CHECK_FIRST,
	    file     ? CHECK_OK
	    : locked ? CHECK_MISSING
		     : CHECK_ADVICE,
	    "KEXEC_FILE", "CONFIG_KEXEC_FILE=y",
	    locked ? "The kernel is locked down: it loads only files whose signature it can check."
		   : "Machines with secure boot can load a second kernel in no other way.");
}

/*
 * Since CRASH_CORE was split up (kernel commit 85fcde402db1), crash memory and crash notes of the
 * first kernel are CRASH_DUMP's; before, KEXEC_CORE brought them, by CRASH_CORE. Kernels that have
 * ARCH_SUPPORTS_KEXEC but no CRASH_CORE are of the new kind.
 */
static void check_crash_dump_first(struct checking *c, const struct subject *s)
{
	bool needed = kconfig_builtin(s->config, "ARCH_SUPPORTS_KEXEC") &&
		      !kconfig_builtin(s->config, "CRASH_CORE");

	/* where it serves as both, the rules above have told */
	if (needed && !(s->parts & c->q->parts & CHECK_SECOND))
		put(c, s, CHECK_FIRST,
		    kconfig_builtin(s->config, "CRASH_DUMP") ? CHECK_OK : CHECK_MISSING,
		    "CRASH_DUMP", "CONFIG_CRASH_DUMP=y",
		    "This kernel reserves no memory for a second one, whatever crashkernel= says.");
}

static void check_signatures(struct checking *c, const struct subject *s)
{
	bool forced = kconfig_builtin(s->config, "KEXEC_SIG_FORCE");
	bool sig = forced || kconfig_builtin(s->config, "KEXEC_SIG");
	bool locked = c->has_machine && *c->machine.lockdown && strcmp(c->machine.lockdown, "none");

	if (s->is_32bit || !kconfig_builtin(s->config, "KEXEC_FILE"))
		return;
	if (locked || sig)
		put(c, s, CHECK_FIRST, sig ? CHECK_OK : CHECK_MISSING, "KEXEC_SIG",
		    "CONFIG_KEXEC_SIG=y and CONFIG_KEXEC_BZIMAGE_VERIFY_SIG=y",
		    "The kernel is locked down and can check no signature: it will load nothing.");
	if (!sig)
		return;
	put(c, s, CHECK_FIRST,
	    kconfig_builtin(s->config, "KEXEC_BZIMAGE_VERIFY_SIG") ? CHECK_OK
	    : locked || forced					   ? CHECK_MISSING
								   : CHECK_ADVICE,
	    "KEXEC_BZIMAGE_VERIFY_SIG", "CONFIG_KEXEC_BZIMAGE_VERIFY_SIG=y",
	    "Signatures of bzImage files cannot be checked, which secure boot demands.");
}

/* Analysis ----------------------------------------------------------------------------- */

static void check_debug_info(struct checking *c, const struct subject *s)
{
	bool btf = kconfig_builtin(s->config, "DEBUG_INFO_BTF");
	bool dwarf = kconfig_builtin(s->config, "DEBUG_INFO");

	put(c, s, CHECK_FIRST, dwarf ? CHECK_OK : CHECK_ADVICE, "DEBUG_INFO",
	    "CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y (older kernels: CONFIG_DEBUG_INFO=y)",
	    "There is no vmlinux with lines, types and variables for dumps of this kernel.");
	if (btf || !s->is_32bit)
		put(c, s, CHECK_FIRST, btf ? CHECK_OK : CHECK_ADVICE, "DEBUG_INFO_BTF",
		    "CONFIG_DEBUG_INFO_BTF=y",
		    "With BTF a dump brings its types along: it can be read where no vmlinux is.");
	if (!s->is_32bit)
		put(c, s, CHECK_FIRST,
		    kconfig_builtin(s->config, "UNWINDER_ORC") ||
				    kconfig_builtin(s->config, "UNWINDER_FRAME_POINTER")
			    ? CHECK_OK
			    : CHECK_ADVICE,
		    kconfig_builtin(s->config, "UNWINDER_FRAME_POINTER") ? "UNWINDER_FRAME_POINTER"
									 : "UNWINDER_ORC",
		    "CONFIG_UNWINDER_ORC=y",
		    "Stacks can be guessed only, in the kernel's own traces, too.");
	else
		put(c, s, CHECK_FIRST,
		    kconfig_builtin(s->config, "FRAME_POINTER") ? CHECK_OK : CHECK_ADVICE,
		    "FRAME_POINTER", "CONFIG_UNWINDER_FRAME_POINTER=y",
		    "Without frame pointers, stacks of i386 need the vmlinux of just this build.");
}

/* The second kernel -------------------------------------------------------------------- */

/* Is the kernel's image, built to run at START, in crash memory? */
static bool fits_region(const struct checking *c, uint64_t start)
{
	for (size_t i = 0; i < c->machine.ncrash; i++)
		if (start >= c->machine.crash[i].start && start < c->machine.crash[i].end)
			return true;
	return false;
}

static void check_relocatable(struct checking *c, const struct subject *s)
{
	bool relocatable = kconfig_builtin(s->config, "RELOCATABLE");
	uint64_t start = 0x1000000;
	char set[160], why[160];
	bool fits;

	if (relocatable) {
		put(c, s, CHECK_SECOND, CHECK_OK, "RELOCATABLE", NULL, NULL);
		return;
	}
	kconfig_number(s->config, "PHYSICAL_START", &start);
	fits = c->has_machine && fits_region(c, start);
	if (c->has_machine && c->machine.ncrash)
		snprintf(set, sizeof(set),
			 "CONFIG_RELOCATABLE=y, or CONFIG_PHYSICAL_START=%#" PRIx64,
			 c->machine.crash[c->machine.ncrash - 1].start);
	else
		snprintf(set, sizeof(set),
			 "CONFIG_RELOCATABLE=y, or boot the first kernel with "
			 "crashkernel=SIZE@%" PRIu64 "M",
			 start >> 20);
	snprintf(why, sizeof(why), "It runs at %#" PRIx64 " only, which is not in crash memory.",
		 start);
	put(c, s, CHECK_SECOND, fits ? CHECK_OK : CHECK_MISSING, "PHYSICAL_START", set, why);
}

/* The highest address of RAM; 0: not known. */
static uint64_t ram_end(const struct checking *c)
{
	const struct range_list *l = &c->machine.ram;

	return c->has_machine && l->n ? l->at[l->n - 1].end : 0;
}

static void check_highmem(struct checking *c, const struct subject *s)
{
	bool pae = kconfig_builtin(s->config, "X86_PAE");
	bool high = kconfig_builtin(s->config, "HIGHMEM") || pae;
	char why[200];

	/* CRASH_DUMP depends on it */
	put(c, s, CHECK_SECOND, high ? CHECK_OK : CHECK_MISSING, "HIGHMEM", "CONFIG_HIGHMEM4G=y",
	    "A kernel of i386 reaches the crashed one's memory through high memory only.");
	if (pae || ram_end(c) <= GIB4) {
		if (pae)
			put(c, s, CHECK_SECOND, CHECK_OK, "X86_PAE", NULL, NULL);
		return;
	}
	snprintf(why, sizeof(why),
		 "The machine has memory up to %#" PRIx64 ", and without PAE the "
		 "second kernel reaches 4 GiB: the rest is lost.",
		 ram_end(c));
	put(c, s, CHECK_SECOND, CHECK_MISSING, "X86_PAE",
	    "CONFIG_X86_PAE=y (older kernels: CONFIG_HIGHMEM64G=y)", why);
}

static void check_one_cpu(struct checking *c, const struct subject *s)
{
	/* either will do: nr_cpus=1 is a matter of the command line */
	put(c, s, CHECK_SECOND, CHECK_OK, "SMP", NULL, NULL);
	if (!s->is_32bit || kconfig_builtin(s->config, "SMP"))
		return;
	put(c, s, CHECK_SECOND, kconfig_builtin(s->config, "X86_UP_APIC") ? CHECK_OK : CHECK_ADVICE,
	    "X86_UP_APIC", "CONFIG_X86_UP_APIC=y",
	    "A kernel for one CPU ignores the APIC, through which devices of the crashed machine "
	    "interrupt: disks may time out.");
	put(c, s, CHECK_SECOND,
	    kconfig_builtin(s->config, "X86_UP_IOAPIC") ? CHECK_OK : CHECK_ADVICE, "X86_UP_IOAPIC",
	    "CONFIG_X86_UP_IOAPIC=y",
	    "A kernel for one CPU ignores the IO-APIC, through which devices of the crashed "
	    "machine interrupt: disks may time out.");
}

static void check_initrd_compression(struct checking *c, const struct subject *s)
{
	bool zstd = kconfig_builtin(s->config, "RD_ZSTD"),
	     gzip = kconfig_builtin(s->config, "RD_GZIP");

	put(c, s, CHECK_SECOND, zstd || gzip ? CHECK_OK : CHECK_ADVICE,
	    gzip && !zstd ? "RD_GZIP" : "RD_ZSTD", "CONFIG_RD_ZSTD=y",
	    "The initramfs must not be compressed by zstd or gzip, and takes more memory.");
}

static void check_heavy(struct checking *c, const struct subject *s)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(heavy); i++) {
		char set[64];

		if (!kconfig_builtin(s->config, heavy[i]))
			continue;
		snprintf(set, sizeof(set), "another second kernel, without CONFIG_%s", heavy[i]);
		put(c, s, CHECK_SECOND, CHECK_ADVICE, heavy[i], set,
		    "A kernel for debugging takes several times the memory, and saves slowly.");
	}
}

/* An IOMMU that the first kernel has set up keeps devices from the second's memory. */
static void check_iommu(struct checking *c, const struct subject *s)
{
	static const struct {
		const char *folder, *option;
	} kinds[] = { { "dmar0", "INTEL_IOMMU" }, { "ivhd0", "AMD_IOMMU" } };

	for (size_t i = 0; c->has_machine && i < KD_ARRAY_SIZE(kinds); i++) {
		_cleanup_(freep) char *path = NULL;
		char set[64];

		if (asprintf(&path, "%s/sys/class/iommu/%s", c->machine.root, kinds[i].folder) <
		    0) {
			path = NULL;
			return;
		}
		if (access(path, F_OK))
			continue;
		snprintf(set, sizeof(set), "CONFIG_%s=y", kinds[i].option);
		put(c, s, CHECK_SECOND,
		    kconfig_builtin(s->config, kinds[i].option) ? CHECK_OK : CHECK_ADVICE,
		    kinds[i].option, set,
		    "This machine's IOMMU is on, and the second kernel could not set it up anew: "
		    "disks "
		    "may fail.");
	}
}

/* One kernel ---------------------------------------------------------------------------- */

static void check_subject(struct checking *c, const struct subject *s)
{
	/* the order of the lines is that of the work: what others depend on comes first */
	check_kexec(c, s);
	if (s->is_32bit)
		check_highmem(c, s);
	for (size_t i = 0; i < KD_ARRAY_SIZE(rules); i++)
		want(c, s, &rules[i]);
	check_crash_dump_first(c, s);
	check_signatures(c, s);
	check_relocatable(c, s);
	check_one_cpu(c, s);
	check_initrd_compression(c, s);
	check_heavy(c, s);
	check_iommu(c, s);
	check_debug_info(c, s);
}

static void put_unknown(struct checking *c, unsigned parts, const char *release)
{
	char set[400];

	snprintf(set, sizeof(set), "--config FILE; or install %s/boot/config-%s", c->q->root,
		 *release ? release : "RELEASE");
	check_put(c,
		  &(struct check_say){
			  .state = CHECK_UNKNOWN,
			  .step = CHECK_STEP_KERNEL,
			  .parts = parts,
			  .name = "the kernel's configuration",
			  .found = "not found",
			  .set = set,
			  .why = parts & CHECK_FIRST || !c->why
					 ? "Neither /proc/config.gz nor the usual files are there."
					 : c->why });
}

void check_config(struct checking *c)
{
	struct subject first = { &c->first, CHECK_FIRST, kconfig_is_32bit(&c->first) };
	struct subject second = { &c->second, CHECK_SECOND, kconfig_is_32bit(&c->second) };

	if (c->list->same)
		first.parts = BOTH;
	if (c->has_first)
		check_subject(c, &first);
	else
		put_unknown(c, first.parts, c->list->first.release);
	if (c->list->same)
		return;
	if (c->has_second)
		check_subject(c, &second);
	else
		put_unknown(c, CHECK_SECOND, c->list->second.release);
}
