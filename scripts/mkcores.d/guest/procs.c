// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Processes in various states (see procs.h).
 */
#include "procs.h"
#include "sys.h"

#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <asm/signal.h>

#define STACK_SIZE 16384
#define THREADS	   3
#define ANON_SIZE  (1024 * 1024)

static _Alignas(16) char stacks[THREADS + 1][STACK_SIZE];
/* A futex word that nobody ever wakes. */
static int never;

static void wait_for_ever(void)
{
	for (;;)
		SYS(pause, 0);
}

static void wait_sleep(void)
{
	for (;;)
		sleep_ms(3600 * 1000);
}

static void wait_pipe(void)
{
	int fds[2];
	char c;

	SYS(pipe, fds);
	for (;;)
		SYS(read, fds[0], &c, 1);
}

static void wait_futex(void)
{
	for (;;)
		SYS(futex, &never, FUTEX_WAIT_PRIVATE, 0, 0);
}

static void be_busy(void)
{
	for (volatile unsigned long n = 0;; n++)
		;
}

static void be_stopped(void)
{
	SYS(kill, SYS(getpid, 0), SIGSTOP);
	wait_for_ever();
}

static long map_memory(unsigned long size)
{
#ifdef __NR_mmap2
	return SYS(mmap2, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#else
	return SYS(mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#endif
}

#define EAT_SIZE (16 * 1024 * 1024)

static void eat_memory(void)
{
	for (;;) {
		long at = map_memory(EAT_SIZE);

		/* Out of address space: what is mapped is all touched. */
		if (at < 0 && at > -4096)
			wait_for_ever();
		for (unsigned long i = 0; i < EAT_SIZE; i += 4096)
			((volatile char *)at)[i] = 1;
	}
}

long procs_eat_memory(void)
{
	long pid = SYS(fork, 0);

	if (pid)
		return pid;
	SYS(prctl, PR_SET_NAME, "kd-eater");
	eat_memory();
	return 0;
}

/* A parent that never waits for its child. */
static void leave_zombie(void)
{
	if (SYS(fork, 0) == 0) {
		SYS(prctl, PR_SET_NAME, "kd-zombie");
		SYS(exit_group, 7);
	}
	wait_for_ever();
}

/* Blocks SIGUSR1 and SIGTERM and sends itself both: pending for ever. */
static void keep_signals_pending(void)
{
	uint64_t mask = 1ULL << (SIGUSR1 - 1) | 1ULL << (SIGTERM - 1);
	long pid = SYS(getpid, 0);

	SYS(rt_sigprocmask, SIG_BLOCK, &mask, 0, sizeof(mask));
	SYS(kill, pid, SIGUSR1);
	SYS(kill, pid, SIGTERM);
	wait_for_ever();
}

/*
 * Memory with a known content: 1 MiB anonymous (each 32-bit word holds its own index and the mark
 * 0x6b640000, "kd"), a file in tmpfs with text, mapped and open.
 */
static void hold_memory(void)
{
	static const char text[] = "kdview: page cache of a tmpfs file\n";
	uint32_t *anon;
	long fd, at;

#ifdef __x86_64__
	at = SYS(mmap, 0, ANON_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#else
	at = SYS(mmap2, 0, ANON_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#endif
	if ((unsigned long)at < -4095UL) {
		anon = (uint32_t *)at;
		for (uint32_t i = 0; i < ANON_SIZE / 4; i++)
			anon[i] = 0x6b640000u ^ i;
	}
	fd = SYS(open, "/tmp/kd-file", O_RDWR | O_CREAT, 0600);
	if (fd >= 0) {
		for (int i = 0; i < 4096; i++)
			SYS(write, fd, text, sizeof(text) - 1);
#ifdef __x86_64__
		SYS(mmap, 0, 65536, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
#else
		SYS(mmap2, 0, 65536, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
#endif
	}
	wait_for_ever();
}

static void thread_sleeper(void)
{
	SYS(prctl, PR_SET_NAME, "kd-thr-sleep");
	wait_sleep();
}

static void thread_waiter(void)
{
	SYS(prctl, PR_SET_NAME, "kd-thr-futex");
	wait_futex();
}

static void thread_pauser(void)
{
	SYS(prctl, PR_SET_NAME, "kd-thr-pause");
	wait_for_ever();
}

static void have_threads(void)
{
	static void (*const fns[THREADS])(void) = { thread_sleeper, thread_waiter, thread_pauser };

	for (int i = 0; i < THREADS; i++)
		spawn(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			      CLONE_SYSVSEM,
		      stacks[i], STACK_SIZE, fns[i]);
	wait_for_ever();
}

/* The parent of a vfork stays in state D (killable) as long as the child neither execs nor ends. */
static void wait_vfork(void)
{
	spawn(CLONE_VM | CLONE_VFORK | SIGCHLD, stacks[THREADS], STACK_SIZE, wait_for_ever);
	wait_for_ever();
}

static void wait_in_module(void)
{
	file_write("/proc/kdcrash", "dstate");
	wait_for_ever();
}

/* Starts this program again, so that arguments and environment are there to be found. */
static void exec_with_args(void)
{
	static const char *const argv[] = { "kd-args", "--colour=none", "two words", "", "tab\there",
					    NULL };
	static const char *const envp[] = { "HOME=/", "KD_FIXTURE=yes", "EMPTY=", NULL };

	SYS(execve, "/init", argv, envp);
	wait_for_ever();
}

void procs_args_main(void)
{
	SYS(prctl, PR_SET_NAME, "kd-args");
	wait_for_ever();
}

static const struct proc {
	const char *name; /* at most 15 bytes count */
	void (*run)(void);
} procs[] = {
	{ "kd-sleep", wait_sleep },
	{ "kd-pipe", wait_pipe },
	{ "kd-futex", wait_futex },
	{ "kd-busy", be_busy },
	{ "kd-threads", have_threads },
	{ "kd-stopped", be_stopped },
	{ "kd-parent", leave_zombie },
	{ "kd-pending", keep_signals_pending },
	{ "kd-memory", hold_memory },
	{ "kd-vfork", wait_vfork },
	{ "kd-args", exec_with_args },
	/* Blank, brackets as in /proc/PID/stat, escape sequence, newline, bytes that are no UTF-8. */
	{ "k) R 1(\x1b[7m\n\xff\"", wait_for_ever },
};

static void start(const struct proc *p)
{
	if (SYS(fork, 0) != 0)
		return;
	SYS(prctl, PR_SET_NAME, p->name);
	p->run();
	SYS(exit_group, 1);
}

int procs_start(bool dstate)
{
	static const struct proc in_module = { "kd-dstate", wait_in_module };
	int n = (int)(sizeof(procs) / sizeof(procs[0]));

	for (int i = 0; i < n; i++)
		start(&procs[i]);
	if (dstate) {
		start(&in_module);
		n++;
	}
	return n;
}
