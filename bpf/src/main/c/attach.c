// SPDX-License-Identifier: Apache-2.0
/* The events of each CPU, and CPUs that come and go. */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "sampler.h"
#include "sampler.skel.h"

#define ONLINE_PATH "/sys/devices/system/cpu/online"
#define ONLINE_CHECK_NANOS 1000000000ULL

int sampler_open_event(const struct sampler_settings *settings, enum sampler_source source,
		       int cpu)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.disabled = 1,
		.exclude_idle = 1,
	};
	int fd;

	if (source == SOURCE_CYCLES) {
		attr.type = PERF_TYPE_HARDWARE;
		attr.config = PERF_COUNT_HW_CPU_CYCLES;
		attr.freq = 1;
		attr.sample_freq = settings->frequency;
	} else {
		/* A period, since the kernel would round a frequency to one downwards. */
		attr.type = PERF_TYPE_SOFTWARE;
		attr.config = PERF_COUNT_SW_CPU_CLOCK;
		attr.sample_period = settings->period_nanos;
	}
	fd = (int)syscall(__NR_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int attach_samples(struct sampler *sampler, struct cpu_events *events,
			  struct failure *failure)
{
	int fd = sampler_open_event(&sampler->settings, sampler->settings.source, events->cpu);

	if (fd < 0)
		return fail(failure, fd, "give CAP_PERFMON (before Linux 5.8: CAP_SYS_ADMIN)",
			    "perf_event_open of %s on CPU %d",
			    sampler->settings.source == SOURCE_CYCLES ? "cycles" : "cpu-clock",
			    events->cpu);
	events->samples = bpf_program__attach_perf_event(sampler->programs->progs.sample, fd);
	if (!events->samples) {
		int error = errno;

		close(fd);
		return fail(failure, error, "give CAP_BPF and CAP_PERFMON",
			    "attach the sampling program to CPU %d", events->cpu);
	}
	return 0;
}

static void detach_cpu(struct sampler *sampler, int cpu)
{
	struct cpu_events *events = sampler->cpus[cpu];

	if (!events)
		return;
	sampler->cpus[cpu] = NULL;
	if (events->samples)
		bpf_link__destroy(events->samples);
	if (events->has_sideband) {
		sampler->mapping_events_lost += events->band.lost;
		sideband_close(&events->band);
	}
	free(events);
}

static int attach_cpu(struct sampler *sampler, int cpu, struct failure *failure)
{
	struct cpu_events *events = calloc(1, sizeof(*events));

	if (!events)
		return fail(failure, ENOMEM, "", "allocate the events of CPU %d", cpu);
	events->cpu = cpu;
	sampler->cpus[cpu] = events;
	if (attach_samples(sampler, events, failure))
		goto failed;
	if (sampler->settings.mappings) {
		if (sideband_open(&events->band, cpu, failure))
			goto failed;
		events->has_sideband = true;
	}
	if (cpu >= sampler->cpus_end)
		sampler->cpus_end = cpu + 1;
	return 0;
failed:
	detach_cpu(sampler, cpu);
	return -1;
}

static int read_online(struct sampler *sampler, char *list, size_t room)
{
	ssize_t bytes = pread(sampler->online_fd, list, room - 1, 0);

	if (bytes < 0)
		return -errno;
	list[bytes] = 0;
	return 0;
}

/* Attaches and detaches until what is attached is what is online. */
static int match_cpus(struct sampler *sampler, const char *list, struct failure *failure)
{
	bool online[CPUS_MAX];
	int result = 0;

	if (cpus_parse(list, online))
		return fail(failure, EINVAL, "", "understand the list of CPUs in " ONLINE_PATH);
	for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
		if (!online[cpu])
			detach_cpu(sampler, cpu);
		else if (!sampler->cpus[cpu] && attach_cpu(sampler, cpu, failure))
			result = -1;
	}
	return result;
}

void sampler_follow_cpus(struct sampler *sampler, __u64 now)
{
	char list[sizeof(sampler->online)];

	if (now - sampler->online_checked < ONLINE_CHECK_NANOS)
		return;
	sampler->online_checked = now;
	if (read_online(sampler, list, sizeof(list)) || !strcmp(list, sampler->online))
		return;
	clear_libbpf_log();
	pthread_mutex_lock(&sampler->cpus_lock);
	/* After a failure the old list stays, so that the next check tries again. */
	if (match_cpus(sampler, list, &sampler->hotplug))
		sampler->hotplug_failures++;
	else
		memcpy(sampler->online, list, sizeof(list));
	pthread_mutex_unlock(&sampler->cpus_lock);
}

int sampler_attach_cpus(struct sampler *sampler, struct failure *failure)
{
	int error;

	sampler->online_fd = open(ONLINE_PATH, O_RDONLY | O_CLOEXEC);
	if (sampler->online_fd < 0)
		return fail(failure, errno, "mount sysfs at /sys", "open " ONLINE_PATH);
	error = read_online(sampler, sampler->online, sizeof(sampler->online));
	if (error)
		return fail(failure, error, "", "read " ONLINE_PATH);
	sampler->online_checked = monotonic_nanos();
	return match_cpus(sampler, sampler->online, failure);
}

void sampler_detach_cpus(struct sampler *sampler)
{
	for (int cpu = 0; cpu < CPUS_MAX; cpu++)
		detach_cpu(sampler, cpu);
}
