// SPDX-License-Identifier: Apache-2.0
#include "counters.h"

#include <errno.h>
#include <stdlib.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

int sum_counters(int map_fd, __u32 counters, __u64 *sums, struct failure *failure)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 *values;

	if (cpus < 0)
		return fail(failure, cpus, "mount sysfs at /sys", "count the possible CPUs");
	values = calloc((size_t)cpus, sizeof(*values));
	if (!values)
		return fail(failure, ENOMEM, "", "read the counters");
	for (__u32 counter = 0; counter < counters; counter++) {
		if (bpf_map_lookup_elem(map_fd, &counter, values)) {
			free(values);
			return fail(failure, errno, "", "read counter %u", counter);
		}
		for (int cpu = 0; cpu < cpus; cpu++)
			sums[counter] += values[cpu];
	}
	free(values);
	return 0;
}
