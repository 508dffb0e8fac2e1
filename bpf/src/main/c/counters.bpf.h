/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Counters that user space sums up over all CPUs. COUNTERS_OF_PROGRAMS says how many there are. */
#ifndef FLAREPATH_COUNTERS_BPF_H
#define FLAREPATH_COUNTERS_BPF_H

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS_OF_PROGRAMS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

/* Atomic: a program may be interrupted by another one, or lose its CPU, in between. */
static __always_inline void count(__u32 counter)
{
	__u64 *value = bpf_map_lookup_elem(&counters, &counter);

	if (value)
		__sync_fetch_and_add(value, 1);
}

#endif
