// SPDX-License-Identifier: GPL-3.0-or-later
/* The running machine as its files tell, and what a crash kernel is told of it. */
#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <elf.h>
#include <inttypes.h>

#include "load/cmdline.h"
#include "load/core_headers.h"
#include "load/e820.h"
#include "load/record.h"
#include "machine_files.h"

static char root[64];

static int setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/kdview-machine-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	machine_remove(root);
	return 0;
}

static int read_text(const char *text, struct machine *m)
{
	machine_write(root, text);
	return machine_read(root, m, NULL);
}

/* The text of a machine, read; the caller's. */
static char *read_copy(const char *name, struct machine *m)
{
	char path[128], *text;

	snprintf(path, sizeof(path), MACHINES "%s.txt", name);
	text = machine_text(path);
	assert_int_equal(read_text(text, m), 0);
	return text;
}

#define MINIMAL "== proc/sys/kernel/arch\nx86_64\n"

static void a_machine_is_what_its_files_say(void **state)
{
	struct machine m;
	char *text = read_copy("x86_64-6.12", &m);

	(void)state;
	assert_int_equal(m.arch, MACHINE_X86_64);
	assert_string_equal(m.release, "6.12.117+deb12-cloud-amd64");
	assert_false(m.iomem_hidden);
	assert_int_equal(m.ram.n, 2);
	assert_int_equal(m.ram.at[1].start, 0x100000);
	assert_int_equal(m.ram.at[1].end, 0x3ffe0000);
	assert_int_equal(m.ncrash, 1);
	assert_int_equal(m.crash[0].start, 0x24000000);
	assert_int_equal(m.crash[0].end, 0x30000000);
	assert_ptr_equal(machine_crash_region(&m), &m.crash[0]);
	assert_int_equal(m.crash_size, 0x0c000000);
	assert_int_equal(m.code.start, 0x30800000);
	assert_int_equal(m.nnotes, 4);
	assert_int_equal(m.notes[2].cpu, 2);
	assert_int_equal(m.notes[2].size, 368);
	assert_int_equal(m.vmcoreinfo, 0x3dd4e000);
	assert_int_equal(m.vmcoreinfo_size, 0x1024);
	assert_int_equal(m.page_offset, 0xff3a79c640000000);
	assert_int_equal(m.text, 0xffffffff87400000);
	assert_int_equal(m.text_size, 0x2c30000);
	assert_true(m.has_kexec);
	assert_false(m.loaded);
	assert_string_equal(m.lockdown, "none");
	assert_true(m.can_hotplug);
	assert_int_equal(m.elfcorehdr_size, 917616);
	assert_string_equal(m.cmdline, "console=ttyS0 panic=5 crashkernel=192M quiet loglevel=0");
	machine_fini(&m);
	free(text);
}

/* The file below root with each WHAT replaced by as many bytes. */
static void change_file(const char *name, const char *what, size_t len, const char *with)
{
	char path[256], bytes[4096];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	f = fopen(path, "r+");
	assert_non_null(f);
	n = fread(bytes, 1, sizeof(bytes), f);
	for (size_t i = 0; i + len <= n; i++)
		if (!memcmp(bytes + i, what, len))
			memcpy(bytes + i, with, len);
	rewind(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static void the_image_is_found_by_place_or_by_name(void **state)
{
	struct machine m;
	char *text = read_copy("x86_64-6.1", &m);

	(void)state;
	assert_int_equal(m.text, 0xffffffff8e600000);
	machine_fini(&m);
	/* kptr_restrict=2 */
	assert_int_equal(read_text("== proc/kallsyms\n0000000000000000 T _stext\n", &m), 0);
	assert_int_equal(m.text, 0xffffffff8e600000);
	machine_fini(&m);
	/* an older kernel: no physical addresses, 0x5000000 of the image and 0x1000 of RAM */
	change_file("proc/kcore", "\0\0\0\5\0\0\0\0\0\0\x83\2", 12, "\0\0\0\0\0\0\0\0\0\0\x83\2");
	change_file("proc/kcore", "\0\x10\0\0\0\0\0\0\0\xe0\x09", 11, "\0\0\0\0\0\0\0\0\0\xe0\x09");
	assert_int_equal(machine_read(root, &m, NULL), 0);
	assert_int_equal(m.page_offset, 0xff378ee9c0000000);
	assert_int_equal(m.text_size, 0);
	machine_fini(&m);
	assert_int_equal(read_text("== proc/kallsyms\nffffffff8e600000 T _text\n"
				   "ffffffff8e600100 T not_stext\nffffffff8e600200 T _stext\n",
				   &m),
			 0);
	assert_int_equal(m.text, 0xffffffff8e600000);
	assert_int_equal(m.text_size, 0x2830000);
	machine_fini(&m);
	free(text);
}

static void i386_maps_the_lower_part_of_its_memory(void **state)
{
	struct machine m;
	char *text = read_copy("i386-686-pae", &m);

	(void)state;
	assert_int_equal(m.arch, MACHINE_I386);
	assert_int_equal(m.page_offset, 0xc0000000);
	assert_int_equal(m.low_memory, 0x36ffe000);
	assert_int_equal(m.ram.at[m.ram.n - 1].end, UINT64_C(0x1c0000000));
	machine_fini(&m);
	free(text);
}

struct phdr {
	uint64_t type, offset, paddr, vaddr, size;
};

/* The i-th program header of either class. */
static struct phdr phdr(const uint8_t *buf, size_t i)
{
	if (buf[EI_CLASS] == ELFCLASS64) {
		Elf64_Phdr p;

		memcpy(&p, buf + sizeof(Elf64_Ehdr) + i * sizeof(p), sizeof(p));
		assert_int_equal(p.p_filesz, p.p_memsz);
		return (struct phdr){ p.p_type, p.p_offset, p.p_paddr, p.p_vaddr, p.p_filesz };
	}
	Elf32_Phdr p;

	memcpy(&p, buf + sizeof(Elf32_Ehdr) + i * sizeof(p), sizeof(p));
	assert_int_equal(p.p_filesz, p.p_memsz);
	return (struct phdr){ p.p_type, p.p_offset, p.p_paddr,
			      p.p_vaddr == UINT32_MAX ? UINT64_MAX : p.p_vaddr, p.p_filesz };
}

static size_t phdrs(const uint8_t *buf)
{
	Elf64_Ehdr e64;
	Elf32_Ehdr e32;

	memcpy(&e64, buf, sizeof(e64));
	memcpy(&e32, buf, sizeof(e32));
	assert_memory_equal(e64.e_ident, ELFMAG, SELFMAG);
	assert_int_equal(e64.e_type, ET_CORE);
	return e64.e_ident[EI_CLASS] == ELFCLASS64 ? e64.e_phnum : e32.e_phnum;
}

static uint64_t number_of(const char *text, const char *section)
{
	const char *at = machine_section(text, section);

	assert_non_null(at);
	return strtoull(at, NULL, 16);
}

/* The headers that kexec-tools made, with the end of i386's linear map put right. */
static void same_headers(const char *name, enum load_elf asked, enum load_elf wanted)
{
	struct machine m;
	char *text = read_copy(name, &m);
	const char *at = machine_section(text, "kexec headers");
	uint8_t *buf = NULL;
	size_t len, n = 0;
	enum load_elf class;

	assert_non_null(at);
	assert_int_equal(core_headers_class(&m, asked, &class, NULL), 0);
	assert_int_equal(class, wanted);
	assert_int_equal(core_headers_make(&m, class, machine_low_ram(&m),
					   number_of(text, "kexec backup"), &buf, &len, NULL),
			 0);
	for (struct phdr w; sscanf(at, "%" SCNu64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64,
				   &w.type, &w.offset, &w.paddr, &w.vaddr, &w.size) == 5;
	     n++) {
		struct phdr got = phdr(buf, n);

		/* kexec-tools believes that 896 MB are mapped, whatever vmalloc= leaves */
		if (m.arch == MACHINE_I386 && w.paddr == 0x20000000)
			w.size = m.low_memory - w.paddr;
		if (m.arch == MACHINE_I386 && w.paddr == 0x38000000) {
			w.size += w.paddr - m.low_memory;
			w.paddr = w.offset = m.low_memory;
		}
		assert_int_equal(got.type, w.type);
		assert_int_equal(got.offset, w.offset);
		assert_int_equal(got.paddr, w.paddr);
		assert_int_equal(got.vaddr, w.vaddr);
		assert_int_equal(got.size, w.size);
		at = strchr(at, '\n') + 1;
	}
	assert_int_equal(n, phdrs(buf));
	assert_true(n >= 5);
	free(buf);
	machine_fini(&m);
	free(text);
	machine_remove(root);
}

static void core_headers_are_those_of_kexec_tools(void **state)
{
	(void)state;
	same_headers("x86_64-6.1", LOAD_ELF_AUTO, LOAD_ELF64);
	same_headers("x86_64-6.1-efi", LOAD_ELF_AUTO, LOAD_ELF64);
	same_headers("x86_64-6.12", LOAD_ELF64, LOAD_ELF64);
	same_headers("i386-686", LOAD_ELF_AUTO, LOAD_ELF32);
	same_headers("i386-686", LOAD_ELF64, LOAD_ELF64);
	same_headers("i386-686-pae", LOAD_ELF_AUTO, LOAD_ELF64);
}

static void elf32_cannot_tell_memory_above_4_gib(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	enum load_elf class;
	struct machine m;
	char *text = read_copy("i386-686-pae", &m);

	(void)state;
	assert_int_equal(core_headers_class(&m, LOAD_ELF32, &class, &err), KD_USAGE);
	assert_non_null(strstr(err.text, "--elf64-core-headers"));
	/* up to 4 GiB it can, exactly */
	m.ram.n--;
	m.ram.at[m.ram.n - 1].end = UINT64_C(1) << 32;
	assert_int_equal(core_headers_class(&m, LOAD_ELF32, &class, &err), 0);
	assert_int_equal(core_headers_class(&m, LOAD_ELF_AUTO, &class, &err), 0);
	assert_int_equal(class, LOAD_ELF32);
	m.arch = MACHINE_X86_64;
	assert_int_equal(core_headers_class(&m, LOAD_ELF32, &class, &err), KD_USAGE);
	machine_fini(&m);
	free(text);
}

/* kexec-tools' numbers of types are its own. */
static uint32_t kexec_type(unsigned kexec)
{
	static const uint32_t types[] = { 1, 2, 3, 4 };

	assert_true(kexec < KD_ARRAY_SIZE(types));
	return types[kexec];
}

static void same_map(const char *name, size_t more)
{
	struct machine m;
	char *text = read_copy(name, &m);
	const char *at = machine_section(text, "kexec map");
	paddr_t backup = number_of(text, "kexec backup");
	struct e820_plan plan = { .low = machine_low_ram(&m), .nkeep = 2 };
	struct range_list map;
	uint64_t start, last;
	unsigned type;
	size_t n = 0;

	plan.keep[0] = (struct range){ .start = backup, .end = backup + range_len(&plan.low) };
	plan.keep[1] =
		(struct range){ .start = number_of(text, "kexec elfcorehdr"), .end = backup };
	assert_int_equal(e820_make(&m, &plan, &map, NULL), 0);
	for (; sscanf(at, "%" SCNx64 "-%" SCNx64 " %u", &start, &last, &type) == 3; n++) {
		assert_true(n < map.n);
		assert_int_equal(map.at[n].start, start);
		assert_int_equal(map.at[n].end, last + 1);
		assert_int_equal(e820_type(map.at[n].kind), kexec_type(type));
		at += strcspn(at, "\n") + 1;
	}
	assert_true(n >= 5);
	assert_int_equal(map.n, n + more);
	range_list_fini(&map);
	machine_fini(&m);
	free(text);
	machine_remove(root);
}

static void the_map_is_that_of_kexec_tools(void **state)
{
	(void)state;
	same_map("x86_64-6.1", 0);
	same_map("x86_64-6.1-efi", 0);
	same_map("x86_64-6.12", 0);
	same_map("i386-686", 0);
	/* on i386 it leaves out what is reserved above 4 GiB, the last line of iomem */
	same_map("i386-686-pae", 1);
}

/* All that iomem may hold: what is in one another, twice, and of every kind. */
static const char odd[] = MINIMAL "== proc/iomem\n"
				  "00000000-00000fff : Reserved\n"
				  "00001000-0009ffff : System RAM\n"
				  "000a0000-000fffff : Reserved\n"
				  "00100000-7fffffff : System RAM\n"
				  "  01000000-01ffffff : Kernel code\n"
				  "  20000000-2fffffff : Crash kernel\n"
				  "80000000-80000fff : ACPI Tables\n"
				  "80001000-80002fff : ACPI Non-volatile Storage\n"
				  "80003000-80003fff : Unusable memory\n"
				  "c0000000-c3ffffff : GART\n"
				  "e0000000-efffffff : PCI MMCONFIG 0000 [bus 00-ff]\n"
				  "  e0000000-efffffff : Reserved\n"
				  "100000000-17fffffff : System RAM\n"
				  "  110000000-11fffffff : Crash kernel\n"
				  "180000000-1bfffffff : virtio0\n"
				  "  180000000-1bfffffff : System RAM (virtio_mem)\n"
				  "1c0000000-1ffffffff : Persistent Memory\n"
				  "200000000-23fffffff : Persistent Memory (legacy)\n"
				  "240000000-27fffffff : Soft Reserved\n"
				  "  240000000-27fffffff : dax0.0\n"
				  "    240000000-25fffffff : System RAM (kmem)\n";

static void every_kind_of_memory_is_known(void **state)
{
	struct machine m;

	(void)state;
	assert_int_equal(read_text(odd, &m), 0);
	/* virtio_mem's lies behind the RAM before it without a gap */
	assert_int_equal(m.ram.n, 4);
	assert_int_equal(m.ram.at[2].end, 0x1c0000000);
	assert_int_equal(m.ram.at[3].start, 0x240000000);
	assert_int_equal(m.ncrash, 2);
	assert_int_equal(machine_crash_region(&m)->start, 0x110000000);
	assert_int_equal(m.gart.start, 0xc0000000);
	machine_fini(&m);
}

static void the_map_has_nothing_twice(void **state)
{
	struct e820_plan plan = { .nkeep = 1 };
	struct range_list map;
	struct machine m;
	char *words;

	(void)state;
	assert_int_equal(read_text(odd, &m), 0);
	plan.low = machine_low_ram(&m);
	plan.keep[0] = (struct range){ .start = 0x11ffff000, .end = 0x120000000 };
	assert_int_equal(e820_make(&m, &plan, &map, NULL), 0);
	for (size_t i = 1; i < map.n; i++)
		assert_true(map.at[i - 1].end <= map.at[i].start);
	assert_int_equal(e820_words(&map, &words, NULL), 0);
	assert_string_equal(words,
			    "memmap=exactmap memmap=4K$0K memmap=636K@4K memmap=384K$640K "
			    "memmap=262144K@524288K memmap=4K#2097152K memmap=8K#2097156K "
			    "memmap=4K$2097164K memmap=262144K$3670016K memmap=262140K@4456448K "
			    "memmap=1048576K!8388608K memmap=1048576K$9437184K");
	free(words);
	range_list_fini(&map);
	machine_fini(&m);
}

static void crash_memory_and_gart_are_not_dumped(void **state)
{
	static const char more[] = "== sys/devices/system/cpu/cpu7/crash_notes\n12340000\n"
				   "== sys/devices/system/cpu/cpu0/crash_notes\n12350000\n"
				   "== sys/devices/system/cpu/cpu0/crash_notes_size\n368\n"
				   "== sys/devices/system/cpu/cpufreq/crash_notes\n1\n"
				   "== sys/kernel/vmcoreinfo\n0x1000000 1024\n";
	struct machine m;
	uint8_t *buf;
	size_t len, n;

	(void)state;
	machine_write(root, more);
	assert_int_equal(read_text(odd, &m), 0);
	m.ram.at[1].end = 0xd0000000;
	assert_int_equal(
		core_headers_make(&m, LOAD_ELF64, (struct range){ 0 }, 0, &buf, &len, NULL), 0);
	n = phdrs(buf);
	/* CPUs by number, though some are missing; a size of its own, and the usual one */
	assert_int_equal(phdr(buf, 0).paddr, 0x12350000);
	assert_int_equal(phdr(buf, 0).size, 368);
	assert_int_equal(phdr(buf, 1).paddr, 0x12340000);
	assert_int_equal(phdr(buf, 1).size, 1024);
	assert_int_equal(phdr(buf, 2).size, 0x1024);
	for (size_t i = 3; i < n; i++) {
		struct phdr p = phdr(buf, i);

		assert_int_equal(p.offset, p.paddr);
		/* without /proc/kcore nothing is said of where it is mapped */
		assert_true(p.vaddr == UINT64_MAX);
		for (size_t c = 0; c < m.ncrash; c++)
			assert_true(p.paddr >= m.crash[c].end ||
				    p.paddr + p.size <= m.crash[c].start);
		assert_true(p.paddr >= m.gart.end || p.paddr + p.size <= m.gart.start);
	}
	assert_int_equal(n, 3 + 7);
	free(buf);
	machine_fini(&m);
}

static void the_largest_low_ram_is_backed_up(void **state)
{
	struct machine m;
	struct range low;

	(void)state;
	assert_int_equal(read_text(MINIMAL "== proc/iomem\n00001000-00001fff : System RAM\n"
					   "00003000-0009dfff : System RAM\n"
					   "00100000-7fffffff : System RAM\n",
				   &m),
			 0);
	low = machine_low_ram(&m);
	assert_int_equal(low.start, 0x3000);
	assert_int_equal(low.end, 0x9e000);
	assert_int_equal(machine_ram(&m), 0x1000 + 0x9b000 + 0x7ff00000);
	machine_fini(&m);
	/* RAM without a hole: what is above 640 KB is none of it */
	assert_int_equal(read_text("== proc/iomem\n00001000-7fffffff : System RAM\n", &m), 0);
	low = machine_low_ram(&m);
	assert_int_equal(low.start, 0x1000);
	assert_int_equal(low.end, 0xa0000);
	machine_fini(&m);
	assert_int_equal(read_text("== proc/iomem\n00100000-7fffffff : System RAM\n", &m), 0);
	low = machine_low_ram(&m);
	assert_int_equal(low.start, 0);
	assert_int_equal(low.end, 0xa0000);
	machine_fini(&m);
}

static void what_is_missing_is_said(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	struct machine m;
	uint8_t *buf;
	size_t len;

	(void)state;
	/* no proc/iomem */
	assert_int_equal(read_text(MINIMAL, &m), KD_NOTFOUND);
	machine_fini(&m);
	/* who is not root sees this */
	assert_int_equal(read_text("== proc/iomem\n00000000-00000000 : Reserved\n"
				   "00000000-00000000 : System RAM\n"
				   "  00000000-00000000 : Crash kernel\n",
				   &m),
			 0);
	assert_true(m.iomem_hidden);
	assert_int_equal(m.ncrash, 0);
	assert_int_equal(
		core_headers_make(&m, LOAD_ELF64, (struct range){ 0 }, 0, &buf, &len, &err),
		KD_UNSUPPORTED);
	assert_non_null(strstr(err.text, "/proc/iomem"));
	machine_fini(&m);
	assert_int_equal(read_text(odd, &m), 0);
	assert_int_equal(
		core_headers_make(&m, LOAD_ELF64, (struct range){ 0 }, 0, &buf, &len, &err),
		KD_UNSUPPORTED);
	assert_non_null(strstr(err.text, "crash_notes"));
	machine_fini(&m);
	assert_int_equal(read_text("== sys/devices/system/cpu/cpu0/crash_notes\n1000\n", &m), 0);
	assert_int_equal(
		core_headers_make(&m, LOAD_ELF64, (struct range){ 0 }, 0, &buf, &len, &err),
		KD_UNSUPPORTED);
	assert_non_null(strstr(err.text, "vmcoreinfo"));
	machine_fini(&m);
}

static void nonsense_is_refused(void **state)
{
	static const char *const lines[] = {
		"nothing",
		"1000 : System RAM",
		"2000-1000 : System RAM",
		"1000-2000 System RAM",
		"0-ffffffffffffffff : System RAM",
		"-2000 : System RAM",
	};
	char text[200];
	struct machine m;

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(lines); i++) {
		snprintf(text, sizeof(text), MINIMAL "== proc/iomem\n%s\n", lines[i]);
		assert_int_equal(read_text(text, &m), KD_CORRUPT);
		machine_fini(&m);
	}
	/* what is no memory may be anywhere */
	assert_int_equal(read_text(MINIMAL "== proc/iomem\n0-fff : System RAM\n"
					   "0-ffffffffffffffff : PCI Bus 0000:00\n",
				   &m),
			 0);
	assert_int_equal(m.ram.n, 1);
	machine_fini(&m);
	assert_int_equal(read_text("== proc/sys/kernel/arch\naarch64\n", &m), KD_UNSUPPORTED);
	machine_fini(&m);
	/* a /proc/kcore that is cut off, or none, tells nothing */
	assert_int_equal(read_text(MINIMAL "== proc/iomem\n0-fff : System RAM\n== proc/kcore hex\n"
					   "7f454c46020101000000000000000000\n",
				   &m),
			 0);
	assert_false(m.has_maps);
	machine_fini(&m);
}

static void reused_words_are_those_that_may_stay(void **state)
{
	char old[] = "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 crashkernel=256M,high ro "
		     "crashkernel=72M,low dyndbg=\"file a.c +p\" initrd=\\x elfcorehdr=1K quiet";
	struct machine m = { .cmdline = old };
	struct load_request q = { .reuse_cmdline = true, .append = "nr_cpus=1" };
	char *asked, *whole;

	(void)state;
	assert_int_equal(cmdline_asked(&q, &m, &asked, NULL), 0);
	assert_string_equal(asked, "root=/dev/sda1 ro dyndbg=\"file a.c +p\" quiet nr_cpus=1");
	assert_int_equal(cmdline_make(asked, NULL, 0x1ef5d000, 100, &whole, NULL), 0);
	assert_string_equal(whole, "root=/dev/sda1 ro dyndbg=\"file a.c +p\" quiet nr_cpus=1 "
				   "elfcorehdr=507252K");
	free(asked);
	free(whole);
	q.reuse_cmdline = false;
	q.append = NULL;
	assert_int_equal(cmdline_asked(&q, &m, &asked, NULL), 0);
	assert_string_equal(asked, "");
	assert_int_equal(cmdline_make(asked, "acpi_rsdp=0xf", 0, 100, &whole, NULL), 0);
	assert_string_equal(whole, "acpi_rsdp=0xf");
	free(asked);
	free(whole);
}

/* The kernel takes no parameter from behind "--". */
static void what_is_for_init_stays_behind(void **state)
{
	char old[] = "ro a=\"x -- y\" --b -- single crashkernel=1M";
	struct machine m = { .cmdline = old };
	struct load_request q = { .reuse_cmdline = true, .append = "nr_cpus=1 -- 3" };
	char *asked, *whole;

	(void)state;
	assert_int_equal(cmdline_asked(&q, &m, &asked, NULL), 0);
	assert_string_equal(asked, "ro a=\"x -- y\" --b nr_cpus=1 -- 3");
	assert_int_equal(cmdline_make(asked, "memmap=exactmap", 0x400, 100, &whole, NULL), 0);
	assert_string_equal(whole, "ro a=\"x -- y\" --b nr_cpus=1 memmap=exactmap elfcorehdr=1K "
				   "-- 3");
	free(asked);
	free(whole);
}

/* Who reads it is in another folder than who wrote it. */
static void what_was_loaded_is_remembered_by_its_whole_path(void **state)
{
	struct load_request q = { .kernel = "tests/unit/machine_test.c", .initrd = "not\nthere" };
	struct load_report r = { .how = LOAD_SEGMENTS };
	char run[sizeof(root) + 8];
	struct record got;
	struct machine m;

	(void)state;
	assert_int_equal(read_text(MINIMAL "== proc/iomem\n0-fff : System RAM\n", &m), 0);
	snprintf(run, sizeof(run), "%s/run", root);
	assert_int_equal(mkdir(run, 0700), 0);
	assert_int_equal(record_write(&q, &m, &r, NULL), 0);
	assert_int_equal(record_read(&m, &got, NULL), 0);
	assert_int_equal(got.kernel[0], '/');
	assert_non_null(strstr(got.kernel, "/tests/unit/machine_test.c"));
	assert_string_equal(got.initrd, "not there");
	assert_string_equal(got.how, "segments");
	assert_int_equal(got.ram, 4096);
	record_fini(&got);
	record_remove(&m);
	assert_int_equal(record_read(&m, &got, NULL), KD_NOTFOUND);
	record_fini(&got);
	machine_fini(&m);
}

static void a_line_that_is_too_long_says_by_how_much(void **state)
{
	struct kd_err err = KD_ERR_INIT;
	char *whole;

	(void)state;
	assert_int_equal(cmdline_make("12345", NULL, 0x400, 19, &whole, &err), 0);
	free(whole);
	assert_int_equal(cmdline_make("12345", NULL, 0x400, 18, &whole, &err), KD_USAGE);
	assert_non_null(strstr(err.text, "shorten it by 1"));
}

static void cutting_leaves_what_is_not_cut(void **state)
{
	struct range_list l = { 0 };

	(void)state;
	assert_int_equal(range_list_add(&l, 300, 400, RANGE_RAM, NULL), 0);
	assert_int_equal(range_list_add(&l, 100, 200, RANGE_RAM, NULL), 0);
	assert_int_equal(range_list_add(&l, 200, 250, RANGE_ACPI, NULL), 0);
	range_list_tidy(&l);
	assert_int_equal(l.n, 3);
	assert_int_equal(range_list_cut(&l, 150, 160, NULL), 0);
	assert_int_equal(l.n, 4);
	assert_int_equal(l.at[0].end, 150);
	assert_int_equal(l.at[1].start, 160);
	assert_int_equal(range_list_cut(&l, 0, 220, NULL), 0);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.at[0].start, 220);
	assert_int_equal(range_list_cut(&l, 250, 300, NULL), 0);
	assert_int_equal(l.n, 2);
	range_list_fini(&l);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_machine_is_what_its_files_say),
		T(the_image_is_found_by_place_or_by_name),
		T(i386_maps_the_lower_part_of_its_memory),
		T(core_headers_are_those_of_kexec_tools),
		T(elf32_cannot_tell_memory_above_4_gib),
		T(the_map_is_that_of_kexec_tools),
		T(every_kind_of_memory_is_known),
		T(the_map_has_nothing_twice),
		T(crash_memory_and_gart_are_not_dumped),
		T(the_largest_low_ram_is_backed_up),
		T(what_is_missing_is_said),
		T(nonsense_is_refused),
		T(reused_words_are_those_that_may_stay),
		T(what_was_loaded_is_remembered_by_its_whole_path),
		T(what_is_for_init_stays_behind),
		T(a_line_that_is_too_long_says_by_how_much),
		T(cutting_leaves_what_is_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
