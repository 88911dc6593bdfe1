// SPDX-License-Identifier: GPL-3.0-or-later
/* Loading a crash kernel. */
#include "load/load.h"

void segment_list_fini(struct segment_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->at[i].buf);
	free(l->cmdline);
	*l = (struct segment_list){ 0 };
}

void load_report_fini(struct load_report *r)
{
	segment_list_fini(&r->segments);
	free(r->cmdline);
	*r = (struct load_report){ 0 };
}
