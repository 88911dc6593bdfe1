// SPDX-License-Identifier: GPL-3.0-or-later
/* What crashed: see info.h. */
#include "kernel/info.h"

#include <errno.h>
#include <string.h>

#include "kernel/info_log.h"
#include "kernel/kernel.h"
#include "kernel/log.h"
#include "kernel/panic.h"

#define UTS_ABOVE 64 /* bytes of struct uts_namespace in front of name, at most */

static bool has_string(const struct kernel *k, vaddr_t at, const char *text)
{
	char buf[INFO_UTS];

	return !space_read_str(&k->space, at, buf, sizeof(buf), NULL) && !strcmp(buf, text);
}

/*
 * Where init_uts_ns.name is. If nothing tells (VMCOREINFO does since v5.11, fcf7b2ce9aa3),
 * it is where the strings of struct new_utsname stand that are known.
 */
static bool find_uts(const struct kernel *k, vaddr_t *at)
{
	const struct member *m = &k->layout.uts_namespace_name;
	vaddr_t addr;

	if (!kernel_symbol(k, "init_uts_ns", &addr))
		return false;
	*at = addr + m->offset;
	for (uint64_t off = 0; !m->found && k->release && off < UTS_ABOVE; off += 4) {
		*at = addr + off;
		if (has_string(k, *at, "Linux") && has_string(k, *at + 2 * INFO_UTS, k->release))
			return true;
	}
	return m->found;
}

/* A string member of init_uts_ns.name; OFFSET in it as struct new_utsname has had it since v2.6. */
static void read_uts(const struct kernel *k, const struct member *m, unsigned index, char *out)
{
	uint64_t off = m->found ? m->offset : (uint64_t)index * INFO_UTS;
	vaddr_t addr;

	if (!find_uts(k, &addr) || space_read_str(&k->space, addr + off, out, INFO_UTS, NULL))
		out[0] = '\0';
}

static void read_names(const struct kernel *k, struct info *i)
{
	const struct layout *l = &k->layout;

	read_uts(k, &l->new_utsname_nodename, 1, i->nodename);
	read_uts(k, &l->new_utsname_release, 2, i->release);
	read_uts(k, &l->new_utsname_version, 3, i->version);
	read_uts(k, &l->new_utsname_machine, 4, i->machine);
	if (!i->release[0] && k->release)
		snprintf(i->release, sizeof(i->release), "%s", k->release);
}

/*
 * Words the kernel begins a report of its own failure with (arch/x86/mm/fault.c,
 * arch/x86/kernel/traps.c, lib/bug.c, kernel/watchdog.c, kernel/hung_task.c,
 * kernel/rcu/tree_stall.h, mm/oom_kill.c). What is not FATAL often passes by.
 */
static const struct {
	const char *text;
	bool fatal;
} oops_words[] = {
	{ "BUG: ", true },
	{ "kernel BUG at ", true },
	{ "general protection fault", true },
	{ "stack segment: ", true },
	{ "double fault: ", true },
	{ "divide error: ", true },
	{ "invalid opcode: ", true },
	{ "int3: ", true },
	{ "Oops: ", true },
	{ "Unable to handle kernel", true },
	{ "Kernel stack overflow", true },
	{ "watchdog: BUG: ", true },
	{ "NMI watchdog: BUG: ", true },
	{ "sysrq: Trigger a crash", true },
	{ "SysRq : Trigger a crash", true },
	{ "INFO: task ", false },
	{ "rcu: INFO: ", false },
	{ "mce: [Hardware Error]", false },
	{ "Out of memory: ", false },
};

static bool begins_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static bool is_oops(const char *text, bool *fatal)
{
	/* Its prefix has changed often (kernel/watchdog.c, kernel/watchdog_hld.c). */
	*fatal = strstr(text, "Watchdog detected hard LOCKUP") != NULL;
	if (*fatal)
		return true;
	/* "INFO: task a:1 is blocked on a mutex likely owned by task b:2.", at a report's end */
	if (strstr(text, " is blocked on "))
		return false;
	for (size_t i = 0; i < KD_ARRAY_SIZE(oops_words); i++) {
		if (begins_with(text, oops_words[i].text)) {
			*fatal = oops_words[i].fatal;
			return true;
		}
	}
	return false;
}

#define NEAR_NS (UINT64_C(60) * 1000000000)

/*
 * The panic's own line, and the line that begins the report before it. A machine
 * can live through an oops: a report that is closed ("end trace"), or was never
 * fatal, gives way to a later one; what is not fatal must come right before the end.
 */
static void find_words(const struct log *l, struct info *i)
{
	size_t oops = SIZE_MAX, panic = SIZE_MAX, end;
	bool open = false;

	for (size_t n = 0; n < l->n && panic == SIZE_MAX; n++) {
		const char *text = l->list[n].text;
		bool fatal;

		if (!text)
			continue;
		if (begins_with(text, PANIC_WORDS)) {
			panic = n;
		} else if (begins_with(text, "---[ end trace ")) {
			open = false;
		} else if (!open && is_oops(text, &fatal)) {
			oops = n;
			open = fatal;
		}
	}
	end = panic != SIZE_MAX ? panic : l->n - 1;
	if (oops != SIZE_MAX && !open && l->list[oops].ts_nsec + NEAR_NS < l->list[end].ts_nsec)
		oops = SIZE_MAX;
	if (panic != SIZE_MAX)
		i->panic = l->list[panic].text;
	if (oops != SIZE_MAX)
		i->oops = l->list[oops].text;
	i->panic_record = oops != SIZE_MAX ? oops : panic;
}

/* Lines so close to each other are of one report. */
#define ONE_REPORT_NS (UINT64_C(10) * 1000000000)

/*
 * Of a kernel that had not crashed: the line that begins the last report there is, and how long
 * before the dump that was. The log may have ended long before that.
 */
static void find_last_report(const struct log *l, struct info *i)
{
	size_t begin = SIZE_MAX, last = 0;
	uint64_t now = i->has_uptime ? i->uptime_ns : 0;
	bool fatal;

	for (size_t n = 0; n < l->n; n++) {
		if (!l->list[n].text || !is_oops(l->list[n].text, &fatal))
			continue;
		if (begin == SIZE_MAX || l->list[last].ts_nsec + ONE_REPORT_NS < l->list[n].ts_nsec)
			begin = n;
		last = n;
	}
	if (begin == SIZE_MAX)
		return;
	if (now < l->list[l->n - 1].ts_nsec)
		now = l->list[l->n - 1].ts_nsec;
	i->oops = l->list[begin].text;
	i->oops_age = now - kd_min(now, l->list[begin].ts_nsec);
	i->panic_record = begin;
}

bool info_is_recent(const struct info *i)
{
	return i->crashed || i->oops_age < NEAR_NS;
}

/*
 * The timekeeper: in tk_core after its sequence counter (named struct tk_data
 * since v6.13), or alone before v3.17; in an array timekeeper_data since v6.17.
 */
static bool find_timekeeper(const struct kernel *k, vaddr_t *addr)
{
	const struct member *in_data = &k->layout.tk_data_timekeeper;

	if (kernel_symbol(k, "timekeeper_data", addr) || kernel_symbol(k, "tk_core", addr)) {
		/* The nameless struct: a counter of 4 bytes, then what is aligned as a pointer. */
		*addr += in_data->found ? in_data->offset : k->arch->ptr_size;
		return true;
	}
	return kernel_symbol(k, "timekeeper", addr);
}

/* A member as a signed number: wall_to_monotonic is negative. */
static bool read_signed(const struct kernel *k, vaddr_t tk, const struct member *m, int64_t *v)
{
	uint64_t u;

	if (member_read(&k->space, tk, m, &u, NULL))
		return false;
	*v = m->size == 4 ? (int64_t)(int32_t)(uint32_t)u : (int64_t)u;
	return true;
}

/* Nanoseconds of the clock past xtime_sec. */
static int64_t clock_fraction(const struct kernel *k, vaddr_t tk)
{
	const struct layout *l = &k->layout;
	uint64_t nsec, shift;

	if (member_read(&k->space, tk, &l->timekeeper_xtime_nsec, &nsec, NULL) ||
	    member_read(&k->space, tk, &l->timekeeper_shift, &shift, NULL) || shift > 32)
		return 0;
	nsec >>= shift;
	return nsec < 1000000000 ? (int64_t)nsec : 0;
}

#define YEAR_SECONDS (INT64_C(365) * 24 * 3600)

static void read_clock(const struct kernel *k, struct info *i)
{
	const struct layout *l = &k->layout;
	int64_t sec, mono, mono_ns, boot, up;
	vaddr_t tk;

	if (!find_timekeeper(k, &tk) || !read_signed(k, tk, &l->timekeeper_xtime_sec, &sec) ||
	    sec < 0 || sec > 10000 * YEAR_SECONDS)
		return;
	/* Seconds of 1970: a clock that was never set. */
	if (!i->has_crash_time && sec > YEAR_SECONDS) {
		i->has_crash_time = true;
		i->crash_time = sec;
	}
	if (!read_signed(k, tk, &l->timekeeper_wall_to_monotonic_sec, &mono) ||
	    !read_signed(k, tk, &l->timekeeper_wall_to_monotonic_nsec, &mono_ns) ||
	    mono > 100 * YEAR_SECONDS || mono < -10000 * YEAR_SECONDS || mono_ns < 0 ||
	    mono_ns >= 1000000000)
		return;
	up = sec + mono;
	if (up < 0 || up > 100 * YEAR_SECONDS)
		return;
	up = up * 1000000000 + mono_ns + clock_fraction(k, tk);
	if (read_signed(k, tk, &l->timekeeper_offs_boot, &boot) && boot >= 0 &&
	    boot < 100 * YEAR_SECONDS * 1000000000)
		up += boot;
	i->uptime_ns = (uint64_t)up;
	i->has_uptime = true;
}

/* Without a timekeeper: the log's last time stamp. */
static void uptime_from_log(const struct log *l, struct info *i)
{
	const struct log_record *last = l && l->n ? &l->list[l->n - 1] : NULL;

	if (i->has_uptime || !last || !last->has_ts)
		return;
	i->has_uptime = i->uptime_from_log = true;
	i->uptime_ns = last->ts_nsec;
}

static void read_crash_time(const struct kernel *k, struct info *i)
{
	const char *text = NULL;
	char *end;
	long long v;

	if (k->dump->vmcoreinfo)
		text = vmcoreinfo_get(k->dump->vmcoreinfo, "CRASHTIME");
	if (!text)
		return;
	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno || end == text || *end || v <= 0)
		return;
	i->crash_time = v;
	i->has_crash_time = i->crash_time_exact = true;
}

/* avenrun: fixed point with 11 bits (FIXED_1, include/linux/sched/loadavg.h). */
static void read_load(const struct kernel *k, struct info *i)
{
	size_t size = k->arch->ptr_size;
	vaddr_t addr;

	if (!kernel_symbol(k, "avenrun", &addr))
		return;
	for (unsigned n = 0; n < 3; n++) {
		uint64_t v;

		if (space_read_uint(&k->space, addr + n * size, size, &v, NULL) || v > UINT32_MAX)
			return;
		i->load[n] = (uint32_t)((v + 10) * 100 >> 11);
	}
	i->has_load = true;
}

#define CMDLINE_MAX 4096 /* COMMAND_LINE_SIZE is 2048 on x86 */

static void read_cmdline(const struct kernel *k, struct info *i)
{
	uint64_t ptr;
	vaddr_t addr;
	char *buf;

	if (!kernel_symbol(k, "saved_command_line", &addr) ||
	    space_read_ptr(&k->space, addr, &ptr, NULL) || !ptr)
		return;
	buf = malloc(CMDLINE_MAX);
	if (buf && !space_read_str(&k->space, ptr, buf, CMDLINE_MAX, NULL))
		i->cmdline = buf;
	else
		free(buf);
}

static void count_cpus(const struct kernel *k, struct info *i)
{
	for (size_t n = 0; n < k->cpus.n; n++) {
		i->cpus_possible++;
		i->cpus_online += k->cpus.list[n].online;
		i->cpus_with_notes += k->cpus.list[n].has_note;
	}
}

void info_read(const struct kernel *k, const struct log *l, struct info *out)
{
	*out = (struct info){ .panic_record = SIZE_MAX, .crashed = k->crashed };
	read_names(k, out);
	read_crash_time(k, out);
	read_clock(k, out);
	uptime_from_log(l, out);
	if (l && out->crashed)
		find_words(l, out);
	else if (l)
		find_last_report(l, out);
	read_load(k, out);
	out->has_taint =
		!kernel_read_symbol(k, "tainted_mask", k->arch->ptr_size, &out->taint, NULL) ||
		(l && info_log_taint(l, &out->taint));
	read_cmdline(k, out);
	if (!out->cmdline && l && info_log_cmdline(l))
		out->cmdline = strdup(info_log_cmdline(l));
	count_cpus(k, out);
}

void info_fini(struct info *i)
{
	free(i->cmdline);
	i->cmdline = NULL;
}

bool info_boot_time(const struct info *i, int64_t *seconds)
{
	if (!i->has_crash_time || !i->has_uptime)
		return false;
	*seconds = i->crash_time - (int64_t)(i->uptime_ns / 1000000000);
	return true;
}

/* taint_flags[] of kernel/panic.c, by bit; Documentation/admin-guide/tainted-kernels.rst. */
static const struct {
	char letter;
	const char *meaning;
} taint_flags[] = {
	{ 'P', "proprietary module" },
	{ 'F', "module was forced in" },
	{ 'S', "out of specification" },
	{ 'R', "module was forced out" },
	{ 'M', "machine check" },
	{ 'B', "bad page" },
	{ 'U', "user asked for it" },
	{ 'D', "died before: oops or BUG" },
	{ 'A', "ACPI table overridden" },
	{ 'W', "warned before" },
	{ 'C', "staging driver" },
	{ 'I', "firmware bug worked around" },
	{ 'O', "out-of-tree module" },
	{ 'E', "unsigned module" },
	{ 'L', "soft lockup before" },
	{ 'K', "live patched" },
	{ 'X', "auxiliary, by the distribution" },
	{ 'T', "randomized struct layout" },
	{ 'N', "in-kernel test" },
	{ 'J', "fwctl's mutating debug" },
};

bool info_taint_bit(char letter, uint64_t *taint)
{
	for (unsigned bit = 0; bit < KD_ARRAY_SIZE(taint_flags); bit++) {
		if (taint_flags[bit].letter != letter)
			continue;
		*taint |= UINT64_C(1) << bit;
		return true;
	}
	return false;
}

const char *info_taint(uint64_t taint, char *buf, size_t size)
{
	size_t used = 0;

	snprintf(buf, size, "none");
	for (unsigned bit = 0; bit < 64 && used < size; bit++) {
		int n;

		if (!(taint >> bit & 1))
			continue;
		if (bit < KD_ARRAY_SIZE(taint_flags))
			n = snprintf(buf + used, size - used, "%s%c (%s)", used ? ", " : "",
				     taint_flags[bit].letter, taint_flags[bit].meaning);
		else
			n = snprintf(buf + used, size - used, "%sbit %u", used ? ", " : "", bit);
		if (n < 0)
			break;
		used += (size_t)n;
	}
	return buf;
}
