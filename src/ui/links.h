/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Links that many commands give their cells: to what a person who sees the cell would
 * look at next. Each takes the cell over and returns it.
 */
#ifndef KD_UI_LINKS_H
#define KD_UI_LINKS_H

#include "kernel/kernel.h"
#include "ui/doc.h"

/* A task: its stack. */
struct doc_cell link_task(struct doc_cell c, const struct task *t);

/* An object of a struct type; none at 0. */
struct doc_cell link_object(struct doc_cell c, const char *type, vaddr_t addr);

/* An address of any kind. */
struct doc_cell link_address(struct doc_cell c, vaddr_t addr);

/* A number that may be an address: where nothing is mapped it leads nowhere. */
struct doc_cell link_value(const struct kernel *k, struct doc_cell c, uint64_t v);

/* The registers of a CPU. */
struct doc_cell link_cpu(struct doc_cell c, int32_t cpu);

#define LINK_VARIABLE 192

/* To what a pointer leads, by its type, into BUF; NULL: V is no pointer to a struct. */
const char *variable_link(const struct frame_var *v, char *buf, size_t size);

/* Does ADDR lie in a function? */
bool is_code(const struct kernel *k, vaddr_t addr);

#endif
