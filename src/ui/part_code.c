// SPDX-License-Identifier: GPL-3.0-or-later
/* Code as parts of answers: see part_code.h. */
#include "ui/part_code.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "core/arch.h"
#include "kernel/disasm.h"
#include "kernel/lines.h"
#include "kernel/unwind.h"
#include "ui/links.h"
#include "ui/select.h"

#define SOURCE_MAX (16u << 20) /* bytes of a source file that is looked at */
#define STRING_MIN 4
#define STRING_MAX 32

static const struct doc_column code_columns[] = {
	{ .key = "mark", .after = " ", .min_width = 2 },
	{ .key = "address" },
	{ .key = "offset_text", .before = " ", .min_width = 7, .flags = DOC_ONLY_TEXT },
	{ .key = "offset", .flags = DOC_ONLY_JSON },
	{ .key = "bytes", .flags = DOC_ONLY_JSON },
	{ .key = "instruction", .before = "  ", .min_width = 32 },
	{ .key = "target", .before = "  " },
	{ .key = "source", .before = "  ; " },
};

/* The text at ADDR, if it is one, quoted. */
static bool quote_string(const struct kernel *k, vaddr_t addr, char *buf, size_t size)
{
	char text[STRING_MAX + 1];
	size_t done = 0, n = 0;

	space_read(&k->space, addr, text, sizeof(text), &done, NULL);
	while (n < done && isprint((unsigned char)text[n]))
		n++;
	if (n == done ? n < sizeof(text) : (n < STRING_MIN || (text[n] && text[n] != '\n')))
		return false;
	snprintf(buf, size, "\"%.*s\"%s", (int)kd_min(n, STRING_MAX), text,
		 n < done && !text[n] ? "" : "~");
	return true;
}

/* What an instruction refers to, in words; "" for nothing that has a name. */
static void target_words(const struct kernel *k, const struct insn *insn, char *buf, size_t size)
{
	const struct symbol *sym;

	buf[0] = '\0';
	if (!insn->has_target)
		return;
	sym = symbols_by_addr(k->symbols, insn->target);
	if (!insn->branches && (!sym || tolower(sym->type) == 'r') &&
	    quote_string(k, insn->target, buf, size))
		return;
	if (sym)
		symbols_format(k->symbols, insn->target, buf, size);
}

/* "kernel/panic.c:250" at ADDR, of the innermost function; "" if not known. */
static void source_words(const struct unwinder *u, vaddr_t addr, char *buf, size_t size)
{
	const struct line_info *info = u ? unwinder_line(u, addr) : NULL;

	buf[0] = '\0';
	if (!info || !info->n || !info->frames[0].file || !info->frames[0].line)
		return;
	snprintf(buf, size, "%s:%u%s%s%s", info->frames[0].file, info->frames[0].line,
		 info->n > 1 ? " (" : "",
		 info->n > 1 && info->frames[0].function ? info->frames[0].function : "",
		 info->n > 1 ? ")" : "");
}

/* How far into its function: for people, for programs. */
static void put_offset(struct doc *d, const struct kernel *k, vaddr_t addr)
{
	const struct symbol *s = symbols_by_addr(k->symbols, addr);

	doc_put(d, s ? doc_fmt("<+%" PRIu64 ">", addr - s->addr) : doc_none(NULL));
	doc_put(d, s ? doc_uint(addr - s->addr) : doc_none(NULL));
}

static void put_insn(const struct part_code *c, struct doc *d, const struct insn *insn,
		     const char *source)
{
	const struct kernel *k = c->s->k;
	bool marked = c->has_mark && insn->addr == c->mark;
	struct doc_cell mark = doc_styled(doc_str(marked ? "=>" : ""), DOC_BAD);
	struct doc_cell text = doc_styled(doc_str(insn->text), marked ? DOC_STRONG : DOC_PLAIN);
	char target[256];

	target_words(k, insn, target, sizeof(target));
	doc_put(d, marked ? doc_here(mark) : mark);
	doc_put(d, doc_linked(doc_addr(k->arch, insn->addr), "%s", ""));
	put_offset(d, k, insn->addr);
	doc_put(d, doc_bytes(insn->bytes, insn->size));
	doc_put(d, insn->has_target ? link_value(k, text, insn->target) : text);
	doc_put(d, *target ? link_address(doc_styled(doc_str(target), DOC_NAME), insn->target)
			   : doc_none(NULL));
	doc_put(d, *source ? doc_styled(doc_str(source), DOC_PLACE) : doc_none(NULL));
}

static void put_unreadable(const struct part_code *c, struct doc *d, vaddr_t addr,
			   const struct kd_err *why)
{
	doc_put(d, doc_str(""));
	doc_put(d, doc_addr(c->s->k->arch, addr));
	doc_put(d, doc_none(NULL));
	doc_put(d, doc_none(NULL));
	doc_put(d, doc_none(NULL));
	doc_put(d, doc_styled(doc_fmt("-- %s", why->text), DOC_WARN));
	doc_put(d, doc_none(NULL));
	doc_put(d, doc_none(NULL));
}

int part_code(const struct part_code *c, struct doc *d, vaddr_t from, vaddr_t end, size_t max,
	      struct kd_err *err)
{
	char source[2][512] = { "", "" };
	struct unwinder *u = NULL;
	vaddr_t at = from;

	if (!c->no_source && session_unwinder(c->s, &u, NULL))
		u = NULL;
	doc_table(d, "code", DOC_LINES, code_columns, KD_ARRAY_SIZE(code_columns));
	for (size_t i = 0; i < max && at < end && !doc_status(d); i++) {
		char *now = source[i & 1], *before = source[~i & 1];
		struct kd_err why = KD_ERR_INIT;
		struct insn insn;
		int ret = session_cancelled(err);

		if (ret)
			return ret;
		ret = disasm_at(c->disasm, at, &insn, &why);
		if (ret && !i)
			return kd_fail(err, ret, "%s", why.text);
		if (ret) {
			put_unreadable(c, d, at, &why);
			break;
		}
		source_words(u, at, now, sizeof(source[0]));
		put_insn(c, d, &insn, strcmp(now, before) ? now : "");
		at += insn.size;
	}
	return 0;
}

/* Source text ----------------------------------------------------------------------- */

static const struct doc_column source_columns[] = {
	{ .key = "mark", .after = " ", .min_width = 2 },
	{ .key = "line", .min_width = 5, .flags = DOC_RIGHT },
	{ .key = "text", .before = "  " },
};

/* A name out of debug information must stay below the folder that it is looked for in. */
static bool is_below(const char *file)
{
	for (const char *p = file; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (p[0] == '.' && p[1] == '.' && (p[2] == '/' || !p[2]))
			return false;
	}
	return true;
}

static FILE *open_source(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	FILE *f;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > SOURCE_MAX ||
	    !(f = fdopen(fd, "r"))) {
		close(fd);
		return NULL;
	}
	return f;
}

/* *path is the name it was opened by; owned by the caller. */
static FILE *find_source(const struct session *s, const char *file, char **path, struct kd_err *err)
{
	static const char *const here[] = { ".", NULL };
	const char *const *dirs = s->opt.source_dirs ? s->opt.source_dirs : here;
	FILE *f;

	*path = NULL;
	if (file[0] == '/') {
		*path = strdup(file);
		f = *path ? open_source(*path) : NULL;
		if (f)
			return f;
		freep(path);
		*path = NULL;
	}
	kd_fail(err, KD_NOTFOUND,
		"%s: not found; name a folder by --source-dir (the kernel's source "
		"is in Debian's package linux-source)",
		file);
	if (!is_below(file))
		return NULL;
	for (size_t i = 0; dirs[i]; i++) {
		if (asprintf(path, "%s/%s", dirs[i], file) < 0) {
			*path = NULL;
			return NULL;
		}
		f = open_source(*path);
		if (f)
			return f;
		free(*path);
		*path = NULL;
	}
	return NULL;
}

int part_source(const struct session *s, struct doc *d, const char *file, unsigned line,
		unsigned around, struct kd_err *err)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(freep) char *text = NULL;
	_cleanup_(fclosep) FILE *f = find_source(s, file, &path, err);
	unsigned first = line > around ? line - around : 1;
	size_t size = 0;
	ssize_t n;

	if (!f)
		return KD_NOTFOUND;
	doc_table(d, "source", DOC_LINES, source_columns, KD_ARRAY_SIZE(source_columns));
	for (unsigned i = 1; i <= line + around && (n = getline(&text, &size, f)) >= 0; i++) {
		if (i < first)
			continue;
		if (n && text[n - 1] == '\n')
			n--;
		doc_put(d, doc_styled(doc_str(i == line ? "=>" : ""), DOC_BAD));
		doc_put(d, doc_uint(i));
		doc_put(d,
			doc_styled(doc_strn(text, (size_t)n), i == line ? DOC_STRONG : DOC_PLAIN));
	}
	return 0;
}
