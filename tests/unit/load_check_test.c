// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Is everything there for a dump? Real machines (data/guest) with real configurations
 * (data/kconfig: lines of Debian's) pass; each thing taken away is missed, by name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine_files.h"
#include "setup/check.h"

#define CONFIGS "tests/unit/data/kconfig/"
#define BOTH (CHECK_FIRST | CHECK_SECOND)

struct guest {
	char root[64];
	char config[160]; /* of the running kernel, relative to the root */
	char *text;	  /* owned: what is in it */
};

/* Write a file below ROOT, or with TEXT NULL remove it. */
static void put(const char *root, const char *name, const char *text)
{
	FILE *f = machine_file_open(root, name);
	char path[512];

	if (text)
		fputs(text, f);
	fclose(f);
	snprintf(path, sizeof(path), "%s/%s", root, name);
	if (!text)
		unlink(path);
}

/* The machine MACHINE with the configuration of RELEASE. */
static void set_up(struct guest *g, const char *machine, const char *release)
{
	char path[512], *text;

	snprintf(path, sizeof(path), "tests/unit/data/guest/%s.txt", machine);
	text = machine_text(path);
	snprintf(g->root, sizeof(g->root), "/tmp/load_check_test.XXXXXX");
	assert_non_null(mkdtemp(g->root));
	machine_write(g->root, text);
	free(text);
	snprintf(path, sizeof(path), CONFIGS "%s.config", release);
	g->text = machine_text(path);
	snprintf(g->config, sizeof(g->config), "boot/config-%s", release);
	put(g->root, g->config, g->text);
}

static void tear_down(struct guest *g)
{
	machine_remove(g->root);
	free(g->text);
}

/* The configuration with OPTION as VALUE; "n": not set, NULL: not mentioned. */
static void configure(struct guest *g, const char *option, const char *value)
{
	char *copy = strdup(g->text), *save = NULL, *out = NULL;
	size_t len = strlen(option), n;
	FILE *f = open_memstream(&out, &n);

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *p = line[0] == '#' ? line + 2 : line;

		if (strncmp(p, "CONFIG_", 7) || strncmp(p + 7, option, len) ||
		    (p[7 + len] != '=' && p[7 + len] != ' '))
			fprintf(f, "%s\n", line);
	}
	if (value && !strcmp(value, "n"))
		fprintf(f, "# CONFIG_%s is not set\n", option);
	else if (value)
		fprintf(f, "CONFIG_%s=%s\n", option, value);
	fclose(f);
	free(copy);
	free(g->text);
	g->text = out;
	put(g->root, g->config, out);
}

static void run(const struct check_request *q, struct check_list *l)
{
	struct kd_err err = KD_ERR_INIT;

	if (check_run(q, l, &err))
		fail_msg("%s", err.text);
}

static void run_guest(const struct guest *g, unsigned parts, struct check_list *l)
{
	run(&(struct check_request){ .root = g->root, .parts = parts }, l);
}

static const struct check_item *find(const struct check_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->at[i].name, name))
			return &l->at[i];
	return NULL;
}

static const struct check_item *expect_item(const struct check_list *l, const char *name,
					    enum check_state state)
{
	static const struct check_item none;
	const struct check_item *i = find(l, name);

	if (!i)
		fail_msg("nothing is said of %s", name);
	else if (i->state != state)
		fail_msg("%s is %s, %s", name, check_state_name(i->state), i->found);
	/* what is to be done is said, and why */
	else if (state != CHECK_OK && (!*i->why || !*i->set))
		fail_msg("%s without advice", name);
	return i ? i : &none;
}

static void expect(const struct guest *g, const char *name, enum check_state state)
{
	struct check_list l;

	run_guest(g, BOTH, &l);
	expect_item(&l, name, state);
	check_list_fini(&l);
}

/* Machines as they are ------------------------------------------------------------------- */

static const struct {
	const char *machine, *release, *arch;
	bool reserved;
} machines[] = {
	{ "x86_64-6.1", "6.1.0-56-cloud-amd64", "x86_64", true },
	{ "x86_64-7.2", "7.2.13+deb14-cloud-amd64", "x86_64", true },
	{ "i386-6.1-686", "6.1.0-50-686", "i386", false },
	{ "i386-6.1-686-pae", "6.1.0-50-686-pae", "i386", true },
};

static void real_machines_lack_only_what_they_lack(void **state)
{
	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(machines); i++) {
		struct check_list l;
		struct guest g;

		set_up(&g, machines[i].machine, machines[i].release);
		put(g.root, "sys/kernel/security/lockdown", "[none] integrity\n");
		run_guest(&g, BOTH, &l);
		for (size_t j = 0; j < l.n; j++)
			if (l.at[j].state == CHECK_MISSING && strcmp(l.at[j].name, "crashkernel="))
				fail_msg("%s: %s is missing", machines[i].machine, l.at[j].name);
		assert_int_equal(l.count[CHECK_MISSING], !machines[i].reserved);
		assert_string_equal(l.first.release, machines[i].release);
		assert_string_equal(l.first.arch, machines[i].arch);
		assert_true(l.same);
		expect_item(&l, "crashkernel=", machines[i].reserved ? CHECK_OK : CHECK_MISSING);
		expect_item(&l, "kernel.panic_on_oops", CHECK_ADVICE);
		expect_item(&l, "kernel.panic", CHECK_OK);
		expect_item(&l, "CONFIG_CRASH_DUMP", CHECK_OK);
		check_list_fini(&l);
		tear_down(&g);
	}
}

/* Other Debian kernels, by their configurations alone. */
static void configurations_of_debian_are_fit(void **state)
{
	static const char *const releases[] = {
		"5.10.0-32-cloud-amd64",      "6.1.0-50-686",
		"6.1.0-50-686-pae",	      "6.1.0-56-cloud-amd64",
		"6.12.117+deb12-cloud-amd64", "7.2.13+deb14-cloud-amd64",
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(releases); i++) {
		char path[512];
		struct check_list l;

		snprintf(path, sizeof(path), CONFIGS "%s.config", releases[i]);
		run(&(struct check_request){ .root = "/nonexistent",
					     .parts = BOTH,
					     .config = path },
		    &l);
		assert_int_equal(l.count[CHECK_MISSING], 0);
		assert_true(l.count[CHECK_OK] > 20);
		assert_string_equal(l.first.arch, strstr(releases[i], "686") ? "i386" : "x86_64");
		check_list_fini(&l);
	}
}

/* Configurations ----------------------------------------------------------------------- */

static void each_option_is_missed(void **state)
{
	static const struct {
		const char *machine, *release, *option, *value, *name;
		enum check_state state;
	} cases[] = {
#define AMD64(option, value, name, state)                                                          \
	{ "x86_64-6.1", "6.1.0-56-cloud-amd64", option, value, name, state }
#define I686(option, value, name, state)                                                           \
	{                                                                                          \
		"i386-6.1-686", "6.1.0-50-686", option, value, name, state                         \
	}
		AMD64("SYSFS", "n", "CONFIG_SYSFS", CHECK_MISSING),
		AMD64("PROC_FS", "n", "CONFIG_PROC_FS", CHECK_MISSING),
		AMD64("CRASH_DUMP", "n", "CONFIG_CRASH_DUMP", CHECK_MISSING),
		AMD64("PROC_VMCORE", NULL, "CONFIG_PROC_VMCORE", CHECK_MISSING),
		AMD64("BLK_DEV_INITRD", "n", "CONFIG_BLK_DEV_INITRD", CHECK_MISSING),
		AMD64("BINFMT_ELF", "n", "CONFIG_BINFMT_ELF", CHECK_MISSING),
		AMD64("DEVTMPFS", "n", "CONFIG_DEVTMPFS", CHECK_MISSING),
		AMD64("KEXEC_FILE", "n", "CONFIG_KEXEC_FILE", CHECK_ADVICE),
		AMD64("KEXEC", "n", "CONFIG_KEXEC_FILE", CHECK_OK),
		AMD64("KALLSYMS", "n", "CONFIG_KALLSYMS", CHECK_ADVICE),
		AMD64("KALLSYMS_ALL", "n", "CONFIG_KALLSYMS_ALL", CHECK_ADVICE),
		AMD64("DEBUG_INFO", "n", "CONFIG_DEBUG_INFO", CHECK_ADVICE),
		AMD64("DEBUG_INFO_BTF", "n", "CONFIG_DEBUG_INFO_BTF", CHECK_ADVICE),
		AMD64("UNWINDER_ORC", "n", "CONFIG_UNWINDER_ORC", CHECK_ADVICE),
		AMD64("MAGIC_SYSRQ", "n", "CONFIG_MAGIC_SYSRQ", CHECK_ADVICE),
		AMD64("DETECT_HUNG_TASK", "n", "CONFIG_DETECT_HUNG_TASK", CHECK_ADVICE),
		AMD64("HARDLOCKUP_DETECTOR", NULL, "CONFIG_HARDLOCKUP_DETECTOR", CHECK_ADVICE),
		AMD64("KEXEC_BZIMAGE_VERIFY_SIG", "n", "CONFIG_KEXEC_BZIMAGE_VERIFY_SIG",
		      CHECK_ADVICE),
		AMD64("RELOCATABLE", "n", "CONFIG_PHYSICAL_START", CHECK_MISSING),
		AMD64("SMP", "n", "CONFIG_SMP", CHECK_OK),
		AMD64("KASAN", "y", "CONFIG_KASAN", CHECK_ADVICE),
		I686("KEXEC", "n", "CONFIG_KEXEC", CHECK_MISSING),
		I686("HIGHMEM", "n", "CONFIG_HIGHMEM", CHECK_MISSING),
		I686("SMP", "n", "CONFIG_X86_UP_APIC", CHECK_ADVICE),
		I686("SMP", "n", "CONFIG_X86_UP_IOAPIC", CHECK_ADVICE),
		I686("FRAME_POINTER", NULL, "CONFIG_FRAME_POINTER", CHECK_ADVICE),
		I686("RELOCATABLE", "n", "CONFIG_PHYSICAL_START", CHECK_MISSING),
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		struct guest g;

		set_up(&g, cases[i].machine, cases[i].release);
		configure(&g, cases[i].option, cases[i].value);
		expect(&g, cases[i].name, cases[i].state);
		tear_down(&g);
	}
}

static void an_iommu_that_is_on_wants_its_driver(void **state)
{
	struct check_list l;
	struct guest g;

	(void)state;
	set_up(&g, "x86_64-6.1", "6.1.0-56-cloud-amd64");
	run_guest(&g, BOTH, &l);
	assert_null(find(&l, "CONFIG_INTEL_IOMMU"));
	check_list_fini(&l);
	put(g.root, "sys/class/iommu/dmar0/devices", "");
	configure(&g, "INTEL_IOMMU", "n");
	expect(&g, "CONFIG_INTEL_IOMMU", CHECK_ADVICE);
	configure(&g, "INTEL_IOMMU", "y");
	expect(&g, "CONFIG_INTEL_IOMMU", CHECK_OK);
	tear_down(&g);
}

static void one_system_call_is_enough(void **state)
{
	struct guest g;

	(void)state;
	set_up(&g, "x86_64-6.1", "6.1.0-56-cloud-amd64");
	configure(&g, "KEXEC", "n");
	configure(&g, "KEXEC_FILE", "n");
	expect(&g, "CONFIG_KEXEC", CHECK_MISSING);
	tear_down(&g);
}

/* The first kernel needs CRASH_DUMP for the reservation, if it is of the kind that split it off. */
static void first_kernels_need_crash_dump_since_it_was_split(void **state)
{
	static const struct {
		const char *machine, *release;
		bool needed;
	} cases[] = {
		{ "x86_64-6.1", "6.1.0-56-cloud-amd64", false },
		{ "x86_64-7.2", "7.2.13+deb14-cloud-amd64", true },
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		struct check_list l;
		struct guest g;

		set_up(&g, cases[i].machine, cases[i].release);
		configure(&g, "CRASH_DUMP", "n");
		run_guest(&g, CHECK_FIRST, &l);
		if (cases[i].needed)
			expect_item(&l, "CONFIG_CRASH_DUMP", CHECK_MISSING);
		else
			assert_null(find(&l, "CONFIG_CRASH_DUMP"));
		check_list_fini(&l);
		tear_down(&g);
	}
}

/* 5 GiB: a kernel without PAE would lose what lies above 4 GiB. */
static void memory_above_4_gib_wants_pae(void **state)
{
	struct check_list l;
	struct guest g;

	(void)state;
	set_up(&g, "i386-6.1-686-pae", "6.1.0-50-686-pae");
	expect(&g, "CONFIG_X86_PAE", CHECK_OK);
	configure(&g, "X86_PAE", "n");
	expect(&g, "CONFIG_X86_PAE", CHECK_MISSING);
	tear_down(&g);
	set_up(&g, "i386-6.1-686", "6.1.0-50-686");
	configure(&g, "X86_PAE", NULL);
	run_guest(&g, BOTH, &l);
	assert_null(find(&l, "CONFIG_X86_PAE"));
	check_list_fini(&l);
	tear_down(&g);
}

static void a_kernel_for_the_reserved_address_need_not_move(void **state)
{
	struct guest g;

	(void)state;
	set_up(&g, "x86_64-6.1", "6.1.0-56-cloud-amd64");
	configure(&g, "RELOCATABLE", "n");
	configure(&g, "PHYSICAL_START", "0x27000000");
	expect(&g, "CONFIG_PHYSICAL_START", CHECK_OK);
	tear_down(&g);
}

static void no_configuration_is_told_and_no_guess_is_made(void **state)
{
	struct check_list l;
	struct guest g;

	(void)state;
	set_up(&g, "x86_64-6.1", "6.1.0-56-cloud-amd64");
	put(g.root, g.config, NULL);
	run_guest(&g, BOTH, &l);
	expect_item(&l, "the kernel's configuration", CHECK_UNKNOWN);
	assert_null(find(&l, "CONFIG_KEXEC"));
	assert_int_equal(l.count[CHECK_MISSING], 0);
	check_list_fini(&l);
	/* but what can be seen is */
	put(g.root, "sys/kernel/kexec_crash_loaded", NULL);
	expect(&g, "kexec", CHECK_MISSING);
	tear_down(&g);
}

/* The machine --------------------------------------------------------------------------- */

static void each_setting_is_looked_at(void **state)
{
	static const struct {
		const char *file, *text, *name;
		enum check_state state;
	} cases[] = {
		{ "proc/sys/kernel/panic_on_oops", "1\n", "kernel.panic_on_oops", CHECK_OK },
		{ "proc/sys/kernel/softlockup_panic", "1\n", "kernel.softlockup_panic", CHECK_OK },
		{ "proc/sys/kernel/hardlockup_panic", "1\n", "kernel.hardlockup_panic",
		  CHECK_ADVICE },
		{ "proc/sys/kernel/hung_task_panic", "1\n", "kernel.hung_task_panic", CHECK_OK },
		{ "proc/sys/kernel/panic_on_rcu_stall", "1\n", "kernel.panic_on_rcu_stall",
		  CHECK_OK },
		{ "proc/sys/kernel/unknown_nmi_panic", "1\n", "kernel.unknown_nmi_panic",
		  CHECK_OK },
		{ "proc/sys/kernel/panic", "0\n", "kernel.panic", CHECK_ADVICE },
		{ "proc/sys/kernel/panic", "-1\n", "kernel.panic", CHECK_OK },
		{ "proc/sys/kernel/panic_on_warn", "1\n", "kernel.panic_on_warn", CHECK_ADVICE },
		{ "proc/sys/kernel/sysrq", "0\n", "kernel.sysrq", CHECK_ADVICE },
		{ "proc/sys/kernel/sysrq", "1\n", "kernel.sysrq", CHECK_OK },
		{ "proc/sys/kernel/sysrq", "8\n", "kernel.sysrq", CHECK_OK },
		{ "proc/sys/kernel/kexec_load_disabled", "1\n", "kernel.kexec_load_disabled",
		  CHECK_MISSING },
		{ "proc/sys/kernel/kexec_load_limit_panic", "0\n", "kernel.kexec_load_limit_panic",
		  CHECK_MISSING },
		{ "sys/module/kernel/parameters/crash_kexec_post_notifiers", "Y\n",
		  "crash_kexec_post_notifiers", CHECK_ADVICE },
		{ "proc/cmdline", "crashkernel=128M hugepages=512\n", "hugepages=", CHECK_ADVICE },
		{ "sys/kernel/kexec_crash_loaded", "1\n", "crash kernel", CHECK_OK },
		{ "proc/self/mountinfo",
		  "1 1 0:1 / / rw - rootfs rootfs rw\n2 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
		  "3 2 0:2 / /var rw - tmpfs tmpfs rw\n",
		  "place for dumps", CHECK_ADVICE },
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		struct guest g;

		set_up(&g, "x86_64-6.1", "6.1.0-56-cloud-amd64");
		put(g.root, cases[i].file, cases[i].text);
		expect(&g, cases[i].name, cases[i].state);
		tear_down(&g);
	}
}

static void why_nothing_is_reserved_is_explained(void **state)
{
	static const struct {
		const char *cmdline, *why;
	} cases[] = {
		{ "quiet", "reserved at boot" },
		{ "crashkernel=auto", "does not understand" },
		{ "crashkernel=4G-:256M", "None of its ranges" },
		{ "crashkernel=128M@16M", "was not free" },
		{ "crashkernel=600M", "too much" },
		{ "crashkernel=128M", "dmesg" },
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		const struct check_item *item;
		struct check_list l;
		struct guest g;

		set_up(&g, "x86_64-6.1", "6.1.0-56-cloud-amd64");
		put(g.root, "proc/cmdline", cases[i].cmdline);
		put(g.root, "sys/kernel/kexec_crash_size", "0\n");
		run_guest(&g, BOTH, &l);
		item = expect_item(&l, "crashkernel=", CHECK_MISSING);
		if (!strstr(item->why, cases[i].why))
			fail_msg("%s: %s", cases[i].cmdline, item->why);
		check_list_fini(&l);
		tear_down(&g);
	}
}

static void what_is_set_but_not_in_effect_is_told(void **state)
{
	static const struct {
		const char *file, *text, *set; /* NULL: it is not set there */
	} cases[] = {
		{ "boot/grub/grub.cfg", "  linux /vmlinuz root=/dev/sda1 crashkernel=256M\n",
		  "reboot" },
		{ "boot/loader/entries/a.conf", "options root=/dev/sda1 crashkernel=1G\n",
		  "reboot" },
		{ "etc/default/grub", "GRUB_CMDLINE_LINUX=\"crashkernel=256M\"\n", "update-grub" },
		{ "etc/default/grub.d/kdump.cfg", "GRUB_CMDLINE_LINUX=\"crashkernel=1G\"\n",
		  "update-grub" },
		{ "etc/default/grub", "A=1\n# GRUB_CMDLINE_LINUX=\"crashkernel=256M\"\n", NULL },
		{ "boot/loader/entries/a.conf.bak", "options crashkernel=1G\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		const struct check_item *item;
		struct check_list l;
		struct guest g;

		set_up(&g, "i386-6.1-686", "6.1.0-50-686");
		put(g.root, cases[i].file, cases[i].text);
		run_guest(&g, BOTH, &l);
		item = expect_item(&l, "crashkernel=", CHECK_MISSING);
		if (cases[i].set) {
			assert_int_equal(strncmp(item->set, cases[i].set, strlen(cases[i].set)), 0);
			assert_non_null(strstr(item->found, cases[i].file));
		} else {
			assert_int_equal(strncmp(item->set, "crashkernel=", 12), 0);
		}
		check_list_fini(&l);
		tear_down(&g);
	}
}

static void who_else_loads_at_boot_is_told(void **state)
{
	static const char wants[] = "etc/systemd/system/multi-user.target.wants/";
	struct check_list l;
	struct guest g;
	char path[128];

	(void)state;
	set_up(&g, "x86_64-6.1", "6.1.0-56-cloud-amd64");
	put(g.root, "sys/kernel/kexec_crash_loaded", "1\n");
	expect(&g, "kdview.service", CHECK_ADVICE);
	snprintf(path, sizeof(path), "%skdview.service", wants);
	put(g.root, path, "");
	expect(&g, "kdview.service", CHECK_OK);
	snprintf(path, sizeof(path), "%skdump-tools.service", wants);
	put(g.root, path, "");
	expect(&g, "kdview.service", CHECK_ADVICE);
	snprintf(path, sizeof(path), "%skdview.service", wants);
	put(g.root, path, NULL);
	run_guest(&g, BOTH, &l);
	assert_null(find(&l, "kdview.service"));
	check_list_fini(&l);
	tear_down(&g);
}

static void targets_that_cannot_be_are_missing(void **state)
{
	static const char *const targets[] = { "user@host:/var/crash", "host:/export", "raw:sdb" };
	struct check_list l;
	struct guest g;

	(void)state;
	set_up(&g, "x86_64-6.1", "6.1.0-56-cloud-amd64");
	for (size_t i = 0; i < KD_ARRAY_SIZE(targets); i++) {
		run(&(struct check_request){ .root = g.root, .parts = BOTH, .target = targets[i] },
		    &l);
		expect_item(&l, "place for dumps", CHECK_MISSING);
		check_list_fini(&l);
	}
	run(&(struct check_request){ .root = g.root, .parts = BOTH, .target = "LABEL=crash" }, &l);
	expect_item(&l, "place for dumps", CHECK_ADVICE);
	check_list_fini(&l);
	tear_down(&g);
}

static void lockdown_decides_what_can_be_loaded(void **state)
{
	struct guest g;

	(void)state;
	/* it came up with lockdown=integrity */
	set_up(&g, "i386-6.1-686-pae", "6.1.0-50-686-pae");
	expect(&g, "lockdown", CHECK_MISSING);
	tear_down(&g);
	set_up(&g, "x86_64-7.2", "7.2.13+deb14-cloud-amd64");
	expect(&g, "lockdown", CHECK_OK);
	configure(&g, "KEXEC_FILE", "n");
	expect(&g, "CONFIG_KEXEC_FILE", CHECK_MISSING);
	tear_down(&g);
	set_up(&g, "x86_64-7.2", "7.2.13+deb14-cloud-amd64");
	configure(&g, "KEXEC_SIG", "n");
	expect(&g, "CONFIG_KEXEC_SIG", CHECK_MISSING);
	tear_down(&g);
}

/* The second kernel --------------------------------------------------------------------- */

static void its_command_line_is_checked(void **state)
{
	static const char good[] = "console=ttyS0 irqpoll nr_cpus=1 reset_devices panic=10";
	static const struct {
		const char *append, *name;
	} cases[] = {
		{ "irqpoll reset_devices panic=10", "nr_cpus=" },
		{ "irqpoll nr_cpus=1 panic=10", "reset_devices" },
		{ "reset_devices nr_cpus=1 panic=10", "irqpoll" },
		{ "irqpoll nr_cpus=1 reset_devices", "panic=" },
		{ "irqpoll nr_cpus=1 reset_devices panic=10 hugepages=64", "hugepages" },
		{ "irqpoll nr_cpus=1 reset_devices panic=10 crashkernel=128M", "crashkernel" },
		{ "irqpoll nr_cpus=1 reset_devices panic=10 mem=1G", "mem" },
	};
	struct check_list l;
	struct guest g;

	(void)state;
	set_up(&g, "x86_64-6.1", "6.1.0-56-cloud-amd64");
	run(&(struct check_request){ .root = g.root, .parts = CHECK_SECOND, .append = good }, &l);
	assert_int_equal(l.count[CHECK_ADVICE], 1); /* it is not loaded */
	check_list_fini(&l);
	for (size_t i = 0; i < KD_ARRAY_SIZE(cases); i++) {
		run(&(struct check_request){ .root = g.root,
					     .parts = CHECK_SECOND,
					     .append = cases[i].append },
		    &l);
		expect_item(&l, cases[i].name, CHECK_ADVICE);
		assert_int_equal(l.count[CHECK_ADVICE], 2);
		check_list_fini(&l);
	}
	tear_down(&g);
}

/* What is loaded is known by its record: its command line, and which kernel it is. */
static void what_is_loaded_is_checked(void **state)
{
	struct check_list l;
	struct guest g;
	char text[512], image[128];

	(void)state;
	set_up(&g, "x86_64-6.1", "6.1.0-56-cloud-amd64");
	put(g.root, "sys/kernel/kexec_crash_loaded", "1\n");
	expect(&g, "second kernel's command line", CHECK_UNKNOWN);
	put(g.root, "run/kdview/loaded", "cmdline console=ttyS0 irqpoll nr_cpus=1 reset_devices\n");
	run_guest(&g, BOTH, &l);
	expect_item(&l, "panic=", CHECK_ADVICE);
	assert_null(find(&l, "nr_cpus="));
	assert_true(l.same && l.loaded);
	check_list_fini(&l);
	snprintf(image, sizeof(image), "%s/boot/vmlinuz-6.1.0-56-cloud-amd64", g.root);
	put(g.root, "boot/vmlinuz-6.1.0-56-cloud-amd64", "no image either");
	snprintf(text, sizeof(text), "kernel %s\ncmdline panic=1\n", image);
	put(g.root, "run/kdview/loaded", text);
	run_guest(&g, BOTH, &l);
	assert_true(l.same);
	check_list_fini(&l);
	/* it has been removed since: that is no failure */
	put(g.root, "run/kdview/loaded", "kernel /nonexistent/vmlinuz\ninitrd /nonexistent/i\n");
	run_guest(&g, BOTH, &l);
	assert_true(l.same);
	check_list_fini(&l);
	tear_down(&g);
}

/* One that is not the first: told apart, and judged by its own configuration. */
static void another_second_kernel_has_its_own_configuration(void **state)
{
	char config[512], image[128];
	struct check_list l;
	struct guest g, other;

	(void)state;
	set_up(&g, "x86_64-6.1", "6.1.0-56-cloud-amd64");
	set_up(&other, "i386-6.1-686", "6.1.0-50-686");
	configure(&other, "PROC_VMCORE", "n");
	snprintf(config, sizeof(config), "%s/%s", other.root, other.config);
	snprintf(image, sizeof(image), "%s/image", other.root);
	put(other.root, "image", "no image at all");
	run(
		&(struct check_request){
			.root = g.root, .parts = BOTH, .config = config, .kernel = image },
		&l);
	assert_false(l.same);
	assert_string_equal(l.first.arch, "x86_64");
	assert_string_equal(l.second.arch, "i386");
	assert_int_equal(expect_item(&l, "CONFIG_PROC_VMCORE", CHECK_MISSING)->parts, CHECK_SECOND);
	assert_int_equal(l.count[CHECK_MISSING], 1);
	check_list_fini(&l);
	tear_down(&other);
	tear_down(&g);
}

static void files_that_were_named_must_be_there(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	struct check_list l;

	(void)state;
	assert_true(check_run(&(struct check_request){ .root = "/nonexistent",
						       .parts = BOTH,
						       .config = "/nonexistent/c" },
			      &l, &err) < 0);
	check_list_fini(&l);
	assert_true(check_run(&(struct check_request){ .root = "/nonexistent",
						       .parts = BOTH,
						       .kernel = "/nonexistent/k" },
			      &l, &err) < 0);
	check_list_fini(&l);
	assert_true(check_run(&(struct check_request){ .root = "/nonexistent",
						       .parts = BOTH,
						       .config = "/dev/null" },
			      &l, &err) < 0);
	check_list_fini(&l);
}

/* What stops everything is first, and among that what takes longest to mend. */
static void the_order_is_that_of_the_work(void **state)
{
	struct check_list l;
	struct guest g;

	(void)state;
	set_up(&g, "x86_64-6.1", "6.1.0-56-cloud-amd64");
	configure(&g, "PROC_VMCORE", "n");
	put(g.root, "sys/kernel/kexec_crash_size", "0\n");
	put(g.root, "proc/sys/kernel/kexec_load_disabled", "1\n");
	run_guest(&g, BOTH, &l);
	assert_int_equal(l.count[CHECK_MISSING], 3);
	assert_string_equal(l.at[0].name, "CONFIG_PROC_VMCORE");
	assert_string_equal(l.at[1].name, "crashkernel=");
	assert_string_equal(l.at[2].name, "kernel.kexec_load_disabled");
	for (size_t i = 1; i < l.n; i++)
		assert_true(
			l.at[i - 1].state < l.at[i].state ||
			(l.at[i - 1].state == l.at[i].state && l.at[i - 1].step <= l.at[i].step));
	check_list_fini(&l);
	tear_down(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_machines_lack_only_what_they_lack),
		cmocka_unit_test(configurations_of_debian_are_fit),
		cmocka_unit_test(each_option_is_missed),
		cmocka_unit_test(an_iommu_that_is_on_wants_its_driver),
		cmocka_unit_test(one_system_call_is_enough),
		cmocka_unit_test(first_kernels_need_crash_dump_since_it_was_split),
		cmocka_unit_test(memory_above_4_gib_wants_pae),
		cmocka_unit_test(a_kernel_for_the_reserved_address_need_not_move),
		cmocka_unit_test(no_configuration_is_told_and_no_guess_is_made),
		cmocka_unit_test(each_setting_is_looked_at),
		cmocka_unit_test(why_nothing_is_reserved_is_explained),
		cmocka_unit_test(what_is_set_but_not_in_effect_is_told),
		cmocka_unit_test(who_else_loads_at_boot_is_told),
		cmocka_unit_test(targets_that_cannot_be_are_missing),
		cmocka_unit_test(lockdown_decides_what_can_be_loaded),
		cmocka_unit_test(its_command_line_is_checked),
		cmocka_unit_test(what_is_loaded_is_checked),
		cmocka_unit_test(another_second_kernel_has_its_own_configuration),
		cmocka_unit_test(files_that_were_named_must_be_there),
		cmocka_unit_test(the_order_is_that_of_the_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
