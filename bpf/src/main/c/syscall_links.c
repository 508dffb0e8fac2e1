// SPDX-License-Identifier: Apache-2.0
#include "syscall_links.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "requests.skel.h"
#include "tracefs.h"

static const char *const sending[] = {"write",	  "writev",	"sendto", "sendmsg",
				      "sendmmsg", "sendfile64", "splice"};
static const char *const receiving[] = {"read", "readv", "recvfrom", "recvmsg", "recvmmsg"};

#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

_Static_assert(2 * COUNT(sending) + COUNT(receiving) == SYSCALL_LINKS, "a link for each");

static int attach(struct bpf_link **link, const struct bpf_program *program, int tracefs,
		  const char *when, const char *call)
{
	char name[64];
	int event;

	snprintf(name, sizeof(name), "syscalls/sys_%s_%s", when, call);
	event = tracefs_event(tracefs, name);
	if (event < 0)
		return event;
	*link = bpf_program__attach_perf_event(program, event);
	if (*link)
		return 0;
	close(event);
	return -errno;
}

int syscall_links_attach(struct syscall_links *links, const struct requests_bpf *programs)
{
	struct bpf_link **next = links->links;
	int tracefs = tracefs_open(), error = tracefs < 0 ? tracefs : 0;

	/* Ends first: a call whose beginning was told of is told to its end. */
	for (size_t i = 0; i < COUNT(receiving) && !error; i++)
		error = attach(next++, programs->progs.call_received, tracefs, "exit",
			       receiving[i]);
	for (size_t i = 0; i < COUNT(sending) && !error; i++)
		error = attach(next++, programs->progs.call_sent, tracefs, "exit", sending[i]);
	for (size_t i = 0; i < COUNT(sending) && !error; i++)
		error = attach(next++, programs->progs.call_sending, tracefs, "enter", sending[i]);
	if (tracefs >= 0)
		close(tracefs);
	if (error)
		syscall_links_detach(links);
	return error;
}

void syscall_links_detach(struct syscall_links *links)
{
	for (size_t i = SYSCALL_LINKS; i-- > 0;) {
		bpf_link__destroy(links->links[i]);
		links->links[i] = NULL;
	}
}
