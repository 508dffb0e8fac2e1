// SPDX-License-Identifier: Apache-2.0
#include "uprobe_multi.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#define UPROBE_MULTI_RETURN 1

/* What union bpf_attr has for BPF_LINK_CREATE of such a link. */
struct link_create {
	__u32 program;
	__u32 target;
	__u32 attach_type;
	__u32 flags;
	__u64 path;
	__u64 offsets;
	__u64 reference_counters;
	__u64 cookies;
	__u32 count;
	__u32 multi_flags;
	__u32 pid; /* 0: all processes */
	__u32 unused;
};

int uprobe_multi_attach(int program, const char *path, const __u64 *offsets, const __u64 *cookies,
			__u32 count, bool returns)
{
	struct link_create attr = {
		.program = (__u32)program,
		.attach_type = TRACE_UPROBE_MULTI,
		.path = (__u64)(uintptr_t)path,
		.offsets = (__u64)(uintptr_t)offsets,
		.cookies = (__u64)(uintptr_t)cookies,
		.count = count,
		.multi_flags = returns ? UPROBE_MULTI_RETURN : 0,
	};
	int link = (int)syscall(__NR_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));

	return link < 0 ? -errno : link;
}
