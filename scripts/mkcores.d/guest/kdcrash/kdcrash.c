// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Crashes the kernel in ways that a reader of dumps has to understand.
 *
 * A mode is chosen by the parameter mode= or by writing its name to /proc/kdcrash; reading that
 * file lists the modes. There is no module_exit: what was started never ends.
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

/* A frame of its own: neither inlined nor cloned with fewer arguments. */
#define KD_FRAME noinline __noclone
/* After a call: what follows keeps the call from becoming a jump, which would lose the frame. */
#define KD_KEEP_FRAME() barrier()

#define KD_ITEMS 5

enum kd_colour { KD_RED, KD_GREEN = 4, KD_BLUE };

struct kd_item {
	struct list_head link;
	unsigned int id;
	enum kd_colour colour;
	unsigned int ready : 1;
	unsigned int level : 5;
	union {
		u64 value;
		struct {
			u32 low, high;
		};
	};
	char name[12];
	struct kd_item *next_job;
};

struct kd_job {
	struct work_struct work;
	const char *title;
	struct kd_item *first;
	int depth;
};

struct kd_range {
	unsigned long from, to;
	int step;
};

static LIST_HEAD(kd_items);
static struct kd_job kd_job = { .title = "sum of a broken chain", .depth = 3 };

/* Two threads that take two mutexes in opposite order, sure to meet in the middle. */
static DEFINE_MUTEX(kd_lock_a);
static DEFINE_MUTEX(kd_lock_b);
static DECLARE_COMPLETION(kd_has_a);
static DECLARE_COMPLETION(kd_has_b);

static KD_FRAME void kd_lock_second(struct mutex *second, const char *who)
{
	mutex_lock(second);
	pr_info("kdcrash: %s has both\n", who);
	mutex_unlock(second);
}

static int kd_thread_ab(void *arg)
{
	mutex_lock(&kd_lock_a);
	complete(&kd_has_a);
	wait_for_completion(&kd_has_b);
	kd_lock_second(&kd_lock_b, arg);
	mutex_unlock(&kd_lock_a);
	return 0;
}

static int kd_thread_ba(void *arg)
{
	mutex_lock(&kd_lock_b);
	complete(&kd_has_b);
	wait_for_completion(&kd_has_a);
	kd_lock_second(&kd_lock_a, arg);
	mutex_unlock(&kd_lock_b);
	return 0;
}

static int kd_thread_third(void *arg)
{
	/* Waits behind the cycle without being part of it. */
	kd_lock_second(&kd_lock_a, arg);
	return 0;
}

static int kd_abba(void)
{
	static char ab[] = "ab", ba[] = "ba", third[] = "third";

	kthread_run(kd_thread_ab, ab, "kd-ab");
	kthread_run(kd_thread_ba, ba, "kd-ba");
	msleep(200);
	kthread_run(kd_thread_third, third, "kd-third");
	return 0;
}

static KD_FRAME void kd_bug_if(struct kd_item *item, unsigned int limit)
{
	BUG_ON(item->id < limit);
}

static int kd_bug(void)
{
	kd_bug_if(kd_job.first, 1000);
	KD_KEEP_FRAME();
	return 0;
}

/* The depth is volatile so that the compiler can not see that this never ends. */
static volatile int kd_depth_limit = 1000000;

static KD_FRAME int kd_recurse(int depth)
{
	volatile char frame[256];

	frame[0] = (char)depth;
	frame[sizeof(frame) - 1] = frame[0];
	if (depth < kd_depth_limit)
		depth = kd_recurse(depth + 1);
	KD_KEEP_FRAME();
	return depth + frame[sizeof(frame) - 1];
}

static int kd_stack(void)
{
	return kd_recurse(0) ? 0 : -EIO;
}

/* The last item's next_job is NULL and nobody checks it. */
static inline u64 kd_value_of(const struct kd_item *item)
{
	return item->value + item->level;
}

static KD_FRAME u64 kd_sum_from(struct kd_item *item, int count, struct kd_range *range)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < count; i++) {
		sum += kd_value_of(item);
		range->to += range->step;
		item = item->next_job;
	}
	return sum;
}

static KD_FRAME u64 kd_check_job(struct kd_job *job, int depth)
{
	struct kd_range range = { .from = 0x1000, .to = 0x1000, .step = depth };
	u64 sum = kd_sum_from(job->first, KD_ITEMS + 1, &range);

	KD_KEEP_FRAME();
	return sum + range.to - range.from;
}

static KD_FRAME u64 kd_run_job(struct kd_job *job, const char *why)
{
	u64 sum = kd_check_job(job, job->depth + 1);

	pr_info("kdcrash: %s: %s: %llu\n", job->title, why, (unsigned long long)sum);
	return sum;
}

static void kd_work_fn(struct work_struct *work)
{
	struct kd_job *job = container_of(work, struct kd_job, work);

	kd_run_job(job, "work item");
	KD_KEEP_FRAME();
}

static int kd_null_work(void)
{
	schedule_work(&kd_job.work);
	return 0;
}

static void kd_timer_fn(struct timer_list *timer)
{
	pr_info("kdcrash: timer %ps\n", timer->function);
	kd_run_job(&kd_job, "timer");
	KD_KEEP_FRAME();
}

static DEFINE_TIMER(kd_timer, kd_timer_fn);

static int kd_null_timer(void)
{
	mod_timer(&kd_timer, jiffies + HZ / 50);
	return 0;
}

/* One CPU spins with interrupts off, only an NMI reaches it; another one panics. */
static int kd_spinning;

static KD_FRAME void kd_spin(int *flag)
{
	unsigned long flags;

	local_irq_save(flags);
	WRITE_ONCE(*flag, 1);
	while (READ_ONCE(*flag))
		cpu_relax();
	local_irq_restore(flags);
}

static int kd_spin_thread(void *arg)
{
	kd_spin(arg);
	KD_KEEP_FRAME();
	return 0;
}

static int kd_spin_panic(void)
{
	unsigned int here = cpumask_first(cpu_online_mask);
	unsigned int there = cpumask_next(here, cpu_online_mask);
	struct task_struct *t;

	if (there >= nr_cpu_ids)
		return -ENODEV;
	set_cpus_allowed_ptr(current, cpumask_of(here));
	t = kthread_create(kd_spin_thread, &kd_spinning, "kd-spin/%u", there);
	if (IS_ERR(t))
		return PTR_ERR(t);
	kthread_bind(t, there);
	wake_up_process(t);
	while (!READ_ONCE(kd_spinning))
		cpu_relax();
	panic("kdcrash: CPU %u spins with interrupts off", there);
}

/*
 * One CPU spins in a kernel thread that gives nobody else a turn: interrupts come in, and the one
 * of the watchdog's timer finds it.
 */
static KD_FRAME void kd_hog(int *flag)
{
	preempt_disable();
	WRITE_ONCE(*flag, 1);
	while (READ_ONCE(*flag))
		cpu_relax();
	preempt_enable();
}

static int kd_hog_thread(void *arg)
{
	kd_hog(arg);
	KD_KEEP_FRAME();
	return 0;
}

static int kd_softlock(void)
{
	unsigned int there = cpumask_last(cpu_online_mask);
	struct task_struct *t;

	t = kthread_create(kd_hog_thread, &kd_spinning, "kd-hog/%u", there);
	if (IS_ERR(t))
		return PTR_ERR(t);
	kthread_bind(t, there);
	wake_up_process(t);
	return 0;
}

/*
 * Uninterruptible sleep that wakes up every second: the hung task check, which looks for tasks
 * that were not scheduled for long, does not report it.
 */
static bool kd_wait_on = true;

static int kd_dstate(void)
{
	while (READ_ONCE(kd_wait_on))
		schedule_timeout_uninterruptible(HZ);
	return 0;
}

static const struct kd_mode {
	const char *name;
	int (*run)(void);
} kd_modes[] = {
	{ "null-work", kd_null_work },
	{ "null-timer", kd_null_timer },
	{ "abba", kd_abba },
	{ "bug", kd_bug },
	{ "stack", kd_stack },
	{ "spin", kd_spin_panic },
	{ "softlock", kd_softlock },
	{ "dstate", kd_dstate },
};

static int kd_run(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kd_modes); i++)
		if (sysfs_streq(name, kd_modes[i].name))
			return kd_modes[i].run();
	return -EINVAL;
}

static ssize_t kd_write(struct file *file, const char __user *user, size_t n, loff_t *pos)
{
	char name[16] = "";
	int err;

	if (n >= sizeof(name))
		return -EINVAL;
	if (copy_from_user(name, user, n))
		return -EFAULT;
	err = kd_run(name);
	return err ? err : (ssize_t)n;
}

static int kd_show(struct seq_file *m, void *unused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kd_modes); i++)
		seq_printf(m, "%s\n", kd_modes[i].name);
	return 0;
}

static int kd_open(struct inode *inode, struct file *file)
{
	return single_open(file, kd_show, NULL);
}

static const struct proc_ops kd_proc_ops = {
	.proc_open = kd_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = kd_write,
};

/* A list on the heap with known contents: something to look at in the dump. */
static int kd_make_items(void)
{
	struct kd_item *last = NULL;
	unsigned int i;

	for (i = 0; i < KD_ITEMS; i++) {
		struct kd_item *item = kzalloc(sizeof(*item), GFP_KERNEL);

		if (!item)
			return -ENOMEM;
		item->id = 100 + i;
		item->colour = i & 1 ? KD_GREEN : KD_BLUE;
		item->ready = i & 1;
		item->level = i * 3;
		item->low = 0x6b640000 + i;
		item->high = i;
		snprintf(item->name, sizeof(item->name), "item-%u", i);
		list_add_tail(&item->link, &kd_items);
		if (last)
			last->next_job = item;
		else
			kd_job.first = item;
		last = item;
	}
	return 0;
}

static char *mode;
module_param(mode, charp, 0444);
MODULE_PARM_DESC(mode, "crash in this way while the module loads");

static int __init kd_init(void)
{
	int err = kd_make_items();

	if (err)
		return err;
	INIT_WORK(&kd_job.work, kd_work_fn);
	if (!proc_create("kdcrash", 0600, NULL, &kd_proc_ops))
		return -ENOMEM;
	return mode ? kd_run(mode) : 0;
}
module_init(kd_init);

MODULE_DESCRIPTION("Crashes the kernel for the tests of kdview");
MODULE_LICENSE("GPL");
