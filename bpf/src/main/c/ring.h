/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of a BPF ring buffer that can look at the next record without taking it, which libbpf's
 * cannot: records of several sources are merged by time, and only what fits is taken.
 */
#ifndef FLAREPATH_RING_H
#define FLAREPATH_RING_H

#include <linux/types.h>
#include <stddef.h>

#include "failure.h"
#include "record.h"

struct ring {
	size_t size;		 /* bytes of data, a power of two */
	size_t again;		 /* bytes that are mapped a second time behind them */
	unsigned long *consumer; /* our position, on a page of its own */
	const unsigned long *producer;
	const unsigned char *data;
};

int ring_open(struct ring *ring, int map_fd, size_t size, struct failure *failure);
void ring_close(struct ring *ring);

/* The next record that is complete, or NULL; it stays valid until it is taken. */
const void *ring_peek(struct ring *ring, __u32 *length);

/* Takes the record that ring_peek gave. */
void ring_take(struct ring *ring);

#endif
