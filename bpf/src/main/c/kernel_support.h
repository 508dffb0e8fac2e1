/* SPDX-License-Identifier: Apache-2.0 */
/* Finds out what this kernel gives to this process, by trying. */
#ifndef FLAREPATH_KERNEL_SUPPORT_H
#define FLAREPATH_KERNEL_SUPPORT_H

#include <stdbool.h>

struct finding {
	bool present;
	char detail[400];
};

/* Same numbers as io.flarepath.bpf.KernelFeature. */
enum kernel_feature {
	FEATURE_BTF,
	FEATURE_PERF_HARDWARE,
	FEATURE_PERF_SOFTWARE,
	FEATURE_PERF_PROGRAM,
	FEATURE_SIDEBAND,
	FEATURE_RING_BUFFER,
	FEATURE_BPF_LOOP,
	FEATURE_TRACEPOINT,
	FEATURE_TP_BTF,
	FEATURE_RAW_TP,
	FEATURE_FENTRY,
	FEATURE_KPROBE,
	FEATURE_UPROBE,
	FEATURE_ITERATOR,
	FEATURE_PROCMAP_QUERY,
	FEATURE_CGROUP2,
	FEATURE_CGROUP_ID,
	FEATURE_PID_NAMESPACE,
	FEATURE_RUN_STATISTICS,
	FEATURE_SENDING,
	FEATURE_SENT,
	FEATURE_RECEIVED,
	FEATURE_SOCKET_STATES,
};

void probe_feature(enum kernel_feature feature, struct finding *finding);

#endif
