// SPDX-License-Identifier: GPL-3.0-or-later
/* What a gdb needs to see the kernel: companion, server, commands; see gdb.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/lines.h"
#include "mi/companion.h"
#include "mi/gdb_priv.h"
#include "mi/rsp.h"

#define COMMANDS_MAX 16

struct gdb_kit {
	char *dir;
	char *companion, *script, *socket;
	char *commands[COMMANDS_MAX];
	size_t ncommands;
	struct rsp_server *server;
	char *warning;
};

static int make_dir(struct gdb_kit *kit, struct kd_err *err)
{
	const char *run = getenv("XDG_RUNTIME_DIR");

	/* a socket's path has to fit in 108 bytes */
	if (!run || *run != '/' || strlen(run) > 64 || access(run, W_OK))
		run = "/tmp";
	if (asprintf(&kit->dir, "%s/kdview-XXXXXX", run) < 0) {
		kit->dir = NULL;
		return kd_nomem(err);
	}
	if (!mkdtemp(kit->dir)) {
		int status = kd_fail(err, KD_IO, "can not make a folder %s: %s", kit->dir, strerror(errno));

		free(kit->dir);
		kit->dir = NULL;
		return status;
	}
	if (asprintf(&kit->companion, "%s/companion.elf", kit->dir) < 0 ||
	    asprintf(&kit->script, "%s/kdview.gdb", kit->dir) < 0 ||
	    asprintf(&kit->socket, "%s/rsp", kit->dir) < 0)
		return kd_nomem(err);
	return 0;
}

/* Without a companion gdb still works, only worse. */
static int make_companion(struct gdb_kit *kit, const struct kernel *k, struct kd_err *err)
{
	_cleanup_(closep) int fd = open(kit->companion, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct kd_err why = KD_ERR_INIT;

	if (fd < 0)
		return kd_fail(err, KD_IO, "can not write %s: %s", kit->companion, strerror(errno));
	if (!companion_write(k, fd, &why))
		return 0;
	unlink(kit->companion);
	free(kit->companion);
	kit->companion = NULL;
	if (asprintf(&kit->warning, "gdb's stacks may end early or in junk at entry code: %s",
		     why.text) < 0)
		kit->warning = NULL;
	return 0;
}

static int add_command(struct gdb_kit *kit, struct kd_err *err, const char *fmt, ...)
	KD_PRINTF(3, 4);

static int add_command(struct gdb_kit *kit, struct kd_err *err, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (kit->ncommands == COMMANDS_MAX)
		return kd_nomem(err);
	va_start(ap, fmt);
	n = vasprintf(&kit->commands[kit->ncommands], fmt, ap);
	va_end(ap);
	if (n < 0)
		return kd_nomem(err);
	kit->ncommands++;
	return 0;
}

/* A file name as one word of a gdb command line; owned by the caller. */
static char *gdb_word(const char *path)
{
	char *word = malloc(2 * strlen(path) + 3), *p = word;

	if (!word)
		return NULL;
	*p++ = '"';
	for (; *path; path++) {
		if (*path == '"' || *path == '\\')
			*p++ = '\\';
		*p++ = *path;
	}
	*p++ = '"';
	*p = '\0';
	return word;
}

/*
 * The companion goes first, since gdb believes the first file that describes a
 * pc. vmlinux is added rather than made the main file, because only so can its
 * per-CPU section stay at 0 while KASLR moves the rest; as exec-file it makes
 * gdb load modules by itself. So does the companion, where there is no vmlinux.
 */
static int make_commands(struct gdb_kit *kit, const struct kernel *k, struct kd_err *err)
{
	_cleanup_(freep) char *vmlinux = k->vmlinux ? gdb_word(k->vmlinux->path) : NULL;
	const char *exec = k->vmlinux ? vmlinux : kit->companion;
	int status;

	if (k->vmlinux && !vmlinux)
		return kd_nomem(err);
	status = add_command(kit, err, "set confirm off");
	if (!status)
		status = add_command(kit, err, "set backtrace limit %d", GDB_STACK_LIMIT);
	if (!status)
		status = add_command(kit, err, "set architecture %s", k->arch->gdb_arch);
	if (!status && exec)
		status = add_command(kit, err, "exec-file %s", exec);
	if (!status && kit->companion)
		status = add_command(kit, err, "add-symbol-file %s", kit->companion);
	if (!status && vmlinux)
		status = add_command(kit, err, "add-symbol-file %s -o %#" PRIx64 "%s", vmlinux,
				     k->kaslr_offset, k->percpu_fixed ? " -s .data..percpu 0" : "");
	/*
	 * From here on gdb would cache the indices of modules, with the addresses they
	 * have in this dump: wrong for the next one.
	 */
	return status ? status : add_command(kit, err, "set index-cache enabled off");
}

static int write_script(const struct gdb_kit *kit, struct kd_err *err)
{
	int fd = open(kit->script, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	_cleanup_(fclosep) FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	for (size_t i = 0; f && i < kit->ncommands; i++)
		fprintf(f, "%s\n", kit->commands[i]);
	if (!f || fflush(f))
		return kd_fail(err, KD_IO, "can not write %s: %s", kit->script, strerror(errno));
	return 0;
}

int gdb_kit_new(const struct kernel *k, const char *socket_path, FILE *trace,
		struct gdb_kit **out, struct kd_err *err)
{
	_cleanup_(gdb_kit_freep) struct gdb_kit *kit = calloc(1, sizeof(*kit));
	int status;

	if (!kit)
		return kd_nomem(err);
	status = make_dir(kit, err);
	if (!status)
		status = make_companion(kit, k, err);
	if (!kit->warning)
		kit->warning = lines_lack(k, k->vmlinux ? "" : ", and gdb knows no types");
	if (!status)
		status = make_commands(kit, k, err);
	if (!status)
		status = write_script(kit, err);
	if (!status)
		status = rsp_server_start(k, socket_path ? socket_path : kit->socket, trace,
					  &kit->server, err);
	if (status)
		return status;
	*out = kit;
	kit = NULL;
	return 0;
}

static void remove_file(char *path)
{
	if (path)
		unlink(path);
	free(path);
}

void gdb_kit_free(struct gdb_kit *kit)
{
	if (!kit)
		return;
	rsp_server_stop(kit->server);
	remove_file(kit->companion);
	remove_file(kit->script);
	free(kit->socket);
	if (kit->dir)
		rmdir(kit->dir);
	free(kit->dir);
	for (size_t i = 0; i < kit->ncommands; i++)
		free(kit->commands[i]);
	free(kit->warning);
	free(kit);
}

void gdb_kit_freep(struct gdb_kit **kit)
{
	gdb_kit_free(*kit);
}

const char *gdb_kit_script(const struct gdb_kit *kit)
{
	return kit->script;
}

const char *gdb_kit_socket(const struct gdb_kit *kit)
{
	return rsp_server_path(kit->server);
}

const char *gdb_kit_warning(const struct gdb_kit *kit)
{
	return kit->warning;
}

const char *gdb_kit_command(const struct gdb_kit *kit, size_t i)
{
	return i < kit->ncommands ? kit->commands[i] : NULL;
}
