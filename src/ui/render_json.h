/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A document as one JSON object: sections are objects, tables arrays of objects,
 * addresses and hexadecimal values strings ("0xffffffff81000000": JSON's numbers
 * lose digits in many readers), what is not known is null.
 */
#ifndef KD_UI_RENDER_JSON_H
#define KD_UI_RENDER_JSON_H

#include <jansson.h>

#include "ui/doc.h"

struct json_render {
	json_t *root;
};

/* COMMAND becomes the member "command". */
int json_render_init(struct json_render *r, const char *command, struct kd_err *err);
void json_render_fini(struct json_render *r);

/* Add one node: struct doc_sink's function, DATA is a struct json_render. KD_NOMEM. */
int render_json_node(void *data, const struct doc_node *n);

/*
 * Write the object and a line feed; with FAILED its sentence as "error". KD_IO: the
 * stream failed.
 */
int json_render_end(struct json_render *r, const struct kd_err *failed, FILE *out,
		    struct kd_err *err);

#endif
