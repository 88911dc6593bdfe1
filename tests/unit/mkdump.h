/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small ELF cores written from a readable description, for odd and damaged
 * formats. Lines (numbers in C notation):
 *	class 32|64
 *	machine 3|62
 *	vmcoreinfo KEY=VALUE		one line of the note
 *	note NAME TYPE BYTES...		bytes in hex
 *	load PADDR VADDR MEMSZ FILESZ	a segment; filled with what follows
 *	poke PADDR SIZE VALUE		a number at a physical address
 *	fill PADDR LEN BYTE
 *	text PADDR STRING		bytes, where \n is a line feed
 *	phnum N				lie in e_phnum
 *	cut LEN				cut the file to LEN bytes at the end
 */
#ifndef KD_TESTS_MKDUMP_H
#define KD_TESTS_MKDUMP_H

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MKDUMP_LOADS 16

struct mkdump {
	int is64;
	uint16_t machine, phnum;
	struct {
		uint64_t pa, va, memsz, filesz, off;
		uint8_t *data;
	} load[MKDUMP_LOADS];
	size_t nloads;
	uint8_t notes[16384];
	size_t notes_len;
	char info[4096];
	long cut;
};

static inline void mkdump_note(struct mkdump *m, const char *name, uint32_t type, const void *desc,
			       size_t len)
{
	Elf64_Nhdr nh = { .n_namesz = (Elf64_Word)strlen(name) + 1, .n_descsz = (Elf64_Word)len,
			  .n_type = type };
	uint8_t *p = m->notes + m->notes_len;

	memcpy(p, &nh, sizeof(nh));
	memcpy(p + sizeof(nh), name, nh.n_namesz);
	memcpy(p + sizeof(nh) + (nh.n_namesz + 3) / 4 * 4, desc, len);
	m->notes_len += sizeof(nh) + (nh.n_namesz + 3) / 4 * 4 + (len + 3) / 4 * 4;
}

static inline uint8_t *mkdump_at(struct mkdump *m, uint64_t pa)
{
	for (size_t i = 0; i < m->nloads; i++)
		if (pa >= m->load[i].pa && pa < m->load[i].pa + m->load[i].filesz)
			return m->load[i].data + (pa - m->load[i].pa);
	fprintf(stderr, "mkdump: no memory at %#llx\n", (unsigned long long)pa);
	abort();
}

/* Up to MAX numbers in C notation; returns how many there were. */
static inline size_t mkdump_numbers(const char *text, unsigned long long *v, size_t max)
{
	size_t n = 0;

	for (char *end; n < max; text = end) {
		v[n] = text[strspn(text, " \t")] == '-' ? (unsigned long long)strtoll(text, &end, 0) :
							   strtoull(text, &end, 0);
		if (end == text)
			break;
		n++;
	}
	return n;
}

static inline void mkdump_note_line(struct mkdump *m, const char *rest)
{
	uint8_t bytes[1024];
	char name[16] = "";
	char *at;
	size_t n = 0, len = strcspn(rest, " ");
	uint32_t type;

	memcpy(name, rest, len);
	type = (uint32_t)strtoul(rest + len, &at, 0);
	for (char *end;; at = end) {
		unsigned long byte = strtoul(at, &end, 16);

		if (end == at)
			break;
		bytes[n++] = (uint8_t)byte;
	}
	mkdump_note(m, name, type, bytes, n);
}

static inline void mkdump_text(struct mkdump *m, uint64_t pa, const char *text)
{
	uint8_t *p = mkdump_at(m, pa);

	for (; *text; text++) {
		bool feed = text[0] == '\\' && text[1] == 'n';

		*p++ = feed ? '\n' : (uint8_t)*text;
		text += feed;
	}
}

static inline void mkdump_line(struct mkdump *m, const char *line)
{
	size_t len = strcspn(line, " ");
	const char *rest = line + len + (line[len] == ' ');
	unsigned long long v[4] = { 0 };
	size_t n = mkdump_numbers(rest, v, 4);

	if (!strncmp(line, "class", len) && n == 1) {
		m->is64 = v[0] == 64;
	} else if (!strncmp(line, "machine", len) && n == 1) {
		m->machine = (uint16_t)v[0];
	} else if (!strncmp(line, "vmcoreinfo", len)) {
		strcat(strcat(m->info, rest), "\n");
	} else if (!strncmp(line, "note", len)) {
		mkdump_note_line(m, rest);
	} else if (!strncmp(line, "load", len) && n == 4) {
		m->load[m->nloads].pa = v[0];
		m->load[m->nloads].va = v[1];
		m->load[m->nloads].memsz = v[2];
		m->load[m->nloads].filesz = v[3];
		m->load[m->nloads++].data = calloc(1, v[3] ? v[3] : 1);
	} else if (!strncmp(line, "poke", len) && n == 3) {
		memcpy(mkdump_at(m, v[0]), &v[2], v[1]);
	} else if (!strncmp(line, "fill", len) && n == 3) {
		memset(mkdump_at(m, v[0]), (int)v[2], v[1]);
	} else if (!strncmp(line, "text", len) && n >= 1) {
		rest += strcspn(rest, " ");
		mkdump_text(m, v[0], rest + (*rest == ' '));
	} else if (!strncmp(line, "phnum", len) && n == 1) {
		m->phnum = (uint16_t)v[0];
	} else if (!strncmp(line, "cut", len) && n == 1) {
		m->cut = (long)v[0];
	} else if (*line) {
		fprintf(stderr, "mkdump: what is '%s'?\n", line);
		abort();
	}
}

static inline void mkdump_phdr(const struct mkdump *m, int fd, uint32_t type, uint64_t off,
			       uint64_t va, uint64_t pa, uint64_t filesz, uint64_t memsz)
{
	if (m->is64) {
		Elf64_Phdr p = { .p_type = type, .p_offset = off, .p_vaddr = va, .p_paddr = pa,
				 .p_filesz = filesz, .p_memsz = memsz };

		if (write(fd, &p, sizeof(p)) != sizeof(p))
			abort();
	} else {
		Elf32_Phdr p = { .p_type = type, .p_offset = (Elf32_Off)off,
				 .p_vaddr = (Elf32_Addr)va, .p_paddr = (Elf32_Addr)pa,
				 .p_filesz = (Elf32_Word)filesz, .p_memsz = (Elf32_Word)memsz };

		if (write(fd, &p, sizeof(p)) != sizeof(p))
			abort();
	}
}

static inline void mkdump_ehdr(const struct mkdump *m, int fd)
{
	uint16_t phnum = m->phnum ? m->phnum : (uint16_t)(m->nloads + 1);

	if (m->is64) {
		Elf64_Ehdr e = { .e_type = ET_CORE, .e_machine = m->machine, .e_version = EV_CURRENT,
				 .e_phoff = sizeof(e), .e_ehsize = sizeof(e),
				 .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = phnum };

		memcpy(e.e_ident, ELFMAG "\2\1\1", 7);
		if (write(fd, &e, sizeof(e)) != sizeof(e))
			abort();
	} else {
		Elf32_Ehdr e = { .e_type = ET_CORE, .e_machine = m->machine, .e_version = EV_CURRENT,
				 .e_phoff = sizeof(e), .e_ehsize = sizeof(e),
				 .e_phentsize = sizeof(Elf32_Phdr), .e_phnum = phnum };

		memcpy(e.e_ident, ELFMAG "\1\1\1", 7);
		if (write(fd, &e, sizeof(e)) != sizeof(e))
			abort();
	}
}

/* Write the dump that TEXT describes to a new file; its name is the caller's to free. */
static inline char *mkdump(const char *text)
{
	struct mkdump m = { .is64 = 1, .machine = EM_X86_64 };
	char *path = strdup("/tmp/kdview-mkdump-XXXXXX"), *copy = strdup(text), *save = NULL;
	int fd = mkstemp(path);
	uint64_t off;

	for (char *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		mkdump_line(&m, l + strspn(l, " \t"));
	if (*m.info)
		mkdump_note(&m, "VMCOREINFO", 0, m.info, strlen(m.info));
	off = (m.is64 ? sizeof(Elf64_Ehdr) + (m.nloads + 1) * sizeof(Elf64_Phdr) :
			sizeof(Elf32_Ehdr) + (m.nloads + 1) * sizeof(Elf32_Phdr));
	mkdump_ehdr(&m, fd);
	mkdump_phdr(&m, fd, PT_NOTE, off, 0, 0, m.notes_len, m.notes_len);
	off += m.notes_len;
	for (size_t i = 0; i < m.nloads; i++) {
		mkdump_phdr(&m, fd, PT_LOAD, off, m.load[i].va, m.load[i].pa, m.load[i].filesz,
			    m.load[i].memsz);
		off += m.load[i].filesz;
	}
	if (write(fd, m.notes, m.notes_len) != (ssize_t)m.notes_len)
		abort();
	for (size_t i = 0; i < m.nloads; i++) {
		if (write(fd, m.load[i].data, m.load[i].filesz) != (ssize_t)m.load[i].filesz)
			abort();
		free(m.load[i].data);
	}
	if (m.cut && ftruncate(fd, m.cut))
		abort();
	close(fd);
	free(copy);
	return path;
}

#endif
