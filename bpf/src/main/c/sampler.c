// SPDX-License-Identifier: Apache-2.0
#include "sampler.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "sampler.skel.h"

static const char load_cure[] =
	"give CAP_BPF and CAP_PERFMON; the kernel needs CONFIG_BPF_SYSCALL, "
	"CONFIG_DEBUG_INFO_BTF and version 5.17 or later";

static __u32 kernel_frames_limit(void)
{
	FILE *file = fopen("/proc/sys/kernel/perf_event_max_stack", "re");
	unsigned int limit = 127;

	if (file) {
		if (fscanf(file, "%u", &limit) != 1)
			limit = 127;
		fclose(file);
	}
	return limit;
}

static void choose_tracepoints(struct sampler_bpf *programs, bool by_type)
{
	bpf_program__set_autoload(programs->progs.fork_btf, by_type);
	bpf_program__set_autoload(programs->progs.exec_btf, by_type);
	bpf_program__set_autoload(programs->progs.exit_btf, by_type);
	bpf_program__set_autoload(programs->progs.fork_raw, !by_type);
	bpf_program__set_autoload(programs->progs.exec_raw, !by_type);
	bpf_program__set_autoload(programs->progs.exit_raw, !by_type);
}

/* Loads, and attaches what does not belong to a CPU; 0 or -errno. */
static int load(struct sampler *sampler, bool by_type)
{
	struct sampler_bpf *programs = sampler_bpf__open();
	int error;

	if (!programs)
		return -errno;
	sampler->programs = programs;
	choose_tracepoints(programs, by_type);
	bpf_program__set_autoattach(programs->progs.sample, false);
	programs->rodata->kernel_frames_limit = kernel_frames_limit();
	programs->rodata->wakeup_bytes = sampler->settings.ring_bytes / 2;
	bpf_program__set_autoattach(programs->progs.resume, false);
	error = bpf_map__set_max_entries(programs->maps.events, sampler->settings.ring_bytes);
	if (!error)
		error = bpf_map__set_max_entries(programs->maps.scratch,
						 (__u32)libbpf_num_possible_cpus());
	if (!error)
		error = sampler_bpf__load(programs);
	if (!error)
		error = sampler_bpf__attach(programs);
	if (error) {
		sampler_bpf__destroy(programs);
		sampler->programs = NULL;
	}
	return error;
}

/* Where it may not load programs, libbpf would raise RLIMIT_MEMLOCK, which must stay as it is. */
static int check_permission(struct failure *failure)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_RINGBUF,
		.max_entries = (__u32)sysconf(_SC_PAGESIZE),
	};
	int fd = (int)syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));

	if (fd < 0)
		return fail(failure, errno, load_cure, "create a BPF ring buffer");
	close(fd);
	return 0;
}

static int load_programs(struct sampler *sampler, struct failure *failure)
{
	int error;

	if (check_permission(failure))
		return -1;
	error = load(sampler, true);
	if (error) {
		char first[sizeof(failure->detail)];

		snprintf(first, sizeof(first), "%s", libbpf_log());
		clear_libbpf_log();
		error = load(sampler, false);
		if (error) {
			fail(failure, error, load_cure, "load the BPF programs");
			if (!failure->detail[0])
				memcpy(failure->detail, first, sizeof(first));
			return -1;
		}
	}
	return 0;
}

static void choose_source(struct sampler *sampler)
{
	int fd;

	if (sampler->settings.source != SOURCE_AUTOMATIC)
		return;
	fd = sampler_open_event(&sampler->settings, SOURCE_CYCLES, 0);
	sampler->settings.source = fd >= 0 ? SOURCE_CYCLES : SOURCE_CPU_CLOCK;
	if (fd >= 0)
		close(fd);
}

static int start(struct sampler *sampler, struct failure *failure)
{
	if (load_programs(sampler, failure) ||
	    ring_open(&sampler->ring, bpf_map__fd(sampler->programs->maps.events),
		      sampler->settings.ring_bytes, failure) ||
	    unwind_memory_open(&sampler->unwind, sampler->programs, failure) ||
	    wakeups_open(&sampler->wakeups, bpf_map__fd(sampler->programs->maps.events), failure))
		return -1;
	if (sampler->settings.statistics) {
		sampler->statistics_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
		if (sampler->statistics_fd < 0)
			return fail(failure, errno, "give CAP_SYS_ADMIN or do without",
				    "switch on run-time statistics of BPF programs");
	}
	choose_source(sampler);
	return sampler_attach_cpus(sampler, failure);
}

struct sampler *sampler_open(const struct sampler_settings *settings, struct failure *failure)
{
	struct sampler *sampler = calloc(1, sizeof(*sampler));

	clear_libbpf_log();
	if (!sampler) {
		fail(failure, ENOMEM, "", "allocate a sampler");
		return NULL;
	}
	sampler->settings = *settings;
	pthread_mutex_init(&sampler->cpus_lock, NULL);
	sampler->online_fd = sampler->statistics_fd = -1;
	sampler->wakeups = NO_WAKEUPS;
	if (start(sampler, failure)) {
		sampler_close(sampler);
		return NULL;
	}
	return sampler;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void sampler_close(struct sampler *sampler)
{
	sampler_detach_cpus(sampler);
	ring_close(&sampler->ring);
	unwind_memory_close(&sampler->unwind);
	sampler_bpf__destroy(sampler->programs);
	exec_order_close(&sampler->execs);
	wakeups_close(&sampler->wakeups);
	close_if_open(sampler->online_fd);
	close_if_open(sampler->statistics_fd);
	pthread_mutex_destroy(&sampler->cpus_lock);
	free(sampler);
}

void sampler_wake(struct sampler *sampler)
{
	wakeups_end(&sampler->wakeups);
}

int sampler_exclude(struct sampler *sampler, __u32 pid, bool exclude, struct failure *failure)
{
	int map = bpf_map__fd(sampler->programs->maps.excluded);
	__u8 set = 1;

	clear_libbpf_log();
	if (exclude && bpf_map_update_elem(map, &pid, &set, BPF_ANY))
		return fail(failure, errno, "exclude fewer processes; 8192 fit",
			    "exclude process %u", pid);
	if (!exclude && bpf_map_delete_elem(map, &pid) && errno != ENOENT)
		return fail(failure, errno, "", "include process %u", pid);
	return 0;
}
