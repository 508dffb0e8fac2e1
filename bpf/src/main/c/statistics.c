// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "counters.h"
#include "sampler.h"
#include "sampler.skel.h"

/* What the kernel charges for a map, pages of a ring included. */
static __u64 map_bytes(int fd)
{
	char path[64], line[128];
	unsigned long long bytes = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "memlock: %llu", &bytes) == 1)
			break;
	fclose(file);
	return bytes;
}

static void add_maps(const struct bpf_object *object, __u64 *values)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
		values[STATISTIC_MAP_BYTES] += map_bytes(bpf_map__fd(map));
}

static void add_programs(const struct bpf_object *object, __u64 *values)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);
		int fd = bpf_program__fd(program);

		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
			continue;
		values[STATISTIC_RUN_COUNT] += info.run_cnt;
		values[STATISTIC_RUN_NANOS] += info.run_time_ns;
	}
}

/* The caller holds the lock of the CPUs. */
static __u64 mapping_events_lost(const struct sampler *sampler)
{
	__u64 lost = sampler->mapping_events_lost + sampler->execs.dropped;

	for (int cpu = 0; cpu < sampler->cpus_end; cpu++) {
		const struct cpu_events *events = sampler->cpus[cpu];

		if (events && events->has_sideband)
			lost += events->band.lost;
	}
	return lost;
}

__u64 sampler_mapping_events_lost(struct sampler *sampler)
{
	__u64 lost;

	pthread_mutex_lock(&sampler->cpus_lock);
	lost = mapping_events_lost(sampler);
	pthread_mutex_unlock(&sampler->cpus_lock);
	return lost;
}

static void add_cpus(struct sampler *sampler, __u64 *values)
{
	pthread_mutex_lock(&sampler->cpus_lock);
	values[STATISTIC_MAPPING_EVENTS] = sampler->mapping_events;
	values[STATISTIC_MAPPING_EVENTS_LOST] = mapping_events_lost(sampler);
	values[STATISTIC_HOTPLUG_FAILURES] = sampler->hotplug_failures;
	for (int cpu = 0; cpu < sampler->cpus_end; cpu++) {
		const struct cpu_events *events = sampler->cpus[cpu];

		if (!events)
			continue;
		values[STATISTIC_CPUS]++;
		if (!events->has_sideband)
			continue;
		values[STATISTIC_SIDEBAND_BYTES] += events->band.mapped_bytes;
	}
	pthread_mutex_unlock(&sampler->cpus_lock);
}

int sampler_statistics(struct sampler *sampler, __u64 values[STATISTICS], struct failure *failure)
{
	clear_libbpf_log();
	memset(values, 0, STATISTICS * sizeof(*values));
	/* The counters come first in both enumerations. */
	if (sum_counters(bpf_map__fd(sampler->programs->maps.counters), COUNTERS, values, failure))
		return -1;
	add_cpus(sampler, values);
	values[STATISTIC_SOURCE] = sampler->settings.source;
	add_maps(sampler->programs->obj, values);
	values[STATISTIC_MAP_BYTES] += unwind_segment_bytes(&sampler->unwind);
	add_programs(sampler->programs->obj, values);
	return 0;
}
