// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * /init of the virtual machines that make kdview's real dumps, for both kernels.
 *
 * First kernel: loads modules, starts processes, loads the crash kernel, crashes.
 * Second kernel (there is a /proc/vmcore): saves it and ends the machine.
 *
 * Options on the kernel command line:
 *   kd.crash=sysrq|oom|MODE  how to crash: by sysrq, by a process that eats all memory, or
 *                        MODE of the module kdcrash (default sysrq)
 *   kd.show=KEYS         sysrq keys to press before the crash: "tl" prints all tasks and CPUs
 *   kd.wait=MS|key       time for the processes to settle before the crash (default 1500), or until
 *                        a line comes from the console
 *   kd.elf=32|64|auto    i386 only: core headers that kexec writes (default auto)
 *   kd.save=WHERE        second kernel: see save.h (default raw:/dev/vda)
 *   kd.crowd=N           first kernel: start N tasks more (see crowd.h), list all tasks, say
 *                        "ready" and stay, for a dump that is taken from outside
 *   kd.stay=live|MODE    first kernel: say "ready" and stay, or then do what kd.crash=MODE would,
 *                        without a second kernel, and without a panic because something hangs
 *   kd.end=reboot|poweroff  how to end (default reboot, for "qemu -no-reboot": needs no ACPI)
 * Files in the initramfs (made by mkinitrd.sh):
 *   /modules/list        one module per line: file name in /modules, then its parameters
 *   /commands            programs with their arguments, a line each, to run before the crash, and
 *                        "sleep SECONDS" and "key", which waits for one; what they write is on the console
 *   /crash/kernel, /crash/initrd, /crash/cmdline, and for i386 /sbin/kexec with its libraries
 *   /load                instead of /crash/cmdline: commands that load the crash kernel
 */
#include "crowd.h"
#include "procs.h"
#include "save.h"
#include "sys.h"
#include "tasks.h"

#include <linux/fcntl.h>
#include <linux/kexec.h>
#include <linux/mount.h>
#include <linux/reboot.h>

#define EEXIST_ 17
#define ENOENT_ 2

static void mount_all(void)
{
	static const struct {
		const char *dir, *type;
	} fs[] = {
		{ "/proc", "proc" }, { "/sys", "sysfs" }, { "/dev", "devtmpfs" }, { "/tmp", "tmpfs" },
	};
	long fd;

	for (size_t i = 0; i < sizeof(fs) / sizeof(fs[0]); i++) {
		SYS(mkdir, fs[i].dir, 0755);
		SYS(mount, fs[i].type, fs[i].dir, fs[i].type, 0, 0);
	}
	fd = SYS(open, "/dev/console", O_RDWR);
	for (int i = 0; fd >= 0 && i < 3; i++)
		SYS(dup2, fd, i);
	if (fd > 2)
		SYS(close, fd);
}

/* LINE is "FILE PARAMETERS"; a module that is built in or loaded already is no mistake. */
static void load_module(char *line)
{
	char path[256] = "/modules/";
	char *args = line;
	long fd, err;

	while (*args && *args != ' ')
		args++;
	if (*args)
		*args++ = '\0';
	str_add(path, sizeof(path), line);
	fd = SYS(open, path, O_RDONLY);
	err = fd < 0 ? fd : SYS(finit_module, fd, args, 0);
	if (err < 0 && err != -EEXIST_)
		say_failed(path, err);
	if (fd >= 0)
		SYS(close, fd);
}

/* Calls FN with each line of a file that is there. */
static void each_line(const char *path, void (*fn)(char *line))
{
	static char list[8192];
	char *at = list;

	if (file_read(path, list, sizeof(list)) <= 0)
		return;
	while (*at) {
		char *line = at;
		bool more;

		while (*at && *at != '\n')
			at++;
		more = *at;
		*at = '\0';
		if (*line)
			fn(line);
		if (more)
			at++;
	}
}

/* Runs a program to its end; its exit status. */
static int run(const char *const *argv)
{
	static const char *const envp[] = { "PATH=/sbin", "LD_LIBRARY_PATH=/lib", NULL };
	int status = -1;
	long pid = SYS(fork, 0);

	if (pid == 0) {
		say_failed(argv[0], SYS(execve, argv[0], argv, envp));
		SYS(exit_group, 127);
	}
	SYS(wait4, pid, &status, 0, 0);
	return status;
}

/* The word at *AT, ended in place; *AT then is behind it. Blanks end it, unless within quotes. */
static const char *next_word(char **at)
{
	char *from = *at, *to;
	const char *word;
	bool quoted = false;

	while (*from == ' ')
		from++;
	word = to = from;
	for (; *from && (quoted || *from != ' '); from++) {
		if (*from == '"')
			quoted = !quoted;
		else
			*to++ = *from;
	}
	*at = *from ? from + 1 : from;
	*to = '\0';
	return *word ? word : NULL;
}

static void wait_for_key(void)
{
	char c;

	say("waiting", NULL);
	SYS(read, 0, &c, 1);
}

static void run_command(char *line)
{
	const char *argv[32] = { NULL };
	char text[128] = "";
	size_t n = 0;

	str_add(text, sizeof(text), line);
	if (str_starts(line, "sleep ")) {
		sleep_ms((unsigned int)str_num(line + 6) * 1000);
		return;
	}
	if (str_eq(line, "key")) {
		wait_for_key();
		return;
	}
	while (n + 1 < sizeof(argv) / sizeof(argv[0]) && (argv[n] = next_word(&line)))
		n++;
	say("run: ", text);
	if (n && run(argv))
		say("failed: ", text);
}

#ifdef __x86_64__
static long load_crash_kernel(const char *cmdline)
{
	long kernel = SYS(open, "/crash/kernel", O_RDONLY);
	long initrd = SYS(open, "/crash/initrd", O_RDONLY);
	long err;

	if (kernel < 0 || initrd < 0)
		return kernel < 0 ? kernel : initrd;
	err = SYS(kexec_file_load, kernel, initrd, str_len(cmdline) + 1, cmdline,
		  KEXEC_FILE_ON_CRASH);
	SYS(close, kernel);
	SYS(close, initrd);
	return err;
}
#else
/* i386 has no kexec_file_load: kexec makes the ELF headers and brings its purgatory. */
static long load_crash_kernel(const char *cmdline)
{
	const char *elf = option("kd.elf=", "auto");
	static char append[2048] = "--append=";
	const char *argv[] = { "kexec", "-p", "/crash/kernel", "--initrd=/crash/initrd", append,
			       NULL, NULL };

	str_add(append, sizeof(append), cmdline);
	if (str_eq(elf, "32"))
		argv[5] = "--elf32-core-headers";
	else if (str_eq(elf, "64"))
		argv[5] = "--elf64-core-headers";
	argv[0] = "/sbin/kexec";
	return run(argv) ? -ENOENT_ : 0;
}
#endif

static void drop_file(const char *name, void *dir)
{
	char path[128] = "";

	str_add(path, sizeof(path), dir);
	str_add(path, sizeof(path), name);
	SYS(unlink, path);
}

/* What only loading the crash kernel needed, and what would not compress, need not be dumped. */
static void drop_crash_files(void)
{
	static char dirs[][8] = { "/crash/", "/sbin/", "/lib/" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		dir_each(dirs[i], drop_file, dirs[i]);
}

/* Only with the first character that is written does the kernel do anything. */
static void press_keys(const char *keys)
{
	for (; *keys; keys++) {
		char key[2] = { *keys };

		file_write("/proc/sysrq-trigger", key);
	}
}

static long do_mode(const char *mode)
{
	if (str_eq(mode, "sysrq"))
		return file_write("/proc/sysrq-trigger", "c");
	return file_write("/proc/kdcrash", mode);
}

/* Whoever runs the machine says when to go on. */
static void crash(const char *mode)
{
	const char *wait = option("kd.wait=", "1500");

	if (str_eq(wait, "key"))
		wait_for_key();
	else
		sleep_ms((unsigned int)str_num(wait));
	tasks_print();
	press_keys(option("kd.show=", ""));
	say("crash: ", mode);
	/* Kernel messages that come while the serial line is still sending this may get lost. */
	sleep_ms(300);
	if (str_eq(mode, "oom"))
		say_num("eater: ", (uint64_t)procs_eat_memory(), "");
	else if (do_mode(mode) < 0)
		say("failed: no such mode: ", mode);
	/* Modes that crash by way of a watchdog or the hung task check need a while. */
	sleep_ms(60000);
	say("failed: still alive after ", mode);
}

__attribute__((noreturn)) static void stay_with_crowd(uint64_t n)
{
	say_num("crowd: ", crowd_start(n), "");
	say_num("processes: ", (uint64_t)procs_start(false), "");
	sleep_ms((unsigned int)str_num(option("kd.wait=", "1500")));
	tasks_print();
	say("ready", NULL);
	for (;;)
		sleep_ms(1000);
}

__attribute__((noreturn)) static void stay(const char *mode)
{
	file_write("/proc/sys/kernel/sysrq", "1");
	file_write("/proc/sys/kernel/watchdog_thresh", "3");
	file_write("/proc/sys/kernel/hung_task_timeout_secs", "4");
	say_num("processes: ", (uint64_t)procs_start(file_exists("/proc/kdcrash")), "");
	sleep_ms((unsigned int)str_num(option("kd.wait=", "1500")));
	tasks_print();
	say("ready", NULL);
	sleep_ms(300);
	if (!str_eq(mode, "live") && do_mode(mode) < 0)
		say("failed: no such mode: ", mode);
	for (;;)
		sleep_ms(1000);
}

/* By the commands of /load, or by ourselves. */
static long load(void)
{
	static char cmdline[2048];
	char loaded[4] = "";

	if (file_exists("/load")) {
		each_line("/load", run_command);
		file_read("/sys/kernel/kexec_crash_loaded", loaded, sizeof(loaded));
		return loaded[0] == '1' ? 0 : -ENOENT_;
	}
	if (file_read("/crash/cmdline", cmdline, sizeof(cmdline)) < 0)
		say("failed: no ", "/crash/cmdline");
	for (char *c = cmdline; *c; c++)
		if (*c == '\n')
			*c = '\0';
	return load_crash_kernel(cmdline);
}

static void first_kernel(void)
{
	uint64_t crowd = str_num(option("kd.crowd=", "0"));
	char mode[64] = "", staying[64] = "";
	long err;

	if (crowd)
		stay_with_crowd(crowd);
	str_add(staying, sizeof(staying), option("kd.stay=", ""));
	if (*staying)
		stay(staying);
	str_add(mode, sizeof(mode), option("kd.crash=", "sysrq"));
	file_write("/proc/sys/kernel/panic_on_oops", "1");
	file_write("/proc/sys/kernel/sysrq", "1");
	if (str_eq(mode, "oom"))
		file_write("/proc/sys/vm/panic_on_oom", "1");
	if (str_eq(mode, "softlock")) {
		file_write("/proc/sys/kernel/watchdog_thresh", "3");
		file_write("/proc/sys/kernel/softlockup_panic", "1");
	}
	if (str_eq(mode, "abba")) {
		file_write("/proc/sys/kernel/hung_task_timeout_secs", "4");
		file_write("/proc/sys/kernel/hung_task_panic", "1");
	}
	say_num("processes: ", (uint64_t)procs_start(file_exists("/proc/kdcrash")), "");
	err = load();
	if (err < 0) {
		say_failed("loading the crash kernel", err);
		return;
	}
	each_line("/commands", run_command);
	drop_crash_files();
	crash(mode);
}

static void end_machine(void)
{
	bool off = str_eq(option("kd.end=", "reboot"), "poweroff");

	SYS(sync, 0);
	SYS(reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
	    off ? LINUX_REBOOT_CMD_POWER_OFF : LINUX_REBOOT_CMD_RESTART, 0);
	for (;;)
		sleep_ms(1000);
}

/* SP points to what the kernel gave: argc, then the pointers of argv. */
__attribute__((used, noreturn)) static void start_main(const uintptr_t *sp)
{
	if (sp[0] > 0 && str_eq((const char *)sp[1], "kd-args"))
		procs_args_main();
	mount_all();
	each_line("/modules/list", load_module);
	if (file_exists("/proc/vmcore")) {
		char where[256] = "";

		str_add(where, sizeof(where), option("kd.save=", "raw:/dev/vda"));
		save_vmcore(where);
	} else {
		first_kernel();
	}
	end_machine();
	__builtin_unreachable();
}

#ifdef __x86_64__
__asm__(".text\n"
	".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call start_main\n");
#else
__asm__(".text\n"
	".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %esp, %eax\n"
	"	and $-16, %esp\n"
	"	sub $12, %esp\n"
	"	push %eax\n"
	"	call start_main\n");
#endif
