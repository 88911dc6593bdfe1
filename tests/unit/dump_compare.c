// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Compare two dumps of one machine, page by page, or one with what libkdumpfile reads of it:
 *
 *	make build/unit/dump_compare
 *	dump_compare ORIGINAL FILE [FILE...]	several: the parts of a split dump
 *	dump_compare --raw[=ADDRESS] ORIGINAL FILE
 *	dump_compare --libkdumpfile FILE [FILE...]
 *
 * Prints how many pages are equal, differ, and cannot be read in which way. Ends with 0 when none
 * differs and at least one is equal; pages that only one of the two has do not count as different.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "core/dump.h"

#if __has_include(<libkdumpfile/kdumpfile.h>)
#include <libkdumpfile/kdumpfile.h>
#define HAVE_LIBKDUMPFILE 1
#endif

#define PAGE 4096

struct other {
	struct dump *dump;
#ifdef HAVE_LIBKDUMPFILE
	kdump_ctx_t *ctx;
	__typeof__(kdump_read) *read;
	void *lib;
#endif
};

struct counts {
	uint64_t pages, equal, partial, differ;
	uint64_t status[16]; /* of the second dump, for pages that the first one has */
	uint64_t only_second;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "dump_compare: %s: %s\n", what, why);
	exit(2);
}

#ifdef HAVE_LIBKDUMPFILE

static void *need(void *lib, const char *name)
{
	void *p = dlsym(lib, name);

	if (!p)
		die(name, dlerror());
	return p;
}

/* libkdumpfile is loaded when asked for, so that nothing else needs it. */
static void open_libkdumpfile(struct other *o, const char *const *paths, unsigned n)
{
	int fds[64];
	__typeof__(kdump_new) *new;
	__typeof__(kdump_open_fdset) *open_fdset;
	__typeof__(kdump_get_err) *get_err;

	o->lib = dlopen("libkdumpfile.so.10", RTLD_NOW);
	if (!o->lib)
		die("libkdumpfile", dlerror());
	*(void **)&new = need(o->lib, "kdump_new");
	*(void **)&open_fdset = need(o->lib, "kdump_open_fdset");
	*(void **)&get_err = need(o->lib, "kdump_get_err");
	*(void **)&o->read = need(o->lib, "kdump_read");
	o->ctx = new ();
	for (unsigned i = 0; i < n && i < KD_ARRAY_SIZE(fds); i++)
		fds[i] = open(paths[i], O_RDONLY);
	if (!o->ctx || open_fdset(o->ctx, n, fds) != KDUMP_OK)
		die(paths[0], o->ctx ? get_err(o->ctx) : "no memory");
}

static size_t read_lib(const struct other *o, paddr_t pa, uint8_t *buf, int *status)
{
	size_t len = PAGE;
	kdump_status s = o->read(o->ctx, KDUMP_MACHPHYSADDR, pa, buf, &len);

	*status = s == KDUMP_OK ? 0 : s == KDUMP_ERR_NODATA ? KD_NODATA : KD_CORRUPT;
	return s == KDUMP_OK ? len : 0;
}

#else

static void open_libkdumpfile(struct other *o, const char *const *paths, unsigned n)
{
	(void)o;
	(void)paths;
	(void)n;
	die("libkdumpfile", "its header was not there when this was built");
}

static size_t read_lib(const struct other *o, paddr_t pa, uint8_t *buf, int *status)
{
	(void)o;
	(void)pa;
	(void)buf;
	*status = KD_UNSUPPORTED;
	return 0;
}

#endif

/* How many bytes of the page were read; less than PAGE: *status says why. */
static size_t read_dump(const struct dump *d, paddr_t pa, uint8_t *buf, int *status)
{
	size_t done;

	*status = dump_read(d, pa, buf, PAGE, &done, NULL);
	return done;
}

static size_t read_other(const struct other *o, paddr_t pa, uint8_t *buf, int *status)
{
	return o->dump ? read_dump(o->dump, pa, buf, status) : read_lib(o, pa, buf, status);
}

static void compare_page(const struct dump *a, const struct other *b, paddr_t pa, struct counts *c)
{
	uint8_t x[PAGE], y[PAGE];
	int status, other;
	size_t n = read_dump(a, pa, x, &status), m = read_other(b, pa, y, &other);

	if (!n && !m)
		return;
	c->pages++;
	if (!n) {
		if (!c->only_second++)
			printf("first only in the second: %#" PRIx64 "\n", pa);
	} else if (!m) {
		if (!c->status[-other]++)
			printf("first %s: %#" PRIx64 "\n", kd_status_name(other), pa);
	} else if (memcmp(x, y, n < m ? n : m)) {
		if (!c->differ++)
			printf("first that differs: %#" PRIx64 "\n", pa);
	} else {
		c->equal++;
		c->partial += n != m;
	}
}

static void compare_ranges(const struct dump *a, const struct other *b, struct counts *c)
{
	struct dump_range r = { 0 };
	paddr_t done = 0;

	while (dump_next_range(a, r.end, &r)) {
		paddr_t pa = r.start / PAGE * PAGE;

		for (pa = pa < done ? done : pa; pa < r.end; pa += PAGE)
			compare_page(a, b, pa, c);
		done = pa;
	}
}

static void print_dump(const struct dump *d)
{
	struct dump_totals t;

	dump_count(d, &t);
	printf("%s: %s, machine %u, level %d, %zu notes, vmcoreinfo %s\n", d->path, d->format,
	       d->machine, d->dump_level, d->nnotes, d->vmcoreinfo ? "yes" : "no");
	printf("  RAM %" PRIu64 ", excluded %" PRIu64 ", lost %" PRIu64 "%s%s\n", t.ram, t.excluded,
	       t.lost, *d->remark ? ": " : "", d->remark);
}

int main(int argc, char **argv)
{
	struct kd_err err = KD_ERR_INIT;
	struct counts c = { 0 };
	struct other b = { 0 };
	struct dump *a = NULL;
	const char *const *paths = (const char *const *)argv + 1;
	int n = argc - 1, status = 0;
	bool lib = n && !strcmp(paths[0], "--libkdumpfile");
	const char *raw = n && !strncmp(paths[0], "--raw", 5) ? paths[0] : NULL;

	paths += lib || raw;
	n -= lib || raw;
	if (n < 2 - lib)
		die("usage", "dump_compare [--raw[=ADDRESS]|--libkdumpfile] ORIGINAL FILE...");
	if (lib) {
		open_libkdumpfile(&b, paths, (unsigned)n);
		status = dump_open_set(paths, (size_t)n, &a, &err);
	} else {
		status = dump_open(paths[0], &a, &err);
		if (!status)
			status = raw ? dump_open_raw(paths[1],
						     raw[5] ? strtoull(raw + 6, NULL, 0) : 0,
						     &b.dump, &err)
				     : dump_open_set(paths + 1, (size_t)n - 1, &b.dump, &err);
	}
	if (status)
		die(kd_status_name(status), err.text);
	print_dump(a);
	if (b.dump)
		print_dump(b.dump);
	compare_ranges(a, &b, &c);
	printf("%" PRIu64 " pages: %" PRIu64 " equal (%" PRIu64 " in part), %" PRIu64 " differ",
	       c.pages, c.equal, c.partial, c.differ);
	for (int i = 1; i < 16; i++)
		if (c.status[i])
			printf(", %" PRIu64 " %s", c.status[i], kd_status_name(-i));
	printf(", %" PRIu64 " only in the second\n", c.only_second);
	dump_close(a);
	dump_close(b.dump);
	return c.differ || !c.equal;
}
