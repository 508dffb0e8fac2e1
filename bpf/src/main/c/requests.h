/* SPDX-License-Identifier: Apache-2.0 */
/* The loaded programs that see what processes say over connections, and their stream of records. */
#ifndef FLAREPATH_REQUESTS_H
#define FLAREPATH_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>

#include "failure.h"
#include "message.h"
#include "ring.h"
#include "syscall_links.h"
#include "tls_probes.h"
#include "wakeups.h"

struct requests_bpf;

/* What can be had apart from each other; TLS only with streams. Bits of io.flarepath.bpf.RequestPart. */
enum request_part {
	PART_STREAMS = 1 << 0,	 /* what goes over TCP */
	PART_DATAGRAMS = 1 << 1, /* lookups over UDP */
	PART_TLS = 1 << 2,	 /* what TLS carries */
};

#define REQUEST_PARTS 3

struct requests {
	__u32 ring_bytes;
	__u32 excluded_pid;
	struct requests_bpf *programs;
	struct syscall_links syscalls;
	bool by_syscalls;		       /* that is how streams are seen, if they are */
	struct failure in_kernel;	       /* why not in the kernel's send and receive */
	__u32 parts;			       /* those that are loaded */
	struct failure missing[REQUEST_PARTS]; /* why others that were wanted are not */
	struct tls_probes tls;
	struct ring ring;
	struct wakeups wakeups;
	bool more; /* the last drain left records behind */
	bool attached;
};

/*
 * Loads what this kernel has of the parts that are wanted; fails if it has neither of the first.
 * Streams are seen in the kernel's send and receive, or by system calls where that is not possible,
 * or is not asked for.
 */
struct requests *requests_open(__u32 ring_bytes, __u32 excluded_pid, __u32 wanted,
			       bool by_syscalls, struct failure *failure);
void requests_close(struct requests *requests);

/* Waits, then copies whole records; bytes copied. */
size_t requests_drain(struct requests *requests, unsigned char *to, size_t room,
		      int timeout_millis);

/* Ends the wait of a drain that another thread is in. */
void requests_wake(struct requests *requests);

/* Tells the programs of the bytes of a socket, or of what TLS carries over it. */
int requests_say(struct requests *requests, __u64 socket, bool clear, enum reader_word word,
		 struct failure *failure);

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
