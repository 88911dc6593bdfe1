// SPDX-License-Identifier: GPL-3.0-or-later
/* A kernel as an architecture looks at its code: see companion_view.h. */
#include "mi/companion_view.h"

#include <gelf.h>

static bool view_symbol(void *data, const char *name, vaddr_t *addr, uint64_t *size)
{
	const struct companion_view *v = data;
	const struct symbol *s = symbols_by_name(v->k->symbols, name);

	if (!s)
		return false;
	*addr = s->addr;
	*size = s->size;
	return true;
}

/* Index of the first symbol at or after ADDR. */
static size_t first_symbol(const struct symbols *s, vaddr_t addr)
{
	size_t low = 0, high = symbols_count(s);

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (symbols_at(s, mid)->addr < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool view_function(void *data, vaddr_t from, vaddr_t *addr, uint64_t *size)
{
	const struct companion_view *v = data;
	const struct symbol *s;

	for (size_t i = first_symbol(v->k->symbols, from); (s = symbols_at(v->k->symbols, i));
	     i++) {
		if (s->type != 't' && s->type != 'T')
			continue;
		*addr = s->addr;
		*size = s->size;
		return true;
	}
	return false;
}

static bool view_member(void *data, const char *anchor, const char *type, const char *member,
			uint64_t *offset)
{
	const struct companion_view *v = data;
	struct member m;

	if (!v->k->types || !types_member(v->k->types, anchor, type, member, &m))
		return false;
	*offset = m.offset;
	return true;
}

/* Bytes of the image as linked, for what the dump left out. */
static bool read_vmlinux(const struct vmlinux *vmlinux, vaddr_t va, void *buf, size_t len)
{
	size_t n = 0;

	if (elf_getphdrnum(vmlinux->elf, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr p;

		if (!gelf_getphdr(vmlinux->elf, (int)i, &p) || p.p_type != PT_LOAD)
			continue;
		if (va >= p.p_vaddr && range_contains(p.p_filesz, va - p.p_vaddr, len))
			return pread(vmlinux->fd, buf, len,
				     (off_t)(p.p_offset + (va - p.p_vaddr))) == (ssize_t)len;
	}
	return false;
}

static int view_read(void *data, vaddr_t va, void *buf, size_t len, struct kd_err *err)
{
	const struct companion_view *v = data;
	const struct kernel *k = v->k;
	int rc = space_read(&k->space, va, buf, len, NULL, err);

	if (rc && k->vmlinux && read_vmlinux(k->vmlinux, va - k->kaslr_offset, buf, len))
		return 0;
	return rc;
}

static bool view_image(void *data, size_t i, struct code_image *out)
{
	const struct companion_view *v = data;
	const struct module *m;

	if (i > v->k->modules.n)
		return false;
	*out = (struct code_image){ .frames = v->frames[i].data, .frames_size = v->frames[i].size };
	if (i == 0) {
		out->frames_bias = v->k->kaslr_offset;
		return true;
	}
	m = &v->k->modules.list[i - 1];
	out->name = m->name;
	out->nareas = m->nareas < CODE_AREAS_MAX ? m->nareas : CODE_AREAS_MAX;
	for (size_t a = 0; a < out->nareas; a++)
		out->areas[a] = (struct code_area){ m->areas[a].start, m->areas[a].size };
	out->orc_ip = m->orc_ip;
	out->orc = m->orc;
	out->num_orcs = m->num_orcs;
	return true;
}

int companion_view_init(struct companion_view *v, const struct kernel *k, struct kd_err *err)
{
	size_t n = k->modules.n + 1;

	*v = (struct companion_view){
		.code = { .data = v,
			  .symbol = view_symbol,
			  .function = view_function,
			  .member = view_member,
			  .read = view_read,
			  .image = view_image },
		.k = k,
		.frames = calloc(n, sizeof(*v->frames)),
	};
	if (!v->frames)
		return kd_nomem(err);
	for (size_t i = 0; i < n; i++)
		v->frames[i] = FRAME_SECTION_INIT;
	if (k->vmlinux)
		frame_section_open(&v->frames[0], k->vmlinux->path, NULL, NULL);
	for (size_t i = 1; i < n; i++) {
		const struct module *m = &k->modules.list[i - 1];

		if (m->debug_path)
			frame_section_open(&v->frames[i], m->debug_path, m, NULL);
	}
	return 0;
}

void companion_view_fini(struct companion_view *v)
{
	for (size_t i = 0; v->frames && i <= v->k->modules.n; i++)
		frame_section_close(&v->frames[i]);
	free(v->frames);
	v->frames = NULL;
}
