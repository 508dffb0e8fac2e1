/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The few kernel types that the programs read, each with only the fields they name. libbpf
 * relocates every access by the BTF of the running kernel, so offsets here mean nothing.
 */
#ifndef FLAREPATH_VMLINUX_TYPES_H
#define FLAREPATH_VMLINUX_TYPES_H

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live; /* threads that have not begun to exit */
};

/* Where a process has the kernel's trampoline, and copies of instructions that are probed. */
struct xol_area {
	unsigned long vaddr;
};

struct uprobes_state {
	struct xol_area *xol_area;
};

/* A return address that the kernel replaced by that of its trampoline. */
struct return_instance {
	unsigned long stack; /* where it was */
	unsigned long orig_ret_vaddr;
	struct return_instance *next; /* the one before in time */
};

struct uprobe_task {
	struct return_instance *return_instances; /* the latest */
	unsigned long vaddr;			  /* of the instruction that runs elsewhere */
	unsigned long xol_vaddr;		  /* where it runs */
};

struct mm_struct {
	unsigned long env_start;
	unsigned long env_end;
	struct uprobes_state uprobes_state;
};

struct thread_struct {
	unsigned long fsbase;
};

struct task_struct {
	unsigned int flags;
	struct mm_struct *mm;
	unsigned in_execve : 1;
	int pid;
	int tgid;
	struct task_struct *group_leader;
	__u64 start_boottime;
	char comm[16];
	__u64 self_exec_id;
	struct signal_struct *signal;
	struct thread_struct thread;
	struct uprobe_task *utask;
};

struct linux_binprm {
	const char *filename;
};

#pragma clang attribute pop

#endif
