/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interrupt descriptors (include/linux/irqdesc.h), in the order of their numbers. */
#ifndef KD_KERNEL_IRQ_H
#define KD_KERNEL_IRQ_H

#include "core/err.h"

struct kernel;
struct objects;

/* The types that are needed, for objects_resolve(). */
#define IRQ_TYPES "irq_desc", "irqstat", "irq_chip", "irqaction", "xarray", "xa_node",           \
		  "maple_tree", "maple_range_64", "maple_arange_64", "maple_node", "maple_dense", \
		  "maple_leaf_64", "maple_range_64", "maple_arange_64"

/*
 * Each struct irq_desc. Kept in a maple tree (since v6.5), a radix tree or an array:
 * by which symbol there is. Nonzero from STEP stops.
 */
int irqs_walk(const struct kernel *k, const struct objects *o,
	      int (*step)(void *data, vaddr_t desc), void *data, struct kd_err *err);

/* How often it came, on all CPUs; false: not known. */
bool irq_count(const struct kernel *k, const struct objects *o, vaddr_t desc, uint64_t *count);

#endif
