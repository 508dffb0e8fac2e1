/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What a sample costs by the kernel's own means: the user's stack by frame pointers, once into a table
 * of stacks, once into a buffer.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define FRAMES 127

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 16384);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, FRAMES * sizeof(__u64));
} stacks SEC(".maps");

struct buffer {
	__u64 addresses[FRAMES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct buffer);
} buffers SEC(".maps");

__u64 frames;

SEC("perf_event")
int get_stackid(void *context)
{
	bpf_get_stackid(context, &stacks, BPF_F_USER_STACK | BPF_F_REUSE_STACKID);
	return 0;
}

SEC("perf_event")
int get_stack(void *context)
{
	__u32 zero = 0;
	struct buffer *buffer = bpf_map_lookup_elem(&buffers, &zero);
	long bytes;

	if (!buffer)
		return 0;
	bytes = bpf_get_stack(context, buffer, sizeof(*buffer), BPF_F_USER_STACK);
	if (bytes > 0)
		__sync_fetch_and_add(&frames, bytes / sizeof(__u64));
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
