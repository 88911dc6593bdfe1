// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The list of tasks (see tasks.h), from /proc/PID/task/TID/stat.
 */
#include "tasks.h"
#include "sys.h"

#define STAT_SIZE 1024

struct task_list {
	const char *tgid;
	uint64_t count;
};

static bool is_number(const char *s)
{
	return *s >= '0' && *s <= '9';
}

static void add_escaped(char *buf, size_t size, const char *s, const char *end)
{
	static const char hex[] = "0123456789abcdef";

	for (; s < end; s++) {
		unsigned char c = (unsigned char)*s;
		char out[5] = { *s };

		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') {
			out[0] = '\\';
			out[1] = 'x';
			out[2] = hex[c >> 4];
			out[3] = hex[c & 15];
		}
		str_add(buf, size, out);
	}
}

/*
 * STAT is "PID (COMM) STATE PPID ...", and COMM may hold anything, even ") R 1": only the last
 * ')' ends it.
 */
static void print_stat(const char *stat, const char *tid, const char *tgid)
{
	const char *comm = NULL, *end = NULL, *ppid;
	char line[256] = "task ";

	for (const char *s = stat; *s; s++) {
		if (*s == '(' && !comm)
			comm = s + 1;
		if (*s == ')')
			end = s;
	}
	if (!comm || !end || !end[1] || !end[2])
		return;
	for (ppid = end + 3; *ppid == ' ';)
		ppid++;
	str_add(line, sizeof(line), tid);
	str_add(line, sizeof(line), " ");
	str_add(line, sizeof(line), tgid);
	str_add(line, sizeof(line), " ");
	str_add_num(line, sizeof(line), str_num(ppid));
	str_add(line, sizeof(line), (const char[]){ ' ', end[2], ' ', '"', '\0' });
	add_escaped(line, sizeof(line), comm, end);
	str_add(line, sizeof(line), "\"");
	say(line, NULL);
}

static void print_thread(const char *tid, void *ctx)
{
	struct task_list *list = ctx;
	char path[128] = "/proc/", stat[STAT_SIZE];

	if (!is_number(tid))
		return;
	str_add(path, sizeof(path), list->tgid);
	str_add(path, sizeof(path), "/task/");
	str_add(path, sizeof(path), tid);
	str_add(path, sizeof(path), "/stat");
	if (file_read(path, stat, sizeof(stat)) <= 0)
		return;
	print_stat(stat, tid, list->tgid);
	list->count++;
}

static void print_process(const char *tgid, void *ctx)
{
	struct task_list *list = ctx;
	char path[128] = "/proc/";

	if (!is_number(tgid))
		return;
	list->tgid = tgid;
	str_add(path, sizeof(path), tgid);
	str_add(path, sizeof(path), "/task");
	dir_each(path, print_thread, list);
}

void tasks_print(void)
{
	struct task_list list = { 0 };

	dir_each("/proc", print_process, &list);
	say_num("tasks: ", list.count, "");
}
