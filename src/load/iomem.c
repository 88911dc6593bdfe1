// SPDX-License-Identifier: GPL-3.0-or-later
/* /proc/iomem: what memory the machine has. */
#include <inttypes.h>
#include <string.h>

#include "load/machine_priv.h"

#define MAX_IOMEM (UINT64_C(16) << 20)

/* How a name in iomem begins, and what it means; the kernel's e820_type_to_string(), and drivers'.
 */
static const struct {
	const char *name;
	enum range_kind kind;
} kinds[] = {
	{ "System RAM", RANGE_RAM }, /* also (virtio_mem), (kmem) */
	{ "ACPI Tables", RANGE_ACPI },
	{ "ACPI Non-volatile Storage", RANGE_NVS },
	{ "Persistent Memory (legacy)", RANGE_PRAM },
	{ "Persistent Memory", RANGE_PMEM },
	{ "Soft Reserved", RANGE_SOFT_RESERVED },
	{ "Unusable memory", RANGE_UNUSABLE },
	{ "Reserved", RANGE_RESERVED },
	{ "reserved", RANGE_RESERVED },
};

static bool begins(const char *s, const char *with)
{
	return !strncasecmp(s, with, strlen(with));
}

static bool kind_of(const char *name, enum range_kind *out)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(kinds); i++)
		if (begins(name, kinds[i].name)) {
			*out = kinds[i].kind;
			return true;
		}
	return false;
}

static int add_crash(struct machine *m, const struct range *r, struct kd_err *err)
{
	size_t i = m->ncrash;

	if (m->ncrash == MACHINE_MAX_CRASH)
		return kd_fail(err, KD_UNSUPPORTED,
			       "/proc/iomem has more than %d ranges of crash memory",
			       MACHINE_MAX_CRASH);
	for (; i && m->crash[i - 1].start > r->start; i--)
		m->crash[i] = m->crash[i - 1];
	m->crash[i] = *r;
	m->ncrash++;
	return 0;
}

static int add_range(struct machine *m, struct range r, const char *name, struct kd_err *err)
{
	static const size_t size = sizeof("Kernel code") - 1;

	if (!strcmp(name, "Crash kernel"))
		return add_crash(m, &r, err);
	if (!strncmp(name, "Kernel code", size))
		m->code = r;
	else if (!strcmp(name, "GART"))
		m->gart = r;
	else if (kind_of(name, &r.kind))
		return range_list_add(r.kind == RANGE_RAM ? &m->ram : &m->other, r.start, r.end,
				      r.kind, err);
	return 0;
}

/* "  START-LAST : NAME": the name; NULL: it is no such line. */
static const char *parse_line(const char *s, uint64_t *start, uint64_t *last)
{
	char *end;

	s += strspn(s, " ");
	*start = strtoull(s, &end, 16);
	if (end == s || *end != '-')
		return NULL;
	s = end + 1;
	*last = strtoull(s, &end, 16);
	return end == s || strncmp(end, " : ", 3) ? NULL : end + 3;
}

int machine_read_iomem(struct machine *m, struct kd_err *err)
{
	_cleanup_(freep) char *text = NULL;
	char *save = NULL;
	bool any = false;
	int ret = machine_file(m, "proc/iomem", MAX_IOMEM, &text, NULL, err);

	if (ret)
		return ret;
	m->iomem_hidden = true;
	for (char *at = strtok_r(text, "\n", &save); at; at = strtok_r(NULL, "\n", &save)) {
		struct range r = { 0 };
		uint64_t last;
		const char *name = parse_line(at, &r.start, &last);

		/* Buses may have all addresses there are (pci=nocrs); memory has not. */
		if (name && last == UINT64_MAX && !kind_of(name, &r.kind) &&
		    strcmp(name, "Crash kernel") != 0)
			continue;
		if (!name || last < r.start || last == UINT64_MAX)
			return kd_fail(err, KD_CORRUPT,
				       "/proc/iomem has a line that makes no sense: %s", at);
		any = true;
		/* A reader without CAP_SYS_ADMIN sees nothing but zeros. */
		if (!last)
			continue;
		m->iomem_hidden = false;
		r.end = last + 1;
		ret = add_range(m, r, name, err);
		if (ret)
			return ret;
	}
	if (!any)
		return kd_fail(err, KD_CORRUPT, "/proc/iomem is empty");
	range_list_tidy(&m->ram);
	range_list_tidy(&m->other);
	return 0;
}
