// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * libsnappy is C++. Its library's way to end a program that throws out of memory's way prints
 * the demangled name of the exception: 60 KB for what cannot happen. This takes its place:
 * __gnu_cxx::__verbose_terminate_handler().
 */
#include <stdlib.h>

__attribute__((noreturn)) void _ZN9__gnu_cxx27__verbose_terminate_handlerEv(void);

void _ZN9__gnu_cxx27__verbose_terminate_handlerEv(void)
{
	abort();
}
