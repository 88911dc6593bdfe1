// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How to use a core of virtual memory: the command that loads it into a gdb that knows nothing of
 * kernels; see write_dump.h. A kernel has a hundred modules of thirty sections: what gdb is to know
 * of them is too long to be typed, and goes to a file.
 */
#include <inttypes.h>
#include <string.h>

#include "mi/module_place.h"
#include "ui/output.h"
#include "ui/write_dump.h"

/* A file name as one word of gdb's commands. */
static void put_word(FILE *f, const char *path)
{
	if (!strpbrk(path, " \t\"'\\")) {
		fputs(path, f);
		return;
	}
	fputc('"', f);
	for (; *path; path++) {
		if (*path == '"' || *path == '\\')
			fputc('\\', f);
		fputc(*path, f);
	}
	fputc('"', f);
}

/* TEXT as a part of a word in single quotes of a shell's. */
static void put_quoted(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", f);
		fputc(*text, f);
	}
}

/* No line of a script, and no name in it, may begin another one. */
static bool is_sayable(const char *path)
{
	return !strpbrk(path, "\n\r");
}

struct section_list {
	FILE *f;
	struct module_place place;
};

static int put_section(void *data, const struct rsp_elf_section *section)
{
	struct section_list *l = data;
	vaddr_t at = module_place_next(&l->place, section);

	/* As module.h has them: what gdb takes for one word. */
	if (section->name[strspn(section->name,
				 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789._-+$")] ||
	    !*section->name)
		return 0;
	fprintf(l->f, " -s %s %#" PRIx64, section->name, at);
	return 0;
}

/* The line that loads the NUMBER-th module's symbols; false: there are none, or no place. */
static bool put_module(FILE *out, const struct kernel *k, const struct module *m, size_t number)
{
	_cleanup_(freep) char *text = NULL;
	struct section_list l = { 0 };
	size_t len;
	int ret;

	if (!m->debug_path || !m->nsections || !is_sayable(m->debug_path))
		return false;
	l.f = open_memstream(&text, &len);
	if (!l.f)
		return false;
	module_place_init(&l.place, k->arch, m, number);
	ret = rsp_elf_sections(m->debug_path, put_section, &l, NULL);
	if (fclose(l.f) || ret || !l.place.placed)
		return false;
	fputs("add-symbol-file ", out);
	put_word(out, m->debug_path);
	fprintf(out, "%s\n", text);
	return true;
}

/* Lines for all modules that have symbols; the names of the others go to *without. */
static void put_modules(FILE *out, const struct kernel *k, FILE *without)
{
	size_t missing = 0;

	for (size_t i = 0; i < k->modules.n; i++) {
		const struct module *m = &k->modules.list[i];

		if (!put_module(out, k, m, i))
			fprintf(without, "%s%s", missing++ ? ", " : "", m->name);
	}
}

/* Both as they are named from anywhere. */
static bool write_script(const struct write_dump *w, const char *path, const char *modules)
{
	const struct kernel *k = w->kernel;
	_cleanup_(freep) char *core = realpath(w->out, NULL), *text = NULL;
	struct kd_err err = KD_ERR_INIT;
	size_t len;
	FILE *f;

	if (!core || !k->vmlinux || !is_sayable(core) || !is_sayable(k->vmlinux->path))
		return false;
	f = open_memstream(&text, &len);
	if (!f)
		return false;
	/* This one command takes the rest of its line. add-symbol-file asks. */
	fprintf(f, "set confirm off\ncore-file %s\nsymbol-file ", core);
	put_word(f, k->vmlinux->path);
	fprintf(f, " -o %#" PRIx64 "\n%s", k->kaslr_offset, modules);
	if (fclose(f) || !dest_put(path, true, text, len, &err))
		return !err.status;
	complain("%s: %s", path, err.text);
	return false;
}

/* Without a script: two commands that can be typed. */
static void put_commands(FILE *f, const struct write_dump *w)
{
	const struct kernel *k = w->kernel;
	const char *vmlinux = k && k->vmlinux ? k->vmlinux->path : "VMLINUX";
	_cleanup_(freep) char *word = NULL;
	size_t len;
	FILE *g = open_memstream(&word, &len);

	if (g) {
		put_word(g, vmlinux);
		fclose(g);
	}
	fputs("gdb -ex 'core-file ", f);
	put_quoted(f, w->out);
	fputs("' -ex 'symbol-file ", f);
	put_quoted(f, word ? word : vmlinux);
	fprintf(f, " -o %#" PRIx64 "'", k ? k->kaslr_offset : 0);
}

/* What the user of a debugger types; true: it is a script with MODULES. */
static bool put_command(FILE *f, const struct write_dump *w, const char *modules)
{
	_cleanup_(freep) char *script = NULL;

	if (asprintf(&script, "%s.gdb", w->out) < 0)
		script = NULL;
	if (!*modules || !script || !write_script(w, script, modules)) {
		put_commands(f, w);
		return false;
	}
	fputs("gdb -x '", f);
	put_quoted(f, script);
	fputc('\'', f);
	return true;
}

void write_dump_answer_gdb(const struct write_dump *w, struct doc *d)
{
	_cleanup_(freep) char *command = NULL, *modules = NULL, *without = NULL;
	size_t len;
	FILE *a = open_memstream(&modules, &len), *b = open_memstream(&without, &len), *c;
	bool script = false;

	doc_field(d, "threads", "threads", doc_uint(w->nthreads));
	if (a && b && w->kernel)
		put_modules(a, w->kernel, b);
	if (a)
		fclose(a);
	if (b)
		fclose(b);
	c = open_memstream(&command, &len);
	if (!c)
		return;
	script = put_command(c, w, modules ? modules : "");
	if (!fclose(c))
		doc_field(d, "gdb", "to debug it", doc_str(command));
	if (w->kernel && w->kernel->modules.n && (!script || (without && *without)))
		doc_field(d, "without_symbols", "no symbols of",
			  doc_str(script ? without : "modules: no .ko files"));
}
