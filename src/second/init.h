/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Process 1 of a second kernel: the whole of its user space. Reads INIT_CONF (conf.h), loads
 * modules, and tries the targets one after the other: wait for the device, mount, capture,
 * verify. Where none holds, the crashed kernel's log goes to the console. Then the machine
 * restarts, or what the configuration says; it never hangs (step.h).
 */
#ifndef KD_SECOND_INIT_H
#define KD_SECOND_INIT_H

#define INIT_CONF "/kdview.conf"

/* Does not return as process 1, unless ending the machine fails: then what main() returns. */
int init_main(void);

#endif
