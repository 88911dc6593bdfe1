// SPDX-License-Identifier: GPL-3.0-or-later
#include "mi/rsp_session.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "mi/rsp_regs.h"
#include "mi/rsp_xml.h"

#define TRACE_MAX 200
#define ERROR_REFUSED (-KD_USAGE)
#define ERROR_NONSENSE 0x10

/* Signals of stop replies, in gdb's numbering. */
#define STOP_NONE 0
#define STOP_TRAP 5

/* Longest answer that is still within RSP_PACKET_SIZE when each byte needs an escape. */
#define CHUNK_MAX ((RSP_PACKET_SIZE - 8) / 2)

struct rsp_session {
	const struct rsp_target *target;
	struct rsp_docs *docs;
	FILE *trace;
	struct rsp_reader reader;
	struct rsp_buf reply; /* payload being made */
	struct rsp_buf last;  /* last packet sent, for a client that did not get it */
	uint8_t *memory;      /* RSP_PACKET_SIZE / 2 bytes */
	size_t current;	      /* thread that g, p and m are about */
	size_t next_listed;   /* for qsThreadInfo */
	bool no_ack;
	bool over;
};

struct command {
	const char *name;
	bool prefix; /* arguments follow */
	void (*run)(struct rsp_session *s, const char *args);
};

void rsp_docs_init(struct rsp_docs *d)
{
	*d = (struct rsp_docs){
		.features = RSP_BUF_INIT(RSP_DOCUMENT_MAX),
		.threads = RSP_BUF_INIT(RSP_DOCUMENT_MAX),
		.libraries = RSP_BUF_INIT(RSP_DOCUMENT_MAX),
	};
}

void rsp_docs_fini(struct rsp_docs *d)
{
	rsp_buf_fini(&d->features);
	rsp_buf_fini(&d->threads);
	rsp_buf_fini(&d->libraries);
}

static void doc_fill(struct rsp_buf *doc, const struct rsp_target *t,
		     void (*make)(struct rsp_buf *b, const struct rsp_target *t))
{
	if (!doc->len && !doc->failed)
		make(doc, t);
}

void rsp_docs_fill(struct rsp_docs *d, const struct rsp_target *t)
{
	doc_fill(&d->features, t, rsp_xml_features);
	doc_fill(&d->threads, t, rsp_xml_threads);
	doc_fill(&d->libraries, t, rsp_xml_libraries);
}

int rsp_session_new(const struct rsp_target *target, struct rsp_docs *docs, FILE *trace,
		    struct rsp_session **out, struct kd_err *err)
{
	struct rsp_session *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (!s)
		return kd_nomem(err);
	*s = (struct rsp_session){
		.target = target,
		.docs = docs,
		.trace = trace,
		.reply = RSP_BUF_INIT(RSP_PACKET_SIZE),
		/* A packet that is all escapes, with frame and sum. */
		.last = RSP_BUF_INIT(2 * RSP_PACKET_SIZE + 8),
		.memory = malloc(RSP_PACKET_SIZE / 2),
	};
	rsp_reader_init(&s->reader);
	if (!s->memory) {
		rsp_session_free(s);
		return kd_nomem(err);
	}
	*out = s;
	return 0;
}

void rsp_session_free(struct rsp_session *s)
{
	if (!s)
		return;
	rsp_reader_fini(&s->reader);
	rsp_buf_fini(&s->reply);
	rsp_buf_fini(&s->last);
	free(s->memory);
	free(s);
}

void rsp_session_freep(struct rsp_session **s)
{
	rsp_session_free(*s);
}

bool rsp_session_over(const struct rsp_session *s)
{
	return s->over;
}

static void reply_ok(struct rsp_session *s)
{
	rsp_buf_puts(&s->reply, "OK");
}

static void reply_error(struct rsp_session *s, int number)
{
	rsp_buf_reset(&s->reply);
	rsp_buf_printf(&s->reply, "E%02x", (unsigned)number & 0xff);
}

/* A hex number of at most 16 digits; moves *p behind it. */
static bool take_hex(const char **p, uint64_t *value)
{
	unsigned digits = 0;

	*value = 0;
	for (; isxdigit((unsigned char)**p); (*p)++) {
		int c = tolower((unsigned char)**p);

		if (++digits > 16)
			return false;
		*value = *value << 4 | (uint64_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	return digits > 0;
}

static bool take_char(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

/* "OFFSET,LENGTH" to the end of the packet. */
static bool take_range(const char *p, uint64_t *start, uint64_t *len)
{
	return take_hex(&p, start) && take_char(&p, ',') && take_hex(&p, len) && !*p;
}

/* A thread by its id; "0" (any) and "-1" (all) leave *i as it is. */
static bool take_thread(const struct rsp_session *s, const char *p, size_t *i)
{
	uint64_t id;

	if (!strcmp(p, "-1"))
		return true;
	if (!take_hex(&p, &id) || *p)
		return false;
	return id == 0 || rsp_target_find(s->target, id, i);
}

static void cmd_supported(struct rsp_session *s, const char *args)
{
	(void)args;
	rsp_buf_printf(&s->reply,
		       "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;"
		       "qXfer:threads:read+;qXfer:libraries:read+",
		       RSP_PACKET_SIZE);
}

static void cmd_no_ack(struct rsp_session *s, const char *args)
{
	(void)args;
	s->no_ack = true;
	reply_ok(s);
}

static void reply_stop(struct rsp_session *s, int signal)
{
	rsp_buf_printf(&s->reply, "T%02x", (unsigned)signal);
	if (s->target->nthreads)
		rsp_buf_printf(&s->reply, "thread:%" PRIx32 ";", s->target->thread_ids[s->current]);
}

static void cmd_stop_reason(struct rsp_session *s, const char *args)
{
	(void)args;
	reply_stop(s, STOP_TRAP);
}

/*
 * A dump does not run: it stops at once where it is. Not with a trap, by which
 * gdb would take a step as done and, still in the same line, make the next one,
 * for ever.
 */
static void cmd_resume(struct rsp_session *s, const char *args)
{
	(void)args;
	reply_stop(s, STOP_NONE);
}

static void cmd_resume_actions(struct rsp_session *s, const char *args)
{
	(void)args;
	rsp_buf_puts(&s->reply, "vCont;c;C;s;S");
}

static void cmd_current_thread(struct rsp_session *s, const char *args)
{
	(void)args;
	if (s->target->nthreads)
		rsp_buf_printf(&s->reply, "QC%" PRIx32, s->target->thread_ids[s->current]);
}

static void cmd_more_threads(struct rsp_session *s, const char *args)
{
	const struct rsp_target *t = s->target;
	char sep = 'm';

	(void)args;
	if (s->next_listed >= t->nthreads)
		rsp_buf_putc(&s->reply, 'l');
	for (; s->next_listed < t->nthreads && s->reply.len < CHUNK_MAX / 2; s->next_listed++) {
		rsp_buf_printf(&s->reply, "%c%" PRIx32, sep, t->thread_ids[s->next_listed]);
		sep = ',';
	}
}

static void cmd_first_threads(struct rsp_session *s, const char *args)
{
	s->next_listed = 0;
	cmd_more_threads(s, args);
}

static void cmd_thread_info(struct rsp_session *s, const char *args)
{
	struct rsp_thread th = { .cpu = -1 };
	size_t i = SIZE_MAX;

	if (!take_thread(s, args, &i) || i == SIZE_MAX) {
		reply_error(s, -KD_NOTFOUND);
		return;
	}
	s->target->ops->thread(s->target, i, &th);
	/* Without the thread list of qXfer this is the only place gdb has for the name. */
	rsp_buf_hex(&s->reply, th.name, strnlen(th.name, sizeof(th.name)));
	if (th.name[0] && th.info[0])
		rsp_buf_hex(&s->reply, ": ", 2);
	rsp_buf_hex(&s->reply, th.info, strnlen(th.info, sizeof(th.info)));
}

static void cmd_thread_alive(struct rsp_session *s, const char *args)
{
	size_t i = SIZE_MAX;

	if (take_thread(s, args, &i) && i != SIZE_MAX)
		reply_ok(s);
	else
		reply_error(s, -KD_NOTFOUND);
}

static void cmd_set_thread(struct rsp_session *s, const char *args)
{
	size_t i = s->current;

	if (*args != 'g' && *args != 'c') {
		reply_error(s, ERROR_NONSENSE);
	} else if (!take_thread(s, args + 1, &i)) {
		reply_error(s, -KD_NOTFOUND);
	} else {
		if (*args == 'g')
			s->current = i;
		reply_ok(s);
	}
}

static void cmd_attached(struct rsp_session *s, const char *args)
{
	(void)args;
	rsp_buf_putc(&s->reply, '1');
}

static void cmd_offsets(struct rsp_session *s, const char *args)
{
	(void)args;
	if (s->target->has_text)
		rsp_buf_printf(&s->reply, "TextSeg=%" PRIx64, s->target->text);
}

static void current_regs(const struct rsp_session *s, struct regs *r)
{
	*r = (struct regs){ .known = 0 };
	if (s->target->nthreads)
		s->target->ops->regs(s->target, s->current, r);
}

static void cmd_read_regs(struct rsp_session *s, const char *args)
{
	const struct arch *arch = s->target->arch;
	struct regs r;

	(void)args;
	current_regs(s, &r);
	for (size_t i = 0; i < rsp_reg_count(arch); i++)
		rsp_reg_put(&s->reply, arch, &r, i);
}

static void cmd_read_reg(struct rsp_session *s, const char *args)
{
	struct regs r;
	uint64_t i;

	if (!take_hex(&args, &i) || *args || i >= rsp_reg_count(s->target->arch)) {
		reply_error(s, ERROR_NONSENSE);
		return;
	}
	current_regs(s, &r);
	rsp_reg_put(&s->reply, s->target->arch, &r, i);
}

/* The part of a range that can be read, from its start; an error when that is nothing. */
static void cmd_read_memory(struct rsp_session *s, const char *args)
{
	uint64_t last = s->target->arch->ptr_size == 4 ? UINT32_MAX : UINT64_MAX;
	uint64_t va, len;
	size_t done = 0;
	int ret;

	if (!take_range(args, &va, &len) || !len) {
		reply_error(s, ERROR_NONSENSE);
		return;
	}
	if (va > last) {
		reply_error(s, -KD_UNMAPPED);
		return;
	}
	len = kd_min(len, RSP_PACKET_SIZE / 2);
	if (len - 1 > last - va)
		len = last - va + 1;
	ret = s->target->ops->read(s->target, va, s->memory, len, &done, NULL);
	if (!ret)
		done = len;
	if (done)
		rsp_buf_hex(&s->reply, s->memory, kd_min(done, len));
	else
		reply_error(s, -ret);
}

static void cmd_refuse(struct rsp_session *s, const char *args)
{
	(void)args;
	reply_error(s, ERROR_REFUSED);
}

static void cmd_detach(struct rsp_session *s, const char *args)
{
	(void)args;
	s->over = true;
	reply_ok(s);
}

static void cmd_kill(struct rsp_session *s, const char *args)
{
	(void)args;
	/* 'k' has no answer. */
	s->over = true;
}

static void cmd_kill_process(struct rsp_session *s, const char *args)
{
	(void)args;
	reply_ok(s);
}

/* "features:read:target.xml:0,fff" behind "qXfer:" */
static struct rsp_buf *transfer_object(struct rsp_session *s, const char **args)
{
	static const char features[] = "features:read:target.xml:";
	static const char threads[] = "threads:read::";
	static const char libraries[] = "libraries:read::";
	struct rsp_docs *d = s->docs;

	if (!strncmp(*args, features, sizeof(features) - 1)) {
		*args += sizeof(features) - 1;
		doc_fill(&d->features, s->target, rsp_xml_features);
		return &d->features;
	}
	if (!strncmp(*args, threads, sizeof(threads) - 1)) {
		*args += sizeof(threads) - 1;
		doc_fill(&d->threads, s->target, rsp_xml_threads);
		return &d->threads;
	}
	if (!strncmp(*args, libraries, sizeof(libraries) - 1)) {
		*args += sizeof(libraries) - 1;
		doc_fill(&d->libraries, s->target, rsp_xml_libraries);
		return &d->libraries;
	}
	return NULL;
}

static void cmd_transfer(struct rsp_session *s, const char *args)
{
	const struct rsp_buf *doc = transfer_object(s, &args);
	uint64_t off, len;

	if (!doc) {
		/* Of a known object: the annex is unknown. Of any other: unsupported. */
		if (!strncmp(args, "features:read:", 14))
			rsp_buf_puts(&s->reply, "E00");
		return;
	}
	if (doc->failed) {
		reply_error(s, -KD_NOMEM);
		return;
	}
	if (!take_range(args, &off, &len) || off > doc->len) {
		reply_error(s, ERROR_NONSENSE);
		return;
	}
	len = kd_min(kd_min(len, CHUNK_MAX), doc->len - off);
	rsp_buf_putc(&s->reply, off + len < doc->len ? 'm' : 'l');
	if (len)
		rsp_buf_add(&s->reply, doc->data + off, len);
}

/* The first that fits is run; what fits none gets the empty answer: not supported. */
static const struct command commands[] = {
	{ "m", true, cmd_read_memory },
	{ "g", false, cmd_read_regs },
	{ "p", true, cmd_read_reg },
	{ "H", true, cmd_set_thread },
	{ "T", true, cmd_thread_alive },
	{ "?", false, cmd_stop_reason },
	{ "qSupported", true, cmd_supported },
	{ "QStartNoAckMode", false, cmd_no_ack },
	{ "qXfer:", true, cmd_transfer },
	{ "qC", false, cmd_current_thread },
	{ "qfThreadInfo", false, cmd_first_threads },
	{ "qsThreadInfo", false, cmd_more_threads },
	{ "qThreadExtraInfo,", true, cmd_thread_info },
	{ "qAttached", true, cmd_attached },
	{ "qOffsets", false, cmd_offsets },
	{ "vCont?", false, cmd_resume_actions },
	{ "vCont", true, cmd_resume },
	{ "vKill", true, cmd_kill_process },
	{ "c", true, cmd_resume },
	{ "C", true, cmd_resume },
	{ "s", true, cmd_resume },
	{ "S", true, cmd_resume },
	{ "M", true, cmd_refuse },
	{ "X", true, cmd_refuse },
	{ "G", true, cmd_refuse },
	{ "P", true, cmd_refuse },
	{ "D", true, cmd_detach },
	{ "k", false, cmd_kill },
};

/* One line of at most TRACE_MAX bytes; what can not be printed is shown as '.'. */
static void trace_packet(struct rsp_session *s, const char *arrow, const char *data, size_t len)
{
	char line[TRACE_MAX];
	size_t n = kd_min(len, sizeof(line));

	if (!s->trace)
		return;
	for (size_t i = 0; i < n; i++)
		line[i] = data[i];
	for (size_t i = 0; i < n; i++)
		if (line[i] < ' ' || line[i] > '~')
			line[i] = '.';
	flockfile(s->trace);
	fprintf(s->trace, "rsp %s ", arrow);
	fwrite(line, 1, n, s->trace);
	if (len > n)
		fprintf(s->trace, " ... (%zu bytes)", len);
	putc('\n', s->trace);
	fflush(s->trace);
	funlockfile(s->trace);
}

static void send_reply(struct rsp_session *s, struct rsp_buf *out)
{
	if (s->reply.failed)
		reply_error(s, -KD_NOMEM);
	trace_packet(s, "->", s->reply.data, s->reply.len);
	rsp_buf_reset(&s->last);
	rsp_packet_put(&s->last, s->reply.data, s->reply.len);
	out->failed |= s->last.failed;
	rsp_buf_add(out, s->last.data, s->last.len);
}

static void run_packet(struct rsp_session *s, struct rsp_buf *out)
{
	const struct rsp_buf *p = &s->reader.payload;
	const char *text = p->len ? p->data : "";

	trace_packet(s, "<-", text, p->len);
	rsp_buf_reset(&s->reply);
	for (size_t i = 0; i < KD_ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];
		size_t len = strlen(c->name);

		if (strncmp(text, c->name, len) || (!c->prefix && text[len]))
			continue;
		c->run(s, text + len);
		if (c->run == cmd_kill)
			return;
		break;
	}
	send_reply(s, out);
}

size_t rsp_session_input(struct rsp_session *s, const char *data, size_t len, struct rsp_buf *out)
{
	bool ack = !s->no_ack;
	enum rsp_event event;
	size_t used = rsp_reader_feed(&s->reader, data, len, &event);

	switch (event) {
	case RSP_NAK:
		if (ack)
			rsp_buf_add(out, s->last.data, s->last.len);
		break;
	case RSP_DAMAGED:
		if (ack) {
			rsp_buf_putc(out, '-');
			break;
		}
		/* Nobody would send it again, and an unanswered client waits for ever. */
		__attribute__((fallthrough));
	case RSP_REFUSED:
		if (ack)
			rsp_buf_putc(out, '+');
		reply_error(s, ERROR_NONSENSE);
		send_reply(s, out);
		break;
	case RSP_PACKET:
		if (ack)
			rsp_buf_putc(out, '+');
		run_packet(s, out);
		break;
	case RSP_NONE:
	case RSP_ACK:
	case RSP_BREAK: /* the target never runs */
		break;
	}
	return used;
}
