/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Layout of the records that travel from the kernel to Java, little endian, each a multiple of
 * eight bytes long. io.flarepath.bpf.RecordDescriptor mirrors it; RecordDescriptorTest compares
 * the two.
 *
 *   header | SAMPLE: depths, end, kernel addresses, user addresses (leaf first)
 *          | EXEC:   path, entries of the environment
 *          | MMAP:   range, file, path
 *          | FORK, EXIT: nothing
 */
#ifndef FLAREPATH_RECORD_H
#define FLAREPATH_RECORD_H

#include <linux/types.h>

#define RECORD_COMM_BYTES 16

/* The helper gives at most kernel.perf_event_max_stack (127) kernel frames. */
#define KERNEL_FRAMES_MAX 128
#define USER_FRAMES_MAX 512
/* Power of two above the sum of both, so that the verifier can be given a mask. */
#define ADDRESS_SLOTS 1024

#define EXEC_PATH_BYTES 256
/* Of these variables of an environment the service makes labels; no other leaves the process. */
#define ENVIRONMENT_NAMES 4
#define ENVIRONMENT_ENTRY_BYTES 512
#define MMAP_PATH_BYTES 4096

/* No record is longer; a buffer for records must hold at least one. */
#define RECORD_BYTES_MAX 8192

enum record_kind {
	RECORD_SAMPLE = 1,
	RECORD_EXEC = 2,
	RECORD_FORK = 3,
	RECORD_EXIT = 4,
	RECORD_MMAP = 5,
};

enum record_flag {
	/* More kernel frames than the kernel hands out. */
	RECORD_KERNEL_TRUNCATED = 1 << 0,
	/* The user stack was entered by a system call: its first address is a return address. */
	RECORD_USER_IN_SYSCALL = 1 << 1,
	/* The path did not fit. */
	RECORD_PATH_TRUNCATED = 1 << 2,
	/* The environment was read to its end: a variable that is not here was not set. */
	RECORD_ENVIRONMENT = 1 << 3,
};

/* Why the list of user addresses ends where it does. */
enum user_stack_end {
	USER_STACK_COMPLETE = 0,
	USER_STACK_DEPTH_LIMIT = 1,
	USER_STACK_UNREADABLE = 2,
	USER_STACK_NO_USER = 3,
	USER_STACK_NO_FRAME_POINTER = 4,
	USER_STACK_32_BIT = 5,
};

struct record_header {
	__u32 size; /* of the whole record */
	__u16 kind;
	__u16 flags;
	__u64 time; /* CLOCK_MONOTONIC, nanoseconds */
	__u32 pid;
	__u32 tid;
	__u32 cpu;
	__u32 parent_pid; /* of a FORK */
	__u64 cgroup_id;
	char comm[RECORD_COMM_BYTES];
};

struct sample_record {
	struct record_header header;
	__u16 kernel_depth;
	__u16 user_depth;
	__u32 user_end;
	__u64 addresses[ADDRESS_SLOTS];
};

struct exec_record {
	struct record_header header;
	__u32 path_bytes;
	__u32 reserved;
	char path[EXEC_PATH_BYTES];
	/* NAME=value, ended by a NUL, empty where not set. Left out where none is set. */
	char environment[ENVIRONMENT_NAMES][ENVIRONMENT_ENTRY_BYTES];
};

struct mmap_record {
	struct record_header header;
	__u64 start;
	__u64 end;
	__u64 file_offset;
	__u64 device; /* major << 32 | minor */
	__u64 inode;
	__u32 protection;
	__u32 path_bytes;
	char path[MMAP_PATH_BYTES];
};

/* Index in the per-CPU array of counters. */
enum sampler_counter {
	COUNTER_SAMPLES,
	COUNTER_SAMPLES_LOST,
	COUNTER_USER_UNREADABLE,
	COUNTER_IDLE,
	COUNTER_EXCLUDED,
	COUNTER_PROCESS_EVENTS,
	COUNTER_PROCESS_EVENTS_LOST,
	COUNTERS,
};

#endif
