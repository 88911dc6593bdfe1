// SPDX-License-Identifier: GPL-3.0-or-later
/* VMCOREINFO out of memory: see vmcoreinfo_search.h. */
#include "core/vmcoreinfo_search.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "core/formats.h"
#include "core/space.h"

#define PAGE 4096u /* notes lie at starts of pages, and no page is smaller */
#define NOTE_NAME "VMCOREINFO"
#define NOTE_HEAD 24 /* header and name, padded to 4 */
#define FIRST_LINE "OSRELEASE="
/* The kernel has a page for it. */
#define TEXT_MAX (16 * PAGE)
/* Different ones that are remembered; kernels that leave more behind do not exist. */
#define CANDIDATES_MAX 64
#define TICK_BYTES (UINT64_C(8) << 20)
/*
 * The kernel makes the note as soon as it can allocate, and what is allocated first lies near the
 * ends of its memory. No more runs of memory than these are looked at that way.
 */
#define NEAR (UINT64_C(64) << 20)
#define NEAR_RANGES 16
#define CHUNK (1u << 20)

struct candidate {
	paddr_t at;
	bool is_note; /* not the text alone, which an older copy may be of */
	char *text;   /* owned */
	size_t len;
	struct vmcoreinfo *vi; /* owned */
	bool tried;
	const struct arch *arch; /* by whose page tables it proved itself; NULL: it did not */
	bool runs;		 /* a CPU was on this kernel when the dump was taken */
	char why[256];		 /* it did not prove itself */
};

struct hunt {
	struct dump *d;
	const struct vmcoreinfo_search *how;
	struct kd_err *err;
	uint64_t total, ticked;
	struct candidate list[CANDIDATES_MAX];
	size_t n, proved;
	bool cpus_tell; /* which kernel they were on */
	bool near;	/* only the likely places are looked at yet */
	bool sure;	/* all of them were on one: no other candidate can be better */
};

static void candidate_fini(struct candidate *c)
{
	free(c->text);
	vmcoreinfo_free(c->vi);
	*c = (struct candidate){ 0 };
}

static void hunt_free(struct hunt **h)
{
	for (size_t i = 0; *h && i < (*h)->n; i++)
		candidate_fini(&(*h)->list[i]);
	free(*h);
}

/* Texts ----------------------------------------------------------------------- */

/* Lines of printable characters, the release first; *len becomes what of it is text. */
static bool is_text(const char *p, size_t *len)
{
	size_t n = strnlen(p, *len);

	if (n < sizeof(FIRST_LINE) || memcmp(p, FIRST_LINE, sizeof(FIRST_LINE) - 1))
		return false;
	for (size_t i = 0; i < n; i++)
		if (p[i] != '\n' && (p[i] < ' ' || p[i] > '~'))
			return false;
	*len = n;
	return p[n - 1] == '\n';
}

/*
 * Lines are added at the end as the kernel goes on, CRASHTIME= last of all, and older copies stay
 * behind: of two texts that begin the same the longer one is the kernel's last word.
 */
static bool same_kernel(const struct candidate *a, const char *text, size_t len)
{
	return !memcmp(a->text, text, kd_min(a->len, len));
}

/* Take TEXT over. */
static int add_candidate(struct hunt *h, paddr_t at, bool is_note, char *text, size_t len)
{
	struct candidate *c = NULL;

	for (size_t i = 0; i < h->n && !c; i++)
		if (same_kernel(&h->list[i], text, len))
			c = &h->list[i];
	/* of equals the note itself */
	if ((c && (c->len > len || (c->len == len && (c->is_note || !is_note)))) ||
	    (!c && h->n == CANDIDATES_MAX)) {
		free(text);
		return 0;
	}
	if (!c)
		c = &h->list[h->n++];
	h->proved -= c->arch != NULL;
	candidate_fini(c);
	c->at = at;
	c->is_note = is_note;
	c->text = text;
	c->len = len;
	return vmcoreinfo_parse(text, len, &c->vi, h->err);
}

/* Up to LEN bytes of text at AT, as many as there are. */
static int read_candidate(struct hunt *h, paddr_t at, paddr_t text_at, size_t len)
{
	char *text = malloc(len + 1);
	size_t got = 0;

	if (!text)
		return kd_nomem(h->err);
	dump_read(h->d, text_at, text, len, &got, NULL);
	text[got] = '\0';
	if (is_text(text, &got))
		return add_candidate(h, at, text_at != at, text, got);
	free(text);
	return 0;
}

/* A note at AT, whose first bytes are HEAD. */
static int take_note(struct hunt *h, paddr_t at, const uint8_t *head)
{
	Elf64_Nhdr nh;

	memcpy(&nh, head, sizeof(nh));
	if (nh.n_namesz != sizeof(NOTE_NAME) || nh.n_type || nh.n_descsz < sizeof(FIRST_LINE) ||
	    nh.n_descsz > TEXT_MAX || memcmp(head + sizeof(nh), NOTE_NAME, sizeof(NOTE_NAME)))
		return 0;
	return read_candidate(h, at, at + NOTE_HEAD, nh.n_descsz);
}

/* The note, or its text alone, at AT. */
static int take_at(struct hunt *h, paddr_t at)
{
	uint8_t head[NOTE_HEAD] = { 0 };

	if (dump_read(h->d, at, head, sizeof(head), NULL, NULL))
		return 0;
	if (!memcmp(head, FIRST_LINE, sizeof(FIRST_LINE) - 1))
		return read_candidate(h, at, at, TEXT_MAX);
	return take_note(h, at, head);
}

/* Proof ------------------------------------------------------------------------ */

/* Does the kernel's own utsname, read through these page tables, have the release? */
static bool release_fits(const struct space *s, const struct candidate *c)
{
	const char *release = vmcoreinfo_get(c->vi, "OSRELEASE");
	uint64_t at, off = 0;
	char buf[512];
	size_t got = 0;

	/* named since v2.6.24, where VMCOREINFO began */
	if (!release || !*release || !vmcoreinfo_number(c->vi, "SYMBOL", "init_uts_ns", &at))
		return false;
	vmcoreinfo_number(c->vi, "OFFSET", "uts_namespace.name", &off);
	space_read(s, at + off, buf, sizeof(buf), &got, NULL);
	return memmem(buf, got, release, strlen(release) + 1) != NULL;
}

/* Was a CPU on this kernel when the dump was taken? */
static bool is_run(struct hunt *h, const struct space *s, bool *by_all)
{
	const struct dump_note *n;
	bool runs = false, known;

	*by_all = true;
	for (size_t i = 0; s->arch->cpu_ran && (n = dump_find_note(h->d, "QEMU", 0, i)); i++) {
		bool ran = s->arch->cpu_ran(s, n->desc, n->len, &known);

		runs |= ran;
		*by_all &= ran;
		h->cpus_tell |= known;
	}
	return runs;
}

static void prove_by(struct hunt *h, struct candidate *c, const struct arch *arch)
{
	struct kd_err why = KD_ERR_INIT;
	struct space s;
	bool by_all;

	if (space_init_kernel(&s, arch, h->d, &why)) {
		if (!c->why[0] || arch->machine == h->d->machine)
			snprintf(c->why, sizeof(c->why), "%.255s", why.text);
		return;
	}
	if (!release_fits(&s, c)) {
		snprintf(c->why, sizeof(c->why),
			 "the kernel that its page tables map is another one");
		return;
	}
	c->arch = arch;
	c->runs = is_run(h, &s, &by_all);
	h->sure |= c->runs && by_all && c->is_note;
}

static void prove(struct hunt *h, struct candidate *c)
{
	struct vmcoreinfo *kept = h->d->vmcoreinfo;
	const char *page = vmcoreinfo_get(c->vi, "PAGESIZE");

	h->d->vmcoreinfo = c->vi; /* which space_init_kernel() goes by */
	for (size_t i = 0; i < h->how->narchs && !c->arch; i++) {
		const struct arch *arch = h->how->archs[i];

		if (page && strtoull(page, NULL, 10) == UINT64_C(1) << arch->page_shift)
			prove_by(h, c, arch);
		else if (!c->why[0])
			snprintf(c->why, sizeof(c->why), "its PAGESIZE is %.40s", page ? page : "missing");
	}
	h->d->vmcoreinfo = kept;
	h->proved += c->arch != NULL;
	c->tried = true;
}

static void prove_new(struct hunt *h)
{
	for (size_t i = 0; i < h->n && !h->sure; i++)
		if (!h->list[i].tried)
			prove(h, &h->list[i]);
}

/* Looking through memory ------------------------------------------------------- */

static int tick(struct hunt *h, uint64_t done)
{
	if (!h->how->tick || done < h->ticked)
		return 0;
	h->ticked = done + TICK_BYTES;
	return h->how->tick(h->how->data, h->near ? 0 : done, h->total, h->err);
}

/* Where notes have pages of their own. */
static int look_at_pages(struct hunt *h, const struct dump_range *r)
{
	int status = 0;

	for (paddr_t at = (r->start + PAGE - 1) & ~(paddr_t)(PAGE - 1);
	     at < r->end && !status && !h->sure; at += PAGE) {
		status = take_at(h, at);
		prove_new(h);
		if (!status)
			status = tick(h, at);
	}
	return status;
}

/* All places in LEN bytes from AT on where the name of the note stands after a header. */
static int look_through(struct hunt *h, paddr_t at, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len, *hit = p;
	int status = 0;

	while (!status && (hit = memmem(hit, (size_t)(end - hit), NOTE_NAME, sizeof(NOTE_NAME)))) {
		size_t off = (size_t)(hit++ - p);

		if (off >= sizeof(Elf64_Nhdr))
			status = take_at(h, at + off - sizeof(Elf64_Nhdr));
	}
	return status;
}

static int look_everywhere(struct hunt *h, const struct dump_range *r)
{
	_cleanup_(freep) uint8_t *buf = malloc(CHUNK + NOTE_HEAD);
	int status = 0;

	if (!buf)
		return kd_nomem(h->err);
	for (paddr_t at = r->start; at < r->end && !status;) {
		/* a little more, for what crosses the border */
		size_t want = (size_t)kd_min(r->end - at, CHUNK + NOTE_HEAD), got = 0;
		int missing = dump_read(h->d, at, buf, want, &got, NULL);

		status = look_through(h, at, buf, got);
		if (!status)
			status = tick(h, at);
		at += missing ? (got | (PAGE - 1)) + 1 : kd_min(want, CHUNK);
	}
	return status;
}

/* Look at what the dump has of [START, END). */
static int look(struct hunt *h, paddr_t start, paddr_t end,
		int (*at)(struct hunt *h, const struct dump_range *r))
{
	struct dump_range r = { .end = start };
	int status = 0;

	h->ticked = start;
	while (!status && !h->sure && dump_next_data(h->d, r.end, &r) && r.start < end) {
		r.end = kd_min(r.end, end);
		status = at(h, &r);
		prove_new(h);
	}
	return status;
}

/* Where it is most of the time. */
static int look_near_ends(struct hunt *h)
{
	struct dump_range r = { 0 };
	int status = 0;

	h->near = true;
	for (size_t n = 0; n < NEAR_RANGES && !status && dump_next_range(h->d, r.end, &r);) {
		if (r.end - r.start < NEAR)
			continue;
		n++;
		status = look(h, r.start, r.start + NEAR, look_at_pages);
		if (!status)
			status = look(h, r.end - NEAR, r.end, look_at_pages);
	}
	h->near = false;
	return status;
}

/* Choosing --------------------------------------------------------------------- */

static bool crashed(const struct candidate *c)
{
	return vmcoreinfo_get(c->vi, "CRASHTIME") != NULL;
}

/* "6.1.0-18-amd64 at 0x1234000, which crashed": of what a user may choose from. */
static void describe(const struct candidate *c, char *buf, size_t size)
{
	snprintf(buf, size, "%.65s at %#" PRIx64 "%s%s", vmcoreinfo_get(c->vi, "OSRELEASE"), c->at,
		 crashed(c) ? ", which crashed" : "", c->runs ? ", which CPUs were on" : "");
}

static int none_found(const struct hunt *h)
{
	static const char advice[] =
		"Take the dump again with QEMU's option \"-device vmcoreinfo\" and the module "
		"qemu_fw_cfg loaded in the guest; the guest's kernel needs CONFIG_VMCORE_INFO (before "
		"v6.9 CONFIG_CRASH_CORE or CONFIG_KEXEC)";

	if (!h->n)
		return kd_fail(h->err, KD_NOTFOUND,
			       "the dump has no VMCOREINFO note, and there is none in its memory. %s",
			       advice);
	return kd_fail(h->err, KD_NOTFOUND,
		       "the dump has no VMCOREINFO note, and of %zu in its memory none can be used "
		       "(the first, at %#" PRIx64 ": %s). %s",
		       h->n, h->list[0].at, h->list[0].why, advice);
}

static int too_many(const struct hunt *h)
{
	char text[600] = "", one[160];
	size_t used = 0;

	for (size_t i = 0; i < h->n && used < sizeof(text) - sizeof(one); i++) {
		if (!h->list[i].arch)
			continue;
		describe(&h->list[i], one, sizeof(one));
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? "; " : "",
					 one);
	}
	return kd_fail(h->err, KD_MISMATCH,
		       "the dump has no VMCOREINFO note, and in its memory are those of %zu kernels "
		       "(%s): say with --vmcoreinfo=ADDRESS which one is meant",
		       h->proved, text);
}

/*
 * The one that proved itself; of several the one that CPUs were on. They may be on two: the kernel
 * that crashed, where it halted them, and the second one, which one of them runs. NULL: nothing
 * tells.
 */
static struct candidate *choose(struct hunt *h)
{
	struct candidate *proved = NULL, *runs = NULL, *crash = NULL;
	size_t nruns = 0, ncrashes = 0;

	for (size_t i = 0; i < h->n; i++) {
		struct candidate *c = &h->list[i];

		if (!c->arch)
			continue;
		proved = c;
		runs = c->runs ? c : runs;
		nruns += c->runs;
		crash = c->runs && crashed(c) ? c : crash;
		ncrashes += c->runs && crashed(c);
	}
	if (h->proved == 1)
		return proved;
	if (nruns == 1)
		return runs;
	return ncrashes == 1 ? crash : NULL;
}

static void remark(struct hunt *h, const struct candidate *chosen)
{
	char one[160];

	if (h->cpus_tell && !chosen->runs)
		dump_remark(h->d, "none of the CPUs ran this kernel when the dump was taken: it is of "
				  "an earlier boot, or was left for another kernel");
	for (size_t i = 0; i < h->n; i++) {
		if (!h->list[i].arch || &h->list[i] == chosen)
			continue;
		describe(&h->list[i], one, sizeof(one));
		dump_remark(h->d, "another kernel is in its memory, %s: --vmcoreinfo=%#" PRIx64
				  " reads that one", one, h->list[i].at);
	}
}

static int settle(struct hunt *h)
{
	struct candidate *c = choose(h);

	if (!c)
		return h->proved ? too_many(h) : none_found(h);
	remark(h, c);
	vmcoreinfo_free(h->d->vmcoreinfo);
	h->d->vmcoreinfo = c->vi;
	c->vi = NULL;
	h->d->vmcoreinfo_searched = true;
	h->d->vmcoreinfo_at = c->at;
	h->d->machine = c->arch->machine;
	return 0;
}

static int look_at_given(struct hunt *h)
{
	int status = take_at(h, h->how->at);

	if (status)
		return status;
	if (!h->n)
		return kd_fail(h->err, KD_NOTFOUND, "no VMCOREINFO at physical address %#" PRIx64,
			       h->how->at);
	prove_new(h);
	if (!h->proved)
		return kd_fail(h->err, KD_CORRUPT,
			       "VMCOREINFO at physical address %#" PRIx64 " can not be used: %s",
			       h->how->at, h->list[0].why);
	return settle(h);
}

static int look_for_it(struct hunt *h)
{
	static int (*const ways[])(struct hunt *h, const struct dump_range *r) = {
		look_at_pages,
		look_everywhere,
	};
	int status = look_near_ends(h);

	for (size_t i = 0; i < KD_ARRAY_SIZE(ways) && !status && (!i || !h->proved); i++)
		status = look(h, 0, UINT64_MAX, ways[i]);
	return status ? status : settle(h);
}

int vmcoreinfo_search(struct dump *d, const struct vmcoreinfo_search *how, struct kd_err *err)
{
	_cleanup_(hunt_free) struct hunt *h = calloc(1, sizeof(*h));
	struct dump_range r = { 0 };

	if (!h)
		return kd_nomem(err);
	h->d = d;
	h->how = how;
	h->err = err;
	while (dump_next_range(d, r.end, &r))
		h->total = r.end;
	return how->given ? look_at_given(h) : look_for_it(h);
}
