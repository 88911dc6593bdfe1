// SPDX-License-Identifier: GPL-3.0-or-later
/* A kernel as an architecture looks at its code: see code.h. */
#include "kernel/code.h"

#include <gelf.h>

static bool view_symbol(void *data, const char *name, vaddr_t *addr, uint64_t *size)
{
	const struct kernel_code *c = data;
	const struct symbol *s = symbols_by_name(c->k->symbols, name);

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
	const struct kernel_code *c = data;
	const struct symbol *s;

	for (size_t i = first_symbol(c->k->symbols, from); (s = symbols_at(c->k->symbols, i));
	     i++) {
		if (s->type != 't' && s->type != 'T')
			continue;
		*addr = s->addr;
		*size = s->size;
		return true;
	}
	return false;
}

static bool view_holding(void *data, vaddr_t pc, vaddr_t *addr, uint64_t *size)
{
	const struct kernel_code *c = data;
	const struct symbol *s = symbols_by_addr(c->k->symbols, pc);

	if (!s || (s->type != 't' && s->type != 'T'))
		return false;
	*addr = s->addr;
	*size = s->size;
	return true;
}

static bool view_member(void *data, const char *anchor, const char *type, const char *member,
			uint64_t *offset)
{
	const struct kernel_code *c = data;
	struct member m;

	if (!c->k->types || !types_member(c->k->types, anchor, type, member, &m))
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

/* Is this init code, whose memory has been given back? */
static bool is_gone(const struct kernel *k, vaddr_t va)
{
	int64_t running;
	uint64_t state;
	vaddr_t start, end;

	return kernel_symbol(k, "_sinittext", &start) && kernel_symbol(k, "_einittext", &end) &&
	       va >= start && va < end && k->types &&
	       types_enumerator(k->types, "rest_init|kernel_init", "SYSTEM_RUNNING", &running) &&
	       !kernel_read_symbol(k, "system_state", 4, &state, NULL) && state >= (uint64_t)running;
}

int kernel_read_code(const struct kernel *k, vaddr_t va, void *buf, size_t len, struct kd_err *err)
{
	int rc;

	if (k->vmlinux && is_gone(k, va) &&
	    read_vmlinux(k->vmlinux, va - k->kaslr_offset, buf, len))
		return 0;
	rc = space_read(&k->space, va, buf, len, NULL, err);
	if (rc && k->vmlinux && read_vmlinux(k->vmlinux, va - k->kaslr_offset, buf, len))
		return 0;
	return rc;
}

static int view_read(void *data, vaddr_t va, void *buf, size_t len, struct kd_err *err)
{
	const struct kernel_code *c = data;

	return kernel_read_code(c->k, va, buf, len, err);
}

static bool view_image(void *data, size_t i, struct code_image *out)
{
	const struct kernel_code *c = data;
	const struct module *m;

	if (i > c->k->modules.n)
		return false;
	*out = (struct code_image){ .name = NULL };
	if (i == 0) {
		out->frames_bias = c->k->kaslr_offset;
		return true;
	}
	m = &c->k->modules.list[i - 1];
	out->name = m->name;
	out->nareas = m->nareas < CODE_AREAS_MAX ? m->nareas : CODE_AREAS_MAX;
	for (size_t a = 0; a < out->nareas; a++)
		out->areas[a] = (struct code_area){ m->areas[a].start, m->areas[a].size };
	out->orc_ip = m->orc_ip;
	out->orc = m->orc;
	out->num_orcs = m->num_orcs;
	return true;
}

/* A file that can not be read has no frames. */
static void view_frames(void *data, size_t i, struct code_image *out)
{
	struct kernel_code *c = data;
	const struct module *m = i ? &c->k->modules.list[i - 1] : NULL;

	pthread_mutex_lock(&c->lock);
	if (!c->tried[i]) {
		c->tried[i] = true;
		if (!m && c->k->vmlinux)
			frame_section_open(&c->frames[i], c->k->vmlinux->path, NULL, NULL);
		else if (m && m->debug_path)
			frame_section_open(&c->frames[i], m->debug_path, m, NULL);
	}
	pthread_mutex_unlock(&c->lock);
	out->frames = c->frames[i].data;
	out->frames_size = c->frames[i].size;
}

int kernel_code_init(struct kernel_code *c, const struct kernel *k, struct kd_err *err)
{
	size_t n = k->modules.n + 1;

	*c = (struct kernel_code){
		.view = { .data = c,
			  .symbol = view_symbol,
			  .function = view_function,
			  .holding = view_holding,
			  .member = view_member,
			  .read = view_read,
			  .image = view_image,
			  .frames = view_frames },
		.k = k,
		.frames = calloc(n, sizeof(*c->frames)),
		.tried = calloc(n, sizeof(*c->tried)),
	};
	pthread_mutex_init(&c->lock, NULL);

	return c->frames && c->tried ? 0 : kd_nomem(err);
}

void kernel_code_fini(struct kernel_code *c)
{
	for (size_t i = 0; c->frames && i <= c->k->modules.n; i++)
		frame_section_close(&c->frames[i]);
	free(c->frames);
	free(c->tried);
	pthread_mutex_destroy(&c->lock);
	c->frames = NULL;
	c->tried = NULL;
}
