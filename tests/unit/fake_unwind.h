/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A made-up kernel as an architecture's unwinder looks at it. */
#ifndef KD_TESTS_FAKE_UNWIND_H
#define KD_TESTS_FAKE_UNWIND_H

#include "core/arch.h"
#include "core/unwind.h"
#include "fake_code.h"

struct fake_unwind {
	struct fake_code code;
	struct code_view code_view;
	struct unwind_view view;
	vaddr_t text, text_end; /* code of the kernel image */
	unsigned word;		/* bytes */
	void *tables;
	const struct arch *arch;
	struct regs regs;
	struct unwind_step step;
	struct kd_err err;
};

static inline int fake_view_word(void *data, vaddr_t va, uint64_t *value, struct kd_err *err)
{
	struct fake_unwind *f = data;

	*value = 0;
	return fake_read(&f->code, f->word == 4 ? va & UINT32_MAX : va, value, f->word, err);
}

static inline bool fake_view_is_code(void *data, vaddr_t pc)
{
	const struct fake_unwind *f = data;

	return pc >= f->text && pc < f->text_end;
}

/* code, text and arch are set already. */
static inline void fake_unwind_open(struct fake_unwind *f, bool bare)
{
	f->word = f->arch->ptr_size;
	f->code_view = fake_view(&f->code);
	f->err = KD_ERR_INIT;
	assert_int_equal(f->arch->unwind_open(&f->code_view, bare, &f->tables, &f->err), 0);
	f->view = (struct unwind_view){ .code = &f->code_view,
					.tables = f->tables,
					.data = f,
					.word = fake_view_word,
					.is_code = fake_view_is_code,
					.stack_size = 16384 };
}

static inline void fake_unwind_close(struct fake_unwind *f)
{
	f->arch->unwind_close(f->tables);
}

/* Start at a frame of which only these three are known. */
static inline void fake_unwind_at(struct fake_unwind *f, vaddr_t pc, vaddr_t sp, vaddr_t bp,
				  bool exact)
{
	f->regs = (struct regs){ .known = 0 };
	regs_set(&f->regs, f->arch->pc, pc);
	regs_set(&f->regs, f->arch->sp, sp);
	regs_set(&f->regs, f->arch->fp, bp);
	f->step = (struct unwind_step){ .exact = exact };
}

static inline int fake_unwind_step(struct fake_unwind *f)
{
	f->err = KD_ERR_INIT;
	return f->arch->unwind(&f->view, &f->regs, &f->step, &f->err);
}

#define assert_reg(f, reg, wanted)                                                                 \
	do {                                                                                       \
		assert_true(regs_known(&(f)->regs, reg));                                          \
		assert_int_equal((f)->regs.value[reg], wanted);                                    \
	} while (0)

#endif
