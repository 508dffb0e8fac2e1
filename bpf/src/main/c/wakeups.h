/* SPDX-License-Identifier: Apache-2.0 */
/* What ends the wait of a ring's reader: a wake-up by a program, or a word from another thread. */
#ifndef FLAREPATH_WAKEUPS_H
#define FLAREPATH_WAKEUPS_H

#include <stdbool.h>

#include "failure.h"

struct wakeups {
	int stop_fd; /* eventfd that ends a wait */
	int epoll_fd;
};

/* To be set before anything can fail, so that closing is safe. */
#define NO_WAKEUPS ((struct wakeups){.stop_fd = -1, .epoll_fd = -1})

int wakeups_open(struct wakeups *wakeups, int ring_fd, struct failure *failure);

/* Waits; whether something came. Data alone ends no wait, only a wake-up by a program does. */
bool wakeups_await(const struct wakeups *wakeups, int timeout_millis);

/* Ends a wait, now or the next one. Any thread may. */
void wakeups_end(const struct wakeups *wakeups);

void wakeups_close(struct wakeups *wakeups);

#endif
