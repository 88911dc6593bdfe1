// SPDX-License-Identifier: GPL-3.0-or-later
/* Virtual address spaces: see space.h. */
#include "core/space.h"
#include "core/vmcoreinfo.h"

#include <inttypes.h>
#include <string.h>

/* Fixed places ---------------------------------------------------------------------- */

#define SAMPLES 16u

/* Do the page tables say the same? As far as they are there: few may disagree. How many agree. */
static unsigned check_fixed(const struct space *s, struct space_fixed *f)
{
	uint64_t page = UINT64_C(1) << s->arch->page_shift;
	unsigned same = 0, other = 0;

	for (unsigned i = 0; f->size && i < SAMPLES; i++) {
		uint64_t at = f->size / SAMPLES * i & ~(page - 1);
		paddr_t pa;

		if (s->arch->translate(s, f->start + at, &pa, NULL, NULL))
			continue;
		if (pa == f->pa + at)
			same++;
		else
			other++;
	}
	if (4 * other > same)
		f->size = 0;
	return same;
}

static bool is_sound(const struct space *s, const struct dump_map *m)
{
	uint64_t last = s->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;
	uint64_t first = s->arch->ptr_size == 4 ? UINT32_C(1) << 30 : UINT64_C(1) << 63;

	/* -1 stands for memory that is not mapped, and QEMU says 0 for all */
	return m->vaddr >= first && m->vaddr < last && m->size && m->size - 1 <= last - m->vaddr &&
	       m->paddr < SPACE_LINEAR_MAX;
}

/*
 * A 32-bit kernel maps no more than a part of its memory, but its headers go on past the
 * end of that. This much it does map, unless it is told otherwise (vmalloc=).
 */
#define LOWMEM (UINT64_C(512) << 20)

static void find_fixed(struct space *s)
{
	const struct dump *d = s->dump;
	uint64_t max = s->arch->ptr_size == 8 ? SPACE_LINEAR_MAX : s->torn ? LOWMEM : 0;

	for (size_t i = 0; i < d->nmaps; i++) {
		const struct dump_map *m = &d->maps[i];

		if (!is_sound(s, m))
			continue;
		if (s->page_offset && m->vaddr - m->paddr == s->page_offset) {
			uint64_t end = kd_min(m->paddr + m->size, max);

			if (end > s->linear.size)
				s->linear = (struct space_fixed){ .start = s->page_offset,
								  .size = end };
		} else if (m->size > s->image.size && m->vaddr - m->paddr != s->page_offset) {
			s->image = (struct space_fixed){ m->vaddr, m->size, m->paddr };
		}
	}
}

static bool place(const struct space_fixed *f, vaddr_t va, paddr_t *pa)
{
	*pa = f->pa + (va - f->start);
	return va - f->start < f->size;
}

/* Does the table that VA's page is missing from map any page of the linear map rightly? */
static bool has_neighbour(const struct space *s, vaddr_t va)
{
	uint64_t page = UINT64_C(1) << s->arch->page_shift;
	uint64_t n = page / (s->arch->ptr_size == 4 && s->levels == 2 ? 4 : 8);
	vaddr_t first = va & ~(n * page - 1);

	for (vaddr_t at = first; at < first + n * page; at += page) {
		paddr_t pa, should;

		if (place(&s->linear, at, &should) &&
		    !s->arch->translate(s, at, &pa, NULL, NULL) && pa == should)
			return true;
	}
	return false;
}

/*
 * Single pages of fixed places may be unmapped (guard pages, freed init memory). An upper
 * table that leads to no table, or to one that maps nothing rightly, is damaged.
 */
static bool is_damage(const struct space *s, vaddr_t va, int status)
{
	struct arch_walk w;

	if (status != KD_UNMAPPED || s->torn)
		return true;
	return va - s->linear.start < s->linear.size && s->arch->walk &&
	       s->arch->walk(s, va, &w, NULL) == KD_UNMAPPED &&
	       (w.nsteps < s->levels || !has_neighbour(s, va));
}

/* The page tables said STATUS or *pa, and not AT. Where memory is at AT, that it is. */
static int mend(const struct space *s, vaddr_t va, paddr_t at, int status, paddr_t *pa,
		uint64_t *run)
{
	uint64_t page = UINT64_C(1) << s->arch->page_shift;
	uint8_t byte;

	if (!is_damage(s, va, status) || dump_read(s->dump, at, &byte, 1, NULL, NULL))
		return status;
	if (s->mends && !s->mends->n++)
		s->mends->first = va;
	*pa = at;
	if (run)
		*run = page - (va & (page - 1));
	return 0;
}

void space_learn_end(struct space *s, vaddr_t end)
{
	bool has_end = s->linear.size && s->arch->ptr_size == 8;

	if (!s->page_offset || has_end || end <= s->page_offset ||
	    end - s->page_offset > SPACE_LINEAR_MAX)
		return;
	s->linear = (struct space_fixed){ .start = s->page_offset, .size = end - s->page_offset };
	if (!s->torn)
		check_fixed(s, &s->linear);
}

/* Opening ----------------------------------------------------------------------------- */

int space_init_kernel(struct space *s, const struct arch *arch, const struct dump *d,
		      struct kd_err *err)
{
	int status;

	*s = (struct space){ .arch = arch, .dump = d };
	status = arch->space_init(s, err);
	if (status)
		return status;
	find_fixed(s);
	check_fixed(s, &s->linear);
	check_fixed(s, &s->image);
	return 0;
}

/* The kernel's name, at the address that VMCOREINFO gives: "Linux", and its release. */
static bool has_name(const struct space *s)
{
	const struct vmcoreinfo *vi = s->dump->vmcoreinfo;
	const char *release = vmcoreinfo_get(vi, "OSRELEASE");
	uint64_t uts, name;
	char text[65];

	/* struct new_utsname: 65 bytes each of sysname, nodename, release */
	return vmcoreinfo_number(vi, "SYMBOL", "init_uts_ns", &uts) &&
	       vmcoreinfo_number(vi, "OFFSET", "uts_namespace.name", &name) &&
	       !space_read_str(s, uts + name, text, sizeof(text), NULL) && !strcmp(text, "Linux") &&
	       !space_read_str(s, uts + name + 130, text, sizeof(text), NULL) && release &&
	       !strcmp(text, release);
}

int space_init_torn(struct space *s, const struct arch *arch, const struct dump *d,
		    struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	int status;

	*s = (struct space){ .arch = arch, .dump = d };
	status = arch->space_init(s, &why);
	if (status != KD_CORRUPT || !d->vmcoreinfo)
		return status ? kd_fail(err, status, "%s", why.text) : 0;
	s->torn = true;
	find_fixed(s);
	return has_name(s) ? 0 : kd_fail(err, status, "%s", why.text);
}

bool space_replace_root(struct space *s, paddr_t root)
{
	struct space other = *s;

	other.root = root;
	other.torn = false;
	if (!check_fixed(&other, &other.linear) || !other.linear.size)
		return false;
	check_fixed(&other, &other.image);
	if (s->image.size && !other.image.size)
		return false;
	*s = other;
	return true;
}

bool space_learn_linear(struct space *s, uint64_t base, bool said)
{
	int status;
	paddr_t pa;
	vaddr_t va;

	if (!base || kd_add_overflow(base, s->root, &va))
		return false;
	status = s->arch->translate(s, va, &pa, NULL, NULL);
	if (status ? status == KD_UNMAPPED || !said : pa != s->root)
		return false;
	s->page_offset = base;
	return true;
}

void space_init_user(struct space *s, const struct space *kernel, paddr_t root)
{
	*s = *kernel;
	s->root = root;
}

int space_translate(const struct space *s, vaddr_t va, paddr_t *pa, uint64_t *run,
		    struct kd_err *err)
{
	int status = s->arch->translate(s, va, pa, run, err);
	paddr_t at;

	if ((!place(&s->linear, va, &at) && !place(&s->image, va, &at)) || (!status && *pa == at))
		return status;
	return mend(s, va, at, status, pa, run);
}

static int read_some(const struct space *s, vaddr_t va, void *buf, size_t len, size_t *done,
		     struct kd_err *err)
{
	uint64_t run = 0;
	paddr_t pa;
	int status = space_translate(s, va, &pa, &run, err);

	*done = 0;
	if (status)
		return status;
	return dump_read(s->dump, pa, buf, kd_min(len, run), done, err);
}

int space_read(const struct space *s, vaddr_t va, void *buf, size_t len, size_t *done,
	       struct kd_err *err)
{
	size_t got = 0;
	int status = 0;

	while (got < len && !status) {
		size_t n;
		vaddr_t at;

		if (kd_add_overflow(va, got, &at)) {
			status = kd_fail(err, KD_UNMAPPED, "beyond the end of the address space");
			break;
		}
		status = read_some(s, at, (uint8_t *)buf + got, len - got, &n, err);
		got += n;
		if (status)
			kd_context(err, status, "address %#" PRIx64, va + got);
	}
	if (done)
		*done = got;
	return status;
}

const void *space_map(const struct space *s, vaddr_t va, size_t len)
{
	paddr_t first = 0;

	for (size_t done = 0; done < len;) {
		uint64_t run;
		paddr_t pa;

		if (space_translate(s, va + done, &pa, &run, NULL))
			return NULL;
		if (!done)
			first = pa;
		if (pa != first + done)
			return NULL;
		done += (size_t)kd_min(run, len - done);
	}
	return len ? dump_map(s->dump, first, len) : NULL;
}

int space_read_uint(const struct space *s, vaddr_t va, size_t size, uint64_t *value,
		    struct kd_err *err)
{
	uint8_t b[8];
	int status;

	if (size > sizeof(b))
		return kd_fail(err, KD_UNSUPPORTED, "a number of %zu bytes", size);
	status = space_read(s, va, b, size, NULL, err);
	if (status)
		return status;
	*value = 0;
	for (size_t i = size; i--;)
		*value = *value << 8 | b[i];
	return 0;
}

int space_read_ptr(const struct space *s, vaddr_t va, uint64_t *value, struct kd_err *err)
{
	return space_read_uint(s, va, s->arch->ptr_size, value, err);
}

int space_read_str(const struct space *s, vaddr_t va, char *buf, size_t size, struct kd_err *err)
{
	size_t got = 0;
	int status = 0;

	while (!status && got + 1 < size) {
		/* up to the next 256-byte border: a string must not fail for what follows it */
		size_t n, want = kd_min(size - 1 - got, 256 - ((va + got) & 255));
		char *nul;

		status = space_read(s, va + got, buf + got, want, &n, err);
		nul = memchr(buf + got, '\0', n);
		if (nul)
			return 0;
		got += n;
	}
	buf[got] = '\0';
	return status;
}
