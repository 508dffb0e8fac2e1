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

struct mm_struct {
	unsigned long env_start;
	unsigned long env_end;
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
};

struct linux_binprm {
	const char *filename;
};

#pragma clang attribute pop

#endif
