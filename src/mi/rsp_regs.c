// SPDX-License-Identifier: GPL-3.0-or-later
#include "mi/rsp_regs.h"

#include <string.h>

#define X86_CORE "org.gnu.gdb.i386.core"

/*
 * gdb takes its standard x86 feature whole or not at all, and it includes the
 * x87 registers (gdb manual, appendix G.5.11).
 */
static const struct arch_reg x86_core_rest[] = {
	{ .name = "st0", .size = 10, .gdb_type = "i387_ext", .feature = X86_CORE },
	{ .name = "st1", .size = 10, .gdb_type = "i387_ext", .feature = X86_CORE },
	{ .name = "st2", .size = 10, .gdb_type = "i387_ext", .feature = X86_CORE },
	{ .name = "st3", .size = 10, .gdb_type = "i387_ext", .feature = X86_CORE },
	{ .name = "st4", .size = 10, .gdb_type = "i387_ext", .feature = X86_CORE },
	{ .name = "st5", .size = 10, .gdb_type = "i387_ext", .feature = X86_CORE },
	{ .name = "st6", .size = 10, .gdb_type = "i387_ext", .feature = X86_CORE },
	{ .name = "st7", .size = 10, .gdb_type = "i387_ext", .feature = X86_CORE },
	{ .name = "fctrl", .size = 4, .gdb_type = "int", .feature = X86_CORE },
	{ .name = "fstat", .size = 4, .gdb_type = "int", .feature = X86_CORE },
	{ .name = "ftag", .size = 4, .gdb_type = "int", .feature = X86_CORE },
	{ .name = "fiseg", .size = 4, .gdb_type = "int", .feature = X86_CORE },
	{ .name = "fioff", .size = 4, .gdb_type = "int", .feature = X86_CORE },
	{ .name = "foseg", .size = 4, .gdb_type = "int", .feature = X86_CORE },
	{ .name = "fooff", .size = 4, .gdb_type = "int", .feature = X86_CORE },
	{ .name = "fop", .size = 4, .gdb_type = "int", .feature = X86_CORE },
};

static bool is_x86(const struct arch *arch)
{
	return arch->nregs && arch->regs[0].feature && !strcmp(arch->regs[0].feature, X86_CORE);
}

size_t rsp_reg_count(const struct arch *arch)
{
	return arch->nregs + (is_x86(arch) ? KD_ARRAY_SIZE(x86_core_rest) : 0);
}

const struct arch_reg *rsp_reg(const struct arch *arch, size_t i)
{
	return i < arch->nregs ? &arch->regs[i] : &x86_core_rest[i - arch->nregs];
}

void rsp_reg_put(struct rsp_buf *b, const struct arch *arch, const struct regs *r, size_t i)
{
	unsigned size = rsp_reg(arch, i)->size;

	if (i >= arch->nregs || !regs_known(r, (unsigned)i)) {
		for (unsigned n = 0; n < size; n++)
			rsp_buf_puts(b, "xx");
		return;
	}
	for (unsigned n = 0; n < size; n++) {
		uint8_t byte = n < 8 ? (uint8_t)(r->value[i] >> (8 * n)) : 0;

		rsp_buf_hex(b, &byte, 1);
	}
}
