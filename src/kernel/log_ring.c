// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The lockless ring buffer of printk (kernel/printk/printk_ringbuffer.h, since
 * v5.10, 896fbe20b4e2). Three arrays: descriptors (a state and the logical
 * position of the text), infos, and text blocks that begin with the ID of their
 * descriptor. IDs and positions count on for ever in a long of the target; their
 * low bits are the index.
 */
#include <inttypes.h>

#include "kernel/damage.h"
#include "kernel/kernel.h"
#include "kernel/log_priv.h"

#define DESCS_BITS_MAX 26 /* log_buf_len= takes 2 GB at most, 32 bytes a descriptor */
#define DATA_BITS_MAX 31

enum { STATE_RESERVED, STATE_COMMITTED, STATE_FINALIZED, STATE_REUSABLE };

/* begin and next of a record without a text block: it is empty, or had no room. */
#define LPOS_DATALESS UINT64_C(1)
#define LPOS_EMPTY UINT64_C(3)

struct ring {
	struct log_reader *r;
	const struct layout *l;
	unsigned size_of_long; /* of the target, bytes */
	uint64_t long_mask;
	uint64_t id_mask; /* without the two bits of the state */
	vaddr_t descs, infos, data;
	unsigned descs_bits, data_bits;
	uint64_t tail, head; /* IDs */
	/* what is wrong, in records */
	size_t stale, unfinished, textless, overwritten, senseless;
	struct kd_err nowhere; /* the first pointer that leads there */
};

static bool knows_layout(const struct layout *l)
{
	const struct member *const needed[] = {
		&l->printk_ringbuffer_desc_ring, &l->printk_ringbuffer_text_data_ring,
		&l->prb_desc_ring_count_bits,	 &l->prb_desc_ring_descs,
		&l->prb_desc_ring_infos,	 &l->prb_desc_ring_head_id,
		&l->prb_desc_ring_tail_id,	 &l->prb_desc_state_var,
		&l->prb_desc_text_blk_lpos,	 &l->prb_data_blk_lpos_begin,
		&l->prb_data_blk_lpos_next,	 &l->printk_info_seq,
		&l->printk_info_ts_nsec,	 &l->printk_info_text_len,
		&l->prb_data_ring_size_bits,	 &l->prb_data_ring_data,
		&l->atomic_long_counter,
	};

	for (size_t i = 0; i < KD_ARRAY_SIZE(needed); i++)
		if (!needed[i]->found)
			return false;
	return l->size_prb_desc && l->size_printk_info;
}

/* Both sizes follow from log_buf_len: a record for each 32 bytes of text (PRB_AVGBITS). */
static bool sizes_by_length(const struct ring *g, uint64_t *descs_bits, uint64_t *data_bits)
{
	uint64_t len;

	if (!*data_bits || *data_bits > DATA_BITS_MAX) {
		if (log_variable(g->r->k, "log_buf_len", 4, &len, NULL) || len < 1024 ||
		    len & (len - 1))
			return false;
		*data_bits = (uint64_t)__builtin_ctzll(len);
	}
	if (!*descs_bits || *descs_bits > DESCS_BITS_MAX)
		*descs_bits = *data_bits > 5 ? *data_bits - 5 : 1;
	return true;
}

/* The head of the ring; a number that can not be is corrupt. */
static int read_head(struct ring *g, vaddr_t prb, struct kd_err *err)
{
	const struct layout *l = g->l;
	vaddr_t descs = prb + l->printk_ringbuffer_desc_ring.offset;
	vaddr_t text = prb + l->printk_ringbuffer_text_data_ring.offset;
	struct {
		vaddr_t at;
		size_t size;
		uint64_t value;
	} v[] = {
		{descs + l->prb_desc_ring_count_bits.offset, 4, 0},
		{descs + l->prb_desc_ring_descs.offset, g->size_of_long, 0},
		{descs + l->prb_desc_ring_infos.offset, g->size_of_long, 0},
		{descs + l->prb_desc_ring_head_id.offset + l->atomic_long_counter.offset,
		 g->size_of_long, 0},
		{descs + l->prb_desc_ring_tail_id.offset + l->atomic_long_counter.offset,
		 g->size_of_long, 0},
		{text + l->prb_data_ring_size_bits.offset, 4, 0},
		{text + l->prb_data_ring_data.offset, g->size_of_long, 0},
	};

	for (size_t i = 0; i < KD_ARRAY_SIZE(v); i++) {
		int status = space_read_uint(&g->r->k->space, v[i].at, v[i].size, &v[i].value, err);

		if (status)
			return kd_context(err, status, "ring buffer");
	}
	if (!v[0].value || v[0].value > DESCS_BITS_MAX || !v[5].value ||
	    v[5].value > DATA_BITS_MAX) {
		damage_note(&g->r->log->damage,
			    "a ring buffer of 2^%" PRIu64 " records and 2^%" PRIu64
			    " bytes can not be", v[0].value, v[5].value);
		if (!sizes_by_length(g, &v[0].value, &v[5].value))
			return kd_fail(err, KD_CORRUPT, "%s",
				       g->r->log->damage ? g->r->log->damage : "its size");
	}
	g->descs_bits = (unsigned)v[0].value;
	g->descs = v[1].value;
	g->infos = v[2].value;
	g->head = v[3].value & g->id_mask;
	g->tail = v[4].value & g->id_mask;
	g->data_bits = (unsigned)v[5].value;
	g->data = v[6].value;
	return 0;
}

/* Can SIZE bytes at AT be read, or are they at least mapped? */
static bool is_there(struct ring *g, vaddr_t at, const char *what)
{
	struct kd_err why = KD_ERR_INIT;
	paddr_t pa;

	if (space_translate(&g->r->k->space, at, &pa, NULL, &why) != KD_UNMAPPED)
		return true;
	if (!g->nowhere.status)
		kd_fail(&g->nowhere, KD_CORRUPT, "the ring buffer's %s are not at %#" PRIx64 ": %s",
			what, at, why.text);
	return false;
}

/*
 * Arrays that the ring's own pointers do not lead to. Those of the ring the kernel boots
 * with have names, and log_buf leads to the text of both.
 */
static void mend(struct ring *g, vaddr_t prb)
{
	const struct kernel *k = g->r->k;
	vaddr_t at;
	bool is_static = log_symbol(k, "printk_rb_static", &at) && at == prb;

	if (!is_there(g, g->descs, "descriptors") && is_static)
		log_symbol(k, "_printk_rb_static_descs", &g->descs);
	if (!is_there(g, g->infos, "infos") && is_static)
		log_symbol(k, "_printk_rb_static_infos", &g->infos);
	if (!is_there(g, g->data, "texts"))
		log_variable(k, "log_buf", g->size_of_long, &g->data, NULL);
	if (g->nowhere.status)
		damage_note(&g->r->log->damage, "%s", g->nowhere.text);
}

/* The ring: prb points to it, unless that is damaged. Then it is one of two. */
static int find_ring(struct ring *g, vaddr_t *prb, struct kd_err *err)
{
	static const char *const names[] = { "printk_rb_dynamic", "printk_rb_static" };
	const struct layout *l = g->l;
	uint64_t offset = l->printk_ringbuffer_text_data_ring.offset + l->prb_data_ring_data.offset;
	int status = log_variable(g->r->k, "prb", g->size_of_long, prb, err);
	uint64_t data;

	if (!status && !space_read_uint(&g->r->k->space, *prb + offset, g->size_of_long, &data, NULL))
		return 0;
	for (size_t i = 0; i < KD_ARRAY_SIZE(names); i++) {
		vaddr_t other;

		/* the first is empty until it is used */
		if (!log_symbol(g->r->k, names[i], &other) ||
		    space_read_uint(&g->r->k->space, other + offset, g->size_of_long, &data, NULL) ||
		    !data)
			continue;
		damage_note(&g->r->log->damage, "prb does not lead to the ring buffer: %s it is",
			    names[i]);
		*prb = other;
		return 0;
	}
	return status;
}

/*
 * Find the text block [*at, + *len) of positions BEGIN to NEXT, its ID left out.
 * A block that would cross the end of the buffer starts again at index 0, and one
 * that ends exactly there does so too, or (since v6.18) does not.
 */
static bool find_block(const struct ring *g, uint64_t begin, uint64_t next, vaddr_t *at,
		       uint64_t *len)
{
	uint64_t size = UINT64_C(1) << g->data_bits;
	uint64_t last = (next - 1) & g->long_mask;
	uint64_t after = (begin + size) & g->long_mask;

	if ((begin | next) % g->size_of_long)
		return false;
	if (begin >> g->data_bits == last >> g->data_bits) {
		*at = g->data + (begin & (size - 1));
		*len = (next - begin) & g->long_mask;
	} else if (after >> g->data_bits == last >> g->data_bits) {
		*at = g->data;
		*len = next & (size - 1);
	} else {
		return false;
	}
	if (*len < g->size_of_long || *len > size)
		return false;
	*len -= g->size_of_long;
	return true;
}

static int add_record(struct ring *g, uint64_t id, uint64_t begin, uint64_t next,
		      struct log_record *rec, uint64_t text_len, struct kd_err *err)
{
	uint64_t room = 0, owner = 0;
	vaddr_t at = g->data;

	if (begin & next & LPOS_DATALESS) {
		if (begin != LPOS_EMPTY || next != LPOS_EMPTY) {
			g->textless++;
			return 0;
		}
		return log_add(g->r, rec, at, 0, err);
	}
	if (!find_block(g, begin, next, &at, &room)) {
		g->senseless++;
		return 0;
	}
	if (windows_read_uint(g->r->w, at, g->size_of_long, &owner)) {
		/* Nothing of the text, but the record was there: keep its time and place. */
		return log_add(g->r, rec, at, 1, err);
	}
	if (owner != id) {
		g->overwritten++;
		return 0;
	}
	if (text_len > room) {
		g->senseless++;
		text_len = room;
	}
	return log_add(g->r, rec, at + g->size_of_long, text_len, err);
}

/* facility and level: where types are not there, next to text_len (VMCOREINFO is silent). */
static void read_origin(const struct ring *g, const uint8_t *info, uint64_t size,
			struct log_record *rec)
{
	const struct layout *l = g->l;
	uint64_t at = l->printk_info_text_len.offset + 2;

	if (l->printk_info_facility.found)
		at = l->printk_info_facility.offset;
	if (range_contains(size, at, 1))
		rec->facility = info[at];
	at = l->printk_info_level.found ? l->printk_info_level.offset : at + 1;
	if (range_contains(size, at, 1))
		rec->level = info[at] >> 5;
}

static int read_info(struct ring *g, vaddr_t at, struct log_record *rec, uint64_t *text_len)
{
	const struct layout *l = g->l;
	uint64_t size = kd_min(l->size_printk_info, 256);
	uint8_t b[256];
	int status = windows_read(g->r->w, at, b, size, NULL);

	if (status)
		return status;
	if (!range_contains(size, l->printk_info_seq.offset, 8) ||
	    !range_contains(size, l->printk_info_ts_nsec.offset, 8) ||
	    !range_contains(size, l->printk_info_text_len.offset, 2))
		return KD_CORRUPT;
	rec->seq = uint_le(b + l->printk_info_seq.offset, 8);
	rec->ts_nsec = uint_le(b + l->printk_info_ts_nsec.offset, 8);
	rec->has_ts = true;
	*text_len = uint_le(b + l->printk_info_text_len.offset, 2);
	if (l->printk_info_caller_id.found &&
	    range_contains(size, l->printk_info_caller_id.offset, 4))
		rec->caller = (uint32_t)uint_le(b + l->printk_info_caller_id.offset, 4);
	read_origin(g, b, size, rec);
	return 0;
}

static int read_record(struct ring *g, uint64_t id, struct kd_err *err)
{
	const struct layout *l = g->l;
	uint64_t index = id & ((UINT64_C(1) << g->descs_bits) - 1);
	vaddr_t desc = g->descs + index * l->size_prb_desc;
	vaddr_t lpos = desc + l->prb_desc_text_blk_lpos.offset;
	struct log_record rec = {0};
	uint64_t state, begin, next, text_len;

	if (windows_read_uint(g->r->w,
			      desc + l->prb_desc_state_var.offset + l->atomic_long_counter.offset,
			      g->size_of_long, &state) ||
	    windows_read_uint(g->r->w, lpos + l->prb_data_blk_lpos_begin.offset, g->size_of_long,
			      &begin) ||
	    windows_read_uint(g->r->w, lpos + l->prb_data_blk_lpos_next.offset, g->size_of_long,
			      &next)) {
		g->r->missing++;
		return 0;
	}
	switch (state >> (8 * g->size_of_long - 2)) {
	case STATE_REUSABLE:
		return 0;
	case STATE_RESERVED:
		g->unfinished++;
		return 0;
	default:
		break;
	}
	if ((state & g->id_mask) != id) {
		g->stale++;
		return 0;
	}
	switch (read_info(g, g->infos + index * l->size_printk_info, &rec, &text_len)) {
	case 0:
		return add_record(g, id, begin, next, &rec, text_len, err);
	case KD_CORRUPT:
		g->senseless++;
		return 0;
	default:
		g->r->missing++;
		return 0;
	}
}

static void note_damage(const struct ring *g)
{
	char **damage = &g->r->log->damage;

	g->r->log->partial |= g->stale || g->overwritten || g->senseless;
	if (g->unfinished)
		damage_note(damage, "%zu records were being written", g->unfinished);
	if (g->textless)
		damage_note(damage, "%zu records found no room for their text", g->textless);
	if (g->stale)
		damage_note(damage, "%zu descriptors do not belong to their place", g->stale);
	if (g->overwritten)
		damage_note(damage, "%zu texts are another record's", g->overwritten);
	if (g->senseless)
		damage_note(damage, "%zu records make no sense", g->senseless);
}

/* State and ID of the descriptor at INDEX; false: it is missing. */
static bool read_state(const struct ring *g, uint64_t index, unsigned *state, uint64_t *id)
{
	const struct layout *l = g->l;
	uint64_t v;

	if (windows_read_uint(g->r->w,
			      g->descs + index * l->size_prb_desc + l->prb_desc_state_var.offset +
				      l->atomic_long_counter.offset,
			      g->size_of_long, &v))
		return false;
	*state = (unsigned)(v >> (8 * g->size_of_long - 2));
	*id = v & g->id_mask;
	return true;
}

/* Is there a finished record of that ID? */
static bool holds(const struct ring *g, uint64_t id)
{
	uint64_t max = UINT64_C(1) << g->descs_bits, its;
	unsigned state;

	return read_state(g, id & (max - 1), &state, &its) && its == (id & g->id_mask) &&
	       (state == STATE_COMMITTED || state == STATE_FINALIZED);
}

static int by_seq(const void *a, const void *b)
{
	const struct log_record *x = a, *y = b;

	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Where head and tail are wrong: each descriptor says itself which record it is of. */
static int read_all(struct ring *g, struct kd_err *err)
{
	uint64_t max = UINT64_C(1) << g->descs_bits, id;
	unsigned state;
	int status = 0;

	for (uint64_t i = 0; i < max && !status; i++) {
		if (!read_state(g, i, &state, &id))
			g->r->missing++;
		else if ((state == STATE_COMMITTED || state == STATE_FINALIZED) &&
			 (id & (max - 1)) == i)
			status = read_record(g, id, err);
	}
	if (g->r->log->n)
		qsort(g->r->log->list, g->r->log->n, sizeof(*g->r->log->list), by_seq);
	return status;
}

/* From the tail to the head, unless these can not be them. */
static int read_records(struct ring *g, struct kd_err *err)
{
	uint64_t max = UINT64_C(1) << g->descs_bits, n = ((g->head - g->tail) & g->id_mask) + 1;
	char **damage = &g->r->log->damage;
	int status = 0;

	if (n > max) {
		damage_note(damage, "the ring buffer claims %" PRIu64 " records, but holds %" PRIu64,
			    n, max);
		return read_all(g, err);
	}
	if (n < max && (holds(g, g->head + 1) || holds(g, g->tail - 1))) {
		damage_note(damage, "the ring buffer has records beyond its head or tail");
		return read_all(g, err);
	}
	for (uint64_t i = 0; i < n && !status; i++)
		status = read_record(g, (g->tail + i) & g->id_mask, err);
	return status;
}

int log_read_ring(struct log_reader *r, struct kd_err *err)
{
	unsigned size_of_long = r->k->arch->ptr_size;
	struct ring g = {
		.r = r,
		.l = &r->k->layout,
		.size_of_long = size_of_long,
		.long_mask = UINT64_MAX >> (64 - 8 * size_of_long),
		.id_mask = UINT64_MAX >> (64 - 8 * size_of_long + 2),
	};
	vaddr_t prb;
	int status;

	if (!knows_layout(g.l))
		return kd_fail(err, KD_NOTFOUND,
			       "VMCOREINFO names prb, but not what a printk_ringbuffer looks like");
	status = find_ring(&g, &prb, err);
	if (!status)
		status = read_head(&g, prb, err);
	if (status)
		return status;
	mend(&g, prb);
	status = read_records(&g, err);
	note_damage(&g);
	return status;
}
