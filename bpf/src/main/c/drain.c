// SPDX-License-Identifier: Apache-2.0
/* Merges the ring buffer and the side bands of all CPUs by time. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sampler.h"

/*
 * Records younger than this wait for the next drain: what happened before them on another CPU may
 * not be visible yet. It also gathers the events of a burst into one wake-up.
 */
#define SETTLE_NANOS 2000000ULL

__u64 monotonic_nanos(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (__u64)now.tv_sec * 1000000000ULL + (__u64)now.tv_nsec;
}

static void sleep_nanos(__u64 nanos)
{
	struct timespec time = {.tv_sec = 0, .tv_nsec = (long)nanos};

	nanosleep(&time, NULL);
}

static void await(struct sampler *sampler, int timeout_millis)
{
	if (!sampler->more && wakeups_await(&sampler->wakeups, timeout_millis))
		sleep_nanos(SETTLE_NANOS + SETTLE_NANOS / 4);
}

/* The source whose next record is the oldest: a CPU's side band, or NULL for the ring buffer. */
struct next {
	__u64 time;
	const struct record_header *header; /* NULL: nothing at all */
	struct cpu_events *band;
};

static struct next oldest(struct sampler *sampler)
{
	__u32 length;
	const struct record_header *ring = ring_peek(&sampler->ring, &length);
	struct next next = {.time = ring ? ring->time : ~0ULL, .header = ring};

	for (int cpu = 0; cpu < sampler->cpus_end; cpu++) {
		struct cpu_events *events = sampler->cpus[cpu];

		if (!events || !events->has_sideband)
			continue;
		if (events->head == SIDEBAND_NONE)
			events->head = sideband_peek(&events->band, &events->record);
		if (events->head != SIDEBAND_NONE && events->record.header.time < next.time) {
			next.time = events->record.header.time;
			next.header = &events->record.header;
			next.band = events;
		}
	}
	return next;
}

static void take(struct sampler *sampler, const struct next *next)
{
	if (next->band) {
		if (next->band->head == SIDEBAND_MMAP)
			sampler->mapping_events++;
		next->band->head = SIDEBAND_NONE;
		sideband_take(&next->band->band);
	} else {
		ring_take(&sampler->ring);
	}
}

/* True when the record went another way than straight to the reader. */
static bool reorder(struct sampler *sampler, const struct next *next)
{
	struct exec_order *execs = &sampler->execs;

	if (next->band) {
		if (next->band->head == SIDEBAND_EXEC) {
			exec_order_begin(execs, next->header->pid, next->time);
			return true;
		}
		return exec_order_keep(execs, &next->band->record);
	}
	if (execs->count == 0)
		return false;
	if (next->header->kind == RECORD_EXEC)
		return exec_order_finish(execs, (const struct exec_record *)next->header);
	if (next->header->kind == RECORD_EXIT)
		exec_order_release(execs, next->header->pid, 0);
	return false;
}

size_t sampler_drain(struct sampler *sampler, unsigned char *to, size_t room, int timeout_millis)
{
	size_t copied;
	__u64 now;

	await(sampler, timeout_millis);
	now = monotonic_nanos();
	sampler_follow_cpus(sampler, now);
	exec_order_release(&sampler->execs, 0, now);
	copied = exec_order_copy(&sampler->execs, to, room);
	sampler->more = true;
	while (sampler->execs.ready.end == 0) {
		struct next next = oldest(sampler);

		if (!next.header || next.time + SETTLE_NANOS > now) {
			sampler->more = false;
			break;
		}
		if (next.header->size > room - copied)
			break;
		if (!reorder(sampler, &next)) {
			/* An EXIT lets go of what waited for it, which comes first. */
			copied += exec_order_copy(&sampler->execs, to + copied, room - copied);
			if (sampler->execs.ready.end || next.header->size > room - copied)
				break;
			memcpy(to + copied, next.header, next.header->size);
			copied += next.header->size;
		}
		take(sampler, &next);
		copied += exec_order_copy(&sampler->execs, to + copied, room - copied);
	}
	return copied;
}
