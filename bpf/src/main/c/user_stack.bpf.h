/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* User stacks by frame pointers. */
#ifndef FLAREPATH_USER_STACK_H
#define FLAREPATH_USER_STACK_H

#define PF_KTHREAD 0x00200000
#define USER32_CS 0x23
/* Addresses of user space on x86-64 with four-level page tables end here. */
#define USER_ADDRESS_END 0x00007ffffffff000UL
/* Lowest address that can be mapped (vm.mmap_min_addr is rarely lower). */
#define USER_ADDRESS_START 0x1000UL
/* A chain of frames goes down at most so often: alternate signal stack, goroutine to system stack. */
#define STACK_SWITCHES_MAX 2

static __always_inline bool is_user_code(__u64 address)
{
	return address >= USER_ADDRESS_START && address < USER_ADDRESS_END;
}

#include "leaf_caller.bpf.h"

struct user_frame {
	__u64 caller;
	__u64 return_address;
};

/* Keeps the mask in the program, where the verifier looks for it, and not in the compiler's proof. */
static __always_inline void put_address(struct sample_record *record, __u32 slot, __u64 address)
{
	barrier_var(slot);
	record->addresses[slot & (ADDRESS_SLOTS - 1)] = address;
}

/* Where the walk along saved frame pointers stands. */
struct walk {
	struct sample_record *record;
	__u64 frame;	/* address of the frame to read next */
	__u64 previous; /* the one before it, at first the stack pointer */
	__u32 first;	/* slot of the first user address */
	__u32 depth;
	__u32 switches;
	__u32 end;
};

static __always_inline bool is_frame(struct walk *walk)
{
	if (walk->frame < walk->previous && ++walk->switches > STACK_SWITCHES_MAX)
		return false;
	return !(walk->frame & 7) && is_user_code(walk->frame);
}

/* Goes one frame up; 1 ends the walk. */
static long step(__u32 index, void *context)
{
	struct walk *walk = context;
	struct user_frame words;

	if (walk->frame == 0) {
		walk->end = USER_STACK_COMPLETE;
		return 1;
	}
	walk->end = USER_STACK_NO_FRAME_POINTER;
	if (!is_frame(walk))
		return 1;
	if (bpf_probe_read_user(&words, sizeof(words), (const void *)walk->frame)) {
		walk->end = USER_STACK_UNREADABLE;
		return 1;
	}
	if (words.return_address == 0) {
		walk->end = USER_STACK_COMPLETE;
		return 1;
	}
	if (!is_user_code(words.return_address) || words.caller == walk->frame)
		return 1;
	put_address(walk->record, walk->first + walk->depth, words.return_address);
	walk->depth++;
	walk->previous = walk->frame;
	walk->frame = words.caller;
	walk->end = USER_STACK_DEPTH_LIMIT;
	return 0;
}

/*
 * Follows saved frame pointers. Entry 0 is the program counter itself. The reason for the end is
 * kept, since a cut stack must be told apart from a whole one; bpf_get_stack does not tell it.
 */
static __always_inline __u32 walk_frame_pointers(struct sample_record *record, __u32 first,
						 const struct pt_regs *regs)
{
	struct walk walk = {
		.record = record,
		.frame = regs->rbp,
		.previous = regs->rsp,
		.first = first,
		.depth = 1,
	};
	__u64 caller = leaf_caller(regs->rip, regs->rsp, regs->rbp);

	put_address(record, first, regs->rip);
	if (caller) {
		put_address(record, first + 1, caller);
		walk.depth = 2;
	}
	bpf_loop(USER_FRAMES_MAX - walk.depth, step, &walk, 0);
	record->user_depth = walk.depth;
	return walk.end;
}

static __always_inline __u32 user_stack(struct sample_record *record, __u32 first,
					struct task_struct *task, const struct pt_regs *regs)
{
	record->user_depth = 0;
	if ((BPF_CORE_READ(task, flags) & PF_KTHREAD) || regs->rip == 0)
		return USER_STACK_NO_USER;
	if (regs->cs == USER32_CS || !BPF_CORE_READ(task, mm)) {
		put_address(record, first, regs->rip);
		record->user_depth = 1;
		return regs->cs == USER32_CS ? USER_STACK_32_BIT : USER_STACK_UNREADABLE;
	}
	return walk_frame_pointers(record, first, regs);
}

#endif
