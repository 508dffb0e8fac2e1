// SPDX-License-Identifier: Apache-2.0
/* Probes that load a BPF program or make a map. */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "probes.h"
#include "tracefs.h"
#include "uprobe_multi.h"

/*
 * Plain system calls: where a call is not permitted, libbpf takes the kernel for an old one and
 * raises RLIMIT_MEMLOCK, which must stay as it is.
 */
static int bpf_call(enum bpf_cmd command, union bpf_attr *attr)
{
	int fd = (int)syscall(__NR_bpf, command, attr, sizeof(*attr));

	return fd < 0 ? -errno : fd;
}

/* r0 = 0; exit */
static int load_trivial(enum bpf_prog_type type, enum bpf_attach_type attach, const char *target)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = type,
		.expected_attach_type = attach,
		.insns = (__u64)(uintptr_t)insns,
		.insn_cnt = 2,
		.license = (__u64)(uintptr_t)"Dual BSD/GPL",
	};

	if (target) {
		int id = libbpf_find_vmlinux_btf_id(target, attach);

		if (id < 0)
			return id;
		attr.attach_btf_id = (__u32)id;
	}
	return bpf_call(BPF_PROG_LOAD, &attr);
}

void probe_perf_program(struct finding *finding)
{
	int program = load_trivial(BPF_PROG_TYPE_PERF_EVENT, 0, NULL), event;

	if (program < 0) {
		missing(finding, "load a perf_event program", program);
		return;
	}
	event = perf_open(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, true);
	if (event < 0)
		missing(finding, "perf_event_open cpu-clock", event);
	else if (ioctl(event, PERF_EVENT_IOC_SET_BPF, program))
		missing(finding, "attach a perf_event program", errno);
	else
		found(finding, "loads and attaches");
	if (event >= 0)
		close(event);
	close(program);
}

void probe_ring_buffer(struct finding *finding)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_RINGBUF,
		.max_entries = (__u32)sysconf(_SC_PAGESIZE),
	};
	int fd = bpf_call(BPF_MAP_CREATE, &attr);

	if (fd < 0) {
		missing(finding, "create a ring buffer map", fd);
		return;
	}
	close(fd);
	found(finding, "map can be created");
}

void probe_tracepoint(struct finding *finding, const char *name)
{
	int root = tracefs_open(), program, event;

	if (root < 0) {
		missing(finding, "find tracefs, which is not mounted at /sys/kernel/tracing", root);
		return;
	}
	program = load_trivial(BPF_PROG_TYPE_TRACEPOINT, 0, NULL);
	event = program < 0 ? -1 : tracefs_event(root, name);
	close(root);
	if (program < 0) {
		missing(finding, "load a tracepoint program", program);
		return;
	}
	if (event < 0)
		missing(finding, "open a tracepoint", event);
	else if (ioctl(event, PERF_EVENT_IOC_SET_BPF, program))
		missing(finding, "attach to a tracepoint", errno);
	else
		found(finding, "loads and attaches");
	if (event >= 0)
		close(event);
	close(program);
}

/* Programs that attach by bpf_raw_tracepoint_open: raw_tp (with a name), tp_btf and fentry. */
void probe_raw(struct finding *finding, enum bpf_prog_type type,
		      enum bpf_attach_type attach, const char *target, const char *name)
{
	int program = load_trivial(type, attach, target), link;

	if (program < 0) {
		missing(finding, "load", program);
		return;
	}
	link = bpf_raw_tracepoint_open(name, program);
	if (link < 0) {
		missing(finding, "loads, but does not attach", errno);
	} else {
		close(link);
		found(finding, "loads and attaches");
	}
	close(program);
}

void probe_iterator(struct finding *finding, const char *target)
{
	int program = load_trivial(BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, target);
	int link;

	if (program < 0) {
		missing(finding, "load the iterator", program);
		return;
	}
	link = bpf_link_create(program, 0, BPF_TRACE_ITER, NULL);
	if (link < 0) {
		missing(finding, "attach the iterator", errno);
	} else {
		close(link);
		found(finding, "loads and attaches");
	}
	close(program);
}

void probe_helper(struct finding *finding, enum bpf_func_id helper, const char *attempt)
{
	int program = load_trivial(BPF_PROG_TYPE_PERF_EVENT, 0, NULL), result;

	if (program < 0) {
		missing(finding, "load a perf_event program", program);
		return;
	}
	close(program);
	result = libbpf_probe_bpf_helper(BPF_PROG_TYPE_PERF_EVENT, helper, NULL);
	if (result > 0)
		found(finding, "helper can be called");
	else
		missing(finding, attempt, result ? result : EINVAL);
}

/* The file that this code is of, and where in it an address of it lies; or -errno. */
static int own_place(const void *address, char *path, size_t room, __u64 *offset)
{
	__u64 at = (__u64)(uintptr_t)address;
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	int error = -ENOENT;

	if (!maps)
		return -errno;
	while (fgets(line, sizeof(line), maps)) {
		unsigned long long start, end, from;

		if (sscanf(line, "%llx-%llx %*s %llx", &start, &end, &from) == 3 && at >= start &&
		    at < end) {
			/* The link leads to the file even where its name does not. */
			snprintf(path, room, "/proc/self/map_files/%llx-%llx", start, end);
			*offset = at - start + from;
			error = 0;
			break;
		}
	}
	fclose(maps);
	return error;
}

void probe_uprobe_multi(struct finding *finding)
{
	int program = load_trivial(BPF_PROG_TYPE_KPROBE, TRACE_UPROBE_MULTI, NULL), link;
	char path[128];
	__u64 offset, cookie = 1;
	int error;

	if (program < 0) {
		missing(finding, "load", program);
		return;
	}
	error = own_place(probe_uprobe_multi, path, sizeof(path), &offset);
	link = error ? error : uprobe_multi_attach(program, path, &offset, &cookie, 1, false);
	if (link < 0) {
		missing(finding, "loads, but does not attach", link);
	} else {
		close(link);
		found(finding, "loads and attaches");
	}
	close(program);
}

void probe_run_statistics(struct finding *finding)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	if (fd < 0) {
		missing(finding, "BPF_ENABLE_STATS", errno);
		return;
	}
	close(fd);
	found(finding, "can be switched on");
}
