// SPDX-License-Identifier: GPL-3.0-or-later
/* What other programs read when they open a dump: see value_roots.h. */
#include "capture/value_roots.h"

#include <string.h>

#include "capture/image_parts.h"
#include "capture/memmap.h"
#include "kernel/kernel.h"
#include "kernel/objects.h"
#include "kernel/radix.h"

#define TABLES_MAX (1u << 17) /* pages of page tables */
#define NODES_MAX 1024		       /* of the machine */
#define NODE_MAX (UINT64_C(1) << 20)   /* bytes of a struct pglist_data */
#define LIST_MAX 4096		       /* entries of a list */
#define ENTRIES_MAX (1u << 17)	       /* of all lists */
#define SEEN_MAX (1u << 15)
#define OBJECT_LEN 512 /* bytes of an object pointed to in which lists are looked for */
#define CHUNK 4096u /* bytes read at once */
#define PAGES 256u  /* kept */
#define KERNEL_HALF UINT64_C(0xff00000000000000) /* of 64-bit addresses */

/* Read a byte, so that the page and the tables that lead to it are known. */
static void touch(const struct kernel *k, vaddr_t at)
{
	uint8_t byte;

	space_read(&k->space, at, &byte, 1, NULL, NULL);
}

static void touch_range(const struct kernel *k, vaddr_t at, uint64_t len)
{
	for (vaddr_t page = at & ~(vaddr_t)4095; len && page < at + len; page += 4096)
		touch(k, page);
}

/* Tables ------------------------------------------------------------------------------------ */

static void touch_part(void *data, vaddr_t start, uint64_t len)
{
	touch_range(data, start, len);
}

static void touch_sections(const struct kernel *k)
{
	struct memmap *m;

	if (memmap_open(&k->space, &m, NULL))
		return;
	memmap_tables(m, touch_part, (void *)(uintptr_t)k);
	memmap_close(m);
}

/* struct pglist_data of each node; where there is one only, it is in the image. */
static void touch_nodes(const struct kernel *k)
{
	uint64_t table, size, node;

	if (!k->dump->vmcoreinfo ||
	    !vmcoreinfo_number(k->dump->vmcoreinfo, "SYMBOL", "node_data", &table) ||
	    !vmcoreinfo_number(k->dump->vmcoreinfo, "SIZE", "pglist_data", &size) ||
	    size > NODE_MAX)
		return;
	for (unsigned i = 0; i < NODES_MAX; i++) {
		if (space_read_ptr(&k->space, table + i * k->arch->ptr_size, &node, NULL) || !node)
			return;
		touch_range(k, node, size);
	}
}

static int touch_pid(void *data, vaddr_t pid)
{
	touch(data, pid);
	return 0;
}

/* An idr of struct pid since v4.15 (95846ecf9dac); before, a hash table that tasks lead to. */
static void touch_pids(const struct kernel *k)
{
	static const char *const types[] = { "pid_namespace", "xarray", "xa_node", NULL };
	_cleanup_(freep) struct objects *o = malloc(sizeof(*o));
	struct radix_walk r = { .space = &k->space, .step = touch_pid,
				.data = (void *)(uintptr_t)k };
	uint64_t root;
	vaddr_t ns;

	for (size_t i = 0; i < k->tasks.n; i++) {
		vaddr_t pid;

		if (!member_read_ptr(&k->space, k->tasks.list[i].addr,
				     &k->layout.task_struct_thread_pid, &pid, NULL) && pid)
			touch(k, pid);
	}
	if (!o || !k->types || !kernel_symbol(k, "init_pid_ns", &ns))
		return;
	objects_resolve(k, types, o);
	if (!o->xa_node_slots.found || member_read_ptr(&k->space, ns, &o->pid_namespace_idr, &root,
						       NULL))
		return;
	r.slots = &o->xa_node_slots;
	r.internal = o->radix_tree_head.found ? 2 : 1;
	radix_walk(&r, root);
}

void value_roots_tables(const struct kernel *k)
{
	if (k->arch->read_tables)
		k->arch->read_tables(&k->space, TABLES_MAX);
	touch_sections(k);
	touch_nodes(k);
	touch_pids(k);
}

/* Pointers ------------------------------------------------------------------------------------ */

/* Going over the kernel's pointers to what is not its image, which is written anyway. */
struct follow {
	const struct kernel *k;
	unsigned word;	    /* bytes */
	uint64_t low;	    /* addresses of the kernel are not below */
	vaddr_t image, end; /* the image */
	uint64_t left;	    /* entries of lists that may still be read */
	vaddr_t *seen;	    /* owned: SEEN_MAX slots of objects and lists, by hash; 0: free */
	size_t nseen;
	vaddr_t tags[PAGES];	       /* + 1: of the pages read last, by their number; 0: none */
	uint8_t pages[PAGES][CHUNK];
};

/* The page at AT (its start), as far as it is there; the rest is zeros. */
static const uint8_t *page_at(struct follow *f, vaddr_t at)
{
	size_t i = at / CHUNK % PAGES, got = 0;

	if (f->tags[i] == at + 1)
		return f->pages[i];
	f->tags[i] = at + 1;
	space_read(&f->k->space, at, f->pages[i], CHUNK, &got, NULL);
	memset(f->pages[i] + got, 0, CHUNK - got);
	return f->pages[i];
}

/* Was there an object or list at AT before? If not, it is from now on. */
static bool was_seen(struct follow *f, vaddr_t at)
{
	size_t i = (size_t)(at * UINT64_C(0x9e3779b97f4a7c15) >> 32) % SEEN_MAX;

	for (; f->seen[i]; i = (i + 1) % SEEN_MAX)
		if (f->seen[i] == at)
			return true;
	if (2 * f->nseen >= SEEN_MAX)
		return true; /* enough of them */
	f->seen[i] = at;
	f->nseen++;
	return false;
}

/* The pointer at AT, which is aligned; 0 where there is none. */
static uint64_t word_at(struct follow *f, vaddr_t at)
{
	uint64_t v = 0;

	memcpy(&v, page_at(f, at & ~(vaddr_t)(CHUNK - 1)) + at % CHUNK, f->word);
	return v;
}

static bool may_be_pointer(const struct follow *f, uint64_t v)
{
	return v >= f->low && v < UINT64_MAX - CHUNK && !(v & (f->word - 1)) &&
	       (v < f->image || v >= f->end);
}

/* Does a struct list_head at HEAD begin with FIRST, and lead back? */
static bool is_list(struct follow *f, vaddr_t head, uint64_t first)
{
	uint64_t last = word_at(f, head + f->word);

	return first != head && may_be_pointer(f, first) && may_be_pointer(f, last) &&
	       word_at(f, first + f->word) == head && word_at(f, last) == head;
}

static void follow_list(struct follow *f, vaddr_t head, vaddr_t entry)
{
	if (was_seen(f, head))
		return;
	for (unsigned n = 0; n < LIST_MAX && entry != head && f->left; n++, f->left--) {
		/* What the entry is a part of may begin on the page before. */
		if (entry % CHUNK < OBJECT_LEN)
			page_at(f, (entry & ~(vaddr_t)(CHUNK - 1)) - CHUNK);
		entry = word_at(f, entry);
		if (!may_be_pointer(f, entry))
			return;
	}
}

/* The lists that begin in an object that was pointed to. */
static void follow_object(struct follow *f, vaddr_t object)
{
	if (was_seen(f, object))
		return;
	for (vaddr_t at = object; at < object + OBJECT_LEN; at += f->word) {
		uint64_t v = word_at(f, at);

		if (is_list(f, at, v))
			follow_list(f, at, v);
	}
}

static void follow_part(void *data, vaddr_t start, uint64_t len)
{
	struct follow *f = data;
	vaddr_t first = start & ~(vaddr_t)(f->word - 1);

	for (vaddr_t at = first; at - first < len; at += f->word) {
		uint64_t v = word_at(f, at);

		if (!may_be_pointer(f, v))
			continue;
		if (is_list(f, at, v))
			follow_list(f, at, v);
		else
			follow_object(f, v);
	}
}

void value_roots_follow(const struct kernel *k)
{
	struct follow *f = calloc(1, sizeof(*f));

	if (!f)
		return;
	f->k = k;
	f->word = k->arch->ptr_size;
	f->low = f->word == 8 ? KERNEL_HALF : k->space.page_offset;
	f->left = ENTRIES_MAX;
	if (!kernel_symbol(k, "_text", &f->image) || !kernel_symbol(k, "_end", &f->end))
		f->image = f->end = 0;
	f->seen = calloc(SEEN_MAX, sizeof(*f->seen));
	if (f->seen && f->low)
		image_parts_written(k, follow_part, f);
	free(f->seen);
	free(f);
}
