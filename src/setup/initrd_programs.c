// SPDX-License-Identifier: GPL-3.0-or-later
/* Programs of an initramfs: kdview-capture, and the hook. */
#include <elf.h>
#include <limits.h>
#include <string.h>

#include "load/read_file.h"
#include "setup/initrd_priv.h"

#define PROGRAM_MOST (256u << 20)

enum linking { LINK_NO_ELF, LINK_STATIC, LINK_DYNAMIC };

/* Is it an ELF program that needs nothing else? A program interpreter is what others need. */
static enum linking look(const uint8_t *b, size_t len, uint16_t *machine)
{
	bool wide;
	uint64_t off, size, n;

	if (len < sizeof(Elf32_Ehdr) || memcmp(b, ELFMAG, SELFMAG) || b[EI_DATA] != ELFDATA2LSB)
		return LINK_NO_ELF;
	wide = b[EI_CLASS] == ELFCLASS64;
	if (wide && len < sizeof(Elf64_Ehdr))
		return LINK_NO_ELF;
	if (wide) {
		Elf64_Ehdr h;

		memcpy(&h, b, sizeof(h));
		off = h.e_phoff, size = h.e_phentsize, n = h.e_phnum, *machine = h.e_machine;
	} else {
		Elf32_Ehdr h;

		memcpy(&h, b, sizeof(h));
		off = h.e_phoff, size = h.e_phentsize, n = h.e_phnum, *machine = h.e_machine;
	}
	if (!n || size < 4 || !range_contains(len, off, n * size))
		return LINK_NO_ELF;
	for (uint64_t i = 0; i < n; i++) {
		uint32_t type; /* the first member of both */

		memcpy(&type, b + off + i * size, sizeof(type));
		if (type == PT_INTERP)
			return LINK_DYNAMIC;
	}
	return LINK_STATIC;
}

/* The hook ------------------------------------------------------------------------------------ */

static int add_hook(struct initrd_build *b, struct kd_err *err)
{
	const char *const *words = b->q->hook;
	const char *slash = strrchr(words[0], '/'), *name = slash ? slash + 1 : words[0];
	_cleanup_(freep) char *path = NULL, *bytes = NULL;
	uint16_t machine = 0;
	enum linking how;
	size_t len;
	int ret = read_file("", words[0], PROGRAM_MOST, &bytes, &len, err);

	if (ret)
		return kd_context(err, ret, "--hook");
	how = look((const uint8_t *)bytes, len, &machine);
	if (how != LINK_STATIC)
		return kd_fail(err, KD_UNSUPPORTED,
			       "--hook %s: it is %s; the second kernel has neither "
			       "libraries nor a shell: link it statically (-static)",
			       words[0],
			       how == LINK_NO_ELF ? "no program of its own (a script?)"
						  : "linked dynamically");
	if (asprintf(&path, "hook/%s", name) < 0) {
		path = NULL;
		return kd_nomem(err);
	}
	ret = cpio_folder(&b->cpio, "hook", 0700, err);
	if (!ret)
		ret = cpio_file(&b->cpio, path, 0700, bytes, len, err);
	if (!ret)
		ret = initrd_say(b, err, "hook /%s", path);
	for (size_t i = 1; words[i] && !ret; i++)
		ret = initrd_say(b, err, " %s", words[i]);
	return ret ? ret : initrd_say(b, err, "\n");
}

static const char *machine_name(uint16_t machine)
{
	return machine == EM_X86_64 ? "x86_64" : machine == EM_386 ? "i386" : "another machine";
}

/* init ------------------------------------------------------------------------------------------
 */

static int take_init(struct initrd_build *b, const char *path, bool must, struct kd_err *err)
{
	_cleanup_(freep) char *bytes = NULL;
	uint16_t machine = 0;
	enum linking how;
	size_t len;
	int ret = read_file("", path, PROGRAM_MOST, &bytes, &len, err);

	if (ret)
		return ret;
	how = look((const uint8_t *)bytes, len, &machine);
	if (how != LINK_STATIC)
		return must ? kd_fail(err, KD_USAGE, "%s: it is no static program", path)
			    : KD_NOTFOUND;
	if (b->machine && machine != b->machine)
		return kd_fail(err, KD_MISMATCH,
			       "%s is for %s, the modules are for %s: --init wants the "
			       "kdview-capture of that (make static ARCH=%s)",
			       path, machine_name(machine), machine_name(b->machine),
			       machine_name(b->machine));
	b->out->init_len = len;
	return cpio_file(&b->cpio, "init", 0700, bytes, len, err);
}

/* One for another machine is passed over, while there may be another: *other is told of it. */
static int try_init(struct initrd_build *b, const char *path, struct kd_err *other,
		    struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	int ret = take_init(b, path, false, &why);

	if (ret == KD_MISMATCH)
		*other = why;
	if (ret == KD_MISMATCH || ret == KD_NOTFOUND)
		return KD_NOTFOUND;
	return ret ? kd_fail(err, ret, "%s", why.text) : 0;
}

/* Where the program that runs may have kdview-capture beside it: installed, or just built. */
static int search_init(struct initrd_build *b, struct kd_err *err)
{
	static const char *const places[] = { "", "/static-x86_64", "/static-i386",
					      "/../lib/kdview", "/../libexec/kdview" };
	struct kd_err other = KD_ERR_INIT;
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int ret = try_init(b, "/proc/self/exe", &other, err);

	if (ret != KD_NOTFOUND)
		return ret;
	self[n > 0 ? n : 0] = '\0';
	self[n > 0 ? strrchr(self, '/') - self : 0] = '\0';
	for (size_t i = 0; i < KD_ARRAY_SIZE(places) && ret == KD_NOTFOUND; i++) {
		char path[PATH_MAX + 64];

		snprintf(path, sizeof(path), "%s%s/kdview-capture", self, places[i]);
		ret = try_init(b, path, &other, err);
	}
	if (ret != KD_NOTFOUND)
		return ret;
	if (other.status)
		return kd_fail(err, KD_MISMATCH, "%s", other.text);
	return kd_fail(err, KD_NOTFOUND,
		       "kdview-capture, which becomes /init, is not in %s nor in "
		       "../lib/kdview: build it (make static), or say where (--init)",
		       self);
}

int initrd_add_programs(struct initrd_build *b, struct kd_err *err)
{
	int ret = b->q->init ? take_init(b, b->q->init, true, err) : search_init(b, err);

	return ret || !b->q->hook || !b->q->hook[0] ? ret : add_hook(b, err);
}
