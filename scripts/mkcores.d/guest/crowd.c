// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Thousands of sleeping tasks (see crowd.h).
 */
#include "crowd.h"
#include "sys.h"

#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/ioctl.h>
#include <linux/ipc.h>
#include <linux/mman.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/userfaultfd.h>
#include <asm/signal.h>

#define FAMILY 100
#define THREADS 8  /* of a process with threads, its first one counted */
#define FAULTERS 4 /* tasks of a process with unserved page faults */
#define STACK_SIZE 8192
#define PAGE 4096
#define WAIT_MS 300000
#define STEP_MS 100
#define REPORT 1000
#define AF_UNIX_ 1
#define SOCK_STREAM_ 1
#define LOCK_EX_ 2

/* Memory that all tasks of the crowd share: how many of them have arrived. */
static volatile uint32_t *arrived;
/* Each process has its own copy of what follows. */
static _Alignas(16) char stacks[THREADS][STACK_SIZE];
static int never; /* a futex word that nobody ever wakes */
static int pipe_fds[2];
static unsigned int next_kind;
/* A page whose first access waits for a server of page faults that does not exist. */
static char *unserved;

static void arrive(const char *name)
{
	SYS(prctl, PR_SET_NAME, name);
	__atomic_fetch_add(arrived, 1, __ATOMIC_SEQ_CST);
}

static long map_page(unsigned long flags)
{
	long prot = PROT_READ | PROT_WRITE;

#ifdef __x86_64__
	return SYS(mmap, 0, PAGE, prot, flags | MAP_ANONYMOUS, -1, 0);
#else
	return SYS(mmap2, 0, PAGE, prot, flags | MAP_ANONYMOUS, -1, 0);
#endif
}

static void wait_sleep(void)
{
	sleep_ms(3600 * 1000);
}

static void wait_pause(void)
{
	SYS(pause, 0);
}

static void wait_pipe(void)
{
	int fds[2];
	char c;

	SYS(pipe, fds);
	SYS(read, fds[0], &c, 1);
}

/* Nobody reads, so that the pipe is full after a while. */
static void wait_full_pipe(void)
{
	static const char data[PAGE];
	int fds[2];

	SYS(pipe, fds);
	while (SYS(write, fds[1], data, sizeof(data)) > 0)
		;
}

static void wait_futex(void)
{
	SYS(futex, &never, FUTEX_WAIT_PRIVATE, 0, 0);
}

static void wait_poll(void)
{
	int fds[2];

	SYS(pipe, fds);
	struct pollfd p = { .fd = fds[0], .events = POLLIN };

	SYS(poll, &p, 1, -1);
}

static void wait_select(void)
{
	int fds[2];
	unsigned long set[1024 / (8 * sizeof(long))] = { 0 };

	SYS(pipe, fds);
	set[0] = 1UL << fds[0];
	SYS(pselect6, fds[0] + 1, set, 0, 0, 0, 0);
}

static void wait_epoll(void)
{
	int fds[2];
	struct epoll_event ev = { .events = EPOLLIN };
	long ep = SYS(epoll_create1, 0);

	SYS(pipe, fds);
	SYS(epoll_ctl, ep, EPOLL_CTL_ADD, fds[0], &ev);
	SYS(epoll_wait, ep, &ev, 1, -1);
}

static void wait_eventfd(void)
{
	uint64_t n;

	SYS(read, SYS(eventfd2, 0, 0), &n, sizeof(n));
}

static void wait_signal(void)
{
	uint64_t mask = 1ULL << (SIGUSR1 - 1);

	SYS(rt_sigprocmask, SIG_BLOCK, &mask, 0, sizeof(mask));
	SYS(rt_sigtimedwait, &mask, 0, 0, sizeof(mask));
}

static void wait_socket(void)
{
	int fds[2];
	char c;

	SYS(socketpair, AF_UNIX_, SOCK_STREAM_, 0, fds);
	SYS(read, fds[0], &c, 1);
}

static void wait_semaphore(void)
{
	struct {
		unsigned short num;
		short op, flags;
	} take = { .op = -1 };

#ifdef __x86_64__
	SYS(semop, SYS(semget, IPC_PRIVATE, 1, 0600), &take, 1);
#else
	SYS(semtimedop_time64, SYS(semget, IPC_PRIVATE, 1, 0600), &take, 1, 0);
#endif
}

static void wait_message(void)
{
	struct {
		long type;
		char text[16];
	} msg;

	SYS(msgrcv, SYS(msgget, IPC_PRIVATE, 0600), &msg, sizeof(msg.text), 0, 0);
}

/* The other end of this named pipe is never opened. */
static void wait_fifo(void)
{
	SYS(open, "/tmp/kc-fifo", O_RDONLY);
}

/* The first one gets the lock and keeps it. */
static void wait_flock(void)
{
	long fd = SYS(open, "/tmp/kc-lock", O_RDWR | O_CREAT, 0600);

	SYS(flock, fd, LOCK_EX_);
	wait_pause();
}

static void be_stopped(void)
{
	SYS(kill, SYS(getpid, 0), SIGSTOP);
}

/* The leader of the family is the tracer, which never looks. */
static void be_traced(void)
{
	SYS(ptrace, PTRACE_TRACEME, 0, 0, 0);
	SYS(kill, SYS(getpid, 0), SIGSTOP);
}

static void be_zombie(void)
{
	SYS(exit_group, 0);
}

static const struct kind {
	const char *name; /* at most 15 bytes count */
	void (*run)(void);
	bool alone; /* concerns the whole process, so nothing for a thread */
} kinds[] = {
	{ .name = "kc-sleep", .run = wait_sleep },
	{ .name = "kc-pipe", .run = wait_pipe },
	{ .name = "kc-futex", .run = wait_futex },
	{ .name = "kc-poll", .run = wait_poll },
	{ .name = "kc-epoll", .run = wait_epoll },
	{ .name = "kc-select", .run = wait_select },
	{ .name = "kc-pause", .run = wait_pause },
	{ .name = "kc-full-pipe", .run = wait_full_pipe },
	{ .name = "kc-eventfd", .run = wait_eventfd },
	{ .name = "kc-signal", .run = wait_signal },
	{ .name = "kc-socket", .run = wait_socket },
	{ .name = "kc-semaphore", .run = wait_semaphore },
	{ .name = "kc-message", .run = wait_message },
	{ .name = "kc-fifo", .run = wait_fifo },
	{ .name = "kc-flock", .run = wait_flock },
	{ .name = "kc-stopped", .run = be_stopped, .alone = true },
	{ .name = "kc-traced", .run = be_traced, .alone = true },
	{ .name = "kc-zombie", .run = be_zombie, .alone = true },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* No kind comes back from its wait unless the call failed. */
__attribute__((noreturn)) static void run_kind(const struct kind *k)
{
	arrive(k->name);
	k->run();
	say("failed: woke up: ", k->name);
	for (;;)
		SYS(pause, 0);
}

static void run_thread(void)
{
	const struct kind *k;

	do {
		k = &kinds[__atomic_fetch_add(&next_kind, 1, __ATOMIC_SEQ_CST) % KINDS];
	} while (k->alone);
	run_kind(k);
}

static void spawn_thread(int i, void (*fn)(void))
{
	long pid = spawn(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
				 CLONE_SYSVSEM,
			 stacks[i], STACK_SIZE, fn);

	if (pid < 0)
		say_failed("clone", pid);
}

static void be_threads(void)
{
	for (int i = 1; i < THREADS; i++)
		spawn_thread(i, run_thread);
	run_thread();
}

/* Registers the page UNSERVED for page faults that a program serves; 0 or errno. */
static long make_unserved(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	long at = map_page(MAP_PRIVATE);
	long fd = SYS(userfaultfd, 0);
	long err;

	if (fd < 0)
		return fd;
	unserved = (char *)at;
	reg.range.start = (unsigned long)at;
	reg.range.len = PAGE;
	err = SYS(ioctl, fd, UFFDIO_API, &api);
	return err < 0 ? err : SYS(ioctl, fd, UFFDIO_REGISTER, &reg);
}

static void fault_in_user(void)
{
	arrive("kc-fault-user");
	*(volatile char *)unserved = 1;
	wait_pause();
}

/* pipe_write() copies from user memory with the pipe's mutex held. */
static void fault_in_kernel(void)
{
	arrive("kc-fault-write");
	SYS(write, pipe_fds[1], unserved, 1);
	wait_pause();
}

static void wait_mutex(void)
{
	char c;

	sleep_ms(500);
	arrive("kc-mutex");
	SYS(read, pipe_fds[0], &c, 1);
	wait_pause();
}

static void be_faulters(void)
{
	long err = make_unserved();

	if (err < 0) {
		say_failed("userfaultfd", err);
		return;
	}
	SYS(pipe, pipe_fds);
	spawn_thread(1, fault_in_user);
	spawn_thread(2, fault_in_kernel);
	spawn_thread(3, wait_mutex);
	arrive("kc-faults");
	wait_pause();
}

/*
 * The child runs FN, or the kind K when FN is NULL; answers its pid, and says so when there is
 * none.
 */
static long start(void (*fn)(void), const struct kind *k)
{
	long pid = SYS(fork, 0);

	if (pid < 0)
		return say_failed("fork", pid);
	if (pid > 0)
		return pid;
	if (!fn)
		run_kind(k);
	fn();
	for (;;)
		SYS(pause, 0);
}

/* Makes N tasks of this process and what it starts, and stays as their leader. */
static void lead_family(unsigned int number, unsigned int n)
{
	long last = 0;

	next_kind = number;
	for (unsigned int i = 0, left = n - 1; left && last >= 0; i++) {
		if (i % 10 == 3 && left > THREADS) {
			last = start(be_threads, NULL);
			left -= THREADS;
		} else if (i % 16 == 8 && left > FAULTERS) {
			last = start(be_faulters, NULL);
			left -= FAULTERS;
		} else if (left == 1) {
			last = start(NULL, &kinds[0]); /* for the leader to wait for */
			left--;
		} else {
			last = start(NULL, &kinds[next_kind++ % KINDS]);
			left--;
		}
	}
	arrive("kc-leader");
	if (last > 0)
		SYS(wait4, last, 0, 0, 0);
	for (;;)
		SYS(pause, 0);
}

/* Waits until N tasks have arrived; answers how many did. */
static uint64_t wait_arrived(uint64_t n)
{
	uint32_t said = 0;

	for (unsigned int ms = 0; ms < WAIT_MS && *arrived < n; ms += STEP_MS) {
		sleep_ms(STEP_MS);
		if (*arrived / REPORT > said) {
			said = *arrived / REPORT;
			say_num("started ", (uint64_t)said * REPORT, "");
		}
	}
	return *arrived;
}

uint64_t crowd_start(uint64_t n)
{
	long at = map_page(MAP_SHARED);
	unsigned int number = 0;

	if ((unsigned long)at >= -4095UL) {
		say_failed("mmap", at);
		return 0;
	}
	arrived = (uint32_t *)at;
	SYS(mknod, "/tmp/kc-fifo", 0010600, 0);
	for (uint64_t left = n; left; number++) {
		unsigned int size = left < FAMILY ? (unsigned int)left : FAMILY;
		long pid = SYS(fork, 0);

		if (pid == 0)
			lead_family(number, size);
		if (pid < 0) {
			say_failed("fork", pid);
			break;
		}
		left -= size;
	}
	return wait_arrived(n);
}
