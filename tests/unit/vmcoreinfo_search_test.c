// SPDX-License-Identifier: GPL-3.0-or-later
/* VMCOREINFO found in memory: what is believed, and what is not. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "core/space.h"
#include "core/vmcoreinfo_search.h"
#include "mkdump.h"

static const struct arch *const archs[] = { &arch_i386, &arch_x86_64 };

/*
 * A kernel at physical address B: its tables at B + 0x1000 map the image's first 2 MB to B, and
 * a descriptor table at 0xfffffe0000000000 to B + 0x7000; its utsname is at B + 0x6000.
 */
struct kernel_at {
	unsigned long long b;
	char text[1024]; /* of VMCOREINFO */
	char memory[4096];
};

#define LINES "OSRELEASE=%s\\nPAGESIZE=4096\\nSYMBOL(init_uts_ns)=ffffffff80006000\\n" \
	"OFFSET(uts_namespace.name)=0\\nSYMBOL(swapper_pg_dir)=ffffffff80001000\\n" \
	"SYMBOL(_stext)=ffffffff80000000\\nNUMBER(phys_base)=%llu\\n"

static struct kernel_at *kernel_at(unsigned long long b, const char *release)
{
	struct kernel_at *k = calloc(1, sizeof(*k));

	k->b = b;
	sprintf(k->text, LINES, release, b);
	sprintf(k->memory,
		"load %#llx 0 0x20000 0x20000\n"
		"poke %#llx 8 %#llx\n poke %#llx 8 %#llx\n poke %#llx 8 %#llx\n"
		"poke %#llx 8 %#llx\n poke %#llx 8 %#llx\n poke %#llx 8 %#llx\n poke %#llx 8 %#llx\n"
		"text %#llx Linux\n text %#llx %s\n",
		b, b + 0x1ff8, b + 0x2063, b + 0x2ff0, b + 0x3063, b + 0x3000, b + 0xe3,
		b + 0x1fe0, b + 0x4063, b + 0x4000, b + 0x5063, b + 0x5000, b + 0x8063, b + 0x8000,
		b + 0x7063, b + 0x6000, b + 0x6000 + 2 * 65, release);
	return k;
}

/* The length of TEXT once its \n are line feeds. */
static size_t text_len(const char *text)
{
	size_t n = strlen(text);

	while ((text = strstr(text, "\\n")))
		text += 2, n--;
	return n;
}

static const char *note_at(char *buf, unsigned long long at, const char *text)
{
	sprintf(buf, "poke %#llx 4 11\n poke %#llx 4 %zu\n text %#llx VMCOREINFO\n text %#llx %s\n", at,
		at + 4, text_len(text), at + 12, at + 24, text);
	return buf;
}

/* QEMU's note of a CPU that runs with top table CR3 and descriptor tables at GDT. */
static const char *cpu_note(char *buf, unsigned long long cr3, unsigned long long gdt)
{
	uint8_t state[440] = { 1, 0, 0, 0, 0xb8, 1 };
	char *p = buf + sprintf(buf, "note QEMU 0");
	static const unsigned bases[] = { 7, 8, 9 };

	for (size_t i = 0; i < KD_ARRAY_SIZE(bases); i++)
		memcpy(state + 152 + bases[i] * 24 + 16, &gdt, 8);
	memcpy(state + 392, &(uint64_t){ 0x80050033 }, 8);
	memcpy(state + 416, &cr3, 8);
	for (size_t i = 0; i < sizeof(state); i++)
		p += sprintf(p, " %02x", state[i]);
	strcpy(p, "\n");
	return buf;
}

struct found {
	struct dump *d;
	struct kd_err err;
	int status;
};

static struct found search_with(const char *text, struct vmcoreinfo_search *how)
{
	struct found f = { .err = KD_ERR_INIT };
	char *path = mkdump(text);

	how->archs = archs;
	how->narchs = KD_ARRAY_SIZE(archs);
	assert_int_equal(dump_open(path, &f.d, &f.err), 0);
	f.status = vmcoreinfo_search(f.d, how, &f.err);
	unlink(path);
	free(path);
	return f;
}

static struct found search(const char *text)
{
	return search_with(text, &(struct vmcoreinfo_search){ 0 });
}

static void expect_found(struct found *f, paddr_t at, const char *release)
{
	if (f->status)
		fprintf(stderr, "%s\n", f->err.text);
	assert_int_equal(f->status, 0);
	assert_true(f->d->vmcoreinfo_searched);
	assert_int_equal(f->d->vmcoreinfo_at, at);
	assert_int_equal(f->d->machine, EM_X86_64);
	assert_string_equal(vmcoreinfo_get(f->d->vmcoreinfo, "OSRELEASE"), release);
}

static void expect_refused(struct found *f, int status, const char *words)
{
	if (!strstr(f->err.text, words))
		fprintf(stderr, "no \"%s\" in: %s\n", words, f->err.text);
	assert_int_equal(f->status, status);
	assert_non_null(strstr(f->err.text, words));
	assert_null(f->d->vmcoreinfo);
	dump_close(f->d);
}

static void the_note_in_its_page_is_found(void **state)
{
	struct kernel_at *k = kernel_at(0x200000, "6.1.0-test");
	char text[8192], note[2048];
	struct found f;

	(void)state;
	sprintf(text, "%s%s", k->memory, note_at(note, 0x210000, k->text));
	f = search(text);
	expect_found(&f, 0x210000, "6.1.0-test");
	assert_string_equal(f.d->remark, "");
	dump_close(f.d);
	free(k);
}

static void its_text_alone_is_found(void **state)
{
	struct kernel_at *k = kernel_at(0x200000, "6.1.0-test");
	char text[8192];
	struct found f;

	(void)state;
	sprintf(text, "%stext 0x212000 %s\n", k->memory, k->text);
	f = search(text);
	expect_found(&f, 0x212000, "6.1.0-test");
	dump_close(f.d);
	free(k);
}

static void an_old_kernels_note_is_found_anywhere(void **state)
{
	struct kernel_at *k = kernel_at(0x200000, "4.9.0-test");
	char text[8192], note[2048];
	struct found f;

	(void)state;
	sprintf(text, "%s%s", k->memory, note_at(note, 0x210f44, k->text));
	f = search(text);
	expect_found(&f, 0x210f44, "4.9.0-test");
	dump_close(f.d);
	free(k);
}

static void of_copies_the_longest_counts(void **state)
{
	struct kernel_at *k = kernel_at(0x200000, "6.1.0-test");
	char text[16384], note[3][2048], crashed[1100];
	struct found f;

	(void)state;
	sprintf(crashed, "%sCRASHTIME=1700000000\\n", k->text);
	sprintf(text, "%s%s%s%stext 0x218000 %s\n", k->memory, note_at(note[0], 0x210000, k->text),
		note_at(note[1], 0x212000, crashed), note_at(note[2], 0x214000, k->text), k->text);
	f = search(text);
	expect_found(&f, 0x212000, "6.1.0-test");
	assert_string_equal(vmcoreinfo_get(f.d->vmcoreinfo, "CRASHTIME"), "1700000000");
	assert_string_equal(f.d->remark, "");
	dump_close(f.d);
	free(k);
}

static void two_kernels_are_refused_and_named(void **state)
{
	struct kernel_at *a = kernel_at(0x200000, "6.1.0-one"), *b = kernel_at(0x400000, "6.1.0-two");
	struct vmcoreinfo_search how = { .given = true, .at = 0x410000 };
	char text[16384], note[2][2048];
	struct found f;

	(void)state;
	sprintf(text, "%s%s%s%s", a->memory, b->memory, note_at(note[0], 0x210000, a->text),
		note_at(note[1], 0x410000, b->text));
	f = search(text);
	assert_non_null(strstr(f.err.text, "6.1.0-one at 0x210000"));
	assert_non_null(strstr(f.err.text, "6.1.0-two at 0x410000"));
	expect_refused(&f, KD_MISMATCH, "--vmcoreinfo=ADDRESS");
	f = search_with(text, &how);
	expect_found(&f, 0x410000, "6.1.0-two");
	dump_close(f.d);
	free(a);
	free(b);
}

static void of_two_kernels_the_one_that_ran_is_taken(void **state)
{
	struct kernel_at *a = kernel_at(0x200000, "6.1.0-one"), *b = kernel_at(0x400000, "6.1.0-two");
	char text[16384], note[2][2048], cpu[2048];
	struct found f;

	(void)state;
	sprintf(text, "%s%s%s%s%s", cpu_note(cpu, 0x401000, 0xfffffe0000000000), a->memory, b->memory,
		note_at(note[0], 0x210000, a->text), note_at(note[1], 0x410000, b->text));
	f = search(text);
	expect_found(&f, 0x410000, "6.1.0-two");
	assert_non_null(strstr(f.d->remark, "6.1.0-one at 0x210000: --vmcoreinfo=0x210000"));
	dump_close(f.d);
	free(a);
	free(b);
}

/* Of a machine in its second kernel: one CPU runs that, the others halt where they crashed. */
static void of_two_kernels_with_cpus_the_crashed_one_is_taken(void **state)
{
	struct kernel_at *a = kernel_at(0x200000, "6.1.0-one"), *b = kernel_at(0x400000, "6.1.0-two");
	char text[16384], note[2][2048], cpu[2][2048], crashed[1100];
	struct found f;

	(void)state;
	sprintf(crashed, "%sCRASHTIME=1700000000\\n", a->text);
	sprintf(text, "%s%s%s%s%s%s", cpu_note(cpu[0], 0x401000, 0xfffffe0000000000),
		cpu_note(cpu[1], 0x201000, 0xfffffe0000000000), a->memory, b->memory,
		note_at(note[0], 0x210000, crashed), note_at(note[1], 0x410000, b->text));
	f = search(text);
	expect_found(&f, 0x210000, "6.1.0-one");
	assert_non_null(strstr(f.d->remark, "6.1.0-two at 0x410000"));
	dump_close(f.d);
	free(a);
	free(b);
}

/* What all CPUs ran can not be outdone: the rest of memory, 70 MB on, is left alone. */
static void the_kernel_that_all_cpus_ran_ends_the_search(void **state)
{
	struct kernel_at *a = kernel_at(0x200000, "6.1.0-one"), *b = kernel_at(0x400000, "6.1.0-two");
	char text[16384], note[2][2048], cpu[2][2048];
	struct found f;

	(void)state;
	sprintf(text, "%s%s%s%sload 0x10000000 0 0x10000000 0x5000000\n%s%s",
		cpu_note(cpu[0], 0x201000, 0xfffffe0000000000),
		cpu_note(cpu[1], 0x201000, 0xfffffe0000000000), a->memory, b->memory,
		note_at(note[0], 0x10010000, a->text), note_at(note[1], 0x14600000, b->text));
	f = search(text);
	expect_found(&f, 0x10010000, "6.1.0-one");
	assert_string_equal(f.d->remark, "");
	dump_close(f.d);
	/* one that not all of them ran: all of memory is looked through */
	sprintf(text, "%s%s%s%sload 0x10000000 0 0x10000000 0x5000000\n%s%s",
		cpu_note(cpu[0], 0x201000, 0xfffffe0000000000),
		cpu_note(cpu[1], 0x900000, 0xfffffe0000000000), a->memory, b->memory,
		note_at(note[0], 0x10010000, a->text), note_at(note[1], 0x14600000, b->text));
	f = search(text);
	expect_found(&f, 0x10010000, "6.1.0-one");
	assert_non_null(strstr(f.d->remark, "6.1.0-two at 0x14600000"));
	dump_close(f.d);
	free(a);
	free(b);
}

static void a_text_alone_does_not_end_the_search(void **state)
{
	struct kernel_at *k = kernel_at(0x200000, "6.1.0-test");
	char text[16384], note[2048], crashed[1100], cpu[2048];
	struct found f;

	(void)state;
	sprintf(crashed, "%sCRASHTIME=1700000000\\n", k->text);
	sprintf(text, "%s%stext 0x210000 %s\n%s", cpu_note(cpu, 0x201000, 0xfffffe0000000000),
		k->memory, k->text, note_at(note, 0x214000, crashed));
	f = search(text);
	expect_found(&f, 0x214000, "6.1.0-test");
	assert_non_null(vmcoreinfo_get(f.d->vmcoreinfo, "CRASHTIME"));
	dump_close(f.d);
	free(k);
}

static void a_kernel_that_no_cpu_ran_is_remarked(void **state)
{
	struct kernel_at *a = kernel_at(0x200000, "6.1.0-one"), *b = kernel_at(0x400000, "6.1.0-two");
	char text[16384], note[2048], cpu[2048];
	struct found f;

	(void)state;
	sprintf(text, "%s%s%s%s", cpu_note(cpu, 0x401000, 0xfffffe0000000000), a->memory, b->memory,
		note_at(note, 0x210000, a->text));
	f = search(text);
	expect_found(&f, 0x210000, "6.1.0-one");
	assert_non_null(strstr(f.d->remark, "none of the CPUs ran this kernel"));
	dump_close(f.d);
	free(a);
	free(b);
}

static void phys_base_is_found_where_nothing_says_it(void **state)
{
	struct kernel_at *k = kernel_at(0x600000, "4.9.0-test");
	char text[8192], note[2048];
	struct found f;
	struct space s;

	(void)state;
	*strstr(k->text, "NUMBER(phys_base)") = '\0';
	sprintf(text, "%s%s", k->memory, note_at(note, 0x610000, k->text));
	f = search(text);
	expect_found(&f, 0x610000, "4.9.0-test");
	assert_int_equal(space_init_kernel(&s, &arch_x86_64, f.d, NULL), 0);
	assert_int_equal(s.phys_base, 0x600000);
	dump_close(f.d);
	free(k);
}

/* A description in which FROM, which occurs once, is replaced. */
static void change(char *text, const char *from, const char *to)
{
	char *at = strstr(text, from), rest[16384];

	assert_non_null(at);
	strcpy(rest, at + strlen(from));
	strcpy(stpcpy(at, to), rest);
}

static void what_does_not_prove_itself_is_refused(void **state)
{
	static const struct {
		const char *from, *to, *words;
	} lies[] = {
		{ "PAGESIZE=4096", "PAGESIZE=8192", "its PAGESIZE is 8192" },
		{ "PAGESIZE=4096", "PAGESIZES=4096", "its PAGESIZE is missing" },
		{ "OSRELEASE=6.1.0-test", "OSRELEASE=6.1.0-tesT", "is another one" },
		{ "init_uts_ns)=ffffffff80006000", "init_uts_ns)=ffffffff80005000", "is another one" },
		{ "init_uts_ns)", "init_uts_nt)", "is another one" },
		{ "(swapper_pg_dir)=ffffffff80001000", "(swapper_pg_dir)=ffffffff80004000",
		  "does not map itself" },
		{ "(swapper_pg_dir)", "(swapper_pg_dit)", "names no top page table" },
		{ "NUMBER(phys_base)=2097152", "NUMBER(phys_base)=4194304", "does not map itself" },
		{ "NUMBER(phys_base)=2097152", "NUMBER(phys_base)=-1", "does not map itself" },
	};
	char text[16384], note[2048];

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(lies); i++) {
		struct kernel_at *k = kernel_at(0x200000, "6.1.0-test");
		struct found f;

		change(k->text, lies[i].from, lies[i].to);
		sprintf(text, "%s%s", k->memory, note_at(note, 0x210000, k->text));
		f = search(text);
		expect_refused(&f, KD_NOTFOUND, lies[i].words);
		free(k);
	}
}

static void what_is_no_note_is_passed_over(void **state)
{
	static const char *const spoil[] = {
		"poke 0x210000 4 12\n",		/* length of the name */
		"poke 0x210008 4 1\n",		/* type */
		"poke 0x210004 4 0\n",		/* no text */
		"poke 0x210004 4 0xffffffff\n", /* more text than can be */
		"poke 0x210004 4 100\n",	/* ends within a line */
		"text 0x21000c VMCOREINFA\n",
		"text 0x210018 OSRELEASI\n",
		"poke 0x210040 1 7\n",		/* no text */
	};
	char text[16384], note[2048];

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(spoil); i++) {
		struct kernel_at *k = kernel_at(0x200000, "6.1.0-test");
		struct found f;

		sprintf(text, "%s%s%s", k->memory, note_at(note, 0x210000, k->text), spoil[i]);
		f = search(text);
		expect_refused(&f, KD_NOTFOUND, "there is none in its memory");
		free(k);
	}
}

static void a_dump_without_one_says_what_to_do(void **state)
{
	struct vmcoreinfo_search how = { .given = true, .at = 0x1000 };
	struct found f = search("load 0 0 0x4000 0x4000\n");

	(void)state;
	expect_refused(&f, KD_NOTFOUND, "-device vmcoreinfo");
	f = search_with("load 0 0 0x4000 0x4000\n", &how);
	expect_refused(&f, KD_NOTFOUND, "no VMCOREINFO at physical address 0x1000");
}

static int stop(void *data, uint64_t done, uint64_t total, struct kd_err *err)
{
	unsigned *calls = data;

	assert_true(done <= total);
	return ++*calls == 3 ? kd_fail(err, KD_CANCELLED, "cancelled") : 0;
}

static void the_user_may_stop_it(void **state)
{
	unsigned calls = 0;
	struct vmcoreinfo_search how = { .tick = stop, .data = &calls };
	struct found f = search_with("load 0x1000 0 0x4000000 0x4000000\n fill 0x1000 0x4000000 1\n",
				     &how);

	(void)state;
	expect_refused(&f, KD_CANCELLED, "cancelled");
	assert_int_equal(calls, 3);
}

static void i386_with_and_without_pae(void **state)
{
	static const char info[] =
		"OSRELEASE=6.1.0-686\\nPAGESIZE=4096\\nSYMBOL(init_uts_ns)=c0006000\\n"
		"SYMBOL(swapper_pg_dir)=c0001000\\nSYMBOL(_stext)=c0000000\\n";
	static const char *const tables[] = {
		"poke 0x1c00 4 0x00e3\n",
		"poke 0x1018 8 0x2001\n poke 0x2000 8 0x00e3\n",
	};
	char text[8192], note[2048], lines[1024];

	(void)state;
	for (size_t pae = 0; pae < 2; pae++) {
		struct found f;

		/* what QEMU says of itself may be wrong for its guest */
		sprintf(lines, "%s%s", info, pae ? "CONFIG_X86_PAE=y\\n" : "");
		sprintf(text, "class 64\n machine %d\n load 0 0 0x20000 0x20000\n%s text %#x 6.1.0-686\n%s",
			pae ? EM_X86_64 : EM_386, tables[pae], 0x6000 + 4 + 2 * 65,
			note_at(note, 0x10000, lines));
		f = search(text);
		assert_int_equal(f.status, 0);
		assert_int_equal(f.d->machine, EM_386);
		dump_close(f.d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_note_in_its_page_is_found),
		cmocka_unit_test(its_text_alone_is_found),
		cmocka_unit_test(an_old_kernels_note_is_found_anywhere),
		cmocka_unit_test(of_copies_the_longest_counts),
		cmocka_unit_test(two_kernels_are_refused_and_named),
		cmocka_unit_test(of_two_kernels_the_one_that_ran_is_taken),
		cmocka_unit_test(of_two_kernels_with_cpus_the_crashed_one_is_taken),
		cmocka_unit_test(the_kernel_that_all_cpus_ran_ends_the_search),
		cmocka_unit_test(a_text_alone_does_not_end_the_search),
		cmocka_unit_test(a_kernel_that_no_cpu_ran_is_remarked),
		cmocka_unit_test(phys_base_is_found_where_nothing_says_it),
		cmocka_unit_test(what_does_not_prove_itself_is_refused),
		cmocka_unit_test(what_is_no_note_is_passed_over),
		cmocka_unit_test(a_dump_without_one_says_what_to_do),
		cmocka_unit_test(the_user_may_stop_it),
		cmocka_unit_test(i386_with_and_without_pae),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
