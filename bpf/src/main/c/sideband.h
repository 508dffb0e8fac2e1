/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executable mappings of all processes on one CPU, from the kernel's perf side band. No
 * tracepoint tells of them with path, device and inode.
 */
#ifndef FLAREPATH_SIDEBAND_H
#define FLAREPATH_SIDEBAND_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"
#include "record.h"

struct sideband {
	int fd;
	int cpu;
	struct perf_event_mmap_page *page;
	size_t mapped_bytes;
	__u64 lost; /* events that the kernel could not write */
};

enum sideband_kind {
	SIDEBAND_NONE,
	SIDEBAND_MMAP,
	/* The address space of a process has been replaced by execve; only pid and time are set. */
	SIDEBAND_EXEC,
};

int sideband_open(struct sideband *band, int cpu, struct failure *failure);
void sideband_close(struct sideband *band);

/*
 * Reads on until there is a record to look at, converts it, and says what it is; the record stays
 * in the ring until sideband_take.
 */
enum sideband_kind sideband_peek(struct sideband *band, struct mmap_record *record);
void sideband_take(struct sideband *band);

#endif
