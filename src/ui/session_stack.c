// SPDX-License-Identifier: GPL-3.0-or-later
/* Stacks, by the engine chosen: see session.h. */
#include "kernel/unwind.h"
#include "mi/gdb.h"
#include "ui/output.h"
#include "ui/session.h"

#define GDB_FAILURES_MAX 2 /* times running: one that died may do better for another task */

int session_unwinder_quiet(struct session *s, struct unwinder **out, struct kd_err *err)
{
	int ret = s->unwinder ? 0 : unwinder_open(s->k, 0, &s->unwinder, err);

	*out = s->unwinder;
	return ret;
}

int session_unwinder(struct session *s, struct unwinder **out, struct kd_err *err)
{
	int ret = session_unwinder_quiet(s, out, err);
	const char *warning = ret ? NULL : unwinder_warning(s->unwinder);

	if (warning && !s->unwinder_warned)
		complain("%s", warning);
	s->unwinder_warned |= !ret;
	return ret;
}

/* Arguments and local variables are what gdb adds, out of DWARF. */
static bool gdb_has_more(const struct session *s, unsigned flags)
{
	const struct vmlinux *v = s->k->vmlinux;

	return flags && v && v->has_dwarf;
}

/* Is gdb to be asked? */
static bool wants_gdb(struct session *s, unsigned flags)
{
	switch (s->opt.engine) {
	case ENGINE_NATIVE:
		if (s->opt.later == LATER_FRAMES || (s->opt.later && gdb_has_more(s, flags)))
			s->gdb_adds = true;
		return false;
	case ENGINE_GDB:
		return true;
	default:
		return gdb_has_more(s, flags);
	}
}

static bool has_given_up(const struct session *s)
{
	return s->opt.engine == ENGINE_AUTO && s->gdb_failures >= GDB_FAILURES_MAX;
}

void session_retry(struct session *s)
{
	s->gdb_failures = 0;
	s->gdb_why = KD_ERR_INIT;
}

bool session_is_native(struct session *s, unsigned flags)
{
	return !wants_gdb(s, flags) || (has_given_up(s) && !(flags & GDB_LOCALS));
}

/* Does it go on without a gdb that failed with STATUS? */
static bool leave_gdb(struct session *s, int status, const struct kd_err *why)
{
	if (s->opt.engine != ENGINE_AUTO || (status != KD_GDB && status != KD_TIMEOUT))
		return false;
	/* Ended by ourselves. */
	if (s->opt.face && s->opt.face->hurry && atomic_load(s->opt.face->hurry))
		return false;
	s->gdb_failures = status == KD_TIMEOUT ? GDB_FAILURES_MAX : s->gdb_failures + 1;
	if (!s->gdb_why.status) {
		s->gdb_why = *why;
		session_progress_end(s);
		complain("%s; stacks are shown without arguments", why->text);
	}
	return true;
}

static int native_stack(struct session *s, const struct task *t, struct stack *out,
			struct kd_err *err)
{
	struct unwinder *u;
	int ret = session_unwinder(s, &u, err);

	return ret ? ret : unwinder_stack(u, t, out, err);
}

/* gdb's frames, which have arguments, and those that TAIL has beyond them. */
static int append_frames(struct stack *out, struct stack *tail)
{
	while (out->nframes < tail->nframes) {
		size_t i = out->nframes;
		struct frame *f = stack_push(out);

		if (!f)
			return KD_NOMEM;
		*f = tail->frames[i];
		tail->frames[i] = (struct frame){ 0 };
	}
	return 0;
}

static bool begins_like(const struct stack *a, const struct stack *b)
{
	for (size_t i = 0; i < a->nframes; i++)
		if (a->frames[i].pc != b->frames[i].pc || a->frames[i].kind != b->frames[i].kind)
			return false;
	return true;
}

/* gdb does not guess: of a stack that breaks off there may be more natively. */
static int go_further(struct session *s, const struct task *t, struct stack *out,
		      struct kd_err *err)
{
	struct stack more = { 0 };
	int ret = 0;

	if (native_stack(s, t, &more, NULL) || more.nframes <= out->nframes) {
		stack_fini(&more);
		return 0;
	}
	if (begins_like(out, &more)) {
		ret = append_frames(out, &more);
		free(out->stop);
		out->stop = more.stop;
		more.stop = NULL;
		stack_fini(&more);
	} else {
		stack_fini(out);
		*out = more;
	}
	return ret ? kd_nomem(err) : 0;
}

int session_stack(struct session *s, const struct task *t, unsigned flags, struct stack *out,
		  struct kd_err *err)
{
	struct kd_err why = KD_ERR_INIT;
	int ret;

	*out = (struct stack){ 0 };
	if (!wants_gdb(s, flags))
		return native_stack(s, t, out, err);
	if (!has_given_up(s)) {
		ret = session_gdb_stack(s, t, flags, out, &why);
		if (!leave_gdb(s, ret, &why)) {
			s->gdb_failures = 0;
			if (ret && err)
				*err = why;
			if (!ret && out->stop && s->opt.engine == ENGINE_AUTO)
				ret = go_further(s, t, out, err);
			return ret;
		}
		stack_fini(out);
	}
	ret = native_stack(s, t, out, err);
	if (ret || !(flags & GDB_LOCALS))
		return ret;
	return kd_fail(err, s->gdb_why.status, "local variables: %s", s->gdb_why.text);
}
