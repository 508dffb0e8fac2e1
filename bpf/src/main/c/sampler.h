/* SPDX-License-Identifier: Apache-2.0 */
/* The loaded programs, their events on every CPU, and the one stream of records that they give. */
#ifndef FLAREPATH_SAMPLER_H
#define FLAREPATH_SAMPLER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "cpus.h"
#include "exec_order.h"
#include "failure.h"
#include "record.h"
#include "ring.h"
#include "sideband.h"
#include "unwind_memory.h"
#include "wakeups.h"

struct sampler_bpf;
struct bpf_link;

enum sampler_source {
	SOURCE_AUTOMATIC = 0,
	SOURCE_CYCLES = 1,
	SOURCE_CPU_CLOCK = 2,
};

struct sampler_settings {
	__u32 frequency;    /* Hz */
	__u64 period_nanos; /* round(1e9 / frequency) */
	__u32 ring_bytes;   /* a power of two, a multiple of the page */
	enum sampler_source source;
	bool mappings;	 /* read the side band */
	bool statistics; /* let the kernel count run time of programs */
};

/* What is attached to one CPU. */
struct cpu_events {
	int cpu;
	struct bpf_link *samples;
	bool has_sideband;
	struct sideband band;
	enum sideband_kind head; /* kind of the record below */
	struct mmap_record record;
};

struct sampler {
	struct sampler_settings settings;
	struct sampler_bpf *programs;
	struct ring ring;
	struct unwind_memory unwind;
	pthread_mutex_t cpus_lock;	   /* held to change what follows, or to read it outside drain */
	struct cpu_events *cpus[CPUS_MAX]; /* NULL: not attached */
	int cpus_end;			   /* above the highest attached CPU */
	char online[4096];		   /* list of CPUs that are attached */
	int online_fd;			   /* /sys/devices/system/cpu/online */
	__u64 online_checked;		   /* CLOCK_MONOTONIC */
	struct wakeups wakeups;
	int statistics_fd;
	bool more; /* the last drain left records behind */
	struct exec_order execs;
	__u64 mapping_events;
	__u64 mapping_events_lost; /* of CPUs that are gone */
	struct failure hotplug;	   /* the last one */
	__u64 hotplug_failures;
};

/* Same order as io.flarepath.bpf.SamplerStatistics reads. */
enum sampler_statistic {
	STATISTIC_SAMPLES,
	STATISTIC_SAMPLES_LOST,
	STATISTIC_USER_UNREADABLE,
	STATISTIC_IDLE,
	STATISTIC_EXCLUDED,
	STATISTIC_PROCESS_EVENTS,
	STATISTIC_PROCESS_EVENTS_LOST,
	STATISTIC_MAPPING_EVENTS,
	STATISTIC_MAPPING_EVENTS_LOST,
	STATISTIC_CPUS,
	STATISTIC_HOTPLUG_FAILURES,
	STATISTIC_MAP_BYTES,
	STATISTIC_SIDEBAND_BYTES,
	STATISTIC_RUN_COUNT,
	STATISTIC_RUN_NANOS,
	STATISTIC_SOURCE,
	STATISTICS,
};

struct sampler *sampler_open(const struct sampler_settings *settings, struct failure *failure);
void sampler_close(struct sampler *sampler);

/* Waits, then copies whole records in the order of time; bytes copied. */
size_t sampler_drain(struct sampler *sampler, unsigned char *to, size_t room, int timeout_millis);

/* Ends the wait of a drain that another thread is in. */
void sampler_wake(struct sampler *sampler);

int sampler_exclude(struct sampler *sampler, __u32 pid, bool exclude, struct failure *failure);
int sampler_statistics(struct sampler *sampler, __u64 values[STATISTICS], struct failure *failure);

/* One of them alone, which costs next to nothing: asked for at each drain. */
__u64 sampler_mapping_events_lost(struct sampler *sampler);

/* Attaches to all CPUs that are online, or lets go of all. */
int sampler_attach_cpus(struct sampler *sampler, struct failure *failure);
void sampler_detach_cpus(struct sampler *sampler);

/* Attaches to CPUs that came, lets go of those that went; at most once a second. */
void sampler_follow_cpus(struct sampler *sampler, __u64 now);

/* Opens the sampling event of one CPU; fd or -errno. */
int sampler_open_event(const struct sampler_settings *settings, enum sampler_source source,
		       int cpu);

__u64 monotonic_nanos(void);

#endif
