// SPDX-License-Identifier: GPL-3.0-or-later
/* Headers and notes of ELF cores: see image.h. */
#include <elf.h>
#include <inttypes.h>

#include "capture/image.h"
#include "kernel/kernel.h"

/* makedumpfile's DUMP_ELF_INCOMPLETE (elf_info.h): not all could be written. */
#define FLAG_INCOMPLETE 0x1

/* Where things are. All of it but the ELF header lies together, from START on. */
struct place {
	uint64_t start, phoff, shoff, notes_off;
	uint64_t phnum;
	size_t len; /* from START on */
};

static bool is32(const struct image *im)
{
	return im->opt->format == IMAGE_ELF32;
}

static size_t ehdr_size(const struct image *im)
{
	return is32(im) ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr);
}

static size_t phdr_size(const struct image *im)
{
	return is32(im) ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr);
}

/* Segments ------------------------------------------------------------------------------- */

void image_put_phdr64(uint8_t *p, const struct image_piece *piece)
{
	Elf64_Phdr ph = {
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W | PF_X,
		.p_offset = piece->off,
		.p_vaddr = piece->va,
		.p_paddr = piece->pa,
		.p_filesz = piece->stored,
		.p_memsz = piece->size,
	};

	memcpy(p, &ph, sizeof(ph));
}

static void put_phdr(const struct image *im, uint8_t *p, uint32_t type,
		     const struct image_piece *piece)
{
	Elf32_Phdr ph = {
		.p_type = type,
		.p_flags = type == PT_LOAD ? PF_R | PF_W | PF_X : 0,
		.p_offset = (uint32_t)piece->off,
		.p_vaddr = (uint32_t)piece->va,
		/* Of virtual memory whose place has no name in 32 bits: what we read is elsewhere. */
		.p_paddr = piece->pa > UINT32_MAX ? 0 : (uint32_t)piece->pa,
		.p_filesz = (uint32_t)piece->stored,
		.p_memsz = (uint32_t)piece->size,
	};

	if (is32(im)) {
		memcpy(p, &ph, sizeof(ph));
		return;
	}
	image_put_phdr64(p, piece);
	memcpy(p, &type, sizeof(type));
	if (type != PT_LOAD)
		memset(p + offsetof(Elf64_Phdr, p_flags), 0, 4);
}

/*
 * The segment that begins with piece *at, which then is the next one's. Virtual memory that lies
 * together in the file is one segment, wherever it was in physical memory; what is not in the
 * file is none.
 */
static bool next_segment(const struct image *im, size_t *at, struct image_piece *out)
{
	while (im->opt->virtual && *at < im->npieces && !im->pieces[*at].stored)
		++*at;
	if (*at >= im->npieces)
		return false;
	*out = im->pieces[(*at)++];
	for (; im->opt->virtual && *at < im->npieces; ++*at) {
		const struct image_piece *p = &im->pieces[*at];

		if (!p->stored || p->va != out->va + out->size || p->off != out->off + out->size)
			break;
		out->size += p->size;
		out->stored += p->stored;
	}
	return true;
}

/* Notes ---------------------------------------------------------------------------------- */

/* As debuggers want them: threads, and what says something of the kernel. */
static int thread_notes(struct image *im, struct note_area *n, const struct note_area *all,
			struct kd_err *err)
{
	const struct dump *d = im->d;
	int ret = im->opt->k ? note_area_tasks(n, im->opt->k, &im->nthreads, err) : 0;

	if (ret)
		return ret;
	/* Of a kernel whose tasks are not known its CPUs still are. */
	for (size_t i = 0; i < d->nnotes && !im->nthreads; i++)
		if (d->notes[i].type == NT_PRSTATUS)
			note_area_add(n, "CORE", NT_PRSTATUS, d->notes[i].desc, d->notes[i].len);
	if (all->info_len)
		note_area_add(n, "VMCOREINFO", 0, all->data + all->info_off, all->info_len);
	return n->failed ? kd_nomem(err) : 0;
}

static int make_notes(struct image *im, struct note_area *n, struct kd_err *err)
{
	struct note_area all;
	int ret = note_area_of_dump(&all, im->d, err);

	*n = (struct note_area){ 0 };
	if (!im->opt->virtual) {
		*n = all;
		return ret;
	}
	if (!ret)
		ret = thread_notes(im, n, &all, err);
	if (!ret) {
		note_area_add(n, IMAGE_NOTE_NAME, IMAGE_NOTE_NOTES, all.data, all.len);
		ret = image_own_note(im, n, err);
	}
	note_area_fini(&all);
	return ret;
}

/* Writing --------------------------------------------------------------------------------- */

static struct place find_places(const struct image *im, uint64_t start, size_t notes_len)
{
	struct place pl = { .start = start, .phoff = start, .phnum = 1 };
	struct image_piece p;
	size_t at = 0;

	while (next_segment(im, &at, &p))
		pl.phnum++;
	pl.shoff = pl.phoff + pl.phnum * phdr_size(im);
	pl.notes_off = pl.shoff;
	if (pl.phnum >= PN_XNUM)
		pl.notes_off += is32(im) ? sizeof(Elf32_Shdr) : sizeof(Elf64_Shdr);
	else
		pl.shoff = 0;
	pl.notes_off = (pl.notes_off + 3) & ~UINT64_C(3);
	pl.len = pl.notes_off - start + notes_len;
	return pl;
}

static int write_ehdr(struct image *im, const struct place *pl, bool complete, struct kd_err *err)
{
	Elf64_Ehdr e = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = im->machine,
		.e_version = EV_CURRENT,
		.e_phoff = pl->phoff,
		.e_shoff = pl->shoff,
		.e_flags = complete ? 0 : FLAG_INCOMPLETE,
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (uint16_t)kd_min(pl->phnum, PN_XNUM),
		.e_shentsize = pl->shoff ? sizeof(Elf64_Shdr) : 0,
		.e_shnum = pl->shoff != 0,
	};
	Elf32_Ehdr e32 = {
		.e_type = e.e_type,
		.e_machine = e.e_machine,
		.e_version = e.e_version,
		.e_phoff = (uint32_t)e.e_phoff,
		.e_shoff = (uint32_t)e.e_shoff,
		.e_flags = e.e_flags,
		.e_ehsize = sizeof(Elf32_Ehdr),
		.e_phentsize = sizeof(Elf32_Phdr),
		.e_phnum = e.e_phnum,
		.e_shentsize = pl->shoff ? sizeof(Elf32_Shdr) : 0,
		.e_shnum = e.e_shnum,
	};

	if (!is32(im))
		return sink_write(im->sink, 0, &e, sizeof(e), err);
	memcpy(e32.e_ident, e.e_ident, EI_NIDENT);
	e32.e_ident[EI_CLASS] = ELFCLASS32;
	return sink_write(im->sink, 0, &e32, sizeof(e32), err);
}

static void put_headers(const struct image *im, const struct place *pl, size_t notes_len,
			uint8_t *buf)
{
	struct image_piece p = { .off = pl->notes_off, .stored = notes_len, .size = notes_len };
	uint8_t *ph = buf + (pl->phoff - pl->start);
	Elf32_Shdr sh32 = { .sh_info = (uint32_t)pl->phnum };
	Elf64_Shdr sh64 = { .sh_info = (uint32_t)pl->phnum };
	size_t at = 0;

	put_phdr(im, ph, PT_NOTE, &p);
	while (next_segment(im, &at, &p))
		put_phdr(im, ph += phdr_size(im), PT_LOAD, &p);
	if (pl->shoff && is32(im))
		memcpy(buf + (pl->shoff - pl->start), &sh32, sizeof(sh32));
	else if (pl->shoff)
		memcpy(buf + (pl->shoff - pl->start), &sh64, sizeof(sh64));
}

static int write_headers(struct image *im, const struct place *pl, const struct note_area *n,
			 struct kd_err *err)
{
	_cleanup_(freep) uint8_t *buf = calloc(1, pl->len + 1);

	if (!buf)
		return kd_nomem(err);
	put_headers(im, pl, n->len, buf);
	if (n->len)
		memcpy(buf + (pl->notes_off - pl->start), n->data, n->len);
	return sink_write(im->sink, pl->start, buf, pl->len, err);
}

static int check_size(const struct image *im, uint64_t size, struct kd_err *err)
{
	if (is32(im) && size > UINT32_MAX)
		return kd_fail(err, KD_UNSUPPORTED,
			       "a 32-bit ELF file has at most 4 GB, and this would have %" PRIu64
			       " MB: filter it (-d 31)", size >> 20);
	return 0;
}

/*
 * Where pieces begin. makedumpfile maps whole pages of the file by p_memsz, beyond the file's end
 * where that is larger than p_filesz, and dies of it; what does not begin with a page it reads.
 */
static uint64_t find_base(const struct image *im, const struct place *pl)
{
	uint64_t page = UINT64_C(1) << im->page_shift;
	uint64_t base = (pl->start + pl->len + page - 1) & ~(page - 1);

	for (size_t i = 0; i < im->npieces && !im->opt->virtual; i++)
		if (im->pieces[i].stored < im->pieces[i].size)
			return base + page / 2;
	return base;
}

int image_elf_begin(struct image *im, struct kd_err *err)
{
	struct note_area n;
	struct place pl;
	uint64_t base;
	/* Once to see how long notes are, which do not depend on where they are. */
	int ret = make_notes(im, &n, err);

	pl = find_places(im, ehdr_size(im), n.len);
	note_area_fini(&n);
	if (ret)
		return ret;
	base = find_base(im, &pl);
	for (size_t i = 0; i < im->npieces; i++)
		im->pieces[i].off += im->pieces[i].stored ? base : 0;
	im->size += base;
	ret = check_size(im, im->size, err);
	if (!ret)
		ret = make_notes(im, &n, err);
	if (ret) {
		note_area_fini(&n);
		return ret;
	}
	/* Of a stream readers may take the first header, not the last; its end mark says "complete". */
	ret = write_ehdr(im, &pl, im->sink->flat, err);
	if (!ret)
		ret = write_headers(im, &pl, &n, err);
	note_area_fini(&n);
	im->phnum = pl.phnum;
	im->shoff = pl.shoff;
	return ret;
}

/* Pieces without what was lost: that becomes the end of a piece, which is not stored. */
static int split_piece(struct image *im, struct image_piece p, struct kd_err *err)
{
	for (size_t i = 0; i < im->nlost && p.stored; i++) {
		const struct image_piece *l = &im->lost[i];
		uint64_t end = l->off + l->size, front, gone;
		struct image_piece q = p;
		int ret;

		if (end <= p.off || l->off >= p.off + p.stored)
			continue;
		front = l->off > p.off ? l->off - p.off : 0;
		gone = kd_min(end - p.off, p.stored) - front;
		q.stored = front;
		q.size = im->opt->virtual ? front : front + gone;
		if (gone + front == p.stored && !im->opt->virtual)
			q.size = p.size;
		ret = q.size ? image_push(im, &q, err) : 0;
		if (ret)
			return ret;
		p.va += p.va == IMAGE_UNMAPPED ? 0 : front + gone;
		p.pa += front + gone;
		p.off += front + gone;
		p.size -= front + gone;
		p.stored -= front + gone;
		if (!p.stored)
			return 0;
	}
	return image_push(im, &p, err);
}

static int split_pieces(struct image *im, struct kd_err *err)
{
	struct image_piece *old = im->pieces;
	size_t n = im->npieces;
	int ret = 0;

	im->pieces = NULL;
	im->npieces = im->room = 0;
	for (size_t i = 0; i < n && !ret; i++)
		ret = split_piece(im, old[i], err);
	free(old);
	return ret;
}

/* Headers that name less than before go to the end of the file. */
static int write_again(struct image *im, struct place *pl, struct kd_err *err)
{
	struct note_area n;
	int ret = split_pieces(im, err);

	if (ret)
		return ret;
	ret = make_notes(im, &n, err);
	*pl = find_places(im, (im->size + 7) & ~UINT64_C(7), n.len);
	if (!ret)
		ret = check_size(im, pl->start + pl->len, err);
	if (!ret)
		ret = write_headers(im, pl, &n, err);
	note_area_fini(&n);
	return ret;
}

int image_elf_finish(struct image *im, struct kd_err *err)
{
	struct place pl = { .phoff = ehdr_size(im), .phnum = im->phnum, .shoff = im->shoff };
	int ret = im->nlost ? write_again(im, &pl, err) : 0;

	if (im->sink->flat && !im->nlost)
		return ret;
	/* The limit is for memory; this replaces what is there. */
	im->sink->limit = 0;
	return ret ? ret : write_ehdr(im, &pl, true, err);
}
