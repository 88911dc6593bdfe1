// SPDX-License-Identifier: GPL-3.0-or-later
/* The command line: see cli.h. */
#include "ui/cli.h"

#include <string.h>
#include <sys/stat.h>

#include "ui/commands.h"
#include "ui/looks.h"

const struct opt_def cli_options[] = {
	{ 'o', "output", "FILE", "write the answer to FILE (readable by its owner only)" },
	{ 'j', "json", NULL, "answer in JSON" },
	{ 0, "no-color", NULL, "no colour, even on a terminal" },
	{ 'f', "force", NULL, "use a vmlinux whose build ID differs" },
	{ 0, "debug-dir", "DIR", "search vmlinux and modules here too (may be repeated)" },
	{ 0, "source-dir", "DIR", "the kernel's source is here (may be repeated)" },
	{ 0, "elfcorehdr", "ADDRESS",
	  "the dump is raw memory, with the second kernel's core headers there (0: search)" },
	{ 0, "vmcoreinfo", "ADDRESS",
	  "the kernel's VMCOREINFO is in memory, at this physical address" },
	{ 0, "engine", "ENGINE", "who finds the frames of stacks: auto, native or gdb" },
	{ 0, "gdb", "PROGRAM", "the gdb to use" },
	{ 0, "gdb-timeout", "SECONDS", "wait so long for an answer of gdb (120; 0: no end)" },
	{ 0, "log", "FILE", "append what is typed and answered to FILE" },
	{ 0, "mi-log", "FILE", "write all traffic with gdb to FILE" },
	{ 'h', "help", NULL, "help on the command" },
	{ 'V', "version", NULL, "print the version" },
	{ 0, NULL, NULL, NULL },
};

const struct opt_def prompt_options[] = {
	{ 'o', "output", "FILE", "write the answer to FILE" },
	{ 'j', "json", NULL, "answer in JSON" },
	{ 'h', "help", NULL, "help on the command" },
	{ 0, NULL, NULL, NULL },
};

/* Is the value of this option the next word? */
static bool value_follows(const char *word, const struct opt_def *own)
{
	const struct opt_def *o;

	if (word[0] != '-' || !word[1])
		return false;
	if (word[1] == '-') {
		size_t len = strlen(word + 2);

		o = opt_find(own, 0, word + 2, len);
		o = o ? o : opt_find(cli_options, 0, word + 2, len);
		return o && o->value;
	}
	for (const char *c = word + 1; *c; c++) {
		o = opt_find(own, *c, NULL, 0);
		o = o ? o : opt_find(cli_options, *c, NULL, 0);
		if (o && o->value)
			return !c[1];
	}
	return false;
}

/* The word that names the command: the first that is a command's name. */
static const struct command *find_command(const char *const *words, size_t n, size_t *at)
{
	for (size_t i = 0; i < n && strcmp(words[i], "--"); i++) {
		const struct command *c;

		if (value_follows(words[i], NULL)) {
			i++;
			continue;
		}
		if (words[i][0] == '-')
			continue;
		c = command_find(words[i], CMD_SHELL);
		if (c) {
			*at = i;
			return c;
		}
	}
	return NULL;
}

static bool is_regular(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

static int take_file(const char **slot, const char *path, const char *what, struct kd_err *err)
{
	char one[128], two[128];

	if (!*slot) {
		*slot = path;
		return 0;
	}
	return kd_fail(err, KD_USAGE, "two files for one %s: %s looks like %s, %s like %s", what,
		       *slot, file_looks(*slot, one, sizeof(one)), path,
		       file_looks(path, two, sizeof(two)));
}

/* A second dump is another part of the first: core/ refuses it when it is not. */
static int take_dump(struct cli *c, const char *path, size_t max, struct kd_err *err)
{
	size_t n = 0;

	if (!c->dump) {
		c->dump = path;
		return 0;
	}
	if (!c->more_dumps)
		c->more_dumps = calloc(max + 1, sizeof(*c->more_dumps));
	if (!c->more_dumps)
		return kd_nomem(err);
	while (c->more_dumps[n])
		n++;
	c->more_dumps[n] = path;
	return 0;
}

/* Raw memory looks like nothing: it is a dump when the user says so. */
static bool is_raw_memory(const char *const *words, size_t n, const char *path)
{
	static const char option[] = "--elfcorehdr";

	for (size_t i = 0; i < n && strcmp(words[i], "--"); i++)
		if (!strncmp(words[i], option, sizeof(option) - 1))
			return is_regular(path) && !vmlinux_probe_path(path);
	return false;
}

/* Take the files out of the words; what is left, N of them, goes to LEFT. */
static int take_files(struct cli *c, const char *const *words, size_t n, const char **left,
		      size_t *nleft, struct kd_err *err)
{
	bool ended = false, value = false;
	int ret = 0;

	*nleft = 0;
	for (size_t i = 0; i < n && !ret; i++) {
		bool word = !ended && !value && words[i][0] != '-' &&
			    !(c->command->flags & CMD_OWN_FILES);

		ended |= !value && !strcmp(words[i], "--");
		value = !ended && !value && value_follows(words[i], c->command->options);
		if (word && (dump_probe_path(words[i]) || is_raw_memory(words, n, words[i])))
			ret = take_dump(c, words[i], n, err);
		else if (word && vmlinux_probe_path(words[i]))
			ret = take_file(&c->vmlinux, words[i], "vmlinux", err);
		else
			left[(*nleft)++] = words[i];
	}
	return ret;
}

/* No dump among the words: say what they are instead. */
static int no_dump(const struct cli *c, struct kd_err *err)
{
	char text[768], looks[128];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < c->args.nwords && i < 3; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "; %.150s: %s",
					 c->args.words[i],
					 file_looks(c->args.words[i], looks, sizeof(looks)));
	if (c->vmlinux)
		snprintf(text + used, sizeof(text) - used, "; %.150s: %s", c->vmlinux,
			 file_looks(c->vmlinux, looks, sizeof(looks)));
	if (!text[0])
		return kd_fail(err, KD_USAGE, "no dump given: kdview %s VMCORE [VMLINUX]",
			       c->command->name);
	return kd_fail(err, KD_USAGE, "no dump given%s", text);
}

static int check_words(const struct cli *c, struct kd_err *err)
{
	char looks[128];

	for (size_t i = 0; i < c->args.nwords && !(c->command->flags & (CMD_RAW | CMD_OWN_FILES));
	     i++) {
		const char *w = c->args.words[i];

		/* A bare word may be the name of a task; with a slash it is a file. */
		if (is_regular(w) && (strchr(w, '/') || !c->command->max))
			return kd_fail(err, KD_USAGE,
				       "%s is neither a dump nor a vmlinux: it looks like %s", w,
				       file_looks(w, looks, sizeof(looks)));
	}
	return 0;
}

/* Words of a line without a command that are no files. */
static int check_prompt_words(const struct cli *c, struct kd_err *err)
{
	char looks[128];
	const char *w;

	if (!c->args.nwords)
		return 0;
	w = c->args.words[0];
	if (!strchr(w, '/') && access(w, F_OK))
		return command_unknown(w, CMD_SHELL, err);
	return kd_fail(err, KD_USAGE, "%s is neither a dump nor a vmlinux: it looks like %s", w,
		       file_looks(w, looks, sizeof(looks)));
}

/* The values of an option that may be repeated, as a list that ends with NULL. */
static int take_list(const struct cli *c, const char *name, const char ***out, struct kd_err *err)
{
	size_t n = 0;

	while (args_value_at(&c->args, name, n))
		n++;
	*out = calloc(n + 1, sizeof(**out));
	if (!*out)
		return kd_nomem(err);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = args_value_at(&c->args, name, i);
	return 0;
}

static int parse_words(struct cli *c, const char **words, size_t n, struct kd_err *err)
{
	const struct command *cmd = c->command;
	unsigned flags =
		(cmd->flags & CMD_RAW ? ARGS_RAW : 0) | (cmd->flags & CMD_REST ? ARGS_REST : 0);
	int ret = args_parse(words, n, cmd->options, cli_options, flags, &c->args, err);

	if (ret)
		return ret;
	c->help = args_has(&c->args, "help");
	c->version = args_has(&c->args, "version");
	ret = take_list(c, "debug-dir", &c->debug_dirs, err);
	if (!ret && args_has(&c->args, "source-dir"))
		ret = take_list(c, "source-dir", &c->source_dirs, err);
	return ret;
}

int cli_parse(int argc, const char *const *argv, struct cli *out, struct kd_err *err)
{
	size_t n = argc > 1 ? (size_t)argc - 1 : 0, at = SIZE_MAX, nleft = 0;
	_cleanup_(freep) const char **words = calloc(n + 1, sizeof(*words));
	_cleanup_(freep) const char **left = calloc(n + 1, sizeof(*left));
	int ret;

	*out = (struct cli){ 0 };
	if (!words || !left)
		return kd_nomem(err);
	out->command = n ? find_command(argv + 1, n, &at) : NULL;
	out->named = out->command != NULL;
	if (!out->named)
		out->command = &cmd_prompt;
	n = 0;
	for (int i = 1; i < argc; i++) {
		if ((size_t)i - 1 != at)
			words[n++] = argv[i];
	}
	if (out->command->flags & CMD_NO_DUMP) {
		memcpy(left, words, n * sizeof(*left));
		nleft = n;
	} else {
		ret = take_files(out, words, n, left, &nleft, err);
		if (ret)
			return ret;
	}
	/* What "--" hands on is borrowed from the words, so these live as long as the answer. */
	out->words = left;
	left = NULL;
	ret = parse_words(out, out->words, nleft, err);
	if (ret || out->help || out->version || (out->command->flags & CMD_NO_DUMP))
		return ret;
	if (!out->named)
		ret = check_prompt_words(out, err);
	if (!ret && !out->dump)
		ret = no_dump(out, err);
	return ret ? ret : check_words(out, err);
}

void cli_fini(struct cli *c)
{
	args_fini(&c->args);
	free(c->more_dumps);
	free(c->debug_dirs);
	free(c->source_dirs);
	free(c->words);
}

static int take_engine(const struct cli *c, enum session_engine *out, struct kd_err *err)
{
	static const char *const names[] = {
		[ENGINE_AUTO] = "auto",
		[ENGINE_NATIVE] = "native",
		[ENGINE_GDB] = "gdb",
	};
	const char *name = args_value(&c->args, "engine");

	*out = ENGINE_AUTO;
	if (!name)
		return 0;
	for (size_t i = 0; i < KD_ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]))
			continue;
		*out = (enum session_engine)i;
		return 0;
	}
	return kd_fail(err, KD_USAGE, "--engine=%s: it is auto, native or gdb", name);
}

int cli_session_options(const struct cli *c, bool interactive, struct session_options *out,
			struct kd_err *err)
{
	struct session_options opt = {
		.dump_path = c->dump,
		.more_dumps = c->more_dumps,
		.raw = args_has(&c->args, "elfcorehdr"),
		.has_vmcoreinfo = args_has(&c->args, "vmcoreinfo"),
		.vmlinux_path = c->vmlinux,
		.debug_dirs = c->debug_dirs,
		.source_dirs = c->source_dirs,
		.force = args_has(&c->args, "force"),
		.gdb = args_value(&c->args, "gdb"),
		.trace_path = args_value(&c->args, "mi-log"),
		.log_path = args_value(&c->args, "log"),
	};
	uint64_t timeout = interactive ? 0 : SESSION_GDB_TIMEOUT;
	int ret = args_number(&c->args, "gdb-timeout", 1000000, &timeout, err);

	if (!ret)
		ret = take_engine(c, &opt.engine, err);
	if (!ret)
		ret = args_address(&c->args, "elfcorehdr", &opt.elfcorehdr, err);
	if (!ret)
		ret = args_address(&c->args, "vmcoreinfo", &opt.vmcoreinfo, err);
	if (ret)
		return ret;
	opt.gdb_timeout_ms = (unsigned)timeout * 1000;
	*out = opt;
	return 0;
}

int cli_session(const struct cli *c, bool interactive, struct session **out, struct kd_err *err)
{
	struct session_options opt;
	int ret = cli_session_options(c, interactive, &opt, err);

	return ret ? ret : session_open(&opt, out, err);
}
