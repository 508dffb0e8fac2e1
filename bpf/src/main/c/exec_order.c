// SPDX-License-Identifier: Apache-2.0
#include "exec_order.h"

#include <stdlib.h>
#include <string.h>

static struct pending_exec *find(struct exec_order *order, __u32 pid)
{
	if (order->count == 0)
		return NULL;
	for (size_t i = 0; i < EXECS_PENDING_MAX; i++)
		if (order->pending[i].pid == pid)
			return &order->pending[i];
	return NULL;
}

static bool reserve(unsigned char **bytes, size_t *room, size_t needed)
{
	size_t larger = *room ? *room : 4096;
	unsigned char *moved;

	if (needed <= *room)
		return true;
	while (larger < needed)
		larger *= 2;
	moved = realloc(*bytes, larger);
	if (!moved)
		return false;
	*bytes = moved;
	*room = larger;
	return true;
}

static void make_ready(struct exec_order *order, const void *bytes, size_t length)
{
	struct backlog *ready = &order->ready;

	if (length == 0)
		return;
	if (!reserve(&ready->bytes, &ready->room, ready->end + length)) {
		order->dropped++;
		return;
	}
	memcpy(ready->bytes + ready->end, bytes, length);
	ready->end += length;
}

static void release(struct exec_order *order, struct pending_exec *exec)
{
	make_ready(order, exec->waiting, exec->bytes);
	free(exec->waiting);
	memset(exec, 0, sizeof(*exec));
	order->count--;
}

void exec_order_begin(struct exec_order *order, __u32 pid, __u64 time)
{
	struct pending_exec *old = find(order, pid);

	if (pid == 0)
		return;
	if (old)
		release(order, old);
	for (size_t i = 0; i < EXECS_PENDING_MAX; i++) {
		if (order->pending[i].pid == 0) {
			order->pending[i].pid = pid;
			order->pending[i].time = time;
			order->count++;
			return;
		}
	}
}

bool exec_order_keep(struct exec_order *order, const struct mmap_record *record)
{
	struct pending_exec *exec = find(order, record->header.pid);
	size_t size = record->header.size;

	if (!exec || exec->bytes + size > EXEC_WAITING_BYTES_MAX ||
	    !reserve(&exec->waiting, &exec->room, exec->bytes + size))
		return false;
	memcpy(exec->waiting + exec->bytes, record, size);
	exec->bytes += size;
	return true;
}

bool exec_order_finish(struct exec_order *order, const struct exec_record *record)
{
	struct pending_exec *exec = find(order, record->header.pid);
	struct exec_record moved;

	if (!exec)
		return false;
	memcpy(&moved, record, record->header.size);
	moved.header.time = exec->time;
	make_ready(order, &moved, moved.header.size);
	release(order, exec);
	return true;
}

void exec_order_release(struct exec_order *order, __u32 pid, __u64 now)
{
	for (size_t i = 0; order->count > 0 && i < EXECS_PENDING_MAX; i++) {
		struct pending_exec *exec = &order->pending[i];

		if (exec->pid == 0)
			continue;
		if (pid ? exec->pid == pid : exec->time + EXEC_WAIT_NANOS < now)
			release(order, exec);
	}
}

size_t exec_order_copy(struct exec_order *order, unsigned char *to, size_t room)
{
	struct backlog *ready = &order->ready;
	size_t copied = 0;

	while (ready->start < ready->end) {
		struct record_header header;

		memcpy(&header, ready->bytes + ready->start, sizeof(header));
		if (header.size > room - copied)
			return copied;
		memcpy(to + copied, ready->bytes + ready->start, header.size);
		copied += header.size;
		ready->start += header.size;
	}
	ready->start = ready->end = 0;
	return copied;
}

void exec_order_close(struct exec_order *order)
{
	for (size_t i = 0; i < EXECS_PENDING_MAX; i++)
		free(order->pending[i].waiting);
	free(order->ready.bytes);
	memset(order, 0, sizeof(*order));
}
