// SPDX-License-Identifier: GPL-3.0-or-later
/* A whole document on standard output. */
#include "ui/print_doc.h"

#include "ui/output.h"
#include "ui/render_json.h"
#include "ui/render_text.h"

void print_doc(const struct args *a, const char *command, const struct doc *d)
{
	struct text_render text = { .out = stdout };
	struct json_render json = { 0 };
	struct kd_err err = KD_ERR_INIT;
	int ret = 0;

	if (!args_has(a, "json")) {
		for (const struct doc_node *n = d->root.first; n && !ret; n = n->next)
			ret = render_text_node(&text, n);
		return;
	}
	ret = json_render_init(&json, command, &err);
	if (!ret) {
		for (const struct doc_node *n = d->root.first; n; n = n->next)
			render_json_node(&json, n);
		ret = json_render_end(&json, NULL, stdout, &err);
		json_render_fini(&json);
	}
	if (ret)
		complain("%s", err.text);
}
