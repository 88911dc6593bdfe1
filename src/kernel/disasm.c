// SPDX-License-Identifier: GPL-3.0-or-later
/* Disassembly: see disasm.h. */
#include "kernel/disasm.h"

#include <capstone.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "core/arch.h"
#include "kernel/code.h"

#define WINDOW 512
#define INSN_MAX 15
#define BEFORE_MAX 4096 /* instructions looked at in front of one */

struct disasm {
	const struct kernel *k;
	csh handle;
	cs_insn *insn; /* capstone's, used again and again */
	uint64_t mask; /* the bits of an address */
	vaddr_t at;    /* of what is in the window */
	size_t len;
	uint8_t window[WINDOW];
};

int disasm_open(const struct kernel *k, bool intel, struct disasm **out, struct kd_err *err)
{
	struct disasm *d = calloc(1, sizeof(*d));
	cs_mode mode = k->arch->ptr_size == 8 ? CS_MODE_64 : CS_MODE_32;

	if (!d)
		return kd_nomem(err);
	d->k = k;
	d->mask = k->arch->ptr_size == 8 ? UINT64_MAX : UINT32_MAX;
	if (cs_open(CS_ARCH_X86, mode, &d->handle) != CS_ERR_OK) {
		free(d);
		return kd_fail(err, KD_UNSUPPORTED, "this capstone cannot disassemble %s",
			       k->arch->name);
	}
	cs_option(d->handle, CS_OPT_DETAIL, CS_OPT_ON);
	cs_option(d->handle, CS_OPT_UNSIGNED, CS_OPT_ON); /* addresses are not negative */
	if (!intel)
		cs_option(d->handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
	d->insn = cs_malloc(d->handle);
	if (!d->insn) {
		disasm_close(d);
		return kd_nomem(err);
	}
	*out = d;
	return 0;
}

void disasm_close(struct disasm *d)
{
	if (!d)
		return;
	if (d->insn)
		cs_free(d->insn, 1);
	cs_close(&d->handle);
	free(d);
}

void disasm_closep(struct disasm **d)
{
	disasm_close(*d);
}

/* Have as many bytes from ADDR on in the window as there are, up to an instruction's length. */
static int fill_window(struct disasm *d, vaddr_t addr, struct kd_err *err)
{
	size_t want = WINDOW;
	int ret;

	if (addr >= d->at && addr - d->at < d->len && d->len - (addr - d->at) >= INSN_MAX)
		return 0;
	d->at = addr;
	d->len = 0;
	ret = kernel_read_code(d->k, addr, d->window, want, NULL);
	/* At the end of what is mapped less is there. */
	while (ret && want > 1) {
		want = want > INSN_MAX ? INSN_MAX : want - 1;
		ret = kernel_read_code(d->k, addr, d->window, want, want > 1 ? NULL : err);
	}
	if (!ret)
		d->len = want;
	return ret;
}

/* A register by the architecture's number; -1: it has none such. */
static int8_t register_number(const struct disasm *d, unsigned reg)
{
	const char *name = reg ? cs_reg_name(d->handle, reg) : NULL;
	const struct arch *a = d->k->arch;

	for (size_t i = 0; name && i < a->nregs && i < REGS_MAX; i++)
		if (!strcasecmp(a->regs[i].name, name))
			return (int8_t)i;
	return -1;
}

/* String instructions do not say how they access what they imply. */
static bool stores(unsigned id)
{
	return id == X86_INS_STOSB || id == X86_INS_STOSW || id == X86_INS_STOSD ||
	       id == X86_INS_STOSQ;
}

static void take_memory(struct disasm *d, const cs_x86_op *op, struct insn *out)
{
	if (op->mem.base == X86_REG_RIP || op->mem.base == X86_REG_EIP) {
		out->has_target = true;
		out->target = (out->addr + out->size + (uint64_t)op->mem.disp) & d->mask;
		return;
	}
	if (!op->mem.base && !op->mem.index && !op->mem.segment) {
		out->has_target = true;
		out->target = (uint64_t)op->mem.disp & d->mask;
		return;
	}
	/* One whose registers have no number (a vector's elements) is not one to compute. */
	if ((op->mem.base && register_number(d, op->mem.base) < 0) ||
	    (op->mem.index && register_number(d, op->mem.index) < 0))
		return;
	out->has_memory = true;
	out->memory = (struct insn_memory){
		.base = register_number(d, op->mem.base),
		.index = register_number(d, op->mem.index),
		.scale = (uint8_t)op->mem.scale,
		.size = d->insn->id == X86_INS_LEA ? 0 : op->size,
		.segment = op->mem.segment == X86_REG_GS || op->mem.segment == X86_REG_FS,
		.writes = op->access & CS_AC_WRITE || stores(d->insn->id),
		.disp = op->mem.disp,
	};
}

/* An immediate that is the address of something. */
static void take_immediate(const struct disasm *d, const cs_x86_op *op, struct insn *out)
{
	vaddr_t v = (uint64_t)op->imm & d->mask;

	if (!out->branches && !symbols_by_addr(d->k->symbols, v))
		return;
	out->has_target = true;
	out->target = v;
}

static void take_operands(struct disasm *d, struct insn *out)
{
	const cs_detail *detail = d->insn->detail;

	if (!detail)
		return;
	out->branches = cs_insn_group(d->handle, d->insn, CS_GRP_JUMP) ||
			cs_insn_group(d->handle, d->insn, CS_GRP_CALL);
	for (uint8_t i = 0; i < detail->x86.op_count; i++) {
		const cs_x86_op *op = &detail->x86.operands[i];

		if (op->type == X86_OP_MEM)
			take_memory(d, op, out);
		else if (op->type == X86_OP_IMM && !out->has_target)
			take_immediate(d, op, out);
	}
}

int disasm_at(struct disasm *d, vaddr_t addr, struct insn *out, struct kd_err *err)
{
	const uint8_t *code;
	uint64_t address = addr;
	size_t left;
	int ret = fill_window(d, addr, err);

	*out = (struct insn){ .addr = addr };
	if (ret)
		return ret;
	code = d->window + (addr - d->at);
	left = d->len - (addr - d->at);
	if (!cs_disasm_iter(d->handle, &code, &left, &address, d->insn)) {
		out->size = 1;
		out->bytes[0] = d->window[addr - d->at];
		snprintf(out->text, sizeof(out->text), ".byte 0x%02x", out->bytes[0]);
		return 0;
	}
	out->size = (uint8_t)d->insn->size;
	memcpy(out->bytes, d->insn->bytes, kd_min(d->insn->size, sizeof(out->bytes)));
	snprintf(out->text, sizeof(out->text), "%s%s%s", d->insn->mnemonic,
		 *d->insn->op_str ? " " : "", d->insn->op_str);
	take_operands(d, out);
	return 0;
}

vaddr_t disasm_before(struct disasm *d, vaddr_t addr, unsigned count)
{
	const struct symbol *s = symbols_by_addr(d->k->symbols, addr);
	vaddr_t ring[32], at = s ? s->addr : addr;
	unsigned n = 0;

	count = count > KD_ARRAY_SIZE(ring) ? KD_ARRAY_SIZE(ring) : count;
	if (!count)
		return addr;
	for (unsigned i = 0; at < addr && i < BEFORE_MAX; i++) {
		struct insn insn;

		if (disasm_at(d, at, &insn, NULL))
			return addr;
		ring[n++ % count] = at;
		at += insn.size;
	}
	if (at != addr || !n)
		return addr;
	return n < count ? ring[0] : ring[n % count];
}
