// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * gdb's symbol index, made once per build ID (gdb manual, "Index Files Speed Up
 * GDB"). The run that makes it does not profit from it, so it is one of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "mi/gdb_priv.h"

extern char **environ;

/* Make every folder of PATH below its first LEN bytes; 0700: names of kernels are private. */
static bool make_dirs(char *path, size_t len)
{
	for (char *p = path + len; *p; p++) {
		if (*p != '/' || p == path)
			continue;
		*p = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			return false;
		*p = '/';
	}
	return !mkdir(path, 0700) || errno == EEXIST;
}

char *gdb_index_dir(void)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char *dir = NULL;
	int n;

	if (cache && *cache == '/')
		n = asprintf(&dir, "%s/kdview/gdb-index", cache);
	else if (home && *home == '/')
		n = asprintf(&dir, "%s/.cache/kdview/gdb-index", home);
	else
		return NULL;
	if (n < 0)
		return NULL;
	if (make_dirs(dir, 1) && !access(dir, W_OK))
		return dir;
	free(dir);
	return NULL;
}

static bool have_index(const struct vmlinux *v, const char *dir)
{
	char hex[2 * BUILD_ID_MAX + 1], path[PATH_MAX];

	build_id_format(&v->build_id, hex);
	snprintf(path, sizeof(path), "%s/%s.gdb-index", dir, hex);
	return !access(path, R_OK);
}

static unsigned now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned)(ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

/* Wait for PID, telling the user; past the time allowed, or on his word, end it. */
static void await(pid_t pid, const struct gdb_options *opt)
{
	unsigned start = now_ms(), elapsed;
	int status;

	while (!waitpid(pid, &status, WNOHANG)) {
		elapsed = now_ms() - start;
		if ((opt->timeout_ms && elapsed > opt->timeout_ms) ||
		    (opt->tick && !opt->tick(opt->data, "indexing vmlinux (once)", elapsed))) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return;
		}
		poll(NULL, 0, 20);
	}
}

static bool spawn(char *const argv[], pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	bool ok;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attr);
	/* a ^C on the terminal is ours to act on */
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	ok = !posix_spawnp(pid, argv[0], &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return ok;
}

void gdb_index_make(const struct vmlinux *v, const char *dir, const struct gdb_options *opt)
{
	char program[PATH_MAX], set_dir[PATH_MAX + 64], path[PATH_MAX];
	char *argv[] = { program, (char[]){ "-nx" }, (char[]){ "-q" }, (char[]){ "-batch" },
			 (char[]){ "-iex" }, (char[]){ "set auto-load off" },
			 (char[]){ "-iex" }, set_dir,
			 (char[]){ "-iex" }, (char[]){ "set index-cache enabled on" },
			 path, NULL };
	pid_t pid;

	/* without DWARF there is nothing to index, without a build ID nothing to keep it by */
	if (!v->has_dwarf || !v->build_id.len || have_index(v, dir))
		return;
	snprintf(program, sizeof(program), "%s", opt->program ? opt->program : "gdb");
	snprintf(set_dir, sizeof(set_dir), "set index-cache directory %s", dir);
	if (snprintf(path, sizeof(path), "%s", v->path) >= (int)sizeof(path))
		return;
	if (spawn(argv, &pid))
		await(pid, opt);
}
