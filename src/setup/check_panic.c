// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What of the running kernel's settings decides whether a fault ends in a panic, and a panic in
 * a dump: see check.h, and the kernel's Documentation/admin-guide/sysctl.
 */
#include <inttypes.h>
#include <string.h>

#include "load/machine_priv.h"
#include "setup/check_priv.h"

#define SYSRQ_DUMP 8 /* of the bits of kernel.sysrq */

static void say(struct checking *c, enum check_state state, const char *name, const char *found,
		const char *set, const char *why)
{
	check_put(c, &(struct check_say){ .state = state,
					  .step = CHECK_STEP_SYSCTL,
					  .parts = CHECK_FIRST,
					  .name = name,
					  .found = found,
					  .set = set,
					  .why = why });
}

static bool number(const struct checking *c, const char *name, int64_t *v)
{
	char path[96];
	uint64_t n;

	snprintf(path, sizeof(path), "proc/sys/%s", name);
	for (char *p = path + 9; *p; p++)
		if (*p == '.')
			*p = '/';
	if (!machine_number(&c->machine, path, 10, &n))
		return false;
	*v = (int64_t)n;
	return true;
}

/* Settings that should be on, each with what keeps it from working. */
static const struct wanted {
	const char *name;
	const char *on;	 /* what must be above 0, too; NULL: nothing */
	const char *set; /* of that */
	const char *why;
} wanted[] = {
	{ "kernel.panic_on_oops", NULL, NULL,
	  "An oops ends one task only: the machine goes on, damaged, and leaves no dump." },
	{ "kernel.softlockup_panic", "kernel.soft_watchdog", "kernel.soft_watchdog=1",
	  "A CPU that loops in the kernel is written to the log, and that is all." },
	{ "kernel.hardlockup_panic", "kernel.nmi_watchdog", "kernel.nmi_watchdog=1",
	  "A CPU that hangs with interrupts off leaves no dump. (In virtual machines without "
	  "performance counters nmi_watchdog stays 0.)" },
	{ "kernel.hung_task_panic", "kernel.hung_task_timeout_secs",
	  "kernel.hung_task_timeout_secs=120",
	  "Tasks that wait for ever (deadlocks, lost I/O) are written to the log only. Where slow "
	  "storage is common, raise kernel.hung_task_timeout_secs first." },
	{ "kernel.panic_on_rcu_stall", NULL, NULL,
	  "A CPU or task that blocks RCU stops the machine sooner or later, without a dump." },
	{ "kernel.unknown_nmi_panic", NULL, NULL,
	  "The NMI button, or \"virsh inject-nmi\", makes no dump of a machine that hangs." },
};

static void check_wanted(struct checking *c, const struct wanted *w)
{
	char set[160], found[96];
	int64_t v, on = 1;

	if (!number(c, w->name, &v))
		return; /* the configuration's items have told */
	snprintf(found, sizeof(found), "%" PRId64, v);
	if (w->on && number(c, w->on, &on) && on <= 0)
		snprintf(found, sizeof(found), "%" PRId64 ", and %s is %" PRId64, v, w->on, on);
	if (v > 0 && on > 0) {
		say(c, CHECK_OK, w->name, found, NULL, NULL);
		return;
	}
	snprintf(set, sizeof(set), "sysctl -w%s%s%s%s%s", on <= 0 ? " " : "", on <= 0 ? w->set : "",
		 v <= 0 ? " " : "", v <= 0 ? w->name : "", v <= 0 ? "=1" : "");
	say(c, CHECK_ADVICE, w->name, found, set, w->why);
}

static void check_timeout(struct checking *c)
{
	char found[32];
	int64_t v;

	if (!number(c, "kernel.panic", &v))
		return;
	snprintf(found, sizeof(found), "%" PRId64, v);
	say(c, v ? CHECK_OK : CHECK_ADVICE, "kernel.panic", found,
	    v ? NULL : "sysctl -w kernel.panic=10",
	    v ? NULL
	      : "When no second kernel is loaded, or it does not start, the machine stands "
		"still after a panic until somebody comes.");
}

static void check_sysrq(struct checking *c)
{
	char found[64], set[64];
	int64_t v;

	if (!number(c, "kernel.sysrq", &v))
		return;
	snprintf(found, sizeof(found), "%" PRId64, v);
	snprintf(set, sizeof(set), "sysctl -w kernel.sysrq=%" PRId64, v | SYSRQ_DUMP);
	if (v == 1 || v & SYSRQ_DUMP)
		say(c, CHECK_OK, "kernel.sysrq", found, NULL, NULL);
	else
		say(c, CHECK_ADVICE, "kernel.sysrq", found, set,
		    "Alt-SysRq-C at the console (\"echo c >/proc/sysrq-trigger\" always works) "
		    "makes no "
		    "dump of a machine that hangs.");
}

/* On where somebody wants it; not a fault, but to be known. */
static void check_eager(struct checking *c)
{
	char found[32];
	int64_t v;

	if (number(c, "kernel.panic_on_warn", &v)) {
		snprintf(found, sizeof(found), "%" PRId64, v);
		say(c, v ? CHECK_ADVICE : CHECK_OK, "kernel.panic_on_warn", found,
		    v ? "sysctl -w kernel.panic_on_warn=0" : NULL,
		    v ? "Every WARN() of the kernel, harmless or not, ends in a panic." : NULL);
	}
	if (number(c, "vm.panic_on_oom", &v)) {
		snprintf(found, sizeof(found), "%" PRId64, v);
		say(c, CHECK_OK, "vm.panic_on_oom", found, NULL,
		    v ? NULL
		      : "Out of memory ends a process, which leaves no dump of the kernel; "
			"1 panics instead.");
	}
}

static void check_notifiers(struct checking *c)
{
	static const char name[] = "crash_kexec_post_notifiers";
	_cleanup_(freep) char *text = NULL;
	char path[96];

	snprintf(path, sizeof(path), "sys/module/kernel/parameters/%s", name);
	if (check_has_word(c->machine.cmdline, name) || /* told by the boot items */
	    machine_file(&c->machine, path, 16, &text, NULL, NULL))
		return;
	if (*text != 'Y' && *text != '1')
		say(c, CHECK_OK, name, "N", NULL, NULL);
	else
		say(c, CHECK_ADVICE, name, "Y",
		    "echo N >/sys/module/kernel/parameters/crash_kexec_post_notifiers (guests of "
		    "Hyper-V set it on purpose)",
		    "Other code of the crashed kernel runs before the dump is made, and may hang.");
}

void check_panic(struct checking *c)
{
	if (!c->has_machine)
		return;
	for (size_t i = 0; i < KD_ARRAY_SIZE(wanted); i++)
		check_wanted(c, &wanted[i]);
	check_timeout(c);
	check_sysrq(c);
	check_eager(c);
	check_notifiers(c);
}
