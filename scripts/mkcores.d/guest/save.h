/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The second kernel's work: /proc/vmcore goes to where the host can fetch it.
 */
#ifndef GUEST_SAVE_H
#define GUEST_SAVE_H

/*
 * Copies /proc/vmcore to WHERE:
 *   raw:DEVICE           to a block device that holds only zeros; pages of zeros are skipped
 *   stream:DEVICE        to a character device (serial port, virtio console), all bytes in order
 *   fs:TYPE:DEVICE:NAME  to file NAME of a file system; written as NAME-incomplete, then renamed
 * Waits up to 30 s for the device. Prints "kd: saved N bytes" at the end, which the host waits
 * for, or "kd: failed: ...". WHERE is cut into pieces. Answers 0 or a negative errno.
 */
long save_vmcore(char *where);

#endif
