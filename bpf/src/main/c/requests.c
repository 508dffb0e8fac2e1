// SPDX-License-Identifier: Apache-2.0
#include "requests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "counters.h"
#include "probes.h"
#include "program_times.h"
#include "requests.skel.h"
#include "uprobe_multi.h"

static const char *const load_cures[REQUEST_PARTS] = {
	"give CAP_BPF, CAP_PERFMON and CAP_DAC_READ_SEARCH; the kernel needs BTF and either the "
	"tracepoint tcp_sendmsg_locked, which came with 6.16, or those of system calls, with "
	"tracefs at /sys/kernel/tracing. Set requests.enabled=false to do without requests",
	"give CAP_BPF and CAP_PERFMON; the kernel needs the tracepoints net_dev_queue and "
	"sk_data_ready, and BTF",
	"give CAP_BPF and CAP_PERFMON; the kernel needs version 6.6 or later. Set requests.tls=false "
	"to do without what TLS carries",
};

static void choose_stream_programs(struct requests_bpf *programs, bool in_kernel, bool by_calls)
{
	bpf_program__set_autoload(programs->progs.sending, in_kernel);
	bpf_program__set_autoload(programs->progs.sent, in_kernel);
	bpf_program__set_autoload(programs->progs.received, in_kernel);
	bpf_program__set_autoload(programs->progs.state_changed, in_kernel);
	bpf_program__set_autoload(programs->progs.call_sending, by_calls);
	bpf_program__set_autoload(programs->progs.call_sent, by_calls);
	bpf_program__set_autoload(programs->progs.call_received, by_calls);
	bpf_program__set_autoload(programs->progs.call_state, by_calls);
	if (!by_calls)
		bpf_map__set_max_entries(programs->maps.followed, 1);
}

static void choose_programs(struct requests_bpf *programs, __u32 parts, bool by_syscalls)
{
	bool streams = parts & PART_STREAMS, datagrams = parts & PART_DATAGRAMS;
	bool tls = parts & PART_TLS;

	choose_stream_programs(programs, streams && !by_syscalls, streams && by_syscalls);
	/* The kernels that need the one need the other. */
	programs->rodata->copies_in_steps = by_syscalls;
	bpf_program__set_autoload(programs->progs.packet_sent, datagrams);
	bpf_program__set_autoload(programs->progs.datagram_received, datagrams);
	bpf_program__set_autoload(programs->progs.tls_entered, tls);
	bpf_program__set_autoload(programs->progs.tls_returned, tls);
	bpf_program__set_autoattach(programs->progs.tls_entered, false);
	bpf_program__set_autoattach(programs->progs.tls_returned, false);
	bpf_program__set_expected_attach_type(programs->progs.tls_entered, TRACE_UPROBE_MULTI);
	bpf_program__set_expected_attach_type(programs->progs.tls_returned, TRACE_UPROBE_MULTI);
	programs->rodata->with_tls = tls;
	if (!tls)
		bpf_map__set_max_entries(programs->maps.tls_sessions, 1);
}

/* Older kernels load the programs of TLS, but do not attach them. */
static bool can_attach(__u32 parts)
{
	struct finding finding = {.present = true};

	if (parts & PART_TLS)
		probe_uprobe_multi(&finding);
	return finding.present;
}

/* 0 or -errno. */
static int attach(struct requests *requests)
{
	int error = requests_bpf__attach(requests->programs);

	if (!error && requests->by_syscalls && requests->parts & PART_STREAMS)
		error = syscall_links_attach(&requests->syscalls, requests->programs);
	return error;
}

static void unload(struct requests *requests)
{
	syscall_links_detach(&requests->syscalls);
	requests_bpf__destroy(requests->programs);
	requests->programs = NULL;
}

/* Loads and attaches these parts. */
static int load(struct requests *requests, __u32 parts, const char *cure, struct failure *failure)
{
	struct requests_bpf *programs;
	int error;

	clear_libbpf_log();
	requests->parts = parts;
	requests->programs = programs = requests_bpf__open();
	if (!programs)
		return fail(failure, errno, cure, "open the BPF programs of requests");
	programs->rodata->excluded_pid = requests->excluded_pid;
	programs->rodata->wakeup_bytes = requests->ring_bytes / 4;
	choose_programs(programs, parts, requests->by_syscalls);
	error = bpf_map__set_max_entries(programs->maps.messages, requests->ring_bytes);
	if (!error)
		error = requests_bpf__load(programs);
	if (!error)
		error = can_attach(parts) ? attach(requests) : -EOPNOTSUPP;
	if (!error)
		return 0;
	fail(failure, error, cure, "load the BPF programs of requests");
	unload(requests);
	return -1;
}

/* Finds out which parts can be had, each with what it needs. */
static __u32 try_parts(struct requests *requests, __u32 wanted)
{
	__u32 present = 0;

	for (int i = 0; i < REQUEST_PARTS; i++) {
		__u32 part = 1U << i, needed = part == PART_TLS ? part | PART_STREAMS : part;

		if (!(wanted & part) ||
		    load(requests, needed, load_cures[i], &requests->missing[i]))
			continue;
		present |= part;
		unload(requests);
	}
	return present;
}

/* Loads what there is of the parts, all in one way. */
static int load_in_one_way(struct requests *requests, __u32 wanted, bool by_syscalls,
			   struct failure *failure)
{
	__u32 parts;

	memset(requests->missing, 0, sizeof(requests->missing));
	requests->by_syscalls = by_syscalls;
	if (!load(requests, wanted, load_cures[0], failure))
		return 0;
	parts = try_parts(requests, wanted);
	if (!(parts & (PART_STREAMS | PART_DATAGRAMS)))
		return -1;
	memset(failure, 0, sizeof(*failure));
	return load(requests, parts, load_cures[0], failure);
}

/* By system calls only where streams cannot be had in the kernel: that sees less and costs more. */
static int load_parts(struct requests *requests, __u32 wanted, bool by_syscalls,
		      struct failure *failure)
{
	bool loaded = !by_syscalls && !load_in_one_way(requests, wanted, false, failure);

	if (loaded && (requests->parts & PART_STREAMS || !(wanted & PART_STREAMS)))
		return 0;
	if (!by_syscalls)
		requests->in_kernel = requests->missing[0];
	unload(requests);
	memset(failure, 0, sizeof(*failure));
	if (!load_in_one_way(requests, wanted, true, failure))
		return 0;
	return loaded ? load_in_one_way(requests, wanted, false, failure) : -1;
}

struct requests *requests_open(__u32 ring_bytes, __u32 excluded_pid, __u32 wanted,
			       bool by_syscalls, struct failure *failure)
{
	struct requests *requests = calloc(1, sizeof(*requests));

	clear_libbpf_log();
	if (!requests) {
		fail(failure, ENOMEM, "", "allocate a reader of requests");
		return NULL;
	}
	requests->wakeups = NO_WAKEUPS;
	requests->ring_bytes = ring_bytes;
	requests->excluded_pid = excluded_pid;
	if (load_parts(requests, wanted, by_syscalls, failure)) {
		free(requests);
		return NULL;
	}
	requests->attached = true;
	tls_probes_open(&requests->tls, bpf_program__fd(requests->programs->progs.tls_entered),
			bpf_program__fd(requests->programs->progs.tls_returned));
	if (ring_open(&requests->ring, bpf_map__fd(requests->programs->maps.messages), ring_bytes,
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
	tls_probes_close(&requests->tls);
	unload(requests);
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

int requests_say(struct requests *requests, __u64 socket, bool clear, enum reader_word word,
		 struct failure *failure)
{
	struct named_stream stream = {.socket = socket, .clear = clear};
	__u8 value = word;

	clear_libbpf_log();
	if (bpf_map_update_elem(bpf_map__fd(requests->programs->maps.reader_words), &stream,
				&value, BPF_ANY))
		return fail(failure, errno, "", "tell the programs of a connection");
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
	if (attached == requests->attached)
		return 0;
	if (attached) {
		requests->programs->bss->attached_again++;
		error = attach(requests);
	} else {
		syscall_links_detach(&requests->syscalls);
		requests_bpf__detach(requests->programs);
	}
	if (error)
		return fail(failure, error, load_cures[0], "attach the BPF programs of requests");
	requests->attached = attached;
	return tls_probes_attach(&requests->tls, attached, failure);
}

size_t requests_times(const struct requests *requests, char *to, size_t room)
{
	return program_times(requests->programs->obj, to, room);
}
