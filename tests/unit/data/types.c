// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Source of types-dwarf2 and types-dwz, which tests/unit/types_test.c reads:
 *
 *	# DWARF 2: member positions are expressions, bit fields count from the top;
 *	# no .debug_aranges, as clang leaves it out
 *	gcc -O1 -gdwarf-2 -gstrict-dwarf -gno-column-info -fno-pic -static -nostdlib -Wl,-n,-e,first
 *\ -DFIRST types.c -o types-dwarf2 objcopy --remove-section .debug_aranges --remove-section
 *.comment types-dwarf2
 *
 *	# dwz moves what two compile units share to a partial unit they import
 *	gcc -O1 -g -c -fno-pic -DFIRST types.c -o first.o
 *	gcc -O1 -g -c -fno-pic -DSECOND types.c -o second.o
 *	gcc -static -nostdlib -Wl,-n,-e,first first.o second.o -o types-dwz && dwz types-dwz
 */
struct shared_inner {
	int before;
	unsigned int low : 3, middle : 7, high : 20;
	unsigned char flags : 5, level : 3;
};

typedef struct shared_inner shared_alias;

enum shared_state { SHARED_OFF, SHARED_ON = 200, SHARED_BROKEN = -2 };

struct shared_outer {
	char name[20];
	struct {
		union {
			long anonymous_long;
			int anonymous_int;
		};
		char deep;
	};
	shared_alias inner[4];
	enum shared_state state;
	struct shared_outer *next;
	int table[3][5];
	long flexible[];
};

#ifdef FIRST
int first(struct shared_outer *o);
int first(struct shared_outer *o)
{
	return o->inner[1].level + o->deep + (o->state == SHARED_BROKEN);
}
#endif

#ifdef SECOND
struct second_only {
	struct shared_outer outer;
	int own;
};

int second(struct second_only *s);
int second(struct second_only *s)
{
	return s->own + s->outer.inner[0].high;
}
#endif
