// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Serial port and the ways to reboot: see machine.h. Nothing here waits for ever: a UART or a
 * keyboard controller may be missing, or no longer answer.
 */
#include "load/purgatory/machine.h"

/* 8250 (PC16550D data sheet), by offset from its port */
#define UART_DATA 0
#define UART_INTERRUPTS 1
#define UART_DIVISOR_LOW 0
#define UART_DIVISOR_HIGH 1
#define UART_LINE_CONTROL 3
#define UART_LINE_STATUS 5
#define LINE_8N1 0x03
#define LINE_DIVISOR 0x80
#define STATUS_ROOM 0x20
#define STATUS_SENT 0x40

#define TRIES 200000 /* a port takes about 1 us: two digits at 110 baud */

#define KEYBOARD_STATUS 0x64
#define KEYBOARD_BUSY 0x02
#define KEYBOARD_RESET 0xfe
#define RESET_CONTROL 0xcf9
#define UNUSED_PORT 0x80

/* The only state: one CPU, one thread, and nobody to hand it on. */
static uint16_t uart;

void copy_up(void *to, const void *from, size_t len)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
}

/* What a compiler may call of its own accord. */
void *memcpy(void *to, const void *from, size_t len);
void *memset(void *to, int c, size_t len);

void *memcpy(void *to, const void *from, size_t len)
{
	copy_up(to, from, len);
	return to;
}

void *memset(void *to, int c, size_t len)
{
	void *at = to;

	__asm__ volatile("rep stosb" : "+D"(at), "+c"(len) : "a"(c) : "memory");
	return to;
}

void serial_open(uint16_t port, uint16_t divisor)
{
	uart = port;
	if (!port)
		return;
	if (port_in((uint16_t)(port + UART_LINE_STATUS)) == 0xff) { /* nothing is there */
		uart = 0;
		return;
	}
	port_out((uint16_t)(port + UART_INTERRUPTS), 0);
	if (!divisor)
		return;
	port_out((uint16_t)(port + UART_LINE_CONTROL), LINE_DIVISOR | LINE_8N1);
	port_out((uint16_t)(port + UART_DIVISOR_LOW), (uint8_t)divisor);
	port_out((uint16_t)(port + UART_DIVISOR_HIGH), (uint8_t)(divisor >> 8));
	port_out((uint16_t)(port + UART_LINE_CONTROL), LINE_8N1);
}

static void wait_for(uint8_t status)
{
	for (unsigned i = 0; uart && i < TRIES; i++)
		if (port_in((uint16_t)(uart + UART_LINE_STATUS)) & status)
			return;
	uart = 0; /* the message matters less than the dump */
}

static void serial_byte(char c)
{
	wait_for(STATUS_ROOM);
	if (uart)
		port_out((uint16_t)(uart + UART_DATA), (uint8_t)c);
}

void serial_text(const char *s)
{
	for (; *s; s++) {
		if (*s == '\n')
			serial_byte('\r');
		serial_byte(*s);
	}
}

void serial_hex(uint64_t v)
{
	unsigned shift = 60;

	serial_text("0x");
	while (shift && !(v >> shift))
		shift -= 4;
	for (;; shift -= 4) {
		unsigned digit = (unsigned)(v >> shift) & 15;

		serial_byte((char)(digit < 10 ? '0' + digit : 'a' + digit - 10));
		if (!shift)
			break;
	}
}

void serial_drain(void)
{
	wait_for(STATUS_SENT);
}

static void pause_a_little(void)
{
	for (unsigned i = 0; i < TRIES; i++)
		port_out(UNUSED_PORT, 0);
}

void machine_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

void machine_reboot(void)
{
	struct {
		uint16_t limit;
		uint8_t base[8];
	} __attribute__((packed)) none = { 0 };

	serial_drain();
	for (unsigned i = 0; i < TRIES; i++)
		if (!(port_in(KEYBOARD_STATUS) & KEYBOARD_BUSY))
			break;
	port_out(KEYBOARD_STATUS, KEYBOARD_RESET);
	pause_a_little();
	port_out(RESET_CONTROL, 0x02);
	port_out(RESET_CONTROL, 0x06);
	pause_a_little();
	/* an exception without a way to handle one: the CPU shuts down, the board resets */
	__asm__ volatile("lidt %0; int3" : : "m"(none));
	machine_halt();
}
