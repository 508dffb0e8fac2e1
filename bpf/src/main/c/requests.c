// SPDX-License-Identifier: Apache-2.0
#include "requests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "counters.h"
#include "program_times.h"
#include "requests.skel.h"

static const char load_cure[] =
	"give CAP_BPF and CAP_PERFMON; the kernel needs the tracepoint "
	"tcp_sendmsg_locked, which came with 6.16, and BTF. Set requests.enabled=false to do "
	"without requests";

static int load(struct requests *requests, __u32 ring_bytes, __u32 excluded_pid,
		struct failure *failure)
{
	struct requests_bpf *programs = requests_bpf__open();
	int error;

	if (!programs)
		return fail(failure, errno, load_cure, "open the BPF programs of requests");
	requests->programs = programs;
	programs->rodata->excluded_pid = excluded_pid;
	programs->rodata->wakeup_bytes = ring_bytes / 4;
	error = bpf_map__set_max_entries(programs->maps.messages, ring_bytes);
	if (!error)
		error = requests_bpf__load(programs);
	if (!error)
		error = requests_bpf__attach(programs);
	if (error)
		return fail(failure, error, load_cure, "load the BPF programs of requests");
	requests->attached = true;
	return 0;
}

struct requests *requests_open(__u32 ring_bytes, __u32 excluded_pid,
			       struct failure *failure)
{
	struct requests *requests = calloc(1, sizeof(*requests));

	clear_libbpf_log();
	if (!requests) {
		fail(failure, ENOMEM, "", "allocate a reader of requests");
		return NULL;
	}
	requests->wakeups = NO_WAKEUPS;
	if (load(requests, ring_bytes, excluded_pid, failure) ||
	    ring_open(&requests->ring, bpf_map__fd(requests->programs->maps.messages), ring_bytes,
		      failure) ||
	    wakeups_open(&requests->wakeups, bpf_map__fd(requests->programs->maps.messages),
			 failure)) {
		requests_close(requests);
		return NULL;
	}
	return requests;
}

void requests_close(struct requests *requests)
{
	ring_close(&requests->ring);
	requests_bpf__destroy(requests->programs);
	wakeups_close(&requests->wakeups);
	free(requests);
}

void requests_wake(struct requests *requests)
{
	wakeups_end(&requests->wakeups);
}

size_t requests_drain(struct requests *requests, unsigned char *to, size_t room,
		      int timeout_millis)
{
	const struct message_record *record;
	size_t copied = 0;
	__u32 length;

	if (!requests->more)
		wakeups_await(&requests->wakeups, timeout_millis);
	requests->more = false;
	while ((record = ring_peek(&requests->ring, &length))) {
		if (length > room - copied) {
			requests->more = true;
			break;
		}
		memcpy(to + copied, record, length);
		copied += length;
		ring_take(&requests->ring);
	}
	return copied;
}

int requests_ignore(struct requests *requests, __u64 socket, struct failure *failure)
{
	__u8 set = 1;

	clear_libbpf_log();
	if (bpf_map_update_elem(bpf_map__fd(requests->programs->maps.unwanted), &socket, &set,
				BPF_ANY))
		return fail(failure, errno, "", "leave a connection alone");
	return 0;
}

int requests_counters(struct requests *requests, __u64 values[MESSAGE_COUNTERS],
		      struct failure *failure)
{
	clear_libbpf_log();
	memset(values, 0, MESSAGE_COUNTERS * sizeof(*values));
	return sum_counters(bpf_map__fd(requests->programs->maps.counters), MESSAGE_COUNTERS,
			    values, failure);
}

int requests_tell(struct requests *requests, __u32 most_bytes, __u32 one_in, bool attached,
		  struct failure *failure)
{
	int error = 0;

	clear_libbpf_log();
	requests->programs->data->most_bytes = most_bytes;
	requests->programs->data->one_in = one_in;
	if (attached && !requests->attached)
		error = requests_bpf__attach(requests->programs);
	else if (!attached && requests->attached)
		requests_bpf__detach(requests->programs);
	if (error)
		return fail(failure, error, load_cure, "attach the BPF programs of requests");
	requests->attached = attached;
	return 0;
}

size_t requests_times(const struct requests *requests, char *to, size_t room)
{
	return program_times(requests->programs->obj, to, room);
}
