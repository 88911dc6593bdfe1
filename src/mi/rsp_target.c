// SPDX-License-Identifier: GPL-3.0-or-later
#include "mi/rsp_target.h"

void rsp_target_free(struct rsp_target *t)
{
	if (t && t->ops->free)
		t->ops->free(t);
}

void rsp_target_freep(struct rsp_target **t)
{
	rsp_target_free(*t);
}

bool rsp_target_find(const struct rsp_target *t, uint64_t id, size_t *i)
{
	for (size_t n = 0; n < t->nthreads; n++) {
		if (t->thread_ids[n] == id) {
			*i = n;
			return true;
		}
	}
	return false;
}

void rsp_library_fini(struct rsp_library *l)
{
	free(l->path);
	free(l->sections);
	*l = (struct rsp_library){ 0 };
}
