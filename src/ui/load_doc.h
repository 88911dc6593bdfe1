/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was loaded, or would be, as a document. */
#ifndef KD_UI_LOAD_DOC_H
#define KD_UI_LOAD_DOC_H

#include "load/load.h"
#include "ui/doc.h"

/* ALL: segments, core headers and the map of memory too, where they were made here. */
void load_doc(const struct load_request *q, const struct machine *m, const struct load_report *r,
	      bool all, struct doc *d);

#endif
