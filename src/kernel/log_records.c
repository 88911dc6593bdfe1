// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The logs before the lockless ring: variable-sized records (struct printk_log,
 * v3.5 to v5.9, 7ff9554bb578) in a buffer that starts over at index 0, and the
 * plain text before them.
 */
#include <inttypes.h>
#include <string.h>

#include "kernel/damage.h"
#include "kernel/kernel.h"
#include "kernel/log_priv.h"

#define BUFFER_MAX (UINT32_C(1) << 31)

/* Flags of a record. */
#define FLAG_NEWLINE 2 /* its text ended with one */
#define FLAG_CONT 8    /* it continues a line */

struct old_log {
	struct log_reader *r;
	vaddr_t buf;
	uint64_t len; /* bytes */
};

struct record_head {
	struct log_record rec;
	uint64_t len, text_len;
	uint8_t flags;
};

static int read_buffer(struct old_log *o, struct kd_err *err)
{
	const struct kernel *k = o->r->k;
	int status = log_variable(k, "log_buf", k->arch->ptr_size, &o->buf, err);

	if (!status)
		status = log_variable(k, "log_buf_len", 4, &o->len, err);
	if (!status && (!o->len || o->len > BUFFER_MAX))
		status = kd_fail(err, KD_CORRUPT, "a buffer of %" PRIu64 " bytes can not be",
				 o->len);
	return status;
}

/* The head of the record at index IDX; len 0: the buffer starts over. */
static int read_record_head(struct old_log *o, uint64_t idx, struct record_head *h)
{
	const struct layout *l = &o->r->k->layout;
	uint64_t size = kd_min(l->size_printk_log, 64), at;
	uint8_t b[64];
	int status = windows_read(o->r->w, o->buf + idx, b, size, NULL);

	*h = (struct record_head){ 0 };
	if (status)
		return status;
	if (!range_contains(size, l->printk_log_ts_nsec.offset, 8) ||
	    !range_contains(size, l->printk_log_len.offset, 2) ||
	    !range_contains(size, l->printk_log_text_len.offset, 2) ||
	    !range_contains(size, l->printk_log_dict_len.offset, 4))
		return KD_CORRUPT;
	h->len = uint_le(b + l->printk_log_len.offset, 2);
	h->text_len = uint_le(b + l->printk_log_text_len.offset, 2);
	h->rec.ts_nsec = uint_le(b + l->printk_log_ts_nsec.offset, 8);
	h->rec.has_ts = true;
	/* facility, then flags and level in one byte, follow dict_len in all versions. */
	at = l->printk_log_dict_len.offset + 2;
	h->rec.facility = b[at];
	h->flags = b[at + 1] & 31;
	h->rec.level = b[at + 1] >> 5;
	if (l->printk_log_caller_id.found &&
	    range_contains(size, l->printk_log_caller_id.offset, 4))
		h->rec.caller = (uint32_t)uint_le(b + l->printk_log_caller_id.offset, 4);
	if (h->len &&
	    (!range_contains(h->len, size, h->text_len) || !range_contains(o->len, idx, h->len)))
		return KD_CORRUPT;
	return 0;
}

/* Put a continuation behind the line it continues. */
static int join_last(struct log *l, struct kd_err *err)
{
	struct log_record *to = &l->list[l->n - 2], *from = &l->list[l->n - 1];
	char *text;

	if (to->len + from->len > LOG_TEXT_MAX)
		return 0;
	text = realloc(to->text, to->len + from->len + 1);
	if (!text)
		return kd_nomem(err);
	memcpy(text + to->len, from->text, from->len + 1);
	to->text = text;
	to->len += from->len;
	free(from->text);
	l->n--;
	return 0;
}

/*
 * Read records from *IDX up to END or to where the buffer starts over (*over).
 * A record that can not be read hides all behind it: none says where it starts.
 */
static int read_run(struct old_log *o, uint64_t idx, uint64_t end, uint64_t *seq, bool *over,
		    struct kd_err *err)
{
	const struct layout *l = &o->r->k->layout;
	bool open = false; /* the last record ended without a newline */

	*over = false;
	while (idx != end && idx < o->len) {
		struct record_head h;
		int status = read_record_head(o, idx, &h);

		if (status) {
			*over = true; /* if there is a part from index 0 on, it can be read */
			o->r->missing += status != KD_CORRUPT;
			o->r->log->partial = true;
			damage_note(&o->r->log->damage,
				    "no record can be found behind byte %" PRIu64
				    " of the buffer%s",
				    idx, status == KD_CORRUPT ? ": what is there is none" : "");
			return 0;
		}
		if (!h.len) {
			*over = true;
			return 0;
		}
		h.rec.seq = (*seq)++;
		status = log_add(o->r, &h.rec, o->buf + idx + l->size_printk_log, h.text_len, err);
		if (!status && open && (h.flags & FLAG_CONT) &&
		    o->r->log->list[o->r->log->n - 2].caller == h.rec.caller)
			status = join_last(o->r->log, err);
		if (status)
			return status;
		open = !(h.flags & FLAG_NEWLINE);
		idx += h.len;
	}
	return 0;
}

int log_read_records(struct log_reader *r, struct kd_err *err)
{
	const struct layout *l = &r->k->layout;
	struct old_log o = { .r = r };
	uint64_t first, next, seq = 0;
	bool over;
	int status;

	if (!l->size_printk_log || !l->printk_log_ts_nsec.found || !l->printk_log_len.found ||
	    !l->printk_log_text_len.found || !l->printk_log_dict_len.found)
		return kd_fail(err, KD_NOTFOUND,
			       "the dump does not say what a log record looks like");
	status = read_buffer(&o, err);
	if (!status)
		status = log_variable(r->k, "log_first_idx", 4, &first, err);
	if (!status)
		status = log_variable(r->k, "log_next_idx", 4, &next, err);
	if (status)
		return status;
	if (first >= o.len || next > o.len)
		return kd_fail(err, KD_CORRUPT,
			       "records from byte %" PRIu64 " to %" PRIu64
			       " of a buffer of %" PRIu64,
			       first, next, o.len);
	log_variable(r->k, "log_first_seq", 8, &seq, NULL);
	status = read_run(&o, first, next > first ? next : o.len, &seq, &over, err);
	/* first == next: a buffer that is full to the last byte, or, at 0, nothing yet. */
	if (!status && next <= first && next)
		status = read_run(&o, 0, next, &seq, &over, err);
	return status;
}

/* Plain text -------------------------------------------------------------------- */

/* A line of [START, END): its level is written in front as "<6>". */
static int add_line(struct old_log *o, uint64_t start, uint64_t end, uint64_t seq,
		    struct kd_err *err)
{
	struct log_record rec = { .seq = seq, .level = 4 };
	uint64_t at = start % o->len, n = kd_min(end - start, LOG_TEXT_MAX);
	uint8_t mark[3];
	size_t first;
	int status;

	for (size_t i = 0; i < sizeof(mark); i++)
		if (i >= n || windows_read(o->r->w, o->buf + (at + i) % o->len, mark + i, 1, NULL))
			mark[i] = 0;
	if (mark[0] == '<' && mark[1] >= '0' && mark[1] <= '7' && mark[2] == '>') {
		rec.level = mark[1] - '0';
		at = (at + 3) % o->len;
		n -= 3;
	}
	first = kd_min(n, o->len - at);
	status = log_add(o->r, &rec, o->buf + at, first, err);
	if (status || first == n)
		return status;
	/* The line goes on at the start of the buffer. */
	status = log_add(o->r, &rec, o->buf, n - first, err);
	return status ? status : join_last(o->r->log, err);
}

int log_read_text(struct log_reader *r, struct kd_err *err)
{
	struct old_log o = { .r = r };
	uint64_t end, chars, start, seq = 0;
	int status = read_buffer(&o, err);

	if (!status)
		status = log_variable(r->k, "log_end", 4, &end, err);
	if (status)
		return status;
	if (log_variable(r->k, "logged_chars", 4, &chars, NULL))
		chars = end;
	/* log_end counts on for ever, in 32 bits. */
	chars = kd_min(chars, o.len);
	end += UINT64_C(1) << 32;
	start = end - chars;
	for (uint64_t i = start; i < end && !status; i++) {
		char c = 0;

		if (windows_read(r->w, o.buf + i % o.len, &c, 1, NULL)) {
			/* Leave the rest of the page out, and the line that leads into it. */
			r->missing++;
			i += WINDOW_SIZE - 1 - ((o.buf + i % o.len) & (WINDOW_SIZE - 1));
			start = i + 1;
		} else if (c == '\n' || i + 1 == end || i - start >= LOG_TEXT_MAX) {
			status = add_line(&o, start, c == '\n' ? i : i + 1, seq++, err);
			start = i + 1;
		}
	}
	return status;
}
