// SPDX-License-Identifier: Apache-2.0
#include "requests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "counters.h"
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
	return 0;
}

static int watch(int epoll_fd, int fd, __u32 events, struct failure *failure)
{
	struct epoll_event event = {.events = events, .data = {.fd = fd}};

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event))
		return fail(failure, errno, "", "watch for wake-ups");
	return 0;
}

static int open_wakeups(struct requests *requests, struct failure *failure)
{
	requests->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	requests->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (requests->stop_fd < 0 || requests->epoll_fd < 0)
		return fail(failure, errno, "raise the limit of open files", "watch for wake-ups");
	if (watch(requests->epoll_fd, requests->stop_fd, EPOLLIN, failure))
		return -1;
	return watch(requests->epoll_fd, bpf_map__fd(requests->programs->maps.messages),
		     EPOLLIN | EPOLLET, failure);
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
	requests->stop_fd = requests->epoll_fd = -1;
	if (load(requests, ring_bytes, excluded_pid, failure) ||
	    ring_open(&requests->ring, bpf_map__fd(requests->programs->maps.messages), ring_bytes,
		      failure) ||
	    open_wakeups(requests, failure)) {
		requests_close(requests);
		return NULL;
	}
	return requests;
}

void requests_close(struct requests *requests)
{
	ring_close(&requests->ring);
	requests_bpf__destroy(requests->programs);
	if (requests->epoll_fd >= 0)
		close(requests->epoll_fd);
	if (requests->stop_fd >= 0)
		close(requests->stop_fd);
	free(requests);
}

void requests_wake(struct requests *requests)
{
	__u64 one = 1;

	/* Fails only when a wake-up is pending already. */
	if (write(requests->stop_fd, &one, sizeof(one)) < 0)
		return;
}

size_t requests_drain(struct requests *requests, unsigned char *to, size_t room,
		      int timeout_millis)
{
	const struct message_record *record;
	struct epoll_event event;
	size_t copied = 0;
	__u32 length;

	/* Edge-triggered: data alone does not end the wait, only a wake-up by a program does. */
	if (!requests->more)
		epoll_wait(requests->epoll_fd, &event, 1, timeout_millis);
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
