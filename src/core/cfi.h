/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Building a .debug_frame section (DWARF 5 section 6.4): what an architecture
 * knows of its entry code and stack switches, in the form gdb unwinds by.
 *
 * One thread only. A struct cfi remembers the first failure (out of memory, an
 * expression that is too long), so that the calls that add to it return nothing;
 * cfi_data() reports it. Reading such sections is core/fde.h.
 */
#ifndef KD_CORE_CFI_H
#define KD_CORE_CFI_H

#include "core/err.h"

struct cfi;

struct code_area {
	vaddr_t start;
	uint64_t size; /* bytes */
};

#define CODE_AREAS_MAX 8

/* One body of code: the kernel image, or a loaded module. */
struct code_image {
	const char *name; /* NULL: the kernel image */
	/* A module's memory, of its code or all; of the kernel image none. */
	struct code_area areas[CODE_AREAS_MAX];
	size_t nareas;
	vaddr_t orc_ip, orc;   /* a module's ORC tables (x86 struct mod_arch_specific) */
	uint64_t num_orcs;     /* 0: it has none, or this is the kernel image */
	const uint8_t *frames; /* .debug_frame of its file, borrowed; NULL: none */
	size_t frames_size;    /* bytes */
	uint64_t frames_bias;  /* add to addresses in there (wraps) */
};

/* What the code of a kernel looks like to an architecture that describes it. */
struct code_view {
	void *data;
	/* Address (as in the running kernel) and size of a symbol; false: no such one. */
	bool (*symbol)(void *data, const char *name, vaddr_t *addr, uint64_t *size);
	/* The first function at or after FROM, by address; false: none up to the end. */
	bool (*function)(void *data, vaddr_t from, vaddr_t *addr, uint64_t *size);
	/* The function that holds PC; false: none. */
	bool (*holding)(void *data, vaddr_t pc, vaddr_t *addr, uint64_t *size);
	/*
	 * Offset in bytes of a member, by presence; false: no such one. ANCHOR is a
	 * function whose compile unit sees the type.
	 */
	bool (*member)(void *data, const char *anchor, const char *type, const char *member,
		       uint64_t *offset);
	/* Read code or tables: the dump's memory, or vmlinux' own bytes where that has a hole. */
	int (*read)(void *data, vaddr_t va, void *buf, size_t len, struct kd_err *err);
	/* The kernel image is number 0, loaded modules follow; false past the end. */
	bool (*image)(void *data, size_t i, struct code_image *out);
	/*
	 * Fill in frames and frames_size of image I, which image() leaves out because
	 * reading them takes time. NULL: it does not.
	 */
	void (*frames)(void *data, size_t i, struct code_image *image);
};

static inline bool code_image_with_frames(const struct code_view *v, size_t i,
					  struct code_image *out)
{
	if (!v->image(v->data, i, out))
		return false;
	if (v->frames)
		v->frames(v->data, i, out);
	return true;
}

/* DWARF expressions (DWARF 5 section 2.5) of the kind frame rules need. */
#define CFI_EXPR_MAX 64

struct cfi_expr {
	uint8_t bytes[CFI_EXPR_MAX];
	size_t len;
	bool overflow; /* did not fit: whoever adds it to a struct cfi fails */
};

void cfi_expr_breg(struct cfi_expr *e, unsigned reg, int64_t offset); /* push reg + offset */
void cfi_expr_deref(struct cfi_expr *e);			      /* word at top of stack */
void cfi_expr_plus(struct cfi_expr *e, int64_t n);		      /* top += n */
void cfi_expr_and(struct cfi_expr *e, uint32_t mask);		      /* top &= mask */
void cfi_expr_or(struct cfi_expr *e);				      /* of the top two */
/* Go to where cfi_expr_land() is called with the result: if (top != 0), or always. */
size_t cfi_expr_branch(struct cfi_expr *e);
size_t cfi_expr_skip(struct cfi_expr *e);
void cfi_expr_land(struct cfi_expr *e, size_t from);

int cfi_new(unsigned addr_size, struct cfi **out, struct kd_err *err); /* 4 or 8 bytes */
void cfi_free(struct cfi *c);
void cfi_freep(struct cfi **c);

/* The section so far, borrowed until the next call; fails when anything before did. */
int cfi_data(const struct cfi *c, const uint8_t **data, size_t *size, struct kd_err *err);

struct cfi_cie {
	uint8_t ra;	   /* DWARF number of the return address */
	int8_t data_align; /* bytes: offsets from the CFA are multiples of it */
	bool signal;	   /* frames interrupted, not called: their pc is exact */
};

/*
 * Begin a CIE; rules added up to cfi_cie_end() are the initial ones of every FDE
 * that names it. Returns its handle for cfi_fde().
 */
uint32_t cfi_cie(struct cfi *c, const struct cfi_cie *cie);
void cfi_cie_end(struct cfi *c);

/* Begin an FDE at START; what follows describes the code up to cfi_fde_end(). */
void cfi_fde(struct cfi *c, uint32_t cie, vaddr_t start);
void cfi_advance(struct cfi *c, vaddr_t pc); /* the rules that follow hold from PC on */
void cfi_fde_end(struct cfi *c, vaddr_t end);

/* Rules. Offsets are in bytes. */
void cfi_def_cfa(struct cfi *c, unsigned reg, int64_t offset);
void cfi_def_cfa_expr(struct cfi *c, const struct cfi_expr *e);
void cfi_def_cfa_block(struct cfi *c, const uint8_t *expr, size_t len);
void cfi_undefined(struct cfi *c, unsigned reg);
void cfi_same_value(struct cfi *c, unsigned reg);
void cfi_offset(struct cfi *c, unsigned reg, int64_t offset);	  /* saved at CFA + offset */
void cfi_val_offset(struct cfi *c, unsigned reg, int64_t offset); /* is CFA + offset */
void cfi_register(struct cfi *c, unsigned reg, unsigned in);
void cfi_expression(struct cfi *c, unsigned reg, const struct cfi_expr *e);	/* saved at *e */
void cfi_val_expression(struct cfi *c, unsigned reg, const struct cfi_expr *e); /* is *e */
void cfi_block(struct cfi *c, unsigned reg, bool is_value, const uint8_t *expr, size_t len);

#endif
