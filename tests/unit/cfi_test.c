// SPDX-License-Identifier: GPL-3.0-or-later
/* core/cfi writes what another reader of call frame information (libdw) understands. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <string.h>
#include <sys/mman.h>

#include "core/cfi.h"

/* libdw reads sections of ELF files only: one with nothing but the section. */
struct object {
	int fd;
	Elf *elf;
	Dwarf *dwarf;
	Dwarf_CFI *cfi;
};

static void add_section(Elf *elf, GElf_Word type, GElf_Word name, const void *bytes, size_t size)
{
	Elf_Scn *scn = elf_newscn(elf);
	Elf_Data *data = elf_newdata(scn);
	GElf_Shdr sh;

	memcpy(&data->d_buf, &bytes, sizeof(bytes));
	data->d_size = size;
	data->d_align = 8;
	gelf_getshdr(scn, &sh);
	sh.sh_type = type;
	sh.sh_name = name;
	gelf_update_shdr(scn, &sh);
}

static struct object open_object(const struct cfi *c, int class, uint16_t machine)
{
	static const char names[] = "\0.debug_frame\0.shstrtab";
	struct object o = { .fd = memfd_create("cfi", MFD_CLOEXEC) };
	const uint8_t *bytes;
	size_t size;
	GElf_Ehdr eh;

	assert_int_equal(cfi_data(c, &bytes, &size, NULL), 0);
	elf_version(EV_CURRENT);
	o.elf = elf_begin(o.fd, ELF_C_WRITE, NULL);
	gelf_newehdr(o.elf, class);
	gelf_getehdr(o.elf, &eh);
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_type = ET_EXEC;
	eh.e_machine = machine;
	eh.e_version = EV_CURRENT;
	eh.e_shstrndx = 2;
	gelf_update_ehdr(o.elf, &eh);
	add_section(o.elf, SHT_PROGBITS, 1, bytes, size);
	add_section(o.elf, SHT_STRTAB, 14, names, sizeof(names));
	assert_true(elf_update(o.elf, ELF_C_WRITE) > 0);
	elf_end(o.elf);
	o.elf = elf_begin(o.fd, ELF_C_READ, NULL);
	o.dwarf = dwarf_begin_elf(o.elf, DWARF_C_READ, NULL);
	assert_non_null(o.dwarf);
	o.cfi = dwarf_getcfi(o.dwarf);
	assert_non_null(o.cfi);
	return o;
}

static void close_object(struct object *o)
{
	dwarf_end(o->dwarf);
	elf_end(o->elf);
	close(o->fd);
}

static Dwarf_Frame *frame_at(const struct object *o, Dwarf_Addr pc)
{
	Dwarf_Frame *f = NULL;

	assert_int_equal(dwarf_cfi_addrframe(o->cfi, pc, &f), 0);
	return f;
}

static void expect_cfa(Dwarf_Frame *f, uint8_t op, int64_t number)
{
	Dwarf_Op *ops;
	size_t n;

	assert_int_equal(dwarf_frame_cfa(f, &ops, &n), 0);
	assert_int_equal(ops[0].atom, op);
	assert_int_equal(ops[0].atom == DW_OP_bregx ? ops[0].number2 : ops[0].number, number);
}

/* libdw says "saved at CFA + n" with the operations call_frame_cfa, plus_uconst n. */
static void expect_offset(Dwarf_Frame *f, int reg, int64_t offset)
{
	Dwarf_Op mem[3], *ops;
	size_t n;

	assert_int_equal(dwarf_frame_register(f, reg, mem, &ops, &n), 0);
	assert_int_equal(ops[0].atom, DW_OP_call_frame_cfa);
	assert_int_equal(n, 2);
	assert_int_equal((int64_t)ops[1].number, offset);
}

static void expect_undefined(Dwarf_Frame *f, int reg)
{
	Dwarf_Op mem[3], *ops;
	size_t n;

	assert_int_equal(dwarf_frame_register(f, reg, mem, &ops, &n), 0);
	assert_int_equal(n, 0);
	assert_ptr_equal(ops, mem);
}

static uint32_t x86_64_cie(struct cfi *c, bool signal)
{
	struct cfi_cie cie = { .ra = 16, .data_align = -8, .signal = signal };
	uint32_t handle = cfi_cie(c, &cie);

	cfi_def_cfa(c, 7, 8);
	cfi_offset(c, 16, -8);
	cfi_cie_end(c);
	return handle;
}

static void rows_are_those_written(void **state)
{
	_cleanup_(cfi_freep) struct cfi *c = NULL;
	struct object o;
	Dwarf_Frame *f;
	uint32_t cie;

	(void)state;
	assert_int_equal(cfi_new(8, &c, NULL), 0);
	cie = x86_64_cie(c, false);
	cfi_fde(c, cie, 0xffffffff81000000);
	cfi_advance(c, 0xffffffff81000010); /* short, one byte, two, four */
	cfi_def_cfa(c, 7, 16);
	cfi_offset(c, 6, -16);
	cfi_advance(c, 0xffffffff810000f0);
	cfi_def_cfa(c, 6, 16);
	cfi_advance(c, 0xffffffff81001000);
	cfi_undefined(c, 16);
	cfi_advance(c, 0xffffffff81200000);
	cfi_def_cfa(c, 7, -8);
	cfi_offset(c, 16, 24);
	cfi_fde_end(c, 0xffffffff81300000);

	o = open_object(c, ELFCLASS64, EM_X86_64);
	f = frame_at(&o, 0xffffffff8100000f);
	expect_cfa(f, DW_OP_bregx, 8);
	expect_offset(f, 16, -8);
	free(f);
	f = frame_at(&o, 0xffffffff810000ef);
	expect_cfa(f, DW_OP_bregx, 16);
	expect_offset(f, 6, -16);
	free(f);
	f = frame_at(&o, 0xffffffff81001000);
	expect_undefined(f, 16);
	free(f);
	f = frame_at(&o, 0xffffffff812fffff);
	expect_cfa(f, DW_OP_bregx, -8);
	expect_offset(f, 16, 24);
	free(f);
	close_object(&o);
}

static void expressions_are_those_written(void **state)
{
	_cleanup_(cfi_freep) struct cfi *c = NULL;
	struct cfi_expr cfa = { .len = 0 }, slot = { .len = 0 };
	struct object o;
	Dwarf_Frame *f;
	Dwarf_Op mem[3], *ops;
	size_t n;

	(void)state;
	cfi_expr_breg(&cfa, 7, 152);
	cfi_expr_deref(&cfa);
	cfi_expr_breg(&slot, 7, -300);
	cfi_expr_plus(&slot, -4);
	assert_int_equal(cfi_new(8, &c, NULL), 0);
	cfi_fde(c, x86_64_cie(c, false), 0x1000);
	cfi_def_cfa_expr(c, &cfa);
	cfi_expression(c, 3, &slot);
	cfi_fde_end(c, 0x1001);

	o = open_object(c, ELFCLASS64, EM_X86_64);
	f = frame_at(&o, 0x1000);
	expect_cfa(f, DW_OP_breg7, 152);
	assert_int_equal(dwarf_frame_register(f, 3, mem, &ops, &n), 0);
	assert_int_equal(ops[n - 3].atom, DW_OP_breg7);
	assert_int_equal((int64_t)ops[n - 3].number, -300);
	assert_int_equal(ops[n - 2].atom, DW_OP_consts);
	assert_int_equal(ops[n - 1].atom, DW_OP_plus);
	free(f);
	close_object(&o);
}

static void signal_frames_are_marked(void **state)
{
	_cleanup_(cfi_freep) struct cfi *c = NULL;
	uint32_t called, interrupted;
	struct object o;
	Dwarf_Frame *f;
	bool is_signal;

	(void)state;
	assert_int_equal(cfi_new(8, &c, NULL), 0);
	called = x86_64_cie(c, false);
	interrupted = x86_64_cie(c, true);
	cfi_fde(c, interrupted, 0x2000);
	cfi_fde_end(c, 0x2010);
	cfi_fde(c, called, 0x3000);
	cfi_fde_end(c, 0x3010);

	o = open_object(c, ELFCLASS64, EM_X86_64);
	f = frame_at(&o, 0x2000);
	assert_int_equal(dwarf_frame_info(f, NULL, NULL, &is_signal), 16);
	assert_true(is_signal);
	expect_offset(f, 16, -8);
	free(f);
	f = frame_at(&o, 0x3000);
	dwarf_frame_info(f, NULL, NULL, &is_signal);
	assert_false(is_signal);
	free(f);
	close_object(&o);
}

static void addresses_of_32_bits_take_four_bytes(void **state)
{
	_cleanup_(cfi_freep) struct cfi *c = NULL;
	struct cfi_cie cie = { .ra = 8, .data_align = -4 };
	struct object o;
	Dwarf_Frame *f;
	Dwarf_Addr start, end;
	const uint8_t *bytes;
	size_t size;
	uint32_t handle;

	(void)state;
	assert_int_equal(cfi_new(4, &c, NULL), 0);
	handle = cfi_cie(c, &cie);
	cfi_def_cfa(c, 4, 4);
	cfi_offset(c, 8, -4);
	cfi_cie_end(c);
	cfi_fde(c, handle, 0xc1001768);
	cfi_fde_end(c, 0xc1001790);
	assert_int_equal(cfi_data(c, &bytes, &size, NULL), 0);
	assert_int_equal(size % 4, 0);

	o = open_object(c, ELFCLASS32, EM_386);
	f = frame_at(&o, 0xc1001770);
	assert_int_equal(dwarf_frame_info(f, &start, &end, NULL), 8);
	assert_int_equal(start, 0xc1001768);
	expect_offset(f, 8, -4);
	free(f);
	close_object(&o);
}

static void odd_offsets_take_expressions(void **state)
{
	_cleanup_(cfi_freep) struct cfi *c = NULL;
	struct object o;
	Dwarf_Frame *f;
	Dwarf_Op mem[3], *ops;
	size_t n;

	(void)state;
	assert_int_equal(cfi_new(8, &c, NULL), 0);
	cfi_fde(c, x86_64_cie(c, false), 0x1000);
	cfi_def_cfa(c, 7, -3);
	cfi_offset(c, 3, -7); /* no multiples of the alignment factor */
	cfi_fde_end(c, 0x1001);

	o = open_object(c, ELFCLASS64, EM_X86_64);
	f = frame_at(&o, 0x1000);
	expect_cfa(f, DW_OP_breg7, -3);
	assert_int_equal(dwarf_frame_register(f, 3, mem, &ops, &n), 0);
	assert_int_equal(ops[0].atom, DW_OP_call_frame_cfa);
	assert_int_equal((int64_t)ops[1].number, -7);
	assert_int_equal(ops[2].atom, DW_OP_plus);
	free(f);
	close_object(&o);
}

static void rows_may_be_far_apart(void **state)
{
	_cleanup_(cfi_freep) struct cfi *c = NULL;
	struct object o;
	Dwarf_Frame *f;

	(void)state;
	assert_int_equal(cfi_new(8, &c, NULL), 0);
	cfi_fde(c, x86_64_cie(c, false), 0);
	cfi_advance(c, 0x300000000);
	cfi_def_cfa(c, 7, 16);
	cfi_fde_end(c, 0x300000001);

	o = open_object(c, ELFCLASS64, EM_X86_64);
	f = frame_at(&o, 0x2ffffffff);
	expect_cfa(f, DW_OP_bregx, 8);
	free(f);
	f = frame_at(&o, 0x300000000);
	expect_cfa(f, DW_OP_bregx, 16);
	free(f);
	close_object(&o);
}

static void overlong_expression_fails_at_the_end(void **state)
{
	_cleanup_(cfi_freep) struct cfi *c = NULL;
	struct cfi_expr e = { .len = 0 };
	const uint8_t *bytes;
	size_t size;

	(void)state;
	for (unsigned i = 0; i < 2 * CFI_EXPR_MAX; i++)
		cfi_expr_deref(&e);
	assert_true(e.overflow);
	assert_int_equal(cfi_new(8, &c, NULL), 0);
	cfi_fde(c, x86_64_cie(c, false), 0x1000);
	cfi_def_cfa_expr(c, &e);
	cfi_fde_end(c, 0x1001);
	assert_int_equal(cfi_data(c, &bytes, &size, NULL), KD_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_those_written),
		cmocka_unit_test(expressions_are_those_written),
		cmocka_unit_test(signal_frames_are_marked),
		cmocka_unit_test(addresses_of_32_bits_take_four_bytes),
		cmocka_unit_test(odd_offsets_take_expressions),
		cmocka_unit_test(rows_may_be_far_apart),
		cmocka_unit_test(overlong_expression_fails_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
