// SPDX-License-Identifier: GPL-3.0-or-later
/* A stack as text and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/arch.h"
#include "kernel/symbols.h"
#include "ui/doc.h"
#include "ui/render_json.h"
#include "ui/render_text.h"

static struct symbols *no_symbols;

static int set_up(void **state)
{
	(void)state;
	return symbols_new(&no_symbols, NULL) ||
	       symbols_add(no_symbols, "elsewhere", NULL, 0x1000, 1, 't', NULL) ||
	       symbols_finish(no_symbols, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	symbols_free(no_symbols);
	return 0;
}

static struct frame *add_frame(struct doc_stack *s, enum frame_kind kind, const char *function)
{
	struct frame *f = stack_push(&s->stack);

	assert_non_null(f);
	f->kind = kind;
	f->pc = 0xffffffff81000010;
	f->function = function ? strdup(function) : NULL;
	f->offset = 0x10;
	f->size = 0x40;
	return f;
}

static void add_var(struct frame *f, const char *name, const char *value, bool is_arg)
{
	f->vars = realloc(f->vars, (f->nvars + 1) * sizeof(*f->vars));
	assert_non_null(f->vars);
	f->vars[f->nvars++] = (struct frame_var){ .name = strdup(name),
						  .value = value ? strdup(value) : NULL,
						  .is_arg = is_arg };
}

static struct doc_stack new_stack(void)
{
	return (struct doc_stack){
		.task = { .addr = 0xffff888003a1c000,
			  .pid = 1,
			  .comm = "in\nit",
			  .panicked = true },
		.state = 'R',
		.arch = &arch_x86_64,
		.symbols = no_symbols,
	};
}

/* A document of this one stack, rendered; owned by the caller. */
static char *render(struct doc_stack *s, unsigned width)
{
	struct text_render r = { .width = width };
	struct doc d;
	char *text = NULL;
	size_t size = 0;

	doc_init(&d, NULL);
	doc_stack_add(&d, "stacks", true, s);
	r.out = open_memstream(&text, &size);
	assert_non_null(r.out);
	assert_int_equal(render_text_node(&r, d.root.first), 0);
	fclose(r.out);
	doc_fini(&d);
	return text;
}

static void assert_render(struct doc_stack *s, unsigned width, const char *expected)
{
	char *text = render(s, width);

	assert_string_equal(text, expected);
	free(text);
}

static struct doc_stack sysrq_stack(void)
{
	struct doc_stack s = new_stack();
	struct frame *f = add_frame(&s, FRAME_INLINE, "crash_setup_regs");

	f->file = strdup("arch/x86/include/asm/kexec.h");
	f->line = 115;
	f = add_frame(&s, FRAME_NORMAL, "sysrq_handle_crash");
	f->module = strdup("sysmod");
	f->file = strdup("drivers/tty/sysrq.c");
	f->line = 155;
	add_var(f, "key", "99", true);
	add_var(f, "op", NULL, true);
	add_var(f, "i", "3", false);
	return s;
}

static void frame_is_one_line_without_a_terminal(void **state)
{
	struct doc_stack s = sysrq_stack();

	(void)state;
	assert_render(&s, 0,
		      "PID 1  TASK 0xffff888003a1c000  CPU 0  COMM \"in\\x0ait\"  panicked\n"
		      "#0  crash_setup_regs (inlined)  arch/x86/include/asm/kexec.h:115\n"
		      "#1  sysrq_handle_crash+0x10/0x40 [sysmod]  (key=99, op=<not available>)  "
		      "drivers/tty/sysrq.c:155\n"
		      "        i = 3\n");
}

static void pieces_that_do_not_fit_the_terminal_get_their_own_line(void **state)
{
	struct doc_stack s = sysrq_stack();

	(void)state;
	s.flags = DOC_STACK_NO_HEAD;
	assert_render(&s, 60,
		      "#0  crash_setup_regs (inlined)\n"
		      "        arch/x86/include/asm/kexec.h:115\n"
		      "#1  sysrq_handle_crash+0x10/0x40 [sysmod]\n"
		      "        (key=99, op=<not available>)\n"
		      "        drivers/tty/sysrq.c:155\n"
		      "        i = 3\n");
}

static void guess_and_early_end_are_marked(void **state)
{
	struct doc_stack s = new_stack();
	struct frame *f;

	(void)state;
	s.flags = DOC_STACK_NO_HEAD | DOC_STACK_ADDRESSES;
	f = add_frame(&s, FRAME_NORMAL, "stale");
	f->how = FRAME_HOW_GUESS;
	f->size = 0;
	f = add_frame(&s, FRAME_NORMAL, NULL);
	f->sp = 0xffffc90000013e00;
	s.stack.stop = strdup("page\033 missing");
	assert_render(&s, 0,
		      "#0  0xffffffff81000010  ? stale+0x10\n"
		      "#1  0xffffffff81000010  sp 0xffffc90000013e00  0xffffffff81000010\n"
		      "    -- from #0 on it is a guess: page\\x1b missing --\n");
}

static void no_stack_says_why(void **state)
{
	struct doc_stack s = new_stack();

	(void)state;
	s.flags = DOC_STACK_NO_HEAD;
	s.error = strdup("gdb died");
	assert_render(&s, 0, "    -- no stack: gdb died --\n");
}

/* Register number by gdb's name. */
static unsigned reg(const char *name)
{
	for (unsigned i = 0; i < arch_x86_64.nregs; i++) {
		if (!strcmp(arch_x86_64.regs[i].name, name))
			return i;
	}
	fail();
	return 0;
}

static void add_entry(struct doc_stack *s, uint64_t rip, uint64_t cs)
{
	struct frame *f = add_frame(s, FRAME_ENTRY, "asm_exc_page_fault");

	regs_set(&f->regs, reg("rip"), rip);
	regs_set(&f->regs, reg("rsp"), 0x7ffe);
	regs_set(&f->regs, reg("cs"), cs);
}

static void entry_from_the_kernel_shows_what_it_interrupted(void **state)
{
	struct doc_stack s = new_stack();

	(void)state;
	s.flags = DOC_STACK_NO_HEAD;
	add_entry(&s, 0xffffffff81000020, 0x10);
	assert_render(&s, 0,
		      "#0  asm_exc_page_fault+0x10/0x40\n"
		      "    -- interrupted at 0xffffffff81000020 --\n"
		      "      rsp 0x0000000000007ffe  rip 0xffffffff81000020   cs 0x10\n");
}

static void user_mode_is_said_once(void **state)
{
	struct doc_stack s = new_stack();
	struct frame *f;

	(void)state;
	s.flags = DOC_STACK_NO_HEAD | DOC_STACK_NO_REGS;
	add_entry(&s, 0x401000, 0x33);
	f = add_frame(&s, FRAME_USER, NULL);
	f->pc = 0x401000;
	f->sp = 0x7ffe;
	assert_render(&s, 0,
		      "#0  asm_exc_page_fault+0x10/0x40\n"
		      "    -- user mode: rip 0x401000 rsp 0x7ffe --\n");
}

static void json_has_every_field(void **state)
{
	struct doc_stack s = sysrq_stack();
	struct json_render r;
	struct doc d;
	json_t *stack, *frame;

	(void)state;
	add_entry(&s, 0x401000, 0x33);
	doc_init(&d, NULL);
	doc_stack_add(&d, "stacks", true, &s);
	assert_int_equal(json_render_init(&r, "bt", NULL), 0);
	assert_int_equal(render_json_node(&r, d.root.first), 0);
	stack = json_array_get(json_object_get(r.root, "stacks"), 0);
	frame = json_array_get(json_object_get(stack, "frames"), 1);
	assert_string_equal(json_string_value(json_object_get(frame, "function")),
			    "sysrq_handle_crash");
	assert_string_equal(json_string_value(json_object_get(frame, "pc")), "0xffffffff81000010");
	assert_int_equal(json_integer_value(json_object_get(frame, "line")), 155);
	assert_int_equal(json_array_size(json_object_get(frame, "args")), 2);
	assert_int_equal(json_array_size(json_object_get(frame, "locals")), 1);
	assert_true(json_is_null(json_object_get(frame, "sp")));
	frame = json_array_get(json_object_get(stack, "frames"), 2);
	assert_string_equal(json_string_value(json_object_get(frame, "kind")), "entry");
	assert_true(json_is_true(json_object_get(frame, "interrupted_user_mode")));
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(frame, "registers"), "rip")),
		"0x0000000000401000");
	assert_true(json_is_null(json_object_get(json_object_get(frame, "registers"), "rax")));
	assert_true(json_is_null(json_object_get(stack, "stop")));
	json_render_fini(&r);
	doc_fini(&d);
}

/* Text alone to one stream, links to another. */
struct split {
	FILE *text, *links;
};

static int put_split(void *data, enum doc_style style, const char *link, const char *bytes,
		     size_t n)
{
	struct split *s = data;

	(void)style;
	fwrite(bytes, 1, n, s->text);
	if (link && *link)
		fprintf(s->links, "%.*s -> %s\n", (int)n, bytes, link);
	return 0;
}

static void mark_split(void *data, unsigned marks)
{
	struct split *s = data;

	if (marks)
		fprintf(s->links, "{%u}", marks);
}

/* What a sink gets of a stack: *TEXT and *LINKS are owned by the caller. */
static void render_split(struct doc_stack *s, unsigned width, char **text, char **links)
{
	struct split split;
	struct text_sink sink = { .data = &split, .put = put_split, .mark = mark_split };
	struct text_render r = { .width = width, .sink = &sink };
	size_t size[2];
	struct doc d;

	split.text = open_memstream(text, &size[0]);
	split.links = open_memstream(links, &size[1]);
	assert_true(split.text && split.links);
	doc_init(&d, NULL);
	doc_stack_add(&d, "stacks", true, s);
	assert_int_equal(render_text_node(&r, d.root.first), 0);
	doc_fini(&d);
	fclose(split.text);
	fclose(split.links);
}

static void sink_gets_the_same_text(void **state)
{
	static const unsigned widths[] = { 0, 30, 60, 120 };

	(void)state;
	for (size_t i = 0; i < KD_ARRAY_SIZE(widths); i++) {
		struct doc_stack a = sysrq_stack(), b = sysrq_stack();
		char *expected, *text, *links;

		add_entry(&a, 0xffffffff81000020, 0x10);
		add_entry(&b, 0xffffffff81000020, 0x10);
		expected = render(&a, widths[i]);
		render_split(&b, widths[i], &text, &links);
		assert_string_equal(text, expected);
		free(expected);
		free(text);
		free(links);
	}
}

static void frames_and_pointers_lead_somewhere(void **state)
{
	struct doc_stack s = sysrq_stack();
	struct frame *f = &s.stack.frames[1];
	char *text, *links;

	(void)state;
	free(f->vars[1].value);
	f->vars[1].value = strdup("0xffff888003a1c100");
	f->vars[1].type = strdup("struct sysrq_key_op *");
	free(f->vars[2].value);
	f->vars[2].value = strdup("0xffff888003a1c200 <i>");
	f->vars[2].type = strdup("const struct item *");
	add_entry(&s, 0xffffffff81000020, 0x10);
	render_split(&s, 0, &text, &links);
	assert_string_equal(
		links, "PID 1 -> bt 0xffff888003a1c000\n"
		       "  TASK 0xffff888003a1c000 -> struct task_struct 0xffff888003a1c000\n"
		       "  CPU 0 -> regs cpu 0\n"
		       "  COMM \"in\\x0ait\" -> bt 0xffff888003a1c000\n"
		       "{1}#0   -> frame 0 0xffff888003a1c000\n"
		       "crash_setup_regs (inlined) -> frame 0 0xffff888003a1c000\n"
		       "arch/x86/include/asm/kexec.h:115 -> frame 0 0xffff888003a1c000\n"
		       "#1   -> frame 1 0xffff888003a1c000\n"
		       "sysrq_handle_crash+0x10/0x40 [sysmod] -> frame 1 0xffff888003a1c000\n"
		       "0xffff888003a1c100 -> struct sysrq_key_op 0xffff888003a1c100\n"
		       "drivers/tty/sysrq.c:155 -> frame 1 0xffff888003a1c000\n"
		       "0xffff888003a1c200 <i> -> struct item 0xffff888003a1c200\n"
		       "#2   -> frame 2 0xffff888003a1c000\n"
		       "asm_exc_page_fault+0x10/0x40 -> frame 2 0xffff888003a1c000\n"
		       "-- interrupted at 0xffffffff81000020 -- -> follow 0xffffffff81000020\n");
	free(text);
	free(links);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_is_one_line_without_a_terminal),
		cmocka_unit_test(pieces_that_do_not_fit_the_terminal_get_their_own_line),
		cmocka_unit_test(guess_and_early_end_are_marked),
		cmocka_unit_test(no_stack_says_why),
		cmocka_unit_test(entry_from_the_kernel_shows_what_it_interrupted),
		cmocka_unit_test(user_mode_is_said_once),
		cmocka_unit_test(json_has_every_field),
		cmocka_unit_test(sink_gets_the_same_text),
		cmocka_unit_test(frames_and_pointers_lead_somewhere),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
