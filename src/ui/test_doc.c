// SPDX-License-Identifier: GPL-3.0-or-later
/* What came of a test: see test_doc.h. */
#include "ui/test_doc.h"

#include <inttypes.h>

#include "core/utc.h"
#include "setup/crash_test.h"

static void put_arrived(const struct crash_test *t, const struct crash_test_result *r,
			struct doc *d)
{
	doc_field(d, "where", r->only_log ? "log" : "dump", doc_str(r->where));
	doc_field(d, "complete", "complete",
		  doc_styled(doc_bool(r->whole), r->whole ? DOC_PLAIN : DOC_BAD));
	if (r->saved >= t->when && r->saved - t->when < UINT64_C(86400))
		doc_field(d, "seconds", "seconds until it was saved", doc_uint(r->saved - t->when));
}

static enum test_outcome put(const char *root, const struct crash_test *t, const char *target,
			     struct doc *d)
{
	struct crash_test_result r = { 0 };
	struct kd_err err = KD_ERR_INIT;
	char when[UTC_TEXT];

	doc_field(d, "id", "test", doc_str(t->id));
	if (utc_format((int64_t)t->when, UTC_PEOPLE, when))
		doc_field(d, "when", "begun", doc_str(when));
	if (crash_test_same_boot(root, t)) {
		doc_field(d, "arrived", "its dump",
			  doc_none("not yet: the machine did not crash since"));
		return TEST_PENDING;
	}
	if (target)
		crash_test_search(target, t->id, &r);
	else if (crash_test_find(root, t, &r, &err))
		doc_note(d, DOC_FINDING, "%s", err.text);
	doc_field(d, "arrived", "its dump arrived",
		  doc_styled(doc_bool(r.arrived), r.arrived ? DOC_PLAIN : DOC_BAD));
	if (r.arrived) {
		put_arrived(t, &r, d);
		return r.whole ? TEST_ARRIVED : TEST_LOST;
	}
	doc_note(d, DOC_FINDING, "%s", r.looked);
	doc_note(d, DOC_HINT,
		 "what the second kernel said is on the console; \"kdview status --target "
		 "FOLDER\" looks elsewhere");
	return TEST_LOST;
}

enum test_outcome test_doc(const char *root, const struct args *a, struct doc *d)
{
	struct kd_err err = KD_ERR_INIT;
	struct crash_test t = { 0 };
	int ret = crash_test_read(root ? root : "", &t, &err);
	enum test_outcome out = TEST_NONE;

	if (ret != KD_NOTFOUND) {
		doc_section(d, "test", "last test");
		doc_fields(d, NULL);
		if (ret)
			doc_note(d, DOC_FINDING, "%s", err.text);
		else
			out = put(root ? root : "", &t, args_value(a, "target"), d);
		doc_section_end(d);
	}
	crash_test_fini(&t);
	return out;
}
