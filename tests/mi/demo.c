// SPDX-License-Identifier: GPL-3.0-or-later
/* What core.log was recorded of: gcc -g -O1 -o demo demo.c, run to its end under gdb. */
#include <stdlib.h>

struct item {
	int n;
	const char *name;
	struct item *next;
	unsigned char bytes[4];
};

static inline int twice(int x)
{
	return 2 * x;
}

__attribute__((noinline)) static int leaf(struct item *i, long depth)
{
	if (depth > 2)
		abort();
	return twice(i->n) + leaf(i->next, depth + 1) + 1;
}

int main(void)
{
	struct item b = { 2, "quote \" and \\ and \303\251", NULL, { 0, 1, 128, 255 } };
	struct item a = { 1, "first\n", &b, { 1, 2, 3, 4 } };

	b.next = &a;
	return leaf(&a, 0);
}
