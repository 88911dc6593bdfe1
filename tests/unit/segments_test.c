// SPDX-License-Identifier: GPL-3.0-or-later
/* Segments for kexec_load: where they lie, what is in them, and that the purgatory sees damage. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <elf.h>
#include <zlib.h>

#include "load/boot_params.h"
#include "load/kernel_image.h"
#include "load/purgatory_image.h"
#include "load/segments.h"
#include "machine_files.h"
/* As the purgatory has it: its own source, for the host. */
#include "load/purgatory/verify.c"

#define MB (1u << 20)
#define CODE_LEN 70000

struct fixture {
	char root[64], kernel[96], initrd[96];
	struct machine m;
	struct segment_list l;
	struct load_request q;
};

static void put(uint8_t *p, unsigned size, uint64_t v)
{
	for (unsigned i = 0; i < size; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get(const uint8_t *p, unsigned size)
{
	uint64_t v = 0;

	while (size--)
		v = v << 8 | p[size];
	return v;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	uint8_t initrd[12345];

	*state = f;
	snprintf(f->root, sizeof(f->root), "/tmp/kdview-segments-XXXXXX");
	if (!mkdtemp(f->root))
		return -1;
	snprintf(f->kernel, sizeof(f->kernel), "%s/kernel", f->root);
	snprintf(f->initrd, sizeof(f->initrd), "%s/initrd", f->root);
	for (size_t i = 0; i < sizeof(initrd); i++)
		initrd[i] = (uint8_t)(i * 7);
	write_file(f->initrd, initrd, sizeof(initrd));
	f->q = (struct load_request){ .kernel = f->kernel, .initrd = f->initrd,
				      .append = "console=ttyS0", .how = LOAD_SEGMENTS };
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	segment_list_fini(&f->l);
	machine_fini(&f->m);
	machine_remove(f->root);
	free(f);
	return 0;
}

static void read_machine(struct fixture *f, const char *name)
{
	char path[128], *text;

	snprintf(path, sizeof(path), MACHINES "%s.txt", name);
	text = machine_text(path);
	machine_write(f->root, text);
	free(text);
	assert_int_equal(machine_read(f->root, &f->m, NULL), 0);
}

/* A bzImage of protocol 2.15: 4 sectors of setup, then code. Its header at 0 of what is returned. */
static uint8_t *make_bzimage(unsigned xloadflags)
{
	uint8_t *p = calloc(1, 5 * 512 + CODE_LEN);

	p[SETUP_SECTS] = 4;
	put(p + SETUP_BOOT_FLAG, 2, 0xaa55);
	p[SETUP_JUMP] = 0xeb;
	p[SETUP_JUMP + 1] = 0x6a; /* the header ends at 0x26c */
	memcpy(p + SETUP_MAGIC, "HdrS", 4);
	put(p + SETUP_PROTOCOL, 2, 0x20f);
	p[SETUP_LOADFLAGS] = LOADFLAG_HIGH | LOADFLAG_HEAP;
	put(p + SETUP_INITRD_MAX, 4, xloadflags ? 0x7fffffff : 0x37ffffff);
	put(p + SETUP_ALIGNMENT, 4, 2 * MB);
	p[SETUP_RELOCATABLE] = 1;
	put(p + SETUP_XLOADFLAGS, 2, xloadflags);
	put(p + SETUP_CMDLINE_SIZE, 4, 2047);
	put(p + SETUP_PREF_ADDRESS, 8, 16 * MB);
	put(p + SETUP_INIT_SIZE, 4, 20 * MB);
	for (size_t i = 0; i < CODE_LEN; i++)
		p[5 * 512 + i] = (uint8_t)(i ^ i >> 8);
	return p;
}

static void write_bzimage(struct fixture *f, uint8_t *p)
{
	write_file(f->kernel, p, 5 * 512 + CODE_LEN);
	free(p);
}

static const struct load_segment *segment(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->l.n; i++)
		if (!strcmp(f->l.at[i].name, name))
			return &f->l.at[i];
	fail_msg("there is no segment \"%s\"", name);
	abort();
}

static void make(struct fixture *f)
{
	struct kd_err err = KD_ERR_INIT;

	if (load_segments(&f->q, &f->m, &f->l, &err))
		fail_msg("%s", err.text);
}

/* What the purgatory was told. */
static struct purgatory_params params(const struct fixture *f)
{
	const struct load_segment *s = segment(f, "purgatory");
	struct purgatory_params p;
	struct purgatory_head h;

	memcpy(&h, s->buf, sizeof(h));
	memcpy(&p, s->buf + h.params, sizeof(p));
	return p;
}

static void assert_placed(const struct fixture *f)
{
	const struct range *region = machine_crash_region(&f->m);

	for (size_t i = 0; i < f->l.n; i++) {
		const struct load_segment *a = &f->l.at[i];

		assert_int_equal(a->mem % 4096, 0);
		assert_int_equal(a->memsz % 4096, 0);
		assert_true(a->memsz && a->len <= a->memsz);
		assert_true(a->mem >= region->start && a->mem + a->memsz <= region->end);
		for (size_t j = 0; j < i; j++) {
			const struct load_segment *b = &f->l.at[j];

			assert_true(a->mem >= b->mem + b->memsz || b->mem >= a->mem + a->memsz);
		}
	}
}

static void segments_lie_in_crash_memory_apart(void **state)
{
	struct fixture *f = *state;
	const struct load_segment *k, *b;
	struct purgatory_params p;

	read_machine(f, "x86_64-6.1");
	write_bzimage(f, make_bzimage(XLOADFLAG_64 | XLOADFLAG_ABOVE_4G));
	make(f);
	assert_int_equal(f->l.n, 6);
	assert_placed(f);
	k = segment(f, "kernel");
	assert_int_equal(k->mem % (2 * MB), 0);
	assert_int_equal(k->memsz, 20 * MB);
	assert_int_equal(k->len, CODE_LEN);
	p = params(f);
	assert_int_equal(p.enter, PURGATORY_ENTER_64);
	assert_int_equal(p.entry, k->mem + 0x200);
	assert_int_equal(p.boot_params, segment(f, "boot params")->mem);
	b = segment(f, "backup of 640K");
	assert_int_equal(p.backup_to, b->mem);
	assert_true(p.backup_len && p.backup_len <= b->memsz);
	assert_int_equal(p.serial, 0);
	assert_int_equal(p.on_error, PURGATORY_REBOOT);
	assert_true(f->l.entry > segment(f, "purgatory")->mem &&
		    f->l.entry < segment(f, "purgatory")->mem + segment(f, "purgatory")->len);
}

static void boot_params_tell_where_things_are(void **state)
{
	struct fixture *f = *state;
	const struct load_segment *s, *initrd, *headers;
	char word[64];
	uint64_t at;

	read_machine(f, "x86_64-6.1");
	write_bzimage(f, make_bzimage(XLOADFLAG_64 | XLOADFLAG_ABOVE_4G));
	make(f);
	s = segment(f, "boot params");
	initrd = segment(f, "initrd");
	headers = segment(f, "core headers");
	assert_int_equal(get(s->buf + SETUP_RAMDISK, 4), initrd->mem);
	assert_int_equal(get(s->buf + SETUP_RAMDISK_SIZE, 4), 12345);
	assert_int_equal(s->buf[SETUP_LOADER], 0xff);
	assert_int_equal(s->buf[SETUP_LOADFLAGS], LOADFLAG_HIGH);
	at = get(s->buf + SETUP_CMDLINE, 4) - s->mem;
	assert_true(at >= BOOT_PARAMS_SIZE && at < s->len);
	assert_string_equal((const char *)s->buf + at, f->l.cmdline);
	snprintf(word, sizeof(word), " elfcorehdr=%lluK", (unsigned long long)headers->mem / 1024);
	assert_non_null(strstr(f->l.cmdline, word));
	/* no RAM of the map has the core headers or the backup in it */
	assert_in_range(s->buf[0x1e8], 3, 128);
	for (unsigned i = 0; i < s->buf[0x1e8]; i++) {
		const uint8_t *e = s->buf + 0x2d0 + i * 20;
		uint64_t start = get(e, 8), end = start + get(e + 8, 8);
		paddr_t backup = segment(f, "backup of 640K")->mem;

		assert_true(start < end);
		if (get(e + 16, 4) != 1)
			continue;
		assert_false(headers->mem >= start && headers->mem < end);
		assert_false(backup >= start && backup < end);
	}
	/* what is linked to it lies in it */
	at = get(s->buf + SETUP_DATA, 8);
	assert_true(at && at >= s->mem && at + 16 <= s->mem + s->len);
}

/* The buffer that is to lie at ADDR. */
static uint8_t *loaded(struct fixture *f, uint64_t addr)
{
	for (size_t i = 0; i < f->l.n; i++)
		if (f->l.at[i].mem == addr)
			return f->l.at[i].buf;
	fail_msg("no segment lies there");
	abort();
}

static void purgatory_finds_one_flipped_bit(void **state)
{
	struct fixture *f = *state;
	struct purgatory_params p;

	read_machine(f, "x86_64-6.1");
	write_bzimage(f, make_bzimage(XLOADFLAG_64 | XLOADFLAG_ABOVE_4G));
	make(f);
	p = params(f);
	assert_int_equal(p.nregions, 4);
	for (uint32_t i = 0; i < p.nregions; i++) {
		struct purgatory_region r = p.regions[i];
		uint8_t *at = loaded(f, r.addr);
		size_t places[] = { 0, (size_t)r.len / 2, (size_t)r.len - 1 };

		r.addr = (uintptr_t)at;
		assert_true(purgatory_region_ok(&r));
		for (size_t j = 0; j < KD_ARRAY_SIZE(places); j++) {
			at[places[j]] ^= 0x10;
			assert_false(purgatory_region_ok(&r));
			at[places[j]] ^= 0x10;
		}
		assert_true(purgatory_region_ok(&r));
		r.digest[31] ^= 1;
		assert_false(purgatory_region_ok(&r));
		r.digest[31] ^= 1;
		r.len = UINT64_MAX;
		assert_false(purgatory_region_ok(&r));
	}
}

static void what_the_kernel_may_change_has_no_checksum(void **state)
{
	struct fixture *f = *state;
	struct purgatory_params p;

	read_machine(f, "x86_64-6.1");
	write_bzimage(f, make_bzimage(XLOADFLAG_64 | XLOADFLAG_ABOVE_4G));
	f->q.hotplug = true;
	f->m.elfcorehdr_size = 40000;
	make(f);
	p = params(f);
	assert_int_equal(p.nregions, 3);
	for (uint32_t i = 0; i < p.nregions; i++)
		assert_string_not_equal(p.regions[i].name, "core headers");
	assert_int_equal(segment(f, "core headers")->memsz, 40960);
	segment_list_fini(&f->l);
	f->q.no_checks = true;
	make(f);
	assert_int_equal(params(f).nregions, 0);
}

static void a_kernel_for_i386_is_entered_in_protected_mode(void **state)
{
	struct fixture *f = *state;
	struct purgatory_params p;

	read_machine(f, "i386-686-pae");
	write_bzimage(f, make_bzimage(0));
	f->q.serial = 0x3f8;
	f->q.serial_baud = 9600;
	f->q.on_error = LOAD_ERROR_HALT;
	make(f);
	assert_placed(f);
	p = params(f);
	assert_int_equal(p.enter, PURGATORY_ENTER_32);
	assert_int_equal(p.entry, segment(f, "kernel")->mem);
	assert_int_equal(p.serial, 0x3f8);
	assert_int_equal(p.serial_divisor, 12);
	assert_int_equal(p.on_error, PURGATORY_HALT);
}

static void a_kernel_for_i386_is_entered_from_x86_64_below_4_gb(void **state)
{
	struct fixture *f = *state;

	read_machine(f, "x86_64-6.1");
	write_bzimage(f, make_bzimage(0));
	make(f);
	assert_placed(f);
	assert_int_equal(params(f).enter, PURGATORY_ENTER_32);
	assert_int_equal(params(f).entry, segment(f, "kernel")->mem);
	assert_true(segment(f, "purgatory")->mem < UINT32_MAX);
}

/* A vmlinux: text, a gap, data and zeros behind it; entered at 0x40 of the text. */
static size_t make_vmlinux(uint8_t **out)
{
	static const struct {
		uint64_t offset, paddr, filesz, memsz;
	} loads[] = { { 0x1000, 0x1000000, 0x2000, 0x2000 }, { 0x3000, 0x1400000, 0x1000, 0x9000 } };
	uint8_t *p = calloc(1, 0x4000);
	Elf64_Ehdr eh = { .e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
			  .e_entry = 0x1000040, .e_phoff = sizeof(eh), .e_ehsize = sizeof(eh),
			  .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2 };

	memcpy(eh.e_ident, ELFMAG, SELFMAG);
	eh.e_ident[EI_CLASS] = ELFCLASS64;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_ident[EI_VERSION] = EV_CURRENT;
	memcpy(p, &eh, sizeof(eh));
	for (size_t i = 0; i < KD_ARRAY_SIZE(loads); i++) {
		Elf64_Phdr ph = { .p_type = PT_LOAD, .p_flags = PF_R, .p_offset = loads[i].offset,
				  .p_vaddr = 0xffffffff80000000 + loads[i].paddr,
				  .p_paddr = loads[i].paddr, .p_filesz = loads[i].filesz,
				  .p_memsz = loads[i].memsz, .p_align = 0x1000 };

		memcpy(p + sizeof(eh) + i * sizeof(ph), &ph, sizeof(ph));
		memset(p + loads[i].offset, 't' + (int)i, loads[i].filesz);
	}
	*out = p;
	return 0x4000;
}

static void assert_vmlinux_placed(struct fixture *f)
{
	const struct load_segment *k;

	make(f);
	assert_placed(f);
	k = segment(f, "kernel");
	assert_int_equal(k->mem % (2 * MB), 0);
	assert_int_equal(k->memsz, 0x409000);
	assert_int_equal(k->len, 0x401000);
	assert_int_equal(k->buf[0x1fff], 't');
	assert_int_equal(k->buf[0x2000], 0);
	assert_int_equal(k->buf[0x400000], 'u');
	assert_int_equal(params(f).enter, PURGATORY_ENTER_64);
	assert_int_equal(params(f).entry, k->mem + 0x40);
	assert_memory_equal(segment(f, "boot params")->buf + SETUP_MAGIC, "HdrS", 4);
}

static void a_vmlinux_lies_as_it_is_linked(void **state)
{
	struct fixture *f = *state;
	uint8_t *p;
	size_t len = make_vmlinux(&p);

	read_machine(f, "x86_64-6.1");
	write_file(f->kernel, p, len);
	free(p);
	assert_vmlinux_placed(f);
}

static void what_a_vmlinux_has_behind_its_loads_is_not_read(void **state)
{
	struct fixture *f = *state;
	struct kernel_image k;
	uint8_t *p;
	size_t len = make_vmlinux(&p);

	write_file(f->kernel, p, len);
	assert_int_equal(truncate(f->kernel, 900 << 20), 0);
	assert_int_equal(kernel_image_open(f->kernel, &k, NULL), 0);
	assert_true(k.len <= len);
	assert_memory_equal(k.file, p, k.len);
	kernel_image_close(&k);
	free(p);
	read_machine(f, "x86_64-6.1");
	make(f);
	assert_vmlinux_placed(f);
}

static void a_compressed_vmlinux_is_unpacked(void **state)
{
	struct fixture *f = *state;
	uint8_t *p;
	size_t len = make_vmlinux(&p);
	gzFile z = gzopen(f->kernel, "w0"); /* stored: long enough to be looked at */

	read_machine(f, "x86_64-6.1");
	assert_int_equal(gzwrite(z, p, (unsigned)len), len);
	gzclose(z);
	free(p);
	assert_vmlinux_placed(f);
}

static void assert_refused(struct fixture *f, int status, const char *word)
{
	struct kd_err err = KD_ERR_INIT;

	assert_int_equal(load_segments(&f->q, &f->m, &f->l, &err), status);
	if (!strstr(err.text, word))
		fail_msg("not about \"%s\": %s", word, err.text);
	segment_list_fini(&f->l);
}

static void what_is_too_large_says_how_much_is_missing(void **state)
{
	struct fixture *f = *state;
	uint8_t *p = make_bzimage(XLOADFLAG_64 | XLOADFLAG_ABOVE_4G);

	read_machine(f, "x86_64-6.1");
	put(p + SETUP_INIT_SIZE, 4, 900 * MB);
	write_bzimage(f, p);
	assert_refused(f, KD_NOSPACE, "708 MB are missing");
}

static void what_cannot_move_says_where_it_runs(void **state)
{
	struct fixture *f = *state;
	uint8_t *p = make_bzimage(XLOADFLAG_64 | XLOADFLAG_ABOVE_4G);

	read_machine(f, "x86_64-6.1");
	p[SETUP_RELOCATABLE] = 0;
	write_bzimage(f, p);
	assert_refused(f, KD_UNSUPPORTED, "crashkernel=SIZE@16M");
}

static void a_kernel_for_x86_64_shows_no_dump_of_i386(void **state)
{
	struct fixture *f = *state;

	read_machine(f, "i386-686");
	write_bzimage(f, make_bzimage(XLOADFLAG_64 | XLOADFLAG_ABOVE_4G));
	assert_refused(f, KD_UNSUPPORTED, "take one for i386");
}

static void damaged_images_are_refused(void **state)
{
	static const struct {
		unsigned at, size;
		uint64_t value;
		int status;
	} damage[] = {
		{ SETUP_PROTOCOL, 2, 0x209, KD_UNSUPPORTED },
		{ SETUP_LOADFLAGS, 1, 0, KD_UNSUPPORTED },
		{ SETUP_ALIGNMENT, 4, 3 * MB, KD_CORRUPT },
		{ SETUP_ALIGNMENT, 4, 0, KD_CORRUPT },
		{ SETUP_PREF_ADDRESS, 8, UINT64_MAX, KD_CORRUPT },
		{ SETUP_JUMP + 1, 1, 0xff, KD_CORRUPT },
		{ SETUP_SECTS, 1, 0xff, KD_CORRUPT },
		{ SETUP_BOOT_FLAG, 2, 0, KD_UNSUPPORTED },
	};
	struct fixture *f = *state;

	read_machine(f, "x86_64-6.1");
	for (size_t i = 0; i < KD_ARRAY_SIZE(damage); i++) {
		uint8_t *p = make_bzimage(XLOADFLAG_64 | XLOADFLAG_ABOVE_4G);

		put(p + damage[i].at, damage[i].size, damage[i].value);
		write_bzimage(f, p);
		assert_refused(f, damage[i].status, "kernel: ");
	}
}

static void an_elf_file_that_is_no_kernel_is_refused(void **state)
{
	struct fixture *f = *state;

	read_machine(f, "x86_64-6.1");
	f->q.kernel = "/proc/self/exe";
	assert_refused(f, KD_UNSUPPORTED, "no vmlinux");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(segments_lie_in_crash_memory_apart),
		TEST(boot_params_tell_where_things_are),
		TEST(purgatory_finds_one_flipped_bit),
		TEST(what_the_kernel_may_change_has_no_checksum),
		TEST(a_kernel_for_i386_is_entered_in_protected_mode),
		TEST(a_kernel_for_i386_is_entered_from_x86_64_below_4_gb),
		TEST(a_kernel_for_x86_64_shows_no_dump_of_i386),
		TEST(a_vmlinux_lies_as_it_is_linked),
		TEST(what_a_vmlinux_has_behind_its_loads_is_not_read),
		TEST(a_compressed_vmlinux_is_unpacked),
		TEST(what_is_too_large_says_how_much_is_missing),
		TEST(what_cannot_move_says_where_it_runs),
		TEST(damaged_images_are_refused),
		TEST(an_elf_file_that_is_no_kernel_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
