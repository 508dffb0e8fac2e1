// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Samples what every CPU runs, and tells of processes that come and go. */
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "record.h"
#include "resumed.h"
#include "vmlinux_types.h"

#define COUNTERS_OF_PROGRAMS COUNTERS
#include "counters.bpf.h"

#include "environment.bpf.h"
#include "user_stack.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Set before loading. */
const volatile __u32 kernel_frames_limit = 127; /* kernel.perf_event_max_stack */
const volatile __u64 wakeup_bytes = 0;		/* wake the reader when so much waits */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

/* Preallocated: kernels before 6.1 demand it of programs that run in NMI. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, __u8);
} excluded SEC(".maps");

/*
 * A sample is put together here; only one can be under way on a CPU. One value a CPU in a plain
 * array: those of per-CPU maps may not have more than 32 KiB.
 */
struct sample_scratch {
	struct unwind_walk walk;
	struct pt_regs regs;
	/* Of the stack, that may be copied; here, since the verifier would follow each number of its own. */
	__u32 pages;
	struct sample_record record;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* as many as CPUs, set before loading */
	__type(key, __u32);
	__type(value, struct sample_scratch);
} scratch SEC(".maps");

/* A walk that goes on: user space fills it, runs the program `resume`, and reads it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct resumed_walk);
} resumed SEC(".maps");

/* Only one walk goes on at a time: user space holds a lock. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct unwind_walk);
} resumed_scratch SEC(".maps");

static __always_inline __u64 wakeup(void)
{
	if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) >= wakeup_bytes)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

/* Kernel frames, and the user registers that were saved when the kernel was entered. */
static __always_inline __u32 kernel_stack(struct bpf_perf_event_data *ctx,
					  struct sample_record *record, struct task_struct *task,
					  struct pt_regs *regs)
{
	long bytes = bpf_get_stack(ctx, record->addresses, KERNEL_FRAMES_MAX * sizeof(__u64), 0);
	__u32 depth = bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0;

	if (depth >= kernel_frames_limit || depth >= KERNEL_FRAMES_MAX)
		record->header.flags |= RECORD_KERNEL_TRUNCATED;
	if (bpf_probe_read_kernel(regs, sizeof(*regs), (const void *)bpf_task_pt_regs(task)))
		regs->rip = 0;
	if ((long)regs->orig_rax >= 0)
		record->header.flags |= RECORD_USER_IN_SYSCALL;
	return depth;
}

/*
 * The reader is woken for a sample of which it must tell more: until it has, all that follow are
 * kept back too, and none of them can cross to another stack.
 */
static __always_inline __u64 wakeup_for(const struct sample_record *record, bool news)
{
	if (record->stack_bytes > 0 && news)
		return BPF_RB_FORCE_WAKEUP;
	return wakeup();
}

static __always_inline void begin(struct record_header *header, __u16 kind)
{
	header->kind = kind;
	header->flags = 0;
	header->time = bpf_ktime_get_ns();
	header->cpu = bpf_get_smp_processor_id();
	header->parent_pid = 0;
	header->cgroup_id = bpf_get_current_cgroup_id();
}

/* Kernel and user part of a sample; bytes of the record, or 0. */
static __always_inline __u64 fill_sample(struct bpf_perf_event_data *ctx,
					 struct sample_scratch *to)
{
	struct sample_record *record = &to->record;
	struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
	__u32 kernel_depth = 0, slots;
	__u64 bytes;
	/* A copy takes much room, and what the ring has no room for is lost: a fourth is kept free. */
	__u64 waiting = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);
	volatile __u32 *pages = &to->pages;

	*pages = waiting < wakeup_bytes			     ? STACK_COPY_PAGES
		 : waiting < wakeup_bytes + wakeup_bytes / 2 ? STACK_COPY_PAGES / 4
							     : 0;
	record->image = image_of(task);
	record->reserved = 0;
	if (ctx->regs.cs & 3)
		__builtin_memcpy(&to->regs, &ctx->regs, sizeof(to->regs));
	else
		kernel_depth = kernel_stack(ctx, record, task, &to->regs);
	if (kernel_depth > KERNEL_FRAMES_MAX)
		kernel_depth = KERNEL_FRAMES_MAX;
	record->kernel_depth = kernel_depth;
	record->user_end = user_stack(&to->walk, record, kernel_depth, task, &to->regs, *pages);
	if (record->user_end == USER_STACK_UNREADABLE)
		count(COUNTER_USER_UNREADABLE);
	slots = kernel_depth + record->user_depth;
	if (slots > ADDRESS_SLOTS)
		return 0;
	bytes = offsetof(struct sample_record, addresses) + slots * sizeof(__u64);
	if (record->stack_bytes > 0)
		bytes += sizeof(struct walk_state) + record->stack_bytes;
	return bytes;
}

SEC("perf_event")
int sample(struct bpf_perf_event_data *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 pid = id >> 32, tid = id, cpu = bpf_get_smp_processor_id();
	struct sample_scratch *to;
	__u64 bytes;

	if (tid == 0) {
		count(COUNTER_IDLE);
		return 0;
	}
	if (bpf_map_lookup_elem(&excluded, &pid)) {
		count(COUNTER_EXCLUDED);
		return 0;
	}
	to = bpf_map_lookup_elem(&scratch, &cpu);
	if (!to)
		return 0;
	begin(&to->record.header, RECORD_SAMPLE);
	to->record.header.pid = pid;
	to->record.header.tid = tid;
	bpf_get_current_comm(to->record.header.comm, sizeof(to->record.header.comm));
	bytes = fill_sample(ctx, to);
	if (bytes == 0)
		return 0;
	barrier_var(bytes);
	if (bytes > sizeof(to->record))
		return 0;
	to->record.header.size = bytes;
	count(bpf_ringbuf_output(&events, &to->record, bytes,
				 wakeup_for(&to->record, is_news(&to->walk)))
		      ? COUNTER_SAMPLES_LOST
		      : COUNTER_SAMPLES);
	return 0;
}

/*
 * Goes on with a walk that was kept back, in the copy of its stack. Run by user space, for which
 * it reads no memory but what it was given.
 */
SEC("syscall")
int resume(void *ctx)
{
	__u32 zero = 0;
	struct resumed_walk *resumed_walk = bpf_map_lookup_elem(&resumed, &zero);
	struct unwind_walk *walk = bpf_map_lookup_elem(&resumed_scratch, &zero);

	if (!resumed_walk || !walk)
		return 1;
	__builtin_memcpy(walk->registers, resumed_walk->state.registers, sizeof(walk->registers));
	walk->pc = resumed_walk->state.pc;
	walk->known = resumed_walk->state.known;
	walk->flags = resumed_walk->state.flags;
	walk->readable_start = resumed_walk->state.stack_start;
	walk->readable_bytes = resumed_walk->stack_bytes;
	walk->shift = resumed_walk->stack_at - resumed_walk->state.stack_start;
	walk->thread_pointer = 0;
	walk->trampoline = resumed_walk->state.trampoline;
	walk->latest_instance = 0;
	walk->next_instance = 0;
	walk->switches = 0;
	walk->first_mapping = resumed_walk->first_mapping;
	walk->mapping_count = resumed_walk->mapping_count;
	walk->generation = resumed_walk->generation;
	walk->first = resumed_walk->record.kernel_depth;
	walk->depth = resumed_walk->record.user_depth;
	walk_on(walk, &resumed_walk->record);
	resumed_walk->record.user_depth = walk->depth;
	resumed_walk->record.user_end = walk->end;
	__builtin_memcpy(resumed_walk->state.registers, walk->registers, sizeof(walk->registers));
	resumed_walk->state.pc = walk->pc;
	resumed_walk->state.known = walk->known;
	resumed_walk->state.flags = walk->flags;
	return 0;
}

static __always_inline int tell(const struct record_header *header, __u64 bytes)
{
	count(bpf_ringbuf_output(&events, (void *)header, bytes, wakeup())
		      ? COUNTER_PROCESS_EVENTS_LOST
		      : COUNTER_PROCESS_EVENTS);
	return 0;
}

/* A new process has the mappings of its parent, until it executes a program. */
static __always_inline void inherit_mappings(struct task_struct *parent, struct task_struct *child)
{
	__u32 from = BPF_CORE_READ(parent, tgid), to = BPF_CORE_READ(child, pid);
	struct unwind_process *known = bpf_map_lookup_elem(&unwind_processes, &from);
	struct unwind_process copy = {};

	if (!known || known->image != image_of(parent)) {
		bpf_map_delete_elem(&unwind_processes, &to);
		return;
	}
	copy.image = image_of(child);
	copy.first = known->first;
	copy.count = known->count;
	copy.generation = known->generation;
	bpf_map_update_elem(&unwind_processes, &to, &copy, BPF_ANY);
}

static __always_inline int tell_fork(struct task_struct *parent, struct task_struct *child)
{
	struct record_header header = {};

	if (BPF_CORE_READ(child, pid) != BPF_CORE_READ(child, tgid))
		return 0; /* a thread */
	inherit_mappings(parent, child);
	begin(&header, RECORD_FORK);
	header.size = sizeof(header);
	header.pid = header.tid = BPF_CORE_READ(child, pid);
	/* Excluding the number's former process may have come after its end. */
	bpf_map_delete_elem(&excluded, &header.pid);
	header.parent_pid = BPF_CORE_READ(parent, tgid);
	BPF_CORE_READ_STR_INTO(&header.comm, child, comm);
	return tell(&header, sizeof(header));
}

static __always_inline int tell_exit(struct task_struct *task)
{
	struct record_header header = {};
	__u32 pid = BPF_CORE_READ(task, tgid);

	if (BPF_CORE_READ(task, signal, live.counter) > 0)
		return 0; /* other threads live on */
	/* The number may be given to another process soon. */
	bpf_map_delete_elem(&excluded, &pid);
	bpf_map_delete_elem(&unwind_processes, &pid);
	begin(&header, RECORD_EXIT);
	header.size = sizeof(header);
	header.pid = pid;
	header.tid = BPF_CORE_READ(task, pid);
	BPF_CORE_READ_STR_INTO(&header.comm, task, comm);
	return tell(&header, sizeof(header));
}

static __always_inline void fill_exec(struct exec_record *record, struct task_struct *task,
				      struct linux_binprm *program)
{
	long bytes;

	begin(&record->header, RECORD_EXEC);
	record->header.pid = BPF_CORE_READ(task, tgid);
	record->header.tid = BPF_CORE_READ(task, pid);
	record->image = image_of(task);
	record->reserved = 0;
	BPF_CORE_READ_STR_INTO(&record->header.comm, task, comm);
	bytes = bpf_probe_read_kernel_str(record->path, sizeof(record->path),
					  BPF_CORE_READ(program, filename));
	record->path_bytes = bytes > 0 ? bytes - 1 : 0;
	if (bytes == sizeof(record->path))
		record->header.flags |= RECORD_PATH_TRUNCATED;
}

static __always_inline int tell_exec(struct task_struct *task, struct linux_binprm *program)
{
	struct environment_search search = {};
	struct exec_record *record;
	__u32 pid = BPF_CORE_READ(task, tgid);

	bpf_map_delete_elem(&unwind_processes, &pid);
	search_environment(&search, task);
	/* Reserved, not built elsewhere: a task in this hook may be preempted by another one. */
	if (search.any) {
		record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
		if (!record)
			goto lost;
		fill_exec(record, task, program);
		record->header.size = sizeof(*record);
		if (copy_environment(record, &search) && search.whole)
			record->header.flags |= RECORD_ENVIRONMENT;
	} else {
		record = bpf_ringbuf_reserve(&events, offsetof(struct exec_record, environment), 0);
		if (!record)
			goto lost;
		fill_exec(record, task, program);
		record->header.size = offsetof(struct exec_record, environment);
		if (search.whole)
			record->header.flags |= RECORD_ENVIRONMENT;
	}
	count(COUNTER_PROCESS_EVENTS);
	/* What else is known of a short-lived process only /proc tells, and only now. */
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	return 0;
lost:
	count(COUNTER_PROCESS_EVENTS_LOST);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(fork_btf, struct task_struct *parent, struct task_struct *child)
{
	return tell_fork(parent, child);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(exec_btf, struct task_struct *task, int old_pid, struct linux_binprm *program)
{
	return tell_exec(task, program);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(exit_btf, struct task_struct *task)
{
	return tell_exit(task);
}

/* The same for kernels whose tracepoints cannot be reached by type. */
SEC("raw_tp/sched_process_fork")
int BPF_PROG(fork_raw, struct task_struct *parent, struct task_struct *child)
{
	return tell_fork(parent, child);
}

SEC("raw_tp/sched_process_exec")
int BPF_PROG(exec_raw, struct task_struct *task, int old_pid, struct linux_binprm *program)
{
	return tell_exec(task, program);
}

SEC("raw_tp/sched_process_exit")
int BPF_PROG(exit_raw, struct task_struct *task)
{
	return tell_exit(task);
}
