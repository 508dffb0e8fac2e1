/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Layout of the records that travel from the kernel to Java, little endian, each a multiple of
 * eight bytes long. io.flarepath.bpf.RecordDescriptor mirrors it; RecordDescriptorTest compares
 * the two.
 *
 *   header | SAMPLE: depths, end, image, kernel addresses, user addresses (leaf first),
 *            where the walk stopped and the stack from there on if it can go on later
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
/* Words of user frames: one a frame, two for those of a JVM. */
#define USER_FRAMES_MAX 1536
/* Power of two above the sum of both, so that the verifier can be given a mask. */
#define ADDRESS_SLOTS 2048

/* Flags in a user address, which has 47 bits. */
#define ADDRESS_BY_FRAME_POINTER (1ULL << 63)
/* Where a signal interrupted the thread: not a return address. */
#define ADDRESS_EXACT (1ULL << 62)
/* A frame of a JVM: the next word says which, as enum jvm_frame has it. */
#define ADDRESS_JVM (1ULL << 61)
#define ADDRESS_MASK ((1ULL << 48) - 1)

/* Pages of the stack that are copied when the walk cannot go on now. */
#define STACK_COPY_PAGES 8
#define STACK_PAGE_BYTES 4096
#define STACK_COPY_BYTES (STACK_COPY_PAGES * STACK_PAGE_BYTES)

#define EXEC_PATH_BYTES 256
/* Of these variables of an environment the service makes labels; no other leaves the process. */
#define ENVIRONMENT_NAMES 4
#define ENVIRONMENT_ENTRY_BYTES 512
#define MMAP_PATH_BYTES 4096

/* No record is longer; a buffer for records must hold at least one. */
#define RECORD_BYTES_MAX 65536

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

/* Of the word behind an ADDRESS_JVM, the upper four bits. */
enum jvm_frame {
	/* Lower half: number of the compilation, which tells whether the code is still the same. */
	JVM_COMPILED = 1,
	/* Bits 16 to 59: address of the Method / 8; bits 0 to 15: bytecode index, or unknown. */
	JVM_INTERPRETED = 2,
	/* Generated code that is no method. */
	JVM_STUB = 3,
};
#define JVM_FRAME_SHIFT 60
#define JVM_METHOD_SHIFT 16
#define JVM_UNKNOWN_BYTECODE 0xffffU

/* Why the list of user addresses ends where it does. */
enum user_stack_end {
	USER_STACK_COMPLETE = 0,
	USER_STACK_DEPTH_LIMIT = 1,
	USER_STACK_UNREADABLE = 2,
	USER_STACK_NO_USER = 3,
	USER_STACK_NO_FRAME_POINTER = 4,
	USER_STACK_32_BIT = 5,
	/* The address is in no mapping that is known. */
	USER_STACK_UNMAPPED = 6,
	/* The rules of the executable are not loaded. */
	USER_STACK_NOT_LOADED = 7,
	/* No mapping of the process is known. */
	USER_STACK_UNKNOWN_PROCESS = 8,
	/* A rule that is not known, or that cannot be expressed. */
	USER_STACK_NO_RULE = 9,
	/* The caller's frame would not be above. */
	USER_STACK_NO_PROGRESS = 10,
	/* The return address is none of user space. */
	USER_STACK_BAD_RETURN = 11,
	USER_STACK_EXITING = 12,
	USER_STACK_IN_EXEC = 13,
	/* There are rules, and no room for them. */
	USER_STACK_NO_ROOM = 14,
	/* A rule needs a register that only the innermost frame has. */
	USER_STACK_REGISTER_LOST = 15,
	/* The walk leads to a part of the stack, or to another one, that was not copied. */
	USER_STACK_OTHER_STACK = 16,
	/* Mappings or rules changed meanwhile. */
	USER_STACK_CHANGED = 17,
	/* The other frames of a virtual thread lie on the heap. */
	USER_STACK_FROZEN_FRAMES = 18,
	/* No code of a JVM is at the address, or its description makes no sense. */
	USER_STACK_NO_CODE_BLOB = 19,
	/* A frame of the interpreter or of a stub is not as it should be. */
	USER_STACK_BAD_JVM_FRAME = 20,
	/* Frames of a JVM that was not known yet: they need its memory, as it was then. */
	USER_STACK_JVM_NOT_COPIED = 21,
	/* User space does not understand the JVM. */
	USER_STACK_JVM_REFUSED = 22,
	/* A probe keeps the return address, and nobody knows which. */
	USER_STACK_RETURN_PROBE = 23,
	USER_STACK_ENDS,
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

/* Where a walk stopped that can go on when more is known. */
struct walk_state {
	__u64 registers[16]; /* as DWARF numbers them */
	__u64 pc;
	__u64 stack_start; /* address of the first copied byte */
	__u32 known;	   /* a bit for each register that has its value */
	__u32 flags;	   /* enum walk_flag */
	__u64 trampoline;  /* of return probes; 0: none */
};

enum walk_flag {
	/* pc is where the thread is, not a return address. */
	WALK_EXACT = 1 << 0,
	/* The frame was found by a frame pointer. */
	WALK_GUESSED = 1 << 1,
};

struct sample_record {
	struct record_header header;
	__u16 kernel_depth;
	__u16 user_depth;
	__u32 user_end;
	__u64 image;	   /* tells programs apart that had the pid one after the other */
	__u64 generation;  /* of the mappings that were used; 0: none */
	__u32 stack_bytes; /* copied from the stack; more than 0: a walk_state stands before them */
	__u32 reserved;
	__u64 addresses[ADDRESS_SLOTS];
	/* Addresses end where they end; state and stack follow them at once. */
	char tail[sizeof(struct walk_state) + STACK_COPY_BYTES];
};

struct exec_record {
	struct record_header header;
	__u64 image; /* as the samples of what runs from now on have it */
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
