// SPDX-License-Identifier: GPL-3.0-or-later
/* The running machine, as its kernel tells: what is one number or a line. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>

#include "load/machine_priv.h"
#include "load/read_file.h"

#define LOW_END UINT64_C(0xa0000)

int machine_file(const struct machine *m, const char *name, size_t max, char **text, size_t *len,
		 struct kd_err *err)
{
	_cleanup_(freep) char *path = NULL;

	/* the root may be "", which is no folder */
	if (asprintf(&path, "/%s", name) < 0) {
		path = NULL;
		return kd_nomem(err);
	}
	return read_head(m->root, path, max, text, len, err);
}

/* The first line of a file; false: there is none. */
static bool line(const struct machine *m, const char *name, char *out, size_t size)
{
	_cleanup_(freep) char *text = NULL;

	if (machine_file(m, name, size - 1, &text, NULL, NULL))
		return false;
	text[strcspn(text, "\n")] = '\0';
	snprintf(out, size, "%s", text);
	return true;
}

bool machine_number(const struct machine *m, const char *name, int base, uint64_t *v)
{
	char text[64], *end;
	uint64_t n;

	if (!line(m, name, text, sizeof(text)))
		return false;
	errno = 0;
	n = strtoull(text, &end, base);
	if (end == text || errno || *end)
		return false;
	*v = n;
	return true;
}

static bool flag(const struct machine *m, const char *name)
{
	uint64_t v;

	return machine_number(m, name, 10, &v) && v;
}

/* A kernel that lies about its name to this process (setarch) does not do so in sysctl. */
static int read_arch(struct machine *m, struct kd_err *err)
{
	char name[65];
	struct utsname u;

	if (!line(m, "proc/sys/kernel/osrelease", m->release, sizeof(m->release)))
		*m->release = '\0';
	if (!line(m, "proc/sys/kernel/arch", name, sizeof(name))) {
		if (*m->root || uname(&u))
			return kd_fail(err, KD_UNSUPPORTED,
				       "%s/proc/sys/kernel/arch is missing: of which "
				       "architecture it is, is not known",
				       m->root);
		snprintf(name, sizeof(name), "%s", u.machine);
	}
	if (!strcmp(name, "x86_64"))
		m->arch = MACHINE_X86_64;
	else if (name[0] == 'i' && isdigit((unsigned char)name[1]) && !strcmp(name + 2, "86"))
		m->arch = MACHINE_I386;
	else
		return kd_fail(err, KD_UNSUPPORTED,
			       "crash kernels of %s can not be loaded, only of i386 "
			       "and x86_64",
			       name);
	return 0;
}

/* "none [integrity] confidentiality": the one in brackets. */
static void read_lockdown(struct machine *m)
{
	char text[128], *start, *end;

	if (!line(m, "sys/kernel/security/lockdown", text, sizeof(text)))
		return;
	start = strchr(text, '[');
	end = start ? strchr(start, ']') : NULL;
	if (end)
		snprintf(m->lockdown, sizeof(m->lockdown), "%.*s", (int)(end - start - 1),
			 start + 1);
}

static void read_state(struct machine *m)
{
	char text[16];
	uint64_t v;

	m->has_kexec = machine_number(m, "sys/kernel/kexec_crash_loaded", 10, &v) ||
		       machine_number(m, "sys/kernel/kexec/crash_loaded", 10, &v);
	m->loaded = m->has_kexec && v;
	if (machine_number(m, "sys/kernel/kexec_crash_size", 10, &v) ||
	    machine_number(m, "sys/kernel/kexec/crash_size", 10, &v))
		m->crash_size = v;
	m->load_disabled = flag(m, "proc/sys/kernel/kexec_load_disabled");
	m->load_used_up = machine_number(m, "proc/sys/kernel/kexec_load_limit_panic", 10, &v) && !v;
	m->xen_pv = line(m, "sys/hypervisor/guest_type", text, sizeof(text)) && !strcmp(text, "PV");
	m->can_hotplug = machine_number(m, "sys/devices/system/cpu/crash_hotplug", 10, &v);
	m->cpu_hotplug = flag(m, "sys/devices/system/cpu/crash_hotplug");
	m->memory_hotplug = flag(m, "sys/devices/system/memory/crash_hotplug");
	if (machine_number(m, "sys/kernel/crash_elfcorehdr_size", 10, &v) ||
	    machine_number(m, "sys/kernel/kexec/crash_elfcorehdr_size", 10, &v))
		m->elfcorehdr_size = v;
	read_lockdown(m);
}

static int read_cmdline(struct machine *m, struct kd_err *err)
{
	size_t len;
	int ret = machine_file(m, "proc/cmdline", 65536, &m->cmdline, &len, err);

	if (ret) {
		m->cmdline = strdup("");
		return m->cmdline ? 0 : kd_nomem(err);
	}
	while (len && isspace((unsigned char)m->cmdline[len - 1]))
		m->cmdline[--len] = '\0';
	return 0;
}

int machine_read(const char *root, struct machine *out, struct kd_err *err)
{
	int ret;

	*out = (struct machine){ .root = strdup(root ? root : "") };
	if (!out->root)
		return kd_nomem(err);
	ret = read_arch(out, err);
	if (!ret)
		ret = machine_read_iomem(out, err);
	if (!ret)
		ret = machine_read_notes(out, err);
	if (!ret)
		ret = machine_read_maps(out, err);
	if (!ret)
		ret = read_cmdline(out, err);
	if (!ret)
		read_state(out);
	return ret;
}

void machine_fini(struct machine *m)
{
	range_list_fini(&m->ram);
	range_list_fini(&m->other);
	free(m->notes);
	free(m->cmdline);
	free(m->root);
	*m = (struct machine){ 0 };
}

const struct range *machine_crash_region(const struct machine *m)
{
	return m->ncrash ? &m->crash[m->ncrash - 1] : NULL;
}

uint64_t machine_ram(const struct machine *m)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < m->ram.n; i++)
		sum += range_len(&m->ram.at[i]);
	return sum;
}

struct range machine_low_ram(const struct machine *m)
{
	struct range low = { .kind = RANGE_RAM };

	for (size_t i = 0; i < m->ram.n; i++) {
		struct range r = m->ram.at[i];

		r.end = kd_min(r.end, LOW_END);
		if (r.start < r.end && range_len(&r) > range_len(&low))
			low = r;
	}
	if (!range_len(&low))
		low.end = LOW_END;
	return low;
}
