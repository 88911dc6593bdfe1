// SPDX-License-Identifier: GPL-3.0-or-later
/* Core headers: what /proc/vmcore of the second kernel is made of. */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "load/core_headers.h"

#define NOT_MAPPED UINT64_MAX
/* What i386 maps of RAM where it does not say: 896 MB, but for what it keeps for vmalloc. */
#define I386_LOW_MEMORY UINT64_C(0x38000000)
#define I386_PAGE_OFFSET UINT64_C(0xc0000000)
#define FOUR_GIB (UINT64_C(1) << 32)

/* The headers as they grow; both classes are written from the same. */
struct maker {
	const struct machine *m;
	Elf64_Phdr *at; /* owned */
	size_t n, cap;
};

static paddr_t highest(const struct machine *m)
{
	return m->ram.n ? m->ram.at[m->ram.n - 1].end : 0;
}

int core_headers_class(const struct machine *m, enum load_elf asked, enum load_elf *out,
		       struct kd_err *err)
{
	bool high = highest(m) > FOUR_GIB;

	if (asked == LOAD_ELF32 && m->arch != MACHINE_I386)
		return kd_fail(err, KD_USAGE,
			       "core headers of x86_64 are ELF64: leave out "
			       "--elf32-core-headers");
	if (asked == LOAD_ELF32 && high)
		return kd_fail(err, KD_USAGE,
			       "this machine has memory up to %" PRIu64 " MiB, of which ELF32 "
			       "core headers can tell 4096: take --elf64-core-headers",
			       highest(m) >> 20);
	*out = asked != LOAD_ELF_AUTO		  ? asked
	       : m->arch == MACHINE_I386 && !high ? LOAD_ELF32
						  : LOAD_ELF64;
	return 0;
}

static int add(struct maker *k, Elf64_Phdr p, struct kd_err *err)
{
	if (k->n == k->cap) {
		size_t cap = k->cap ? 2 * k->cap : 32;
		Elf64_Phdr *at = realloc(k->at, cap * sizeof(*at));

		if (!at)
			return kd_nomem(err);
		k->at = at;
		k->cap = cap;
	}
	p.p_memsz = p.p_filesz;
	k->at[k->n++] = p;
	return 0;
}

static int add_note(struct maker *k, paddr_t at, uint64_t size, struct kd_err *err)
{
	return add(
		k,
		(Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = at, .p_paddr = at, .p_filesz = size },
		err);
}

static int add_notes(struct maker *k, struct kd_err *err)
{
	const struct machine *m = k->m;
	int ret = 0;

	if (!m->nnotes)
		return kd_fail(err, KD_UNSUPPORTED,
			       "/sys/devices/system/cpu/cpu*/crash_notes do not say where "
			       "the registers of a crash are kept: %s",
			       geteuid() ? "only root may see it, use sudo"
					 : "the kernel was built without CONFIG_KEXEC");
	if (!m->vmcoreinfo)
		return kd_fail(err, KD_UNSUPPORTED,
			       "/sys/kernel/vmcoreinfo is missing: the kernel was built "
			       "without CONFIG_VMCORE_INFO (CONFIG_CRASH_CORE before 6.9)");
	for (size_t i = 0; i < m->nnotes && !ret; i++)
		ret = add_note(k, m->notes[i].paddr, m->notes[i].size, err);
	return ret ? ret : add_note(k, m->vmcoreinfo, m->vmcoreinfo_size, err);
}

static int add_load(struct maker *k, paddr_t start, uint64_t len, paddr_t held_at, vaddr_t vaddr,
		    struct kd_err *err)
{
	return add(k,
		   (Elf64_Phdr){ .p_type = PT_LOAD,
				 .p_flags = PF_R | PF_W | PF_X,
				 .p_offset = held_at,
				 .p_paddr = start,
				 .p_vaddr = vaddr,
				 .p_filesz = len },
		   err);
}

/* i386 maps no more than the lower part of RAM. */
static int add_ram(struct maker *k, const struct range *r, paddr_t held_at, struct kd_err *err)
{
	const struct machine *m = k->m;
	uint64_t low = m->low_memory ? m->low_memory : I386_LOW_MEMORY, len;
	vaddr_t base = m->page_offset;
	int ret;

	if (m->arch == MACHINE_X86_64)
		return add_load(k, r->start, range_len(r), held_at,
				m->has_maps ? base + r->start : NOT_MAPPED, err);
	if (!m->has_maps)
		base = I386_PAGE_OFFSET;
	if (r->start >= low)
		return add_load(k, r->start, range_len(r), held_at, NOT_MAPPED, err);
	len = kd_min(r->end, low) - r->start;
	ret = add_load(k, r->start, len, held_at, base + r->start, err);
	if (ret || r->end <= low)
		return ret;
	return add_load(k, low, r->end - low, held_at + len, NOT_MAPPED, err);
}

/* The RAM of the crashed kernel: all but what the second one is in. */
static int crashed_ram(const struct machine *m, struct range_list *out, struct kd_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < m->ram.n && !ret; i++)
		ret = range_list_add(out, m->ram.at[i].start, m->ram.at[i].end, RANGE_RAM, err);
	for (size_t i = 0; i < m->ncrash && !ret; i++)
		ret = range_list_cut(out, m->crash[i].start, m->crash[i].end, err);
	/* Reading what the graphics card maps may hang the machine. */
	return ret ? ret : range_list_cut(out, m->gart.start, m->gart.end, err);
}

static int add_all_ram(struct maker *k, struct range low, paddr_t backup, struct kd_err *err)
{
	struct range_list ram = { 0 };
	int ret = crashed_ram(k->m, &ram, err);

	if (!ret && range_len(&low))
		ret = range_list_cut(&ram, low.start, low.end, err);
	if (!ret && range_len(&low))
		ret = add_ram(k, &low, backup, err);
	for (size_t i = 0; i < ram.n && !ret; i++)
		ret = add_ram(k, &ram.at[i], ram.at[i].start, err);
	range_list_fini(&ram);
	return ret;
}

static int collect(struct maker *k, struct range low, paddr_t backup, struct kd_err *err)
{
	const struct machine *m = k->m;
	int ret;

	if (m->iomem_hidden || !m->ram.n)
		return kd_fail(err, KD_UNSUPPORTED, "/proc/iomem shows no memory: %s",
			       geteuid() ? "only root may see it, use sudo"
					 : "this process lacks CAP_SYS_ADMIN (a container?)");
	ret = add_notes(k, err);
	/* The image, whose mapping KASLR has moved: for readers without VMCOREINFO. */
	if (!ret && m->arch == MACHINE_X86_64 && m->text_size && range_len(&m->code))
		ret = add_load(k, m->code.start, m->text_size, m->code.start, m->text, err);
	if (!ret)
		ret = add_all_ram(k, low, backup, err);
	if (!ret && k->n >= PN_XNUM)
		ret = kd_fail(err, KD_UNSUPPORTED,
			      "%zu ranges of memory and CPUs are more than core headers "
			      "have room for, %d",
			      k->n, PN_XNUM - 1);
	return ret;
}

static void ident(unsigned char *e_ident, unsigned char class)
{
	memcpy(e_ident, ELFMAG, SELFMAG);
	e_ident[EI_CLASS] = class;
	e_ident[EI_DATA] = ELFDATA2LSB;
	e_ident[EI_VERSION] = EV_CURRENT;
}

static void write64(const struct maker *k, uint16_t machine, uint8_t *buf)
{
	Elf64_Ehdr h = { .e_type = ET_CORE,
			 .e_machine = machine,
			 .e_version = EV_CURRENT,
			 .e_phoff = sizeof(h),
			 .e_ehsize = sizeof(h),
			 .e_phentsize = sizeof(Elf64_Phdr),
			 .e_phnum = (Elf64_Half)k->n };

	ident(h.e_ident, ELFCLASS64);
	memcpy(buf, &h, sizeof(h));
	memcpy(buf + sizeof(h), k->at, k->n * sizeof(*k->at));
}

static void write32(const struct maker *k, uint16_t machine, uint8_t *buf)
{
	Elf32_Ehdr h = { .e_type = ET_CORE,
			 .e_machine = machine,
			 .e_version = EV_CURRENT,
			 .e_phoff = sizeof(h),
			 .e_ehsize = sizeof(h),
			 .e_phentsize = sizeof(Elf32_Phdr),
			 .e_phnum = (Elf32_Half)k->n };

	ident(h.e_ident, ELFCLASS32);
	memcpy(buf, &h, sizeof(h));
	for (size_t i = 0; i < k->n; i++) {
		const Elf64_Phdr *p = &k->at[i];
		Elf32_Phdr s = { .p_type = p->p_type,
				 .p_flags = p->p_flags,
				 .p_offset = (Elf32_Off)p->p_offset,
				 .p_vaddr = (Elf32_Addr)p->p_vaddr,
				 .p_paddr = (Elf32_Addr)p->p_paddr,
				 .p_filesz = (Elf32_Word)p->p_filesz,
				 .p_memsz = (Elf32_Word)p->p_memsz };

		memcpy(buf + sizeof(h) + i * sizeof(s), &s, sizeof(s));
	}
}

int core_headers_make(const struct machine *m, enum load_elf class, struct range low,
		      paddr_t backup, uint8_t **buf, size_t *len, struct kd_err *err)
{
	struct maker k = { .m = m };
	uint16_t machine = m->arch == MACHINE_I386 ? EM_386 : EM_X86_64;
	int ret = collect(&k, low, backup, err);

	if (!ret) {
		*len = class == LOAD_ELF32 ? sizeof(Elf32_Ehdr) + k.n * sizeof(Elf32_Phdr)
					   : sizeof(Elf64_Ehdr) + k.n * sizeof(Elf64_Phdr);
		*buf = calloc(1, *len);
		if (!*buf)
			ret = kd_nomem(err);
		else if (class == LOAD_ELF32)
			write32(&k, machine, *buf);
		else
			write64(&k, machine, *buf);
	}
	free(k.at);
	return ret;
}
