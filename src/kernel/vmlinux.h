/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A vmlinux file: the ELF image of the kernel that crashed, with its symbols and
 * debug information. Found by build ID and release when the user names none.
 */
#ifndef KD_KERNEL_VMLINUX_H
#define KD_KERNEL_VMLINUX_H

#include <libelf.h>

#include "core/err.h"

#define BUILD_ID_MAX 64 /* bytes; sha1 is 20 */

struct build_id {
	uint8_t bytes[BUILD_ID_MAX];
	size_t len; /* 0: not known */
};

struct vmlinux {
	char *path;
	int fd;
	Elf *elf;
	uint16_t machine;	/* EM_* */
	uint8_t elf_class;	/* ELFCLASS32, ELFCLASS64 */
	struct build_id build_id;
	bool has_symbols;	/* .symtab is there */
	bool has_dwarf;		/* .debug_info is there */
	bool has_btf;		/* .BTF is there */
};

struct vmlinux_section {
	vaddr_t addr;	     /* as linked */
	const uint8_t *data; /* borrowed from the vmlinux; NULL for NOBITS */
	uint64_t size;	     /* bytes */
};

/*
 * Open PATH as a vmlinux. KD_IO, KD_UNSUPPORTED (no ELF executable of an
 * architecture known here; a compressed bzImage is named as such), KD_CORRUPT.
 */
int vmlinux_open(const char *path, struct vmlinux **out, struct kd_err *err);
void vmlinux_close(struct vmlinux *v);
void vmlinux_closep(struct vmlinux **v);

/* Does the file look like an ELF executable, or like a compressed kernel? First bytes only. */
bool vmlinux_probe_path(const char *path);

/* A section by name; false when there is none. */
bool vmlinux_section(const struct vmlinux *v, const char *name, struct vmlinux_section *out);

/* What vmlinux_find() looks by. */
struct vmlinux_wanted {
	const char *release;	   /* "6.1.0-56-cloud-amd64", may be NULL */
	struct build_id build_id;  /* len 0: any file of that release will do */
	const char *const *dirs;   /* further folders to look in first, NULL-terminated; may be NULL */
	const char *const *debug_dirs; /* roots like /usr/lib/debug, NULL-terminated; may be NULL */
};

/*
 * Find and open the vmlinux that fits: the folders given, the current folder,
 * the debug roots (by .build-id and by release), /boot, /lib/modules. A file
 * whose build ID differs is passed over. KD_NOTFOUND: the text lists what was
 * tried and the package that would bring it.
 */
int vmlinux_find(const struct vmlinux_wanted *wanted, struct vmlinux **out, struct kd_err *err);

/* Has it all that is needed: symbols, and types by DWARF or BTF? */
bool vmlinux_is_whole(const struct vmlinux *v);

/* KD_MISMATCH, with both build IDs: V is not of the build that is wanted. */
int vmlinux_check(const struct vmlinux *v, const struct vmlinux_wanted *wanted, struct kd_err *err);

/*
 * The file with the debug information of V, which lacks it (kernel/debug_link.h).
 * KD_NOTFOUND: the sentence says what V lacks, and where that was looked for.
 */
int vmlinux_debug_file(struct vmlinux *v, const char *const *debug_dirs, struct vmlinux **out,
		       struct kd_err *err);

/*
 * What a user named as the kernel: a vmlinux, or one that is stripped, or the compressed
 * kernel (vmlinuz), from which the way leads on to the debug information of that build.
 * KD_MISMATCH: it is not the kernel WANTED (unless FORCE). KD_NOTFOUND with *stripped: it
 * is the kernel, but its debug information was not found.
 */
int vmlinux_follow(const char *path, const struct vmlinux_wanted *wanted, bool force,
		   struct vmlinux **out, bool *stripped, struct kd_err *err);

/* What to install for a vmlinux of RELEASE (may be NULL), in words, into BUF. */
void vmlinux_package(const char *release, char *buf, size_t size);

/* Build ID as hex; BUF holds 2 * BUILD_ID_MAX + 1. Parse is its reverse, false: no hex. */
void build_id_format(const struct build_id *id, char *buf);
bool build_id_parse(const char *hex, struct build_id *id);
bool build_id_equal(const struct build_id *a, const struct build_id *b);

#endif
