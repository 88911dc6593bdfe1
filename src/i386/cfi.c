// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Call frame information for 32-bit x86 kernels, which have no ORC: assembly that
 * calls C is described by hand, but by its symbols and what its bytes say, since it
 * differs from build to build. C is the compiler's business; only where its file (a
 * module's, or vmlinux) is not at hand, C is described by its frame pointers.
 */
#include "i386/i386.h"

#include "i386/frames.h"

/* A function by name, unless the compiler has described it. */
static bool find_code(struct frames *f, const char *name, struct code *c)
{
	vaddr_t addr;
	uint64_t size;

	if (!f->code->symbol(f->code->data, name, &addr, &size) ||
	    fde_table_find(&f->fdes, addr) || !code_read(c, f, addr, size))
		return false;
	if (f->nby_hand < FRAMES_BY_HAND)
		f->by_hand[f->nby_hand++] = addr;
	return true;
}

static void end_code(struct frames *f, vaddr_t start, vaddr_t end)
{
	if (start == end)
		return;
	cfi_fde(f->out, f->call, start);
	frame_end(f);
	cfi_fde_end(f->out, end);
}

static void regs_code(struct frames *f, vaddr_t start, vaddr_t end)
{
	cfi_fde(f->out, f->signal, start);
	frame_regs(f, DW_ESP, 0, 0);
	cfi_fde_end(f->out, end);
}

/*
 * Where stacks begin: nothing called this. Except that a call with the address of
 * the struct pt_regs on top of the stack ("mov %esp,%eax" before it) is made on
 * behalf of user mode: a new process on its way there.
 */
static void bottom_of_stack(struct frames *f, const char *name)
{
	static const uint8_t call_with_regs[] = { 0x89, 0xe0, 0xe8 };
	struct code c;
	vaddr_t done;

	if (!find_code(f, name, &c))
		return;
	done = c.start;
	for (size_t i = 0; i + 7 <= c.len; i++) {
		if (!code_match(&c, i, call_with_regs, sizeof(call_with_regs)))
			continue;
		end_code(f, done, c.start + i);
		done = c.start + i + 7;
		regs_code(f, c.start + i, done);
		i += 6;
	}
	end_code(f, done, c.start + c.len);
}

/* It sets the stack pointer to the struct pt_regs of the task's last entry. */
static void rewind_code(struct frames *f, const char *name)
{
	struct code c;

	if (find_code(f, name, &c))
		regs_code(f, c.start, c.start + c.len);
}

/* A retpoline first calls over its own trap: from there on one more word is pushed. */
static void thunk_code(struct frames *f, const char *name)
{
	struct code c;

	if (!find_code(f, name, &c))
		return;
	cfi_fde(f->out, f->call, c.start);
	if (c.bytes[0] == 0xe8 && c.len > 5 && c.bytes[1] < c.len - 5) {
		cfi_advance(f->out, c.start + 5 + c.bytes[1]);
		cfi_def_cfa(f->out, DW_ESP, 8);
	}
	cfi_fde_end(f->out, c.start + c.len);
}

static void assembly(struct frames *f)
{
	static const char *const bottoms[] = {
		"ret_from_fork",  "ret_from_fork_asm", "ret_from_kernel_thread",
		"startup_32_smp", "startup_32",	       "start_cpu0",
	};
	static const char *const rewinds[] = { "rewind_stack_and_make_dead",
					       "rewind_stack_do_exit" };
	static const char *const thunks[] = {
		"__x86_indirect_thunk_eax", "__x86_indirect_thunk_ebx", "__x86_indirect_thunk_ecx",
		"__x86_indirect_thunk_edx", "__x86_indirect_thunk_esi", "__x86_indirect_thunk_edi",
		"__x86_indirect_thunk_ebp", "__x86_return_thunk",
	};
	struct code c;

	for (size_t i = 0; i < KD_ARRAY_SIZE(bottoms); i++)
		bottom_of_stack(f, bottoms[i]);
	for (size_t i = 0; i < KD_ARRAY_SIZE(rewinds); i++)
		rewind_code(f, rewinds[i]);
	for (size_t i = 0; i < KD_ARRAY_SIZE(thunks); i++)
		thunk_code(f, thunks[i]);
	if (find_code(f, "schedule_tail_wrapper", &c))
		frame_function(f, &c, f->call);
}

static bool is_by_hand(const struct frames *f, vaddr_t addr)
{
	for (size_t i = 0; i < f->nby_hand; i++)
		if (f->by_hand[i] == addr)
			return true;
	return false;
}

/* Functions whose rules the compiler has not left: by their frame pointers. */
static void compiled_code(struct frames *f, const struct code_area *a)
{
	vaddr_t end = a->start + a->size, at;
	uint64_t size;
	struct code c;

	for (at = a->start; f->code->function(f->code->data, at, &at, &size) && at < end;
	     at += size ? size : 1)
		if (at + size <= end && !is_by_hand(f, at) && code_read(&c, f, at, size))
			frame_function(f, &c, f->call_c);
}

/* Init code, whose memory is somebody else's by now: who is in it called what runs. */
static void init_code(struct frames *f)
{
	vaddr_t end, at;
	uint64_t size;

	if (!f->code->symbol(f->code->data, "_einittext", &end, &size) ||
	    !f->code->symbol(f->code->data, "_sinittext", &at, &size))
		return;
	for (; f->code->function(f->code->data, at, &at, &size) && at < end; at += size ? size : 1)
		if (size && at + size <= end && !is_by_hand(f, at))
			frame_gone(f, at, at + size, f->call_c);
}

/* The kernel's own code, where no vmlinux is at hand; entry code lies from START to END. */
static void kernel_code(struct frames *f, vaddr_t start, vaddr_t end)
{
	vaddr_t from, to;
	uint64_t size;

	if (!f->code->symbol(f->code->data, "_stext", &from, &size) ||
	    !f->code->symbol(f->code->data, "_etext", &to, &size) || start < from || end > to)
		return;
	compiled_code(f, &(struct code_area){ from, start - from });
	compiled_code(f, &(struct code_area){ end, to - end });
	init_code(f);
}

static uint32_t begin_cie(struct cfi *out, bool signal)
{
	struct cfi_cie cie = { .ra = DW_EIP, .data_align = -4, .signal = signal };
	uint32_t handle = cfi_cie(out, &cie);

	cfi_def_cfa(out, DW_ESP, 4);
	cfi_offset(out, DW_EIP, -4);
	return handle;
}

static void write_cies(struct frames *f)
{
	f->call = begin_cie(f->out, false);
	cfi_cie_end(f->out);
	f->signal = begin_cie(f->out, true);
	cfi_cie_end(f->out);
	f->call_c = begin_cie(f->out, false);
	cfi_undefined(f->out, DW_EBX);
	cfi_undefined(f->out, DW_ESI);
	cfi_undefined(f->out, DW_EDI);
	cfi_cie_end(f->out);
}

/* The section .entry.text, from *start to *end, and other assembly. */
static int entry_code(struct frames *f, vaddr_t *start, vaddr_t *end, struct kd_err *err)
{
	const struct code_view *code = f->code;
	uint64_t size;

	if (!code->symbol(code->data, "__entry_text_start", start, &size) ||
	    !code->symbol(code->data, "__entry_text_end", end, &size))
		return kd_fail(err, KD_UNSUPPORTED,
			       "entry code is not found: no symbol "
			       "__entry_text_start");
	write_cies(f);
	frame_entry_text(f, *start, *end);
	assembly(f);
	return 0;
}

int i386_entry_cfi(const struct code_view *code, const struct fde_table *image, struct cfi *out,
		   struct kd_err *err)
{
	struct frames f = { .out = out, .code = code, .fdes = *image };
	vaddr_t start, end;

	return entry_code(&f, &start, &end, err);
}

int i386_cfi(const struct code_view *code, struct cfi *out, struct kd_err *err)
{
	struct frames f = { .out = out, .code = code };
	struct code_image image;
	vaddr_t start, end;
	int rc;

	if (!code_image_with_frames(code, 0, &image))
		return kd_fail(err, KD_NOTFOUND, "no kernel image");
	rc = fde_table_open(&f.fdes, image.frames, image.frames ? image.frames_size : 0, 4,
			    image.frames_bias, err);
	if (!rc)
		rc = entry_code(&f, &start, &end, err);
	if (!rc && !image.frames)
		kernel_code(&f, start, end);
	for (size_t i = 1; !rc && code_image_with_frames(code, i, &image); i++)
		for (size_t k = 0; k < image.nareas && !image.frames; k++)
			compiled_code(&f, &image.areas[k]);
	fde_table_fini(&f.fdes);
	return rc;
}
