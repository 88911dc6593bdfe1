/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole document on standard output: for commands that have a face of their own. */
#ifndef KD_UI_PRINT_DOC_H
#define KD_UI_PRINT_DOC_H

#include "ui/args.h"
#include "ui/doc.h"

/* As text; with the option "json" as JSON, whose member "command" is COMMAND. */
void print_doc(const struct args *a, const char *command, const struct doc *d);

#endif
