/* SPDX-License-Identifier: Apache-2.0 */
/* The loaded programs that see what processes say over connections, and their stream of records. */
#ifndef FLAREPATH_REQUESTS_H
#define FLAREPATH_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>

#include "failure.h"
#include "message.h"
#include "ring.h"
#include "wakeups.h"

struct requests_bpf;

struct requests {
	struct requests_bpf *programs;
	struct ring ring;
	struct wakeups wakeups;
	bool more; /* the last drain left records behind */
	bool attached;
};

struct requests *requests_open(__u32 ring_bytes, __u32 excluded_pid,
			       struct failure *failure);
void requests_close(struct requests *requests);

/* Waits, then copies whole records; bytes copied. */
size_t requests_drain(struct requests *requests, unsigned char *to, size_t room,
		      int timeout_millis);

/* Ends the wait of a drain that another thread is in. */
void requests_wake(struct requests *requests);

/* Nothing more is told of a socket but its end. */
int requests_ignore(struct requests *requests, __u64 socket, struct failure *failure);

/* In the order of enum message_counter. */
int requests_counters(struct requests *requests, __u64 values[MESSAGE_COUNTERS],
		      struct failure *failure);

/*
 * How much is told from now on: so many bytes of a message, and of one in so many connections, of
 * none if that is 0. The programs leave the kernel's way while not attached.
 */
int requests_tell(struct requests *requests, __u32 most_bytes, __u32 one_in, bool attached,
		  struct failure *failure);

/* As program_times does. */
size_t requests_times(const struct requests *requests, char *to, size_t room);

#endif
