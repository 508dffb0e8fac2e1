/* SPDX-License-Identifier: Apache-2.0 */
/* Many probes of one file by one link (Linux 6.6), which the libraries at hand do not know yet. */
#ifndef FLAREPATH_UPROBE_MULTI_H
#define FLAREPATH_UPROBE_MULTI_H

#include <linux/types.h>
#include <stdbool.h>

/* Attach type of programs, include/uapi/linux/bpf.h. */
#define TRACE_UPROBE_MULTI 48

/*
 * Attaches a program at places of a file, given by their offsets in it, in all processes; with a
 * number each that the program gets. A descriptor of the link, or -errno.
 */
int uprobe_multi_attach(int program, const char *path, const __u64 *offsets, const __u64 *cookies,
			__u32 count, bool returns);

#endif
