// SPDX-License-Identifier: Apache-2.0
#include "ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int ring_open(struct ring *ring, int map_fd, size_t size, struct failure *failure)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *pages;

	memset(ring, 0, sizeof(*ring));
	pages = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	if (pages == MAP_FAILED)
		return fail(failure, errno, "", "map the position page of the ring buffer");
	ring->consumer = (unsigned long *)pages;
	/*
	 * The kernel's memory has the data twice in a row, so that no record is ever split. Of the
	 * second time only what a record can reach is mapped: the rest would count as resident.
	 */
	ring->again = size < RECORD_BYTES_MAX ? size : RECORD_BYTES_MAX;
	pages = mmap(NULL, page + size + ring->again, PROT_READ, MAP_SHARED, map_fd, (off_t)page);
	if (pages == MAP_FAILED) {
		int error = errno;

		ring_close(ring);
		return fail(failure, error, "set a smaller ring", "map %zu bytes of the ring buffer",
			    size);
	}
	ring->producer = (const unsigned long *)pages;
	ring->data = pages + page;
	ring->size = size;
	return 0;
}

void ring_close(struct ring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (ring->producer)
		munmap((void *)ring->producer, page + ring->size + ring->again);
	if (ring->consumer)
		munmap(ring->consumer, page);
	memset(ring, 0, sizeof(*ring));
}

static __u32 header_at(const struct ring *ring, unsigned long position)
{
	return __atomic_load_n((const __u32 *)(ring->data + (position & (ring->size - 1))),
			       __ATOMIC_ACQUIRE);
}

static unsigned long after(unsigned long position, __u32 header)
{
	__u32 length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	return position + ((length + BPF_RINGBUF_HDR_SZ + 7) & ~7U);
}

const void *ring_peek(struct ring *ring, __u32 *length)
{
	unsigned long position = *ring->consumer;

	while (position < __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE)) {
		__u32 header = header_at(ring, position);

		if (header & BPF_RINGBUF_BUSY_BIT)
			return NULL;
		if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
			*length = header;
			return ring->data + (position & (ring->size - 1)) + BPF_RINGBUF_HDR_SZ;
		}
		position = after(position, header);
		__atomic_store_n(ring->consumer, position, __ATOMIC_RELEASE);
	}
	return NULL;
}

void ring_take(struct ring *ring)
{
	unsigned long position = *ring->consumer;

	__atomic_store_n(ring->consumer, after(position, header_at(ring, position)),
			 __ATOMIC_RELEASE);
}
