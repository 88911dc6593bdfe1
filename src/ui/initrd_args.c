// SPDX-License-Identifier: GPL-3.0-or-later
/* Options of an initramfs: see initrd_args.h. */
#include "ui/initrd_args.h"

#include <string.h>

#include "ui/commands.h"
#include "ui/format.h"

#define SECONDS_MOST 1000000

static const struct opt_def options[] = { INITRD_OPTIONS };

const char *initrd_args_first(const struct args *a)
{
	for (size_t i = 0; i < KD_ARRAY_SIZE(options); i++)
		if (args_has(a, options[i].name))
			return options[i].name;
	return NULL;
}

static int take_list(const struct args *a, const char *name, const char **out, struct kd_err *err)
{
	const char *value;
	size_t n = 0;

	for (; (value = args_value_at(a, name, n)); n++) {
		if (n + 1 == INITRD_WORDS)
			return kd_fail(err, KD_USAGE, "option --%s: too often", name);
		out[n] = value;
	}
	out[n] = NULL;
	return 0;
}

/* An option's words, all times it is given. */
static int take_words(const struct args *a, const char *name, char **text, const char **out,
		      struct kd_err *err)
{
	const char *value;
	size_t n = 0;

	for (size_t i = 0; (value = args_value_at(a, name, i)); i++) {
		char *joined;

		if (asprintf(&joined, "%s%s%s", *text ? *text : "", *text ? " " : "", value) < 0)
			return kd_nomem(err);
		free(*text);
		*text = joined;
	}
	for (char *save = NULL, *w = *text ? strtok_r(*text, " \t\n", &save) : NULL; w;
	     w = strtok_r(NULL, " \t\n", &save)) {
		if (n + 1 == INITRD_WORDS)
			return kd_fail(err, KD_USAGE, "option --%s: too many words", name);
		out[n++] = w;
	}
	out[n] = NULL;
	return 0;
}

/* The second kernel could only complain. */
static int check_capture(const char *const *words, struct kd_err *err)
{
	struct args a;
	size_t n = 0;
	int ret;

	while (words[n])
		n++;
	ret = args_parse(words, n, cmd_capture.options, NULL, 0, &a, err);
	if (!ret && a.nwords)
		ret = kd_fail(err, KD_USAGE,
			      "\"%s\" is no option: the target is where the dump goes", a.words[0]);
	args_fini(&a);
	return ret ? kd_context(err, ret, "option --capture-options") : 0;
}

static int take_action(const struct args *a, const char *name, const char **out, struct kd_err *err)
{
	static const char *const actions[] = { "reboot", "poweroff", "halt", "shell" };
	const char *value = args_value(a, name);

	*out = value;
	for (size_t i = 0; value && i < KD_ARRAY_SIZE(actions); i++)
		if (!strcmp(value, actions[i]))
			return 0;
	return value ? kd_fail(err, KD_USAGE, "option --%s: it is reboot, poweroff, halt or shell",
			       name)
		     : 0;
}

static int take_pack(const struct args *a, enum initrd_pack *out, struct kd_err *err)
{
	const char *value = args_value(a, "pack");

	*out = INITRD_AUTO;
	if (!value)
		return 0;
	if (!strcmp(value, "zstd"))
		*out = INITRD_ZSTD;
	else if (!strcmp(value, "gzip"))
		*out = INITRD_GZIP;
	else if (!strcmp(value, "none"))
		*out = INITRD_PLAIN;
	else
		return kd_fail(err, KD_USAGE, "option --pack: it is zstd, gzip or none");
	return 0;
}

static int take_seconds(const struct args *a, const char *name, unsigned *out, struct kd_err *err)
{
	uint64_t n = 0;
	int ret = args_number(a, name, SECONDS_MOST, &n, err);

	*out = (unsigned)n;
	return ret;
}

int initrd_args_take(const struct args *a, struct initrd_args *out, struct kd_err *err)
{
	struct initrd_request *q = &out->q;
	int ret;

	*out = (struct initrd_args){
		.q = {
			.root = args_value(a, "root"),
			.release = args_value(a, "kernel-release"),
			.modules_dir = args_value(a, "modules-dir"),
			.config = args_value(a, "config"),
			.init = args_value(a, "init"),
			.watchdog = args_value(a, "watchdog"),
			.targets = out->targets,
			.modules = out->modules,
			.capture = out->capture,
			.hook = out->hook,
			.dmesg_only = args_has(a, "dmesg-only"),
			.no_verify = args_has(a, "no-verify"),
			.no_modules = args_has(a, "no-modules"),
		},
	};
	ret = take_list(a, "target", out->targets, err);
	if (!ret)
		ret = take_list(a, "module", out->modules, err);
	if (!ret)
		ret = take_words(a, "capture-options", &out->text[0], out->capture, err);
	if (!ret)
		ret = check_capture(out->capture, err);
	if (!ret)
		ret = take_words(a, "hook", &out->text[1], out->hook, err);
	if (!ret)
		ret = take_action(a, "on-done", &q->on_done, err);
	if (!ret)
		ret = take_action(a, "on-fail", &q->on_fail, err);
	if (!ret)
		ret = take_seconds(a, "wait", &q->wait, err);
	if (!ret)
		ret = take_seconds(a, "limit", &q->limit, err);
	if (!ret && q->no_modules && out->modules[0])
		ret = kd_fail(err, KD_USAGE, "--module and --no-modules exclude each other");
	return ret ? ret : take_pack(a, &q->pack, err);
}

void initrd_args_fini(struct initrd_args *i)
{
	for (size_t k = 0; k < KD_ARRAY_SIZE(i->text); k++)
		free(i->text[k]);
	*i = (struct initrd_args){ 0 };
}

void initrd_answer(const struct initrd *i, struct doc *d)
{
	static const char *const how[] = {
		[INITRD_ZSTD] = "zstd", [INITRD_GZIP] = "gzip", [INITRD_PLAIN] = "not packed"
	};
	char size[32], plain[32], modules[32];

	doc_field(d, "release", "for kernel", doc_str(i->release));
	doc_field(d, "bytes", "initramfs",
		  doc_fmt("%s (%s; %s unpacked)", format_size(i->len, size, sizeof(size)),
			  how[i->packed], format_size(i->plain_len, plain, sizeof(plain))));
	doc_field(d, "modules", "modules",
		  i->nmodules ? doc_fmt("%zu (%s)", i->nmodules,
					format_size(i->modules_len, modules, sizeof(modules)))
			      : doc_str("none"));
	doc_text(d, "configuration", doc_str(i->conf));
	for (size_t k = 0; k < i->nnotes; k++)
		doc_note(d, DOC_FINDING, "%s", i->notes[k]);
}
