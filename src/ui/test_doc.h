/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came of the last "kdview test". */
#ifndef KD_UI_TEST_DOC_H
#define KD_UI_TEST_DOC_H

#include "ui/args.h"
#include "ui/doc.h"

enum test_outcome { TEST_NONE, TEST_PENDING, TEST_ARRIVED, TEST_LOST };

/* A section about it, if there was one. --target of A: look there instead. */
enum test_outcome test_doc(const char *root, const struct args *a, struct doc *d);

#endif
