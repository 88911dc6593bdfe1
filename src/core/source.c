// SPDX-License-Identifier: GPL-3.0-or-later
/* Files as runs of bytes: see source.h. */
#include "core/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/flattened.h"
#include "core/page_cache.h"

/* More than the notes of any dump. */
#define COPY_MAX (UINT64_C(64) << 20)

/* Bytes that are worth a system call: more than a number. */
#define READ_MIN 16
/* Up to here a careful read goes through the blocks: numbers of page tables, small structs. */
#define SMALL_MAX 256
#define BLOCK UINT64_C(4096)
#define BLOCKS 256
/*
 * A larger file leaves a 32-bit program too few addresses for its own memory; for others that is
 * no limit.
 */
#define MAP_MAX (SIZE_MAX / 8)
/* Enough to know an envelope by. */
#define HEAD_LEN 64

struct source_copy {
	struct source_copy *next;
	uint8_t bytes[];
};

/* A plain file ---------------------------------------------------------------- */

static enum source_kind plain_piece(const struct source *s, uint64_t off, uint64_t *at,
				    uint64_t *len)
{
	*at = off;
	if (off >= s->size) {
		*len = UINT64_MAX - off;
		return SOURCE_MISSING;
	}
	*len = s->size - off;
	return SOURCE_FILE;
}

static const struct source_ops plain_ops = {
	.piece = plain_piece,
};

/* Opening --------------------------------------------------------------------- */

static int find_size(struct source *s, struct kd_err *err)
{
	struct stat st;

	if (fstat(s->fd, &st))
		return kd_fail(err, KD_IO, "can not open: %s", strerror(errno));
	if (S_ISBLK(st.st_mode)) {
		s->careful = true;
		return ioctl(s->fd, BLKGETSIZE64, &s->file_size)
			       ? kd_fail(err, KD_IO, "can not tell its size: %s", strerror(errno))
			       : 0;
	}
	if (!S_ISREG(st.st_mode))
		return kd_fail(err, KD_UNSUPPORTED,
			       "not a regular file; a dump in a pipe has to be copied first");
	s->file_size = (uint64_t)st.st_size;
	return 0;
}

/* What cannot be mapped, for lack of addresses or by its nature, is read carefully. */
static void map_file(struct source *s)
{
	void *map = MAP_FAILED;

	if (!s->careful && s->file_size <= MAP_MAX)
		map = mmap(NULL, (size_t)s->file_size, PROT_READ, MAP_NORESERVE | MAP_SHARED, s->fd, 0);
	if (map == MAP_FAILED)
		source_be_careful(s);
	else
		s->map = map;
}

static int open_file(struct source *s, struct kd_err *err)
{
	struct statfs fs;
	int status;

	s->fd = open(s->path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return kd_fail(err, KD_IO, "can not open: %s", strerror(errno));
	status = find_size(s, err);
	if (status)
		return status;
	if (!s->file_size)
		return kd_fail(err, KD_UNSUPPORTED, "not a dump: an empty file");
	s->proc = !fstatfs(s->fd, &fs) && fs.f_type == PROC_SUPER_MAGIC;
	s->careful |= s->proc;
	s->ordinary = !s->careful;
	return 0;
}

/* It is looked for without the map, which may not be readable. */
static bool is_flattened(const struct source *s)
{
	uint8_t head[HEAD_LEN];
	ssize_t n = pread(s->fd, head, sizeof(head), 0);

	return n > 0 && flattened_probe(head, (size_t)n);
}

static int open_source(const char *path, bool mapped, struct source **out, struct kd_err *err)
{
	_cleanup_(source_closep) struct source *s = calloc(1, sizeof(*s));
	int status;

	if (!s)
		return kd_nomem(err);
	s->fd = -1;
	s->path = strdup(path);
	if (!s->path)
		return kd_nomem(err);
	status = open_file(s, err);
	if (status)
		return status;
	s->careful |= !mapped;
	map_file(s);
	s->ops = &plain_ops;
	s->size = s->file_size;
	if (is_flattened(s)) {
		status = flattened_open(s, err);
		if (status)
			return status;
	}
	*out = s;
	s = NULL;
	return 0;
}

int source_open(const char *path, struct source **out, struct kd_err *err)
{
	return open_source(path, true, out, err);
}

int source_open_unmapped(const char *path, struct source **out, struct kd_err *err)
{
	return open_source(path, false, out, err);
}

void source_close(struct source *s)
{
	if (!s)
		return;
	if (s->ops && s->ops->close)
		s->ops->close(s);
	while (s->copies) {
		struct source_copy *c = s->copies;

		s->copies = c->next;
		free(c);
	}
	if (s->map)
		munmap((void *)(uintptr_t)s->map, (size_t)s->file_size);
	closep(&s->fd);
	page_cache_free(s->blocks);
	free(s->path);
	free(s);
}

void source_closep(struct source **s)
{
	source_close(*s);
}

void source_be_careful(struct source *s)
{
	s->careful = true;
	/* Without, reads are slower. */
	if (!s->blocks && page_cache_new(BLOCK, BLOCKS, &s->blocks, NULL))
		s->blocks = NULL;
}

bool source_is_envelope(const uint8_t *head, size_t len)
{
	return flattened_probe(head, len);
}

/* Reading --------------------------------------------------------------------- */

static size_t pread_all(int fd, void *buf, size_t n, uint64_t off)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(fd, (uint8_t *)buf + done, n - done, (off_t)(off + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

/* N bytes of one block of the file; false: the block cannot be had as a whole. */
static bool read_block(const struct source *s, uint64_t off, void *buf, size_t n)
{
	uint8_t *block;

	if (page_cache_read(s->blocks, off / BLOCK, off % BLOCK, buf, n))
		return true;
	block = malloc(BLOCK);
	if (block && pread_all(s->fd, block, BLOCK, off - off % BLOCK) < BLOCK) {
		free(block);
		block = NULL;
	}
	if (block)
		memcpy(buf, block + off % BLOCK, n);
	page_cache_give(s->blocks, off / BLOCK, block);
	return block != NULL;
}

/*
 * The kernel maps and unmaps its memory for each page of /proc/vmcore that read(2) copies, for some
 * pages at once it is the sooner had by one mapping of ours. Memory that cannot be mapped is read.
 */
#define MAPPED_MIN (4 * BLOCK)

static bool copy_mapped(const struct source *s, uint64_t off, void *buf, size_t n)
{
	const void *p = n >= MAPPED_MIN ? source_map(s, off, n) : NULL;

	if (!p)
		return false;
	memcpy(buf, p, n);
	source_unmap(p, n);
	return true;
}

/*
 * N bytes of the file, all of them inside it. Whoever reads more than a number keeps it, and taking
 * it out of the map would make 16 pages of the file count as this process' memory: the map is for
 * single numbers, which are those of page tables for the most part and asked for again and again.
 * Returns how many could be read.
 */
static size_t copy_piece(const struct source *s, uint64_t at, uint8_t *buf, size_t n)
{
	if (n < READ_MIN && !s->careful) {
		memcpy(buf, s->map + at, n);
		return n;
	}
	/* A byte alone is asked for to see that it is there: the next will be elsewhere. */
	if (s->blocks && n > 1 && n <= SMALL_MAX && at % BLOCK + n <= BLOCK &&
	    read_block(s, at, buf, n))
		return n;
	if (s->proc && copy_mapped(s, at, buf, n))
		return n;
	return pread_all(s->fd, buf, n, at);
}

size_t source_file_read(const struct source *s, uint64_t at, void *buf, size_t len)
{
	if (!range_contains(s->file_size, at, len))
		return 0;
	if (s->careful)
		return pread_all(s->fd, buf, len, at);
	memcpy(buf, s->map + at, len);
	return len;
}

size_t source_read(const struct source *s, uint64_t off, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len && off <= UINT64_MAX - done) {
		uint64_t at, there;
		enum source_kind kind = s->ops->piece(s, off + done, &at, &there);
		size_t n = (size_t)kd_min(there, len - done), got = n;

		if (kind == SOURCE_MISSING)
			break;
		if (kind == SOURCE_ZEROS)
			memset((uint8_t *)buf + done, 0, n);
		else
			got = copy_piece(s, at, (uint8_t *)buf + done, n);
		done += got;
		if (got < n)
			break;
	}
	return done;
}

const void *source_peek(const struct source *s, uint64_t off, uint64_t len)
{
	uint64_t at, n;

	if (s->careful || s->ops->piece(s, off, &at, &n) != SOURCE_FILE || len > n)
		return NULL;
	return s->map + at;
}

const void *source_borrow(struct source *s, uint64_t off, uint64_t len)
{
	const void *p = source_peek(s, off, len);
	struct source_copy *c;

	/* LEN is the file's word: what it does not hold must not be allocated. */
	if (p || len > COPY_MAX || source_held(s, off, len) < len)
		return p;
	c = malloc(sizeof(*c) + (size_t)len);
	if (!c)
		return NULL;
	if (source_read(s, off, c->bytes, (size_t)len) < len) {
		free(c);
		return NULL;
	}
	c->next = s->copies;
	s->copies = c;
	return c->bytes;
}

const void *source_map(const struct source *s, uint64_t off, size_t len)
{
	size_t before = off % BLOCK;
	uint8_t *p;

	if (!s->proc || s->ops != &plain_ops || !len || len > SIZE_MAX - BLOCK ||
	    !range_contains(s->size, off, len))
		return NULL;
	p = mmap(NULL, before + len, PROT_READ, MAP_PRIVATE, s->fd, (off_t)(off - before));
	return p == MAP_FAILED ? NULL : p + before;
}

void source_unmap(const void *p, size_t len)
{
	size_t before = (uintptr_t)p % BLOCK;

	munmap((void *)((uintptr_t)p - before), before + len);
}

uint64_t source_held(const struct source *s, uint64_t off, uint64_t len)
{
	uint64_t end, held = 0;

	if (off >= s->size)
		return 0;
	end = off + kd_min(len, s->size - off);
	if (!s->gaps)
		return end - off;
	while (off < end) {
		uint64_t at, n;
		bool there = s->ops->piece(s, off, &at, &n) != SOURCE_MISSING;

		n = kd_min(n, end - off);
		held += there ? n : 0;
		off += n;
	}
	return held;
}

uint64_t source_nothing(const struct source *s, uint64_t off)
{
	uint64_t at, n;

	if (s->ops->piece(s, off, &at, &n) == SOURCE_MISSING)
		return n;
	return s->ops->hole ? s->ops->hole(s, off) : 0;
}

/* The next run of a plain file that its file system keeps; all of it where that does not say. */
static bool next_kept(const struct source *s, uint64_t off, uint64_t *at, uint64_t *len)
{
	off_t start, end;

	/* Files that are not ordinary ones have no holes, or say strange things of them. */
	if (!s->ordinary) {
		*at = off;
		*len = s->size - off;
		return true;
	}
	start = lseek(s->fd, (off_t)off, SEEK_DATA);
	if (start < 0 && errno == ENXIO)
		return false;
	if (start < 0 || (uint64_t)start < off || (uint64_t)start >= s->size)
		start = (off_t)off;
	end = lseek(s->fd, start, SEEK_HOLE);
	*at = (uint64_t)start;
	*len = (end > start ? kd_min((uint64_t)end, s->size) : s->size) - *at;
	return true;
}

bool source_next_data(const struct source *s, uint64_t off, uint64_t *at, uint64_t *len)
{
	if (off >= s->size)
		return false;
	if (!s->envelope)
		return next_kept(s, off, at, len);
	while (off < s->size) {
		uint64_t n = source_nothing(s, off), place;

		if (!n) {
			*at = off;
			s->ops->piece(s, off, &place, len);
			return true;
		}
		if (kd_add_overflow(off, n, &off))
			break;
	}
	return false;
}
