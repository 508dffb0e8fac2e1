// SPDX-License-Identifier: Apache-2.0
#include "kernel_support.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "probes.h"
#include "process_mappings.h"
#include "sideband.h"

#define CGROUP2_MAGIC 0x63677270
/* The inode of the first pid namespace, include/linux/proc_ns.h. */
#define PROC_PID_INIT_INO 0xEFFFFFFCU

void found(struct finding *finding, const char *detail)
{
	finding->present = true;
	snprintf(finding->detail, sizeof(finding->detail), "%s", detail);
}

void missing(struct finding *finding, const char *attempt, int error)
{
	const char *name;

	error = error < 0 ? -error : error;
	name = strerrorname_np(error);
	finding->present = false;
	snprintf(finding->detail, sizeof(finding->detail), "%s: %s (%s)", attempt,
		 name ? name : "?", strerror(error));
}

int perf_open(__u32 type, __u64 config, bool disabled)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = type,
		.config = config,
		.sample_period = type == PERF_TYPE_TRACEPOINT ? 1 : 100000000,
		.disabled = disabled,
		.exclude_idle = type != PERF_TYPE_TRACEPOINT,
	};
	int fd = (int)syscall(__NR_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void probe_btf(struct finding *finding)
{
	struct btf *btf = btf__parse("/sys/kernel/btf/vmlinux", NULL);
	int error = errno, types;

	if (!btf) {
		missing(finding, "parse /sys/kernel/btf/vmlinux", error);
		return;
	}
	types = (int)btf__type_cnt(btf);
	btf__free(btf);
	finding->present = true;
	snprintf(finding->detail, sizeof(finding->detail), "/sys/kernel/btf/vmlinux, %d types",
		 types);
}

static void probe_perf(struct finding *finding, __u32 type, __u64 config, const char *attempt,
		       const char *detail)
{
	int fd = perf_open(type, config, true);

	if (fd < 0) {
		missing(finding, attempt, fd);
		return;
	}
	close(fd);
	found(finding, detail);
}

static void probe_sideband(struct finding *finding)
{
	struct sideband band;
	struct failure failure = {};

	if (sideband_open(&band, 0, &failure)) {
		missing(finding, failure.attempt, failure.error);
		return;
	}
	snprintf(finding->detail, sizeof(finding->detail), "mmap2 events, ring of %zu KiB a CPU",
		 band.mapped_bytes / 1024);
	finding->present = true;
	sideband_close(&band);
}

/* Dynamic probes: the kernel has the perf PMU of that name when it has the feature. */
static void probe_dynamic(struct finding *finding, const char *pmu, bool kernel_side)
{
	char path[128];
	unsigned int type;
	struct perf_event_attr attr = {.size = sizeof(attr)};
	FILE *file;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", pmu);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%u", &type) != 1) {
		missing(finding, path, file ? EINVAL : errno);
		if (file)
			fclose(file);
		return;
	}
	fclose(file);
	attr.type = type;
	attr.disabled = 1;
	attr.config1 = (__u64)(uintptr_t)(kernel_side ? "do_exit" : "/proc/self/exe");
	fd = (int)syscall(__NR_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0) {
		missing(finding, "perf_event_open of a probe", errno);
		return;
	}
	close(fd);
	found(finding, kernel_side ? "do_exit can be probed" : "a user function can be probed");
}

static void probe_procmap(struct finding *finding)
{
	struct procmap_query query = {
		.size = sizeof(query),
		.query_addr = (__u64)(uintptr_t)probe_feature,
	};
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		missing(finding, "open /proc/self/maps", errno);
		return;
	}
	if (ioctl(fd, PROCMAP_QUERY_IOCTL, &query))
		missing(finding, "ioctl PROCMAP_QUERY", errno);
	else
		found(finding, "answers");
	close(fd);
}

static void probe_cgroup2(struct finding *finding)
{
	static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	struct statfs fs;

	for (size_t i = 0; i < 2; i++) {
		if (!statfs(places[i], &fs) && fs.f_type == CGROUP2_MAGIC) {
			found(finding, places[i]);
			return;
		}
	}
	snprintf(finding->detail, sizeof(finding->detail),
		 "no cgroup2 at /sys/fs/cgroup or /sys/fs/cgroup/unified");
}

static void probe_pid_namespace(struct finding *finding)
{
	struct stat status;

	if (stat("/proc/self/ns/pid", &status)) {
		missing(finding, "stat /proc/self/ns/pid", errno);
		return;
	}
	if (status.st_ino == PROC_PID_INIT_INO)
		found(finding, "this is the first pid namespace");
	else
		snprintf(finding->detail, sizeof(finding->detail),
			 "this is pid namespace %lu, not the host's: run with hostPID",
			 (unsigned long)status.st_ino);
}

static void probe_typed_tracepoint(struct finding *finding, const char *name)
{
	probe_raw(finding, BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, name, NULL);
}

void probe_feature(enum kernel_feature feature, struct finding *finding)
{
	clear_libbpf_log();
	switch (feature) {
	case FEATURE_BTF:
		return probe_btf(finding);
	case FEATURE_PERF_HARDWARE:
		return probe_perf(finding, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES,
				  "perf_event_open cycles", "cycles can be counted");
	case FEATURE_PERF_SOFTWARE:
		return probe_perf(finding, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK,
				  "perf_event_open cpu-clock", "cpu-clock can be opened");
	case FEATURE_PERF_PROGRAM:
		return probe_perf_program(finding);
	case FEATURE_SIDEBAND:
		return probe_sideband(finding);
	case FEATURE_RING_BUFFER:
		return probe_ring_buffer(finding);
	case FEATURE_BPF_LOOP:
		return probe_helper(finding, BPF_FUNC_loop,
				    "call bpf_loop from a perf_event program");
	case FEATURE_TRACEPOINT:
		return probe_tracepoint(finding, "sched/sched_process_exec");
	case FEATURE_TP_BTF:
		return probe_typed_tracepoint(finding, "sched_process_exec");
	case FEATURE_RAW_TP:
		return probe_raw(finding, BPF_PROG_TYPE_RAW_TRACEPOINT, 0, NULL,
				 "sched_process_exec");
	case FEATURE_FENTRY:
		return probe_raw(finding, BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY,
				 "bpf_fentry_test1", NULL);
	case FEATURE_KPROBE:
		return probe_dynamic(finding, "kprobe", true);
	case FEATURE_UPROBE:
		return probe_dynamic(finding, "uprobe", false);
	case FEATURE_ITERATOR:
		return probe_iterator(finding, "task_vma");
	case FEATURE_PROCMAP_QUERY:
		return probe_procmap(finding);
	case FEATURE_CGROUP2:
		return probe_cgroup2(finding);
	case FEATURE_CGROUP_ID:
		return probe_helper(finding, BPF_FUNC_get_current_cgroup_id,
				    "call bpf_get_current_cgroup_id from a perf_event program");
	case FEATURE_PID_NAMESPACE:
		return probe_pid_namespace(finding);
	case FEATURE_RUN_STATISTICS:
		return probe_run_statistics(finding);
	case FEATURE_SENDING:
		return probe_typed_tracepoint(finding, "tcp_sendmsg_locked");
	case FEATURE_SENT:
		return probe_typed_tracepoint(finding, "sock_send_length");
	case FEATURE_RECEIVED:
		return probe_typed_tracepoint(finding, "skb_copy_datagram_iovec");
	case FEATURE_SOCKET_STATES:
		return probe_typed_tracepoint(finding, "inet_sock_set_state");
	case FEATURE_RECEIVED_LENGTH:
		return probe_typed_tracepoint(finding, "sock_recv_length");
	case FEATURE_TCP_RESETS:
		return probe_typed_tracepoint(finding, "tcp_send_reset");
	case FEATURE_PACKET_DROPS:
		return probe_typed_tracepoint(finding, "kfree_skb");
	case FEATURE_TCP_WINDOWS:
		return probe_typed_tracepoint(finding, "tcp_probe");
	case FEATURE_FILE_ITERATOR:
		return probe_iterator(finding, "task_file");
	case FEATURE_PACKET_SENT:
		return probe_typed_tracepoint(finding, "net_dev_queue");
	case FEATURE_DATAGRAM_RECEIVED:
		return probe_typed_tracepoint(finding, "sk_data_ready");
	case FEATURE_UPROBE_MULTI:
		return probe_uprobe_multi(finding);
	case FEATURE_SYSTEM_CALLS:
		return probe_tracepoint(finding, "syscalls/sys_exit_recvfrom");
	}
}
