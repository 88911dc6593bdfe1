// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The purgatory: what runs between the crashed kernel and the second one. Of the crashed kernel
 * nothing is used any more but, on x86_64, its page tables for kexec, which lie in crash memory.
 */
#include "load/purgatory/machine.h"
#include "load/purgatory/verify.h"

/* From entry_*.S; the loader finds it by the head of the image. Not by way of a GOT. */
__attribute__((visibility("hidden"))) extern struct purgatory_params purgatory_params;

/* For entry_*.S. Exceptions without an error code have 0 there. */
void purgatory_main(void);
__attribute__((noreturn)) void purgatory_fault(uintptr_t vector, uintptr_t code, uintptr_t pc);

static void say(const char *s)
{
	serial_text("kdview purgatory: ");
	serial_text(s);
}

static void say_range(uint64_t start, uint64_t len)
{
	serial_hex(start);
	serial_text("+");
	serial_hex(len);
}

/* Nothing to go on with: not asked for, or no longer possible. */
__attribute__((noreturn)) static void give_up(uint32_t on_error)
{
	if (on_error == PURGATORY_HALT) {
		say("halted: --purgatory-on-error=halt\n");
		serial_drain();
		machine_halt();
	}
	say("rebooting without a dump\n");
	machine_reboot();
}

static unsigned check_regions(const struct purgatory_params *p)
{
	unsigned n = p->nregions < PURGATORY_REGIONS ? p->nregions : PURGATORY_REGIONS, bad = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct purgatory_region *r = &p->regions[i];
		bool ok;

		say("sha256 of ");
		/* the loader ends names with a 0 */
		serial_text(r->name);
		serial_text(" ");
		say_range(r->addr, r->len);
		ok = purgatory_region_ok(r);
		serial_text(ok ? ": ok\n" : ": WRONG, it was overwritten\n");
		bad += !ok;
	}
	return bad;
}

static void copy_backup(const struct purgatory_params *p)
{
	if (!p->backup_len)
		return;
	say("copy ");
	say_range(p->backup_from, p->backup_len);
	serial_text(" to ");
	serial_hex(p->backup_to);
	serial_text("\n");
	copy_up((void *)(uintptr_t)p->backup_to, (const void *)(uintptr_t)p->backup_from,
		(size_t)p->backup_len);
}

void purgatory_main(void)
{
	const struct purgatory_params *p = &purgatory_params;

	serial_open((uint16_t)p->serial, (uint16_t)p->serial_divisor);
	if (check_regions(p)) {
		if (p->on_error != PURGATORY_CONTINUE)
			give_up(p->on_error);
		say("going on: --purgatory-on-error=continue\n");
	}
	copy_backup(p);
	say("second kernel at ");
	serial_hex(p->entry);
	serial_text(p->enter == PURGATORY_ENTER_64 ? ", long mode" : ", protected mode");
	serial_text(", boot params at ");
	serial_hex(p->boot_params);
	serial_text("\n");
	serial_drain();
}

void purgatory_fault(uintptr_t vector, uintptr_t code, uintptr_t pc)
{
	say("exception ");
	serial_hex(vector);
	serial_text(", error code ");
	serial_hex(code);
	serial_text(", at ");
	serial_hex(pc);
	serial_text("\n");
	give_up(purgatory_params.on_error);
}
