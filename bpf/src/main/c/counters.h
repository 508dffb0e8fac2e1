/* SPDX-License-Identifier: Apache-2.0 */
/* Counters that programs keep a CPU each. */
#ifndef FLAREPATH_COUNTERS_H
#define FLAREPATH_COUNTERS_H

#include <linux/types.h>

#include "failure.h"

/* Adds what all CPUs counted to the first so many sums; 0 or -1. */
int sum_counters(int map_fd, __u32 counters, __u64 *sums, struct failure *failure);

#endif
