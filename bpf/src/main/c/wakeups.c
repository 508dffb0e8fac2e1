// SPDX-License-Identifier: Apache-2.0
#include "wakeups.h"

#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int watch(const struct wakeups *wakeups, int fd, uint32_t events, struct failure *failure)
{
	struct epoll_event event = {.events = events, .data = {.fd = fd}};

	if (epoll_ctl(wakeups->epoll_fd, EPOLL_CTL_ADD, fd, &event))
		return fail(failure, errno, "", "watch for wake-ups");
	return 0;
}

int wakeups_open(struct wakeups *wakeups, int ring_fd, struct failure *failure)
{
	wakeups->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	wakeups->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (wakeups->stop_fd < 0 || wakeups->epoll_fd < 0)
		return fail(failure, errno, "raise the limit of open files", "watch for wake-ups");
	if (watch(wakeups, wakeups->stop_fd, EPOLLIN, failure))
		return -1;
	return watch(wakeups, ring_fd, EPOLLIN | EPOLLET, failure);
}

bool wakeups_await(const struct wakeups *wakeups, int timeout_millis)
{
	struct epoll_event event;

	return epoll_wait(wakeups->epoll_fd, &event, 1, timeout_millis) > 0;
}

void wakeups_end(const struct wakeups *wakeups)
{
	uint64_t one = 1;

	/* Fails only when a wake-up is pending already. */
	if (write(wakeups->stop_fd, &one, sizeof(one)) < 0)
		return;
}

void wakeups_close(struct wakeups *wakeups)
{
	if (wakeups->epoll_fd >= 0)
		close(wakeups->epoll_fd);
	if (wakeups->stop_fd >= 0)
		close(wakeups->stop_fd);
	*wakeups = NO_WAKEUPS;
}
