/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The purgatory's view of the machine: its ports, and what a C library would bring. */
#ifndef KD_LOAD_PURGATORY_MACHINE_H
#define KD_LOAD_PURGATORY_MACHINE_H

#include "load/purgatory/params.h"

static inline uint8_t port_in(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void port_out(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

void copy_up(void *to, const void *from, size_t len);

/* Serial port; silent until serial_open() found a UART. */
void serial_open(uint16_t port, uint16_t divisor);
void serial_text(const char *s);
void serial_hex(uint64_t v);
/* Until all of it is sent, but not for ever. */
void serial_drain(void);

__attribute__((noreturn)) void machine_halt(void);
__attribute__((noreturn)) void machine_reboot(void);

#endif
