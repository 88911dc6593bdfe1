// SPDX-License-Identifier: GPL-3.0-or-later
/* Where the running kernel lies and keeps what a dump needs: crash notes, VMCOREINFO, mappings. */
#include <ctype.h>
#include <dirent.h>
#include <elf.h>
#include <string.h>

#include "load/machine_priv.h"

#define MAX_CPUS 65536
#define DEFAULT_NOTE 1024 /* of kernels that have no crash_notes_size */
#define MAX_PHDRS 4096
#define IMAGES UINT64_C(0xffffffff80000000) /* where x86_64 maps its image */

static int by_cpu(const void *a, const void *b)
{
	const struct machine_note *x = a, *y = b;

	return (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

static int add_note(struct machine *m, unsigned cpu, size_t *cap, struct kd_err *err)
{
	struct machine_note note = { .cpu = cpu, .size = DEFAULT_NOTE };
	char name[80];

	snprintf(name, sizeof(name), "sys/devices/system/cpu/cpu%u/crash_notes", cpu);
	/* 0 is what the kernel shows to who may not know. */
	if (!machine_number(m, name, 16, &note.paddr) || !note.paddr)
		return 0;
	snprintf(name, sizeof(name), "sys/devices/system/cpu/cpu%u/crash_notes_size", cpu);
	machine_number(m, name, 10, &note.size);
	if (m->nnotes == *cap) {
		struct machine_note *more;

		*cap = *cap ? 2 * *cap : 16;
		more = realloc(m->notes, *cap * sizeof(*more));
		if (!more)
			return kd_nomem(err);
		m->notes = more;
	}
	m->notes[m->nnotes++] = note;
	return 0;
}

/* Every CPU that has a folder: numbers may have gaps, and who is offline may come. */
static int read_cpus(struct machine *m, struct kd_err *err)
{
	_cleanup_(freep) char *path = NULL;
	struct dirent *e;
	size_t cap = 0;
	DIR *dir;
	int ret = 0;

	if (asprintf(&path, "%s/sys/devices/system/cpu", m->root) < 0) {
		path = NULL;
		return kd_nomem(err);
	}
	dir = opendir(path);
	if (!dir)
		return 0;
	while (!ret && (e = readdir(dir))) {
		const char *number = e->d_name + 3;
		unsigned long cpu;
		char *end;

		if (strncmp(e->d_name, "cpu", 3) || !isdigit((unsigned char)*number))
			continue;
		cpu = strtoul(number, &end, 10);
		if (!*end && cpu < MAX_CPUS)
			ret = add_note(m, (unsigned)cpu, &cap, err);
	}
	closedir(dir);
	if (m->nnotes)
		qsort(m->notes, m->nnotes, sizeof(*m->notes), by_cpu);
	return ret;
}

int machine_read_notes(struct machine *m, struct kd_err *err)
{
	_cleanup_(freep) char *text = NULL;
	char *end;

	/* Both are hexadecimal, though only the first one says so. */
	if (!machine_file(m, "sys/kernel/vmcoreinfo", 128, &text, NULL, NULL)) {
		m->vmcoreinfo = strtoull(text, &end, 16);
		m->vmcoreinfo_size = strtoull(end, NULL, 16);
		if (!m->vmcoreinfo_size)
			m->vmcoreinfo = 0;
	}
	return read_cpus(m, err);
}

/* The address of _stext; 0: hidden, or no kallsyms. */
static vaddr_t stext(const struct machine *m)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(fclosep) FILE *f = NULL;
	char text[512];

	if (asprintf(&path, "%s/proc/kallsyms", m->root) < 0) {
		path = NULL;
		return 0;
	}
	f = fopen(path, "re");
	while (f && fgets(text, sizeof(text), f)) {
		static const char name[] = " _stext\n";
		size_t len = strlen(text);

		if (len >= sizeof(name) && !strcmp(text + len - sizeof(name) + 1, name))
			return strtoull(text, NULL, 16);
	}
	return 0;
}

struct segment {
	vaddr_t vaddr;
	paddr_t paddr;
	uint64_t size;
};

static struct segment segment_at(const uint8_t *head, bool elf64, size_t at)
{
	Elf64_Phdr p64;
	Elf32_Phdr p32;

	if (elf64) {
		memcpy(&p64, head + at, sizeof(p64));
		return p64.p_type == PT_LOAD
			? (struct segment){ p64.p_vaddr, p64.p_paddr, p64.p_memsz }
			: (struct segment){ 0 };
	}
	memcpy(&p32, head + at, sizeof(p32));
	return p32.p_type == PT_LOAD
		? (struct segment){ p32.p_vaddr, p32.p_paddr == UINT32_MAX ? UINT64_MAX : p32.p_paddr,
				    p32.p_memsz }
		: (struct segment){ 0 };
}

/*
 * Where physical address 0 would be. Older kernels do not say which memory it maps;
 * x86_64's map begins at a whole GiB.
 */
static vaddr_t linear_map(const struct segment *s, bool elf64)
{
	if (s->paddr == UINT64_MAX || s->paddr > s->vaddr || (elf64 && !s->paddr))
		return s->vaddr & ~((UINT64_C(1) << 30) - 1);
	return s->vaddr - s->paddr;
}

/*
 * The mapping with the image, by where that lies or, if kallsyms is not hidden, by its name; and
 * the lowest one, whose start is the linear map's: the kernel keeps that below all others
 * (x86_64's regions are shuffled by KASLR, but stay in order).
 */
static void read_segments(struct machine *m, const uint8_t *head, size_t len, bool elf64,
			  size_t off, size_t n)
{
	size_t size = elf64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	vaddr_t lowest = UINT64_MAX, image = 0;

	for (size_t i = 0; i < n && range_contains(len, off + i * size, size); i++) {
		struct segment s = segment_at(head, elf64, off + i * size);

		if (!s.size)
			continue;
		if (s.vaddr < lowest) {
			lowest = s.vaddr;
			m->page_offset = linear_map(&s, elf64);
			m->has_maps = true;
			m->low_memory = elf64 ? 0 : s.vaddr - m->page_offset + s.size;
		}
		if (elf64 && s.vaddr >= IMAGES && s.paddr == m->code.start && s.paddr)
			image = s.vaddr;
	}
	if (!image && elf64)
		image = stext(m);
	for (size_t i = 0; i < n && image && range_contains(len, off + i * size, size); i++) {
		struct segment s = segment_at(head, elf64, off + i * size);

		if (image >= s.vaddr && image - s.vaddr < s.size) {
			m->text = s.vaddr;
			m->text_size = s.size;
		}
	}
}

int machine_read_maps(struct machine *m, struct kd_err *err)
{
	_cleanup_(freep) char *head = NULL;
	size_t len, off, n;
	Elf64_Ehdr e64;
	Elf32_Ehdr e32;

	(void)err;
	/* Not there (CONFIG_PROC_KCORE), not allowed (lockdown, not root): the caller is told. */
	if (machine_file(m, "proc/kcore", sizeof(e64) + MAX_PHDRS * sizeof(Elf64_Phdr), &head, &len,
			 NULL) ||
	    len < sizeof(e64) || memcmp(head, ELFMAG, SELFMAG))
		return 0;
	if (head[EI_CLASS] == ELFCLASS64) {
		memcpy(&e64, head, sizeof(e64));
		off = e64.e_phoff;
		n = e64.e_phnum;
	} else {
		memcpy(&e32, head, sizeof(e32));
		off = e32.e_phoff;
		n = e32.e_phnum;
	}
	if (off > len || n > MAX_PHDRS)
		return 0;
	read_segments(m, (const uint8_t *)head, len, head[EI_CLASS] == ELFCLASS64, off, n);
	return 0;
}
