/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The user stack of a live thread, and the copy of one that was kept back. */
#ifndef FLAREPATH_USER_STACK_H
#define FLAREPATH_USER_STACK_H

#define PF_EXITING 0x00000004
#define PF_KTHREAD 0x00200000
#define USER32_CS 0x23
#define RED_ZONE_BYTES 128
/* Addresses of user space on x86-64 with four-level page tables end here. */
#define USER_ADDRESS_END 0x00007ffffffff000UL
/* Lowest address that can be mapped (vm.mmap_min_addr is rarely lower). */
#define USER_ADDRESS_START 0x1000UL

static __always_inline bool is_user_code(__u64 address)
{
	return address >= USER_ADDRESS_START && address < USER_ADDRESS_END;
}

/* Keeps the mask in the program, where the verifier looks for it, and not in the compiler's proof. */
static __always_inline void put_address(struct sample_record *record, __u32 slot, __u64 address)
{
	barrier_var(slot);
	record->addresses[slot & (ADDRESS_SLOTS - 1)] = address;
}

#include "unwind.bpf.h"

/* Tells the programs apart that a process runs one after the other, and processes with one pid. */
static __always_inline __u64 image_of(struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	return BPF_CORE_READ(leader, start_boottime) ^ BPF_CORE_READ(task, self_exec_id) << 52;
}

static __always_inline void take_registers(struct unwind_walk *walk, const struct pt_regs *regs)
{
	__u64 *to = walk->registers;

	to[0] = regs->rax;
	to[1] = regs->rdx;
	to[2] = regs->rcx;
	to[3] = regs->rbx;
	to[4] = regs->rsi;
	to[5] = regs->rdi;
	to[DWARF_RBP] = regs->rbp;
	to[DWARF_RSP] = regs->rsp;
	to[8] = regs->r8;
	to[9] = regs->r9;
	to[10] = regs->r10;
	to[11] = regs->r11;
	to[12] = regs->r12;
	to[13] = regs->r13;
	to[14] = regs->r14;
	to[15] = regs->r15;
	walk->pc = regs->rip;
	walk->known = ALL_REGISTERS;
}

/* Finds the process's mappings; false if they are not known. */
static __always_inline bool use_mappings(struct unwind_walk *walk, __u32 pid, __u64 image,
					 __u32 *flags)
{
	struct unwind_process *process = bpf_map_lookup_elem(&unwind_processes, &pid);

	walk->generation = 0;
	if (!process || process->image != image)
		return false;
	walk->first_mapping = process->first;
	walk->mapping_count = process->count;
	walk->generation = process->generation;
	*flags = process->flags;
	return is_block_current(walk);
}

/*
 * Where the part of the stack begins that a walk may read. Below the stack pointer lies the red zone
 * of the x86-64 ABI: registers that were popped, of which the rules go on saying that they are there.
 */
static __always_inline __u64 first_readable(__u64 sp)
{
	__u64 below = sp - RED_ZONE_BYTES, word;

	/* The page before may never have been touched. */
	if ((below ^ sp) >= STACK_PAGE_BYTES &&
	    bpf_probe_read_user(&word, sizeof(word), (const void *)below))
		return sp;
	return below;
}

/*
 * Appends where the walk stands and the stack from there on, as far as it can be read. Whole pages
 * are read, so that the end of the stack costs no more than what lies behind it.
 */
static __always_inline void copy_stack(struct unwind_walk *walk, struct sample_record *record,
				       __u32 slots, __u32 pages)
{
	__u64 start = first_readable(walk->registers[DWARF_RSP] & ~7UL), from = start;
	__u32 at = slots * sizeof(__u64), bytes = 0;
	struct walk_state *state;
	char *tail;

	barrier_var(at);
	if (at > (ADDRESS_SLOTS - 1) * sizeof(__u64))
		return;
	tail = (char *)record->addresses + at;
	state = (struct walk_state *)tail;
	__builtin_memcpy(state->registers, walk->registers, sizeof(state->registers));
	state->pc = walk->pc;
	state->stack_start = start;
	state->known = walk->known;
	state->flags = walk->flags;
	state->trampoline = walk->trampoline;
	for (__u32 page = 0; page < STACK_COPY_PAGES; page++) {
		__u32 room = STACK_PAGE_BYTES - (from & (STACK_PAGE_BYTES - 1));

		barrier_var(bytes);
		if (page >= pages || bytes > STACK_COPY_BYTES - STACK_PAGE_BYTES)
			break;
		barrier_var(room);
		if (room > STACK_PAGE_BYTES ||
		    bpf_probe_read_user(tail + sizeof(*state) + bytes, room, (const void *)from))
			break;
		bytes += room;
		from += room;
	}
	record->stack_bytes = bytes;
	put_returns_back(walk, record, at + sizeof(*state), start, bytes);
}

static __always_inline void walk_live(struct unwind_walk *walk, struct sample_record *record,
				      struct task_struct *task, __u32 pages)
{
	__u32 flags = 0;

	walk->readable_start = 0;
	walk->readable_bytes = USER_ADDRESS_END;
	walk->shift = 0;
	walk->thread_pointer = BPF_CORE_READ(task, thread.fsbase);
	walk->switches = 0;
	walk->depth = 0;
	if (use_mappings(walk, record->header.pid, record->image, &flags))
		walk_on(walk, record);
	else
		walk->end = USER_STACK_UNKNOWN_PROCESS;
	record->generation = walk->generation;
	/* In a copy nobody can ask for the thread's probes any more. */
	if (may_go_on(walk->end) && is_in_probe_page(walk) && !leave_trampoline(walk))
		walk->end = USER_STACK_RETURN_PROBE;
	if (may_go_on(walk->end)) {
		if (pages && !(flags & UNWIND_PROCESS_FINAL))
			copy_stack(walk, record, walk->first + walk->depth, pages);
		/* Nobody can go on from here, but where it is is known. */
		if (record->stack_bytes == 0 && walk->depth < USER_FRAMES_MAX)
			put_frame(walk, record, walk->flags & WALK_EXACT);
	}
	record->user_depth = walk->depth;
	if (walk->end == USER_STACK_COMPLETE || record->stack_bytes > 0)
		return;
	if (BPF_CORE_READ_BITFIELD_PROBED(task, in_execve))
		walk->end = USER_STACK_IN_EXEC;
	else if (BPF_CORE_READ(task, flags) & PF_EXITING)
		walk->end = USER_STACK_EXITING;
}

/*
 * Fills the user part of a record; gives why the stack ends where it does. So many pages of the
 * stack may be copied when the walk cannot go on now.
 */
static __always_inline __u32 user_stack(struct unwind_walk *walk, struct sample_record *record,
					__u32 first, struct task_struct *task,
					const struct pt_regs *regs, __u32 pages)
{
	record->user_depth = 0;
	record->stack_bytes = 0;
	record->generation = 0;
	if ((BPF_CORE_READ(task, flags) & PF_KTHREAD) || regs->rip == 0)
		return USER_STACK_NO_USER;
	if (regs->cs == USER32_CS || !BPF_CORE_READ(task, mm)) {
		put_address(record, first, regs->rip);
		record->user_depth = 1;
		return regs->cs == USER32_CS ? USER_STACK_32_BIT : USER_STACK_EXITING;
	}
	take_registers(walk, regs);
	/* A system call's pc is behind its instruction, as a return address is behind its call. */
	walk->flags = record->header.flags & RECORD_USER_IN_SYSCALL ? 0 : WALK_EXACT;
	walk->first = first;
	find_probes(walk, task, first > 0 && walk->flags & WALK_EXACT);
	walk_live(walk, record, task, pages);
	return walk->end;
}

#endif
