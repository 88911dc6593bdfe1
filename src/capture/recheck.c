// SPDX-License-Identifier: GPL-3.0-or-later
/* What was written, opened again: see recheck.h. */
#include "capture/recheck.h"

#include <string.h>

#include "capture/image_parts.h"
#include "kernel/kernel.h"
#include "kernel/log.h"
#include "kernel/unwind.h"

#define PAGE_MAX 65536

static struct recheck_item *add(struct recheck *r, const char *what)
{
	struct recheck_item *item = &r->items[r->n++];

	item->what = what;
	return item;
}

bool recheck_passed(const struct recheck *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->items[i].was != r->items[i].same)
			return false;
	return true;
}

static bool same_record(const struct log_record *a, const struct log_record *b)
{
	return a->seq == b->seq && a->ts_nsec == b->ts_nsec && a->len == b->len &&
	       (!a->len || !memcmp(a->text, b->text, a->len));
}

static void check_log(const struct kernel *was, const struct kernel *is, struct recheck_item *item)
{
	struct log a = { 0 }, b = { 0 };

	if (!log_read(was, &a, NULL)) {
		item->was = a.n;
		if (!log_read(is, &b, NULL))
			for (size_t i = 0; i < a.n && i < b.n; i++)
				item->same += same_record(&a.list[i], &b.list[i]);
		log_fini(&b);
	}
	log_fini(&a);
}

/* Without types a task is known by its CPU's crash note alone. */
static const struct task *same_task(const struct kernel *is, const struct task *a)
{
	if (a->addr)
		return tasks_by_addr(&is->tasks, a->addr);
	for (size_t i = 0; i < is->tasks.n; i++)
		if (is->tasks.list[i].on_cpu && is->tasks.list[i].cpu == a->cpu)
			return &is->tasks.list[i];
	return NULL;
}

static void check_tasks(const struct kernel *was, const struct kernel *is,
			struct recheck_item *item)
{
	item->was = was->tasks.n;
	for (size_t i = 0; i < was->tasks.n; i++) {
		const struct task *a = &was->tasks.list[i];
		const struct task *b = same_task(is, a);

		item->same += b && a->pid == b->pid && a->stack == b->stack &&
			      !strcmp(a->comm, b->comm);
	}
}

static bool same_stack(const struct stack *a, const struct stack *b)
{
	if (a->nframes != b->nframes)
		return false;
	for (size_t i = 0; i < a->nframes; i++)
		if (a->frames[i].pc != b->frames[i].pc)
			return false;
	return true;
}

static void check_stacks(const struct kernel *was, const struct kernel *is,
			 struct recheck_item *item)
{
	_cleanup_(unwinder_closep) struct unwinder *u = NULL;
	_cleanup_(unwinder_closep) struct unwinder *v = NULL;

	if (unwinder_open(was, UNWINDER_NO_LINES, &u, NULL))
		return;
	if (unwinder_open(is, UNWINDER_NO_LINES, &v, NULL))
		v = NULL;
	for (size_t i = 0; i < was->tasks.n; i++) {
		const struct task *t = same_task(is, &was->tasks.list[i]);
		struct stack a = { 0 }, b = { 0 };

		if (unwinder_stack(u, &was->tasks.list[i], &a, NULL))
			continue;
		item->was++;
		if (t && v && !unwinder_stack(v, t, &b, NULL)) {
			item->same += same_stack(&a, &b);
			stack_fini(&b);
		}
		stack_fini(&a);
	}
}

static void check_modules(const struct kernel *was, const struct kernel *is,
			  struct recheck_item *item)
{
	item->was = was->modules.n;
	for (size_t i = 0; i < was->modules.n; i++) {
		const struct module *m = &was->modules.list[i];
		bool found = false;

		for (size_t j = 0; j < is->modules.n && !found; j++)
			found = is->modules.list[j].addr == m->addr &&
				!strcmp(is->modules.list[j].name, m->name);
		item->same += found;
	}
}

struct compare {
	const struct kernel *was, *is;
	struct recheck_item *item;
	uint8_t *a, *b; /* a page of each */
};

static void compare_part(void *data, vaddr_t start, uint64_t len)
{
	struct compare *c = data;
	uint64_t page = UINT64_C(1) << c->was->arch->page_shift;

	for (vaddr_t at = start & ~(page - 1); at < start + len; at += page) {
		/* What the source has not got, the output need not have. */
		if (space_read(&c->was->space, at, c->a, page, NULL, NULL))
			continue;
		c->item->was++;
		c->item->same += !space_read(&c->is->space, at, c->b, page, NULL, NULL) &&
				 !memcmp(c->a, c->b, page);
	}
}

static int check_image(const struct kernel *was, const struct kernel *is,
		       struct recheck_item *item, struct kd_err *err)
{
	_cleanup_(freep) uint8_t *a = malloc(PAGE_MAX), *b = malloc(PAGE_MAX);
	struct compare c = { .was = was, .is = is, .item = item, .a = a, .b = b };

	if (!a || !b)
		return kd_nomem(err);
	image_parts(was, compare_part, &c);
	return 0;
}

int recheck_run(const struct kernel *k, const char *path, struct recheck *out, struct kd_err *err)
{
	_cleanup_(kernel_closep) struct kernel *is = NULL;
	struct kernel_options ko = { .dump_path = path, .alone = true };
	int ret = kernel_open(&ko, &is, err);

	*out = (struct recheck){ 0 };
	if (ret || !is)
		return ret;
	check_log(k, is, add(out, "log records"));
	check_tasks(k, is, add(out, "tasks"));
	check_stacks(k, is, add(out, "stacks"));
	check_modules(k, is, add(out, "modules"));
	return check_image(k, is, add(out, "pages of kernel and modules"), err);
}
