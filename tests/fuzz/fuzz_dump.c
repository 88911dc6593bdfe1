// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fuzz target: the input as a dump file of whatever format, as raw memory, and cut in two as a
 * split set; of each, everything that a reader may ask.
 *
 *	clang -std=gnu17 -D_GNU_SOURCE -Isrc -g -O1 -fsanitize=fuzzer,address,undefined \
 *		tests/fuzz/fuzz_dump.c src/core/{bitmap,decompress,diskdump,diskdump_header}.c \
 *		src/core/{dump,elf_core,err,flattened,notes,page_cache,rank,raw,source}.c \
 *		src/core/vmcoreinfo.c -lz -llzo2 -lsnappy -lzstd -pthread
 *	./a.out -max_len=65536 NEW_CORPUS tests/fuzz/corpus/dump
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "core/dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

static void read_at(const struct dump *d, paddr_t pa)
{
	struct kd_err err = KD_ERR_INIT;
	uint8_t buf[5000];
	size_t done, again;
	int status = dump_read(d, pa, buf, sizeof(buf), &done, &err);

	check(done <= sizeof(buf) &&
	      (status ? err.text[0] && done < sizeof(buf) : done == sizeof(buf)));
	check(dump_read(d, pa, buf, done, &again, NULL) == 0 && again == done);
	if (done)
		check(dump_read(d, pa + done - 1, buf, 1, NULL, NULL) == 0);
}

static void ask(const struct dump *d)
{
	struct dump_range r = { 0 };
	struct dump_totals t;
	paddr_t last = 0;

	check(memchr(d->format, 0, sizeof(d->format)) && memchr(d->remark, 0, sizeof(d->remark)));
	for (unsigned i = 0; i < 200 && dump_next_range(d, r.end, &r); i++) {
		check(r.start < r.end && r.start >= last);
		last = r.end;
		read_at(d, r.start);
		read_at(d, r.end - 1);
		read_at(d, r.end);
	}
	r = (struct dump_range){ 0 };
	last = 0;
	for (unsigned i = 0; i < 200 && dump_next_data(d, r.end, &r); i++) {
		uint8_t b;

		check(r.start < r.end && r.start >= last);
		if (r.start > last)
			check(dump_read(d, r.start - 1, &b, 1, NULL, NULL) || !b);
		last = r.end;
	}
	read_at(d, 0);
	read_at(d, UINT64_MAX - 4000);
	dump_count(d, &t);
	for (size_t i = 0; i < d->nnotes; i++) {
		const uint8_t *p = d->notes[i].desc;

		check(!d->notes[i].len || p[0] + p[d->notes[i].len - 1] >= 0);
		check(dump_find_note(d, d->notes[i].name, d->notes[i].type, 0) != NULL);
	}
}

/* A file of these bytes; its path, good while the descriptor is open. */
static int make_file(const uint8_t *data, size_t size, char *path, size_t room)
{
	int fd = memfd_create("dump", MFD_CLOEXEC);

	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, room, "/proc/self/fd/%d", fd);
	return fd;
}

static void try(int status, struct dump *d, const struct kd_err *err)
{
	if (status) {
		check(status < 0 && err->text[0]);
		return;
	}
	ask(d);
	dump_close(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kd_err err = KD_ERR_INIT;
	char path[32], first[32], second[32];
	const char *const paths[] = { first, second };
	_cleanup_(closep) int fd = make_file(data, size, path, sizeof(path));
	_cleanup_(closep) int a = make_file(data, size / 2, first, sizeof(first));
	_cleanup_(closep) int b =
		make_file(data + size / 2, size - size / 2, second, sizeof(second));
	struct dump *d = NULL;

	check(fd >= 0 && a >= 0 && b >= 0);
	dump_probe_path(path);
	try(dump_open(path, &d, &err), d, &err);
	try(dump_open_set(paths, 2, &d, &err), d, &err);
	try(dump_open_raw(path, 0, &d, &err), d, &err);
	try(dump_open_raw(path, size & ~UINT64_C(1023), &d, &err), d, &err);
	return 0;
}
