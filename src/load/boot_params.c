// SPDX-License-Identifier: GPL-3.0-or-later
/* The zero page and what it points to: see boot_params.h. */
#include "load/boot_params.h"

#include <string.h>
#include <sys/random.h>

#include "load/e820.h"

/* Of the zero page, beside the setup header. */
#define SCREEN_INFO 0x000
#define SCREEN_INFO_END 0x040
#define ACPI_RSDP 0x070
#define RAMDISK_HIGH 0x0c0
#define RAMDISK_SIZE_HIGH 0x0c4
#define CMDLINE_HIGH 0x0c8
#define EDID_INFO 0x140
#define EDID_INFO_END 0x1c0
#define E820_ENTRIES 0x1e8
#define EDD_ENTRIES 0x1e9
#define EDD_SIGNATURE_ENTRIES 0x1ea
#define SUBARCH 0x23c
#define SUBARCH_END 0x248
#define EDD_SIGNATURES 0x290
#define EDD_SIGNATURES_END 0x2d0
#define E820_TABLE 0x2d0
#define E820_SIZE 20 /* bytes of an entry */
#define E820_MAX 128
#define EDD_BUFFER 0xd00
#define EDD_BUFFER_END 0xeec

#define LOADER_UNKNOWN 0xff
#define PROTOCOL_VMLINUX 0x020f

/* struct setup_data: next (8), type (4), len (4), bytes */
#define DATA_HEAD 16
#define DATA_E820 1
#define DATA_SEED 9
#define SEED_SIZE 32

static void put(uint8_t *p, unsigned size, uint64_t v)
{
	for (unsigned i = 0; i < size; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

size_t boot_params_size(size_t n, size_t cmdline_len)
{
	size_t more = n > E820_MAX ? DATA_HEAD + (n - E820_MAX) * E820_SIZE : 0;

	return BOOT_PARAMS_SIZE + align8(cmdline_len + 1) + align8(more) + DATA_HEAD + SEED_SIZE;
}

/* The running kernel's own zero page, BOOT_PARAMS_SIZE bytes; NULL: it does not show it. */
static uint8_t *running(const struct machine *m)
{
	char *text = NULL;
	size_t len;

	if (machine_file(m, "sys/kernel/boot_params/data", 65536, &text, &len, NULL))
		return NULL;
	if (len >= BOOT_PARAMS_SIZE)
		return (uint8_t *)text;
	free(text);
	return NULL;
}

paddr_t boot_params_rsdp(const struct machine *m)
{
	_cleanup_(freep) uint8_t *old = running(m);
	_cleanup_(freep) char *systab = NULL;
	uint64_t rsdp = 0;
	const char *at;

	if (old)
		memcpy(&rsdp, old + ACPI_RSDP, sizeof(rsdp));
	if (rsdp || machine_file(m, "sys/firmware/efi/systab", 65536, &systab, NULL, NULL))
		return rsdp;
	at = strstr(systab, "ACPI20=");
	if (!at)
		at = strstr(systab, "ACPI=");
	return at ? strtoull(strchr(at, '=') + 1, NULL, 0) : 0;
}

/*
 * What firmware told of the screen and disks at boot. Its EFI is not passed on: what its services
 * need is mapped by the first kernel alone, and rebooting does without.
 */
static void inherit(const struct machine *m, uint8_t *page)
{
	static const struct {
		uint16_t from, to;
	} parts[] = {
		{ SCREEN_INFO, SCREEN_INFO_END }, { EDID_INFO, EDID_INFO_END },
		{ EDD_ENTRIES, EDD_SIGNATURE_ENTRIES + 1 }, { SUBARCH, SUBARCH_END },
		{ EDD_SIGNATURES, EDD_SIGNATURES_END }, { EDD_BUFFER, EDD_BUFFER_END },
	};
	_cleanup_(freep) uint8_t *old = running(m);

	for (size_t i = 0; old && i < KD_ARRAY_SIZE(parts); i++)
		memcpy(page + parts[i].from, old + parts[i].from, parts[i].to - parts[i].from);
}

static void put_header(const struct boot_params_plan *plan, uint8_t *page)
{
	const struct kernel_image *k = plan->image;

	if (k->kind == IMAGE_BZIMAGE) {
		memcpy(page + SETUP_SECTS, k->file + SETUP_SECTS, k->setup_end - SETUP_SECTS);
	} else {
		put(page + SETUP_BOOT_FLAG, 2, 0xaa55);
		memcpy(page + SETUP_MAGIC, "HdrS", 4);
		put(page + SETUP_PROTOCOL, 2, PROTOCOL_VMLINUX);
		put(page + SETUP_ALIGNMENT, 4, k->align);
		put(page + SETUP_INIT_SIZE, 4, k->memsz);
		put(page + SETUP_CMDLINE_SIZE, 4, k->cmdline_max);
		page[SETUP_LOADFLAGS] = LOADFLAG_HIGH;
		page[SETUP_RELOCATABLE] = k->relocatable;
	}
	page[SETUP_LOADER] = LOADER_UNKNOWN;
	page[SETUP_LOADFLAGS] &= (uint8_t)~LOADFLAG_HEAP;
	put(page + SETUP_CODE32_START, 4, plan->kernel);
	put(page + SETUP_RAMDISK, 4, plan->initrd_len ? plan->initrd : 0);
	put(page + SETUP_RAMDISK_SIZE, 4, plan->initrd_len);
	put(page + RAMDISK_HIGH, 4, plan->initrd_len ? plan->initrd >> 32 : 0);
	put(page + RAMDISK_SIZE_HIGH, 4, plan->initrd_len >> 32);
}

static void put_entry(uint8_t *p, const struct range *r)
{
	put(p, 8, r->start);
	put(p + 8, 8, range_len(r));
	put(p + 16, 4, e820_type(r->kind));
}

struct chain {
	uint8_t *page, *link; /* where the address of the next one goes */
	paddr_t addr;	      /* of PAGE */
	size_t at;	      /* bytes from PAGE that are used */
};

/* One more struct setup_data; where its bytes go. */
static uint8_t *chain_add(struct chain *c, uint32_t type, size_t len)
{
	uint8_t *p = c->page + c->at;

	put(c->link, 8, c->addr + c->at);
	c->link = p;
	put(p + 8, 4, type);
	put(p + 12, 4, len);
	c->at += align8(DATA_HEAD + len);
	return p + DATA_HEAD;
}

static void put_map(const struct range_list *map, uint8_t *page, struct chain *c)
{
	size_t n = map->n < E820_MAX ? map->n : E820_MAX;
	uint8_t *more;

	page[E820_ENTRIES] = (uint8_t)n;
	for (size_t i = 0; i < n; i++)
		put_entry(page + E820_TABLE + i * E820_SIZE, &map->at[i]);
	if (map->n == n)
		return;
	more = chain_add(c, DATA_E820, (map->n - n) * E820_SIZE);
	for (size_t i = n; i < map->n; i++)
		put_entry(more + (i - n) * E820_SIZE, &map->at[i]);
}

/* The second kernel has little to take randomness from before it writes to the network. */
static void put_seed(struct chain *c)
{
	uint8_t seed[SEED_SIZE];

	if (getrandom(seed, sizeof(seed), GRND_NONBLOCK) == sizeof(seed))
		memcpy(chain_add(c, DATA_SEED, sizeof(seed)), seed, sizeof(seed));
}

int boot_params_make(const struct boot_params_plan *plan, paddr_t addr, uint8_t **buf, size_t *len,
		     struct kd_err *err)
{
	size_t cmdline_len = strlen(plan->cmdline);
	uint8_t *page;
	struct chain c;

	*len = boot_params_size(plan->map->n, cmdline_len);
	page = calloc(1, *len);
	if (!page)
		return kd_nomem(err);
	put_header(plan, page);
	inherit(plan->machine, page);
	put(page + ACPI_RSDP, 8, boot_params_rsdp(plan->machine));
	memcpy(page + BOOT_PARAMS_SIZE, plan->cmdline, cmdline_len);
	put(page + SETUP_CMDLINE, 4, addr + BOOT_PARAMS_SIZE);
	put(page + CMDLINE_HIGH, 4, (addr + BOOT_PARAMS_SIZE) >> 32);
	c = (struct chain){ .page = page, .link = page + SETUP_DATA, .addr = addr,
			    .at = BOOT_PARAMS_SIZE + align8(cmdline_len + 1) };
	put(page + SETUP_DATA, 8, 0);
	put_map(plan->map, page, &c);
	put_seed(&c);
	*buf = page;
	return 0;
}
