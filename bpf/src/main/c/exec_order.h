/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts the EXEC of a process before the mappings of its new program.
 *
 * The kernel maps the new program first and then passes the tracepoint that tells of the exec. A
 * reader that forgets all mappings at EXEC would forget those of the new program. The side band
 * tells when the address space was replaced: from then on mappings wait here for the EXEC, which
 * gets that time. They wait EXEC_WAIT_NANOS at most, since the EXEC itself may have been lost.
 */
#ifndef FLAREPATH_EXEC_ORDER_H
#define FLAREPATH_EXEC_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "record.h"

#define EXECS_PENDING_MAX 64
#define EXEC_WAITING_BYTES_MAX (64 * 1024)
#define EXEC_WAIT_NANOS 1000000000ULL

struct pending_exec {
	__u32 pid;   /* 0: free */
	__u64 time;  /* when the address space was replaced */
	size_t bytes;
	size_t room;
	unsigned char *waiting; /* whole records */
};

/* Records in their final order, not yet taken. */
struct backlog {
	unsigned char *bytes;
	size_t start, end, room;
};

struct exec_order {
	struct pending_exec pending[EXECS_PENDING_MAX];
	size_t count; /* of pending ones */
	struct backlog ready;
	__u64 dropped; /* records given up for want of memory */
};

void exec_order_begin(struct exec_order *order, __u32 pid, __u64 time);

/* True when the mapping was kept back. */
bool exec_order_keep(struct exec_order *order, const struct mmap_record *record);

/* Moves an EXEC and the mappings that waited for it to the ready ones; true if it was expected. */
bool exec_order_finish(struct exec_order *order, const struct exec_record *record);

/* Gives up waiting for a process that ended, or (pid 0) for all that waited too long. */
void exec_order_release(struct exec_order *order, __u32 pid, __u64 now);

/* Copies whole ready records; bytes copied. */
size_t exec_order_copy(struct exec_order *order, unsigned char *to, size_t room);

void exec_order_close(struct exec_order *order);

#endif
