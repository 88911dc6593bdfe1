// SPDX-License-Identifier: GPL-3.0-or-later
/* Whether the kernel crashed, and who did it: see panic.h. */
#include "kernel/panic.h"

#include <string.h>

#include "kernel/kernel.h"
#include "kernel/log.h"

/* By the log -------------------------------------------------------------------- */

/* WORD and a number at *P, which moves behind them. */
static bool take_number(const char **p, const char *word, uint32_t *value)
{
	size_t len = strlen(word);
	unsigned long v;
	char *end;

	if (strncmp(*p, word, len) || (*p)[len] < '0' || (*p)[len] > '9')
		return false;
	v = strtoul(*p + len, &end, 10);
	*p = end;
	*value = (uint32_t)v;
	return v <= INT32_MAX;
}

/*
 * "CPU: 1 PID: 26 Comm: kworker/1:1 Tainted: G ..." of dump_stack_print_info(); later
 * with "UID: 0 " before the PID.
 */
static bool parse_who(const char *text, uint32_t *cpu, uint32_t *pid, char comm[16])
{
	static const char *const ends[] = { " Tainted: ", " Not tainted", " Kdump: " };
	static const char word[] = " Comm: ";
	uint32_t uid;
	size_t len;

	if (!take_number(&text, "CPU: ", cpu))
		return false;
	take_number(&text, " UID: ", &uid);
	if (!take_number(&text, " PID: ", pid) || strncmp(text, word, strlen(word)))
		return false;
	text += strlen(word);
	len = strlen(text);
	for (size_t i = 0; i < KD_ARRAY_SIZE(ends); i++) {
		const char *end = strstr(text, ends[i]);

		if (end && (size_t)(end - text) < len)
			len = (size_t)(end - text);
	}
	snprintf(comm, 16, "%.*s", (int)kd_min(len, 15), text);
	return true;
}

/* Is NR the CPU of a note of that PID? The line may be of another time. */
static const struct cpu *noted_cpu(const struct kernel *k, unsigned nr, uint32_t pid)
{
	const struct cpu *c = cpus_get(&k->cpus, nr);

	return c && c->has_pid && c->note_pid == pid ? c : NULL;
}

static void give_name(struct kernel *k, unsigned nr, const char comm[16])
{
	for (size_t i = 0; i < k->tasks.n; i++) {
		struct task *t = &k->tasks.list[i];

		if (t->on_cpu && t->cpu == (int32_t)nr && !t->comm[0])
			memcpy(t->comm, comm, sizeof(t->comm));
	}
}

/*
 * What the log says last of who runs where, if that CPU's crash note agrees. Tasks on CPUs that
 * have no name get it from there.
 */
static void find_in_log(struct kernel *k, const struct log *l)
{
	uint32_t nr = 0, pid = 0;
	char comm[16];

	for (size_t i = l->n; i--;) {
		const struct cpu *c;

		if (!l->list[i].text || !parse_who(l->list[i].text, &nr, &pid, comm))
			continue;
		c = noted_cpu(k, nr, pid);
		if (!c)
			continue;
		if (!k->panic_cpu)
			k->panic_cpu = c;
		give_name(k, nr, comm);
	}
}

static bool has_panic(const struct log *l)
{
	for (size_t i = l->n; i--;)
		if (l->list[i].text && !strncmp(l->list[i].text, PANIC_WORDS, strlen(PANIC_WORDS)))
			return true;
	return false;
}

/* By memory --------------------------------------------------------------------- */

/* x86 notes the CPU twice, panic() and the reboot code; -1 before. */
static void find_in_memory(struct kernel *k)
{
	static const char *const names[] = { "crashing_cpu", "panic_cpu" };
	uint64_t nr = 0;

	for (size_t i = 0; i < KD_ARRAY_SIZE(names) && !k->panic_cpu; i++)
		if (!kernel_read_symbol(k, names[i], 4, &nr, NULL))
			k->panic_cpu = cpus_get(&k->cpus, (unsigned)nr);
}

/*
 * A kernel that starts the second one writes the time into its VMCOREINFO, and each CPU its
 * registers into its buffer; one that panics without a second one leaves its word in the log.
 */
static bool has_crashed(const struct kernel *k, const struct log *l)
{
	if (k->panic_cpu || vmcoreinfo_get(k->dump->vmcoreinfo, "CRASHTIME"))
		return true;
	for (size_t i = 0; i < k->cpus.n; i++)
		if (k->cpus.list[i].note_in_memory)
			return true;
	return has_panic(l);
}

void panic_find(struct kernel *k)
{
	bool alone = !k->vmlinux, nameless = alone && !k->types;
	struct log l = { 0 };

	find_in_memory(k);
	if (!k->panic_cpu || nameless)
		log_read(k, &l, NULL); /* what can not be read says nothing */
	k->crashed = has_crashed(k, &l);
	if (k->crashed && !k->panic_cpu && k->cpus.n == 1)
		k->panic_cpu = &k->cpus.list[0];
	if (k->crashed && alone && (!k->panic_cpu || nameless))
		find_in_log(k, &l);
	log_fini(&l);
	for (size_t i = 0; k->panic_cpu && i < k->tasks.n; i++) {
		struct task *t = &k->tasks.list[i];

		if (t->on_cpu && t->cpu == (int32_t)k->panic_cpu->nr) {
			t->panicked = true;
			k->panic_task = t;
		}
	}
}
