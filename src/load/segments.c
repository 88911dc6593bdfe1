// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Making and placing of the segments: see segments.h. The kernel goes as low in the crash
 * memory as it may, all else to the top, so that what remains for it is in one piece.
 */
#include "load/segments.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "load/boot_params.h"
#include "load/cmdline.h"
#include "load/core_headers.h"
#include "load/e820.h"
#include "load/kernel_image.h"
#include "load/purgatory_image.h"
#include "load/sha256.h"

#define PAGE 4096
#define MB (UINT64_C(1) << 20)
#define BELOW_4G UINT32_MAX

static const char NAME_KERNEL[] = "kernel", NAME_INITRD[] = "initrd",
		  NAME_HEADERS[] = "core headers", NAME_BACKUP[] = "backup of 640K",
		  NAME_PARAMS[] = "boot params", NAME_PURGATORY[] = "purgatory";

struct plan {
	const struct load_request *q;
	const struct machine *m;
	struct segment_list *out;
	struct range region; /* crash memory */
	struct kernel_image image;
	bool enter_64;
	struct range low;    /* what is backed up */
	enum load_elf class;
	struct load_segment *kernel, *initrd, *headers, *backup, *params, *purgatory;
};

static uint64_t page_up(uint64_t n)
{
	return (n + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

/* Places ---------------------------------------------------------------------- */

/* The segment that shares memory with [at, at + len); NULL: none. */
static const struct load_segment *taken(const struct segment_list *l, paddr_t at, uint64_t len)
{
	for (size_t i = 0; i < l->n; i++)
		if (at < l->at[i].mem + l->at[i].memsz && l->at[i].mem < at + len)
			return &l->at[i];
	return NULL;
}

static bool find_low(const struct plan *p, uint64_t len, uint64_t align, uint64_t min, uint64_t max,
		     paddr_t *at)
{
	paddr_t a = p->region.start > min ? p->region.start : min;
	const struct load_segment *s;

	for (;;) {
		a = (a + align - 1) & ~(align - 1);
		if (a >= p->region.end || len > p->region.end - a || a + len - 1 > max)
			return false;
		s = taken(p->out, a, len);
		if (!s)
			break;
		a = s->mem + s->memsz;
	}
	*at = a;
	return true;
}

static bool find_high(const struct plan *p, uint64_t len, uint64_t max, paddr_t *at)
{
	paddr_t end = max < p->region.end ? max + 1 : p->region.end;
	const struct load_segment *s;

	for (;;) {
		end &= ~(paddr_t)(PAGE - 1);
		if (end <= p->region.start || len > end - p->region.start)
			return false;
		s = taken(p->out, end - len, len);
		if (!s)
			break;
		end = s->mem;
	}
	*at = end - len;
	return true;
}

/* What is asked for, and what has its place already, is more than there is, or cannot lie there. */
static int no_room(const struct plan *p, const char *name, uint64_t len, struct kd_err *err)
{
	uint64_t used = len, have = range_len(&p->region);

	for (size_t i = 0; i < p->out->n; i++)
		used += p->out->at[i].memsz;
	if (used > have)
		return kd_fail(err, KD_NOSPACE,
			       "the crash memory has %" PRIu64 " MB, and up to the %s %" PRIu64
			       " MB are needed: %" PRIu64 " MB are missing, and the second kernel "
			       "wants memory to work with; boot with a larger crashkernel= "
			       "(\"kdview estimate\" says how large)",
			       have / MB, name, (used + MB - 1) / MB, (used - have + MB - 1) / MB);
	return kd_fail(err, KD_NOSPACE,
		       "the %s, %" PRIu64 " KB, finds no place in the crash memory (%#" PRIx64 "-%#"
		       PRIx64 ") that this kernel can reach: boot with a larger crashkernel=, or "
		       "without \",high\"",
		       name, len / 1024, p->region.start, p->region.end - 1);
}

static struct load_segment *add(struct plan *p, const char *name, paddr_t at, uint64_t memsz)
{
	struct load_segment *s = &p->out->at[p->out->n++];

	*s = (struct load_segment){ .name = name, .mem = at, .memsz = memsz };
	return s;
}

/* A place for LEN bytes as high as MAX allows. */
static int place(struct plan *p, const char *name, uint64_t len, uint64_t max,
		 struct load_segment **out, struct kd_err *err)
{
	uint64_t memsz = page_up(len);
	paddr_t at;

	if (!find_high(p, memsz, max, &at))
		return no_room(p, name, memsz, err);
	*out = add(p, name, at, memsz);
	return 0;
}

static int place_kernel(struct plan *p, struct kd_err *err)
{
	const struct kernel_image *k = &p->image;
	uint64_t memsz = page_up(k->memsz), max = p->enter_64 ? k->max : kd_min(k->max, BELOW_4G);
	paddr_t at;

	if (k->relocatable) {
		if (!find_low(p, memsz, k->align, k->linked, max, &at))
			return no_room(p, NAME_KERNEL, memsz, err);
	} else {
		at = k->linked;
		if (at < p->region.start || at >= p->region.end || memsz > p->region.end - at)
			return kd_fail(err, KD_UNSUPPORTED,
				       "%s is not relocatable: it runs at %#" PRIx64 "-%#" PRIx64
				       " alone, and the crash memory is %#" PRIx64 "-%#" PRIx64
				       "; take a bzImage with CONFIG_RELOCATABLE, or boot with "
				       "crashkernel=SIZE@%" PRIu64 "M",
				       p->q->kernel, at, at + memsz - 1, p->region.start,
				       p->region.end - 1, at / MB);
	}
	p->kernel = add(p, NAME_KERNEL, at, memsz);
	return kernel_image_bytes(k, &p->kernel->buf, &p->kernel->len, err);
}

/* Contents -------------------------------------------------------------------- */

static int read_initrd(const char *path, uint8_t **buf, size_t *len, struct kd_err *err)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	size_t at = 0;

	if (fd < 0 || fstat(fd, &st))
		return kd_fail(err, errno == ENOENT ? KD_NOTFOUND : KD_IO,
			       "%s: cannot open the initramfs: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > INT32_MAX)
		return kd_fail(err, KD_USAGE, "%s: no initramfs is like that (%" PRIi64 " bytes)",
			       path, (int64_t)st.st_size);
	*len = (size_t)st.st_size;
	*buf = malloc(*len);
	if (!*buf)
		return kd_nomem(err);
	while (at < *len) {
		ssize_t n = read(fd, *buf + at, *len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return kd_fail(err, KD_IO, "%s: cannot read the initramfs: %s", path,
				       n ? strerror(errno) : "it became shorter");
		at += (size_t)n;
	}
	return 0;
}

static int add_initrd(struct plan *p, struct kd_err *err)
{
	uint64_t max = p->enter_64 ? p->image.initrd_max : kd_min(p->image.initrd_max, BELOW_4G);
	_cleanup_(freep) uint8_t *buf = NULL;
	size_t len = p->q->initrd_len;
	int status;

	if (p->q->initrd_bytes) {
		buf = malloc(len ? len : 1);
		if (!buf)
			return kd_nomem(err);
		memcpy(buf, p->q->initrd_bytes, len);
	} else if (p->q->initrd) {
		status = read_initrd(p->q->initrd, &buf, &len, err);
		if (status)
			return status;
	}
	if (!buf || !len)
		return 0;
	status = place(p, NAME_INITRD, len, max, &p->initrd, err);
	if (status)
		return status;
	p->initrd->buf = buf;
	p->initrd->len = len;
	buf = NULL;
	return 0;
}

/* Core headers, and the room for what they say of the low memory. */
static int add_headers(struct plan *p, struct kd_err *err)
{
	_cleanup_(freep) uint8_t *sized = NULL;
	uint64_t memsz;
	size_t len;
	int status = core_headers_class(p->m, p->q->elf, &p->class, err);

	if (!status)
		status = place(p, NAME_BACKUP, range_len(&p->low), UINT64_MAX, &p->backup, err);
	if (!status)
		status = core_headers_make(p->m, p->class, p->low, p->backup->mem, &sized, &len,
					   err);
	if (status)
		return status;
	/* with hotplug the kernel rewrites them in place: it says how long they may get */
	memsz = p->q->hotplug && p->m->elfcorehdr_size > len ? p->m->elfcorehdr_size : len;
	status = place(p, NAME_HEADERS, memsz, UINT64_MAX, &p->headers, err);
	if (status)
		return status;
	p->headers->buf = sized;
	p->headers->len = len;
	sized = NULL;
	return 0;
}

/* Words that the second kernel needs beside what the user asked for; NULL: none. */
static int more_words(const struct plan *p, const struct range_list *map, char **out,
		      struct kd_err *err)
{
	_cleanup_(freep) char *words = NULL;
	paddr_t rsdp = boot_params_rsdp(p->m);
	int status = p->q->memmap_cmdline ? e820_words(map, &words, err) : 0;

	*out = NULL;
	if (status)
		return status;
	/* the zero page has a place for it since protocol 2.14 */
	if (rsdp && p->image.protocol < 0x020e) {
		if (asprintf(out, "%s%sacpi_rsdp=%#" PRIx64, words ? words : "", words ? " " : "",
			     rsdp) < 0) {
			*out = NULL;
			return kd_nomem(err);
		}
		return 0;
	}
	*out = words;
	words = NULL;
	return 0;
}

static int add_params(struct plan *p, struct kd_err *err)
{
	struct e820_plan e820 = {
		.low = p->low,
		.keep = { { .start = p->backup->mem, .end = p->backup->mem + p->backup->memsz },
			  { .start = p->headers->mem, .end = p->headers->mem + p->headers->memsz } },
		.nkeep = 2,
	};
	uint64_t max = p->enter_64 ? p->image.max : kd_min(p->image.max, BELOW_4G);
	_cleanup_(range_list_fini) struct range_list map = { 0 };
	_cleanup_(freep) char *asked = NULL, *more = NULL;
	struct boot_params_plan plan;
	int status = e820_make(p->m, &e820, &map, err);

	if (!status)
		status = more_words(p, &map, &more, err);
	if (!status)
		status = cmdline_asked(p->q, p->m, &asked, err);
	if (!status)
		status = cmdline_make(asked, more, p->headers->mem, p->image.cmdline_max,
				      &p->out->cmdline, err);
	if (!status)
		status = place(p, NAME_PARAMS, boot_params_size(map.n, strlen(p->out->cmdline)), max,
			       &p->params, err);
	if (status)
		return status;
	plan = (struct boot_params_plan){ .image = &p->image,
					  .machine = p->m,
					  .map = &map,
					  .cmdline = p->out->cmdline,
					  .kernel = p->kernel->mem,
					  .initrd = p->initrd ? p->initrd->mem : 0,
					  .initrd_len = p->initrd ? p->initrd->len : 0 };
	return boot_params_make(&plan, p->params->mem, &p->params->buf, &p->params->len, err);
}

/* Purgatory ------------------------------------------------------------------- */

/*
 * Digests of what was made. The low memory's place need not have any content, and the headers
 * change where the kernel keeps them true.
 */
static void put_digests(const struct plan *p, struct purgatory_params *params)
{
	for (size_t i = 0; i < p->out->n && !p->q->no_checks; i++) {
		const struct load_segment *s = &p->out->at[i];
		struct purgatory_region *r = &params->regions[params->nregions];

		if (s == p->purgatory || !s->len || (s == p->headers && p->q->hotplug))
			continue;
		r->addr = s->mem;
		r->len = s->len;
		snprintf(r->name, sizeof(r->name), "%s", s->name);
		sha256(s->buf, s->len, r->digest);
		params->nregions++;
	}
}

static int add_purgatory(struct plan *p, struct kd_err *err)
{
	static const uint32_t on_error[] = {
		[LOAD_ERROR_REBOOT] = PURGATORY_REBOOT,
		[LOAD_ERROR_CONTINUE] = PURGATORY_CONTINUE,
		[LOAD_ERROR_HALT] = PURGATORY_HALT,
	};
	bool far = p->m->arch == MACHINE_X86_64 && p->enter_64;
	struct purgatory_params params = {
		.entry = p->kernel->mem + (p->enter_64 ? p->image.entry_64 : p->image.entry_32),
		.boot_params = p->params->mem,
		.backup_from = p->low.start,
		.backup_to = p->backup->mem,
		.backup_len = range_len(&p->low),
		.enter = p->enter_64 ? PURGATORY_ENTER_64 : PURGATORY_ENTER_32,
		.on_error = on_error[p->q->on_error],
		.serial = p->q->serial,
		.serial_divisor = p->q->serial_baud ? 115200 / p->q->serial_baud : 0,
	};
	struct purgatory_image image;
	int status = purgatory_image(p->m->arch, &image, err);

	if (!status)
		status = place(p, NAME_PURGATORY, image.head.memsz, far ? UINT64_MAX : BELOW_4G,
			       &p->purgatory, err);
	if (status)
		return status;
	put_digests(p, &params);
	p->out->entry = p->purgatory->mem + image.head.entry;
	p->purgatory->len = image.len;
	return purgatory_image_fill(&image, &params, &p->purgatory->buf, err);
}

/*
 * Only long mode can enter long mode. A kernel for x86_64 could be entered from i386, but makes no
 * /proc/vmcore of core headers that say EM_386 (vmcore_elf64_check_arch()); the other way round it
 * does.
 */
static int choose_entry(struct plan *p, struct kd_err *err)
{
	if (p->m->arch == MACHINE_I386 && p->image.is_64)
		return kd_fail(err, KD_UNSUPPORTED,
			       "%s is a kernel for x86_64, and the running one is of i386, whose "
			       "memory it would not show as /proc/vmcore: take one for i386",
			       p->q->kernel);
	p->enter_64 = p->m->arch == MACHINE_X86_64 && p->image.enter_64;
	return 0;
}

static int make(struct plan *p, struct kd_err *err)
{
	int status = kernel_image_open(p->q->kernel, &p->image, err);

	if (!status)
		status = choose_entry(p, err);
	if (!status)
		status = place_kernel(p, err);
	if (!status)
		status = add_headers(p, err);
	if (!status)
		status = add_initrd(p, err);
	if (!status)
		status = add_params(p, err);
	return status ? status : add_purgatory(p, err);
}

int load_segments(const struct load_request *q, const struct machine *m, struct segment_list *out,
		  struct kd_err *err)
{
	const struct range *region = machine_crash_region(m);
	struct plan p = { .q = q, .m = m, .out = out };
	int status;

	*out = (struct segment_list){ 0 };
	if (!region)
		return kd_fail(err, KD_NOSPACE,
			       "/proc/iomem shows no \"Crash kernel\": boot with crashkernel=256M");
	p.region = *region;
	p.low = machine_low_ram(m);
	status = make(&p, err);
	kernel_image_close(&p.image);
	return status;
}
