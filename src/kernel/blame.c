// SPDX-License-Identifier: GPL-3.0-or-later
/* Which frame did it: see blame.h. */
#include "kernel/blame.h"

#include <string.h>

#include "core/arch.h"

/*
 * Functions that report a crash, not those that crash: kernel/panic.c,
 * kernel/kexec_core.c, kernel/crash_core.c, arch/x86/kernel/{traps,dumpstack,nmi}.c,
 * arch/x86/mm/fault.c, arch/x86/entry, lib/bug.c, mm/kasan/report.c. A '*' at the end
 * stands for any rest.
 */
static const char *const machinery[] = {
	"crash_setup_regs", "__crash_kexec", "crash_kexec", "panic", "vpanic", "nmi_panic",
	"panic_other_cpus_shutdown", "oops_end", "die", "die_addr", "__die*", "no_context",
	"page_fault_oops", "kernelmode_fixup_or_oops*", "__bad_area*", "bad_area*",
	"do_user_addr_fault", "do_kern_addr_fault", "handle_page_fault", "__do_page_fault",
	"do_page_fault", "exc_*", "asm_exc_*", "handle_exception", "do_trap*", "do_error_trap",
	"handle_bug", "report_bug", "__report_bug", "__warn*", "warn_slowpath_*",
	"handle_stack_overflow", "do_double_fault", "do_general_protection", "do_invalid_op",
	"check_panic_on_warn", "kasan_report*", "fortify_panic", "__fortify_panic",
	"__stack_chk_fail", "common_interrupt_return",
};

/*
 * Interrupts that look at what they interrupted, and find that it does not let others
 * have the CPU: kernel/watchdog.c, kernel/watchdog_perf.c, kernel/rcu/tree_stall.h.
 */
static const char *const watchdogs[] = { "watchdog_timer_fn", "watchdog_overflow_callback",
					 "watchdog_hardlockup_check", "print_cpu_stall" };

static bool is_among(const struct frame *f, const char *const *names, size_t n)
{
	for (size_t i = 0; f->function && i < n; i++) {
		size_t len = strlen(names[i]);

		if (names[i][len - 1] == '*' ? !strncmp(f->function, names[i], len - 1)
					     : symbol_is_of(f->function, names[i]))
			return true;
	}
	return false;
}

static bool is_machinery(const struct frame *f)
{
	return f->kind == FRAME_ENTRY || is_among(f, machinery, KD_ARRAY_SIZE(machinery));
}

/* Frame I, or what it interrupted if it is a watchdog's. */
static size_t behind_watchdog(const struct stack *s, size_t i)
{
	size_t at = i;

	if (i == s->nframes || !is_among(&s->frames[i], watchdogs, KD_ARRAY_SIZE(watchdogs)))
		return i;
	while (at < s->nframes && s->frames[at].kind != FRAME_ENTRY)
		at++;
	return at + 1 < s->nframes && s->frames[at + 1].kind != FRAME_USER ? at + 1 : i;
}

/* Is the first frame that is no inlined one NUMBER, or inlined into it? */
static bool is_innermost(const struct stack *s, size_t number)
{
	for (size_t i = 0; i < number; i++)
		if (s->frames[i].pc != s->frames[number].pc)
			return false;
	return true;
}

/* The registers the frame's instruction failed with; false: they are not known. */
static bool fault_regs(const struct kernel *k, const struct task *t, const struct stack *s,
		       size_t number, struct regs *out)
{
	size_t i = number;

	/* Inlined functions share the instruction. */
	while (i && s->frames[i - 1].kind == FRAME_INLINE)
		i--;
	if (i && s->frames[i - 1].kind == FRAME_ENTRY) {
		*out = s->frames[i - 1].regs;
		return regs_known(out, k->arch->pc) && out->value[k->arch->pc] == s->frames[number].pc;
	}
	return is_innermost(s, number) && !task_regs(k, t, out, NULL) &&
	       regs_known(out, k->arch->pc) && out->value[k->arch->pc] == s->frames[number].pc;
}

static bool operand_address(const struct kernel *k, const struct insn *insn,
			    const struct regs *r, vaddr_t *out)
{
	const struct insn_memory *m = &insn->memory;
	uint64_t v = (uint64_t)m->disp;

	if (!insn->has_memory || !m->size || m->segment)
		return false;
	if (m->base >= 0) {
		if (!regs_known(r, (unsigned)m->base))
			return false;
		v += r->value[m->base];
	}
	if (m->index >= 0) {
		if (!regs_known(r, (unsigned)m->index))
			return false;
		v += r->value[m->index] * m->scale;
	}
	*out = k->arch->ptr_size == 4 ? (uint32_t)v : v;
	return true;
}

void blame_find(const struct kernel *k, const struct task *t, const struct stack *s,
		struct blame *out)
{
	_cleanup_(disasm_closep) struct disasm *d = NULL;
	size_t i = 0;
	paddr_t pa;

	*out = (struct blame){ 0 };
	while (i < s->nframes && is_machinery(&s->frames[i]))
		i++;
	i = behind_watchdog(s, i);
	if (i == s->nframes || s->frames[i].kind == FRAME_USER)
		return;
	out->frame = &s->frames[i];
	out->number = i;
	out->at_fault = fault_regs(k, t, s, i, &out->regs);
	if (!out->at_fault || disasm_open(k, false, &d, NULL))
		return;
	out->has_insn = !disasm_at(d, out->frame->pc, &out->insn, NULL);
	out->has_access =
		out->has_insn && operand_address(k, &out->insn, &out->regs, &out->address);
	out->mapped = out->has_access &&
		      space_translate(&k->space, out->address, &pa, NULL, NULL) != KD_UNMAPPED;
}
