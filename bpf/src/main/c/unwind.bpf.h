/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Walks a user stack from frame to frame by the rules that user space has compiled from the
 * binaries. The same code walks a live thread's stack, and later the copy of one: all that it
 * knows of the difference is where the stack can be read.
 *
 * No frame is guessed silently: what is found by a frame pointer alone is marked, and whatever
 * ends the walk early has a name.
 */
#ifndef FLAREPATH_UNWIND_BPF_H
#define FLAREPATH_UNWIND_BPF_H

#include "unwind_maps.bpf.h"

#define DWARF_RBP 6
#define DWARF_RSP 7
#define KNOWN(number) (1U << (number))
#define ALL_REGISTERS 0xffffU

/* A walk goes on another stack so often at most: goroutine, system stack, signal stack. */
#define STACK_SWITCHES_MAX 8

#define STACK_WINDOW_WORDS 64
/* Of the window, how much lies below the word that was asked for. */
#define STACK_WINDOW_BEFORE 56

/* Registers in the kernel's struct sigcontext, from r8 to rip, at this offset of a ucontext. */
#define UCONTEXT_REGISTERS 40
#define SIGCONTEXT_WORDS 17

/* Code around the program counter that is looked at. */
#define WALK_CODE_BYTES 32

/* Fields of Go's runtime: g.stack.hi; g of a thread, from its thread pointer. */
#define GO_STACK_HI 8
#define GO_G_BEFORE_FS 8

struct unwind_walk {
	__u64 registers[16];
	__u64 pc;
	__u32 known; /* registers that have their value in this frame */
	__u32 flags; /* enum walk_flag */

	/* Where the stack can be read: [readable_start, +readable_bytes), moved by `shift`. */
	__u64 readable_start;
	__u64 readable_bytes;
	__u64 shift;
	__u64 thread_pointer; /* 0: not known */

	/* Of a thread with probes: return_probes.bpf.h. */
	__u64 trampoline;      /* 0: there are none */
	__u64 latest_instance; /* of return addresses that were replaced; 0: there are none */
	__u64 next_instance;   /* at which the search for the next one begins */

	/* The process's mappings, and the one that held the last pc. */
	__u64 generation;
	__u32 first_mapping;
	__u32 mapping_count;
	__u64 mapping_start;
	__u64 mapping_bytes;
	__u64 mapping_bias;
	__u32 mapping_executable;
	__u32 mapping_kind;

	__u32 first; /* slot of the first user address */
	__u32 depth;
	__u32 end;
	__u32 switches;

	__u64 window_start;
	__u64 window[STACK_WINDOW_WORDS];
	__u64 signal_registers[SIGCONTEXT_WORDS];

	/* Of a JVM: its code heap, the beginning of what describes some code, and the code. */
	struct unwind_code_heap heap;
	__u64 blob[UNWIND_BLOB_BYTES / sizeof(__u64)];
	__u8 code[WALK_CODE_BYTES];
};

/* On the stack, since callbacks get nothing else on older kernels. */
struct unwind_context {
	struct unwind_walk *walk;
	struct sample_record *record;
};

static __always_inline bool read_words(struct unwind_walk *walk, __u64 address, void *to,
				       __u32 bytes)
{
	if (address - walk->readable_start > walk->readable_bytes ||
	    walk->readable_bytes - (address - walk->readable_start) < bytes)
		return false;
	return bpf_probe_read_user(to, bytes, (const void *)(address + walk->shift)) == 0;
}

/* Why a word of the stack could not be read: what was not copied may be there. */
static __always_inline enum user_stack_end unreadable(const struct unwind_walk *walk)
{
	return walk->shift ? USER_STACK_OTHER_STACK : USER_STACK_UNREADABLE;
}

static __always_inline bool read_stack(struct unwind_walk *walk, __u64 address, __u64 *word)
{
	__u64 offset = address - walk->window_start;

	if (offset > sizeof(walk->window) - sizeof(__u64) || (offset & 7)) {
		walk->window_start = address - STACK_WINDOW_BEFORE;
		offset = STACK_WINDOW_BEFORE;
		/* The stack may begin or end closer than that. */
		if (!read_words(walk, walk->window_start, walk->window, sizeof(walk->window))) {
			walk->window_start = ~0UL;
			return read_words(walk, address, word, sizeof(*word));
		}
	}
	*word = walk->window[(offset >> 3) & (STACK_WINDOW_WORDS - 1)];
	return true;
}

#include "return_probes.bpf.h"
#include "leaf_caller.bpf.h"

/* Finds the mapping of an address, and makes it the current one. */
static __always_inline bool enter_mapping(struct unwind_walk *walk, __u64 address)
{
	__u32 zero = 0, row;
	struct unwind_mappings *mappings;
	volatile struct unwind_mapping *mapping;

	if (address - walk->mapping_start < walk->mapping_bytes)
		return true;
	mappings = bpf_map_lookup_elem(&unwind_mappings, &zero);
	if (!mappings || walk->mapping_count == 0)
		return false;
	row = last_mapping(mappings, walk->first_mapping, walk->mapping_count, address);
	barrier_var(row);
	mapping = &mappings->at[row & (UNWIND_MAPPING_ROWS - 1)];
	walk->mapping_start = mapping->start;
	walk->mapping_bytes = mapping->end - mapping->start;
	/* User space writes them the other way round: who sees the executable sees its bias. */
	walk->mapping_executable = mapping->executable;
	walk->mapping_bias = mapping->bias;
	walk->mapping_kind = mapping->kind;
	if (walk->mapping_kind == UNWIND_MAPPED_VOLATILE && walk->shift == 0) {
		walk->mapping_bytes = 0;
		return false;
	}
	return address - walk->mapping_start < walk->mapping_bytes;
}

/* Whether the block of rows is still the one that the process was given. */
static __always_inline bool is_block_current(const struct unwind_walk *walk)
{
	__u32 zero = 0, header = walk->first_mapping - 1;
	struct unwind_mappings *mappings = bpf_map_lookup_elem(&unwind_mappings, &zero);
	volatile struct unwind_mapping *row;

	if (!mappings)
		return false;
	barrier_var(header);
	row = &mappings->at[header & (UNWIND_MAPPING_ROWS - 1)];
	return row->start == walk->generation;
}

static __always_inline void no_rule(struct unwind_rule *rule, __u8 kind)
{
	__builtin_memset(rule, 0, sizeof(*rule));
	rule->kind = kind;
}

/* Copies the rule of an ELF address; false, with walk->end, where there is no telling. */
static __always_inline bool find_in_tables(struct unwind_walk *walk,
					   volatile struct unwind_executable *executable,
					   __u32 generation, __u64 address,
					   struct unwind_rule *rule)
{
	__u32 zero = 0, first_page = executable->first_page, page_count = executable->page_count;
	__u64 page_number = (address >> UNWIND_PAGE_BITS) - executable->page_base;
	__u32 slot, segment_number, row, number, first, count;
	struct unwind_pages *pages;
	struct unwind_rules *rules;
	struct unwind_rows *rows;
	void *segment;

	no_rule(rule, UNWIND_FRAME_POINTER);
	if (page_number >= page_count)
		return true;
	pages = bpf_map_lookup_elem(&unwind_pages, &zero);
	rules = bpf_map_lookup_elem(&unwind_rules, &zero);
	if (!pages || !rules)
		return false;
	slot = first_page + (__u32)page_number;
	barrier_var(slot);
	slot &= UNWIND_PAGES - 1;
	first = pages->at[slot].first;
	count = pages->at[slot].count;
	if (count > 0) {
		segment_number = first / UNWIND_SEGMENT_ROWS;
		segment = bpf_map_lookup_elem(&unwind_segments, &segment_number);
		if (!segment)
			return false;
		rows = bpf_map_lookup_elem(segment, &zero);
		if (!rows)
			return false;
		row = last_row(rows, first, count,
			       (__u32)address & ((1U << UNWIND_PAGE_BITS) - 1));
		barrier_var(row);
		number = rows->at[row & (UNWIND_SEGMENT_ROWS - 1)].rule;
		barrier_var(number);
		*rule = rules->at[number & (UNWIND_RULES - 1)];
	}
	/* With other tables now, it may still be found later. */
	return executable->generation == generation;
}

/* Copies the rule for the current pc; false, with walk->end, where there is none now. */
static __always_inline bool find_rule(struct unwind_walk *walk, __u64 address,
				      struct unwind_rule *rule)
{
	struct unwind_executables *executables;
	volatile struct unwind_executable *executable;
	__u32 zero = 0, generation, number = walk->mapping_executable;

	no_rule(rule, UNWIND_FRAME_POINTER);
	if (walk->mapping_kind == UNWIND_MAPPED_CODE)
		return true;
	walk->end = USER_STACK_NOT_LOADED;
	executables = bpf_map_lookup_elem(&unwind_executables, &zero);
	if (!executables)
		return false;
	barrier_var(number);
	executable = &executables->at[number & (UNWIND_EXECUTABLES - 1)];
	generation = executable->generation;
	/* Counted without a lock: it only tells which are in use. */
	executable->uses++;
	if (generation & 1)
		return false;
	switch (executable->state) {
	case UNWIND_LOADED:
		return find_in_tables(walk, executable, generation, address - walk->mapping_bias,
				      rule);
	case UNWIND_NO_RULES:
		return true;
	case UNWIND_NO_ROOM:
		walk->end = USER_STACK_NO_ROOM;
		return false;
	default:
		return false;
	}
}

static __always_inline long stop(struct unwind_walk *walk, enum user_stack_end end)
{
	walk->end = end;
	return 1;
}

/* Puts the caller's frame in place of the current one. */
static __always_inline long go_on(struct unwind_walk *walk, __u64 pc, __u64 sp, __u64 fp,
				  bool fp_known, __u32 flags)
{
	if (pc == 0)
		return stop(walk, USER_STACK_COMPLETE);
	if (!is_user_code(pc))
		return stop(walk, flags & WALK_GUESSED ? USER_STACK_NO_FRAME_POINTER
						       : USER_STACK_BAD_RETURN);
	walk->pc = pc;
	walk->registers[DWARF_RSP] = sp;
	walk->registers[DWARF_RBP] = fp;
	walk->known = fp_known ? KNOWN(DWARF_RSP) | KNOWN(DWARF_RBP) : KNOWN(DWARF_RSP);
	walk->flags = flags;
	walk->end = USER_STACK_DEPTH_LIMIT;
	return 0;
}

/* Another stack may lie anywhere, but a walk must not go round in circles. */
static __always_inline bool may_switch_stack(struct unwind_walk *walk)
{
	return ++walk->switches <= STACK_SWITCHES_MAX;
}

/*
 * By the frame pointer, where no rule says more: it must be aligned, lie above the stack pointer,
 * and lead to a return address in known code (which the next step checks).
 */
static __always_inline long by_frame_pointer(struct unwind_walk *walk)
{
	__u64 sp = walk->registers[DWARF_RSP], fp = walk->registers[DWARF_RBP];
	__u64 caller, return_address;

	if (!(walk->known & KNOWN(DWARF_RBP)))
		return stop(walk, USER_STACK_NO_FRAME_POINTER);
	if (walk->depth == 1 && walk->shift == 0) {
		return_address = leaf_caller(walk, sp, fp);
		if (return_address)
			return go_on(walk, return_address, sp + 8, fp, true, WALK_GUESSED);
	}
	if (fp == 0)
		return stop(walk, USER_STACK_COMPLETE);
	if ((fp & 7) || fp < sp || !is_user_code(fp))
		return stop(walk, USER_STACK_NO_FRAME_POINTER);
	if (!read_stack(walk, fp + 8, &return_address) || !read_stack(walk, fp, &caller))
		return stop(walk, unreadable(walk));
	return go_on(walk, return_address, fp + 16, caller, true, WALK_GUESSED);
}

/* A handler returns to the kernel, which then restores what the ucontext holds. */
static __always_inline long by_signal_frame(struct unwind_walk *walk, __s32 offset)
{
	__u64 context = walk->registers[DWARF_RSP] + (__s64)offset;
	__u64 *saved = walk->signal_registers;

	if (!may_switch_stack(walk))
		return stop(walk, USER_STACK_NO_PROGRESS);
	if (!read_words(walk, context + UCONTEXT_REGISTERS, saved,
			sizeof(walk->signal_registers)))
		return stop(walk, unreadable(walk));
	/* r8 to r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip: asm/sigcontext.h */
	for (int i = 0; i < 8; i++)
		walk->registers[8 + i] = saved[i];
	walk->registers[5] = saved[8];
	walk->registers[4] = saved[9];
	walk->registers[3] = saved[11];
	walk->registers[1] = saved[12];
	walk->registers[0] = saved[13];
	walk->registers[2] = saved[14];
	if (go_on(walk, saved[16], saved[15], saved[10], true, WALK_EXACT))
		return 1;
	walk->known = ALL_REGISTERS;
	return 0;
}

static __always_inline bool read_other(struct unwind_walk *walk, __u64 address, __u64 *word)
{
	return walk->shift == 0 &&
	       bpf_probe_read_user(word, sizeof(*word), (const void *)address) == 0;
}

/* asmcgocall in runtime/asm_amd64.s keeps g, and how deep its stack was; unwind.h says where. */
static __always_inline long by_cgo_call(struct unwind_walk *walk, const struct unwind_rule *rule)
{
	__u64 place = walk->registers[DWARF_RSP] + (__s64)rule->offset;
	__u64 fp = walk->registers[DWARF_RBP], g, depth, high, cfa, return_address;
	bool fp_known = walk->known & KNOWN(DWARF_RBP);

	if (!may_switch_stack(walk))
		return stop(walk, USER_STACK_NO_PROGRESS);
	if (!read_stack(walk, place, &depth) || !read_stack(walk, place + 8, &g))
		return stop(walk, unreadable(walk));
	if (!read_other(walk, g + GO_STACK_HI, &high))
		return stop(walk, USER_STACK_OTHER_STACK);
	cfa = high - depth + (__s64)rule->addend;
	if (!read_other(walk, cfa - 8, &return_address))
		return stop(walk, USER_STACK_OTHER_STACK);
	if (rule->fp == UNWIND_AT_CFA)
		fp_known = read_other(walk, cfa + (__s64)rule->fp_offset, &fp);
	return go_on(walk, return_address, cfa, fp, fp_known, 0);
}

/*
 * On a thread's system stack: goes on at the place that a goroutine, or g0, left its stack, which
 * the runtime keeps in g.sched (gosave_systemstack_switch, mcall, morestack in asm_amd64.s).
 */
static __always_inline long by_go_switch(struct unwind_walk *walk, const struct unwind_rule *rule)
{
	__u64 g_to_m = (__u64)rule->register_number * 8, sched = (__u64)(__s64)rule->offset;
	__u64 g, m, back, pc, sp, fp = 0;
	bool fp_known;

	if (!may_switch_stack(walk))
		return stop(walk, USER_STACK_NO_PROGRESS);
	if (!walk->thread_pointer || !read_other(walk, walk->thread_pointer - GO_G_BEFORE_FS, &g))
		return stop(walk, USER_STACK_OTHER_STACK);
	if (rule->kind == UNWIND_GO_CURG) {
		if (!read_other(walk, g + g_to_m, &m) ||
		    !read_other(walk, m + (__u64)(__s64)rule->addend, &g))
			return stop(walk, USER_STACK_OTHER_STACK);
		/* The goroutine was given up: newstack and what it calls schedules another. */
		if (!g)
			return stop(walk, USER_STACK_COMPLETE);
		if (!read_other(walk, g + g_to_m, &back) || back != m)
			return stop(walk, USER_STACK_OTHER_STACK);
	}
	if (!read_other(walk, g + sched, &sp) || !read_other(walk, g + sched + 8, &pc))
		return stop(walk, USER_STACK_OTHER_STACK);
	fp_known = rule->fp_offset && read_other(walk, g + (__s64)rule->fp_offset, &fp);
	return go_on(walk, pc, sp, fp, fp_known, 0);
}

/* The frame address of the rules that have one; false, with walk->end, where it cannot be had. */
static __always_inline bool frame_address(struct unwind_walk *walk, const struct unwind_rule *rule,
					  __u64 *cfa)
{
	__u64 sp = walk->registers[DWARF_RSP], fp = walk->registers[DWARF_RBP];
	__u32 number = rule->register_number & 15;
	__s64 offset = rule->offset;

	walk->end = USER_STACK_REGISTER_LOST;
	switch (rule->kind) {
	case UNWIND_CFA_SP:
		*cfa = sp + offset;
		return true;
	case UNWIND_CFA_FP:
		*cfa = fp + offset;
		return walk->known & KNOWN(DWARF_RBP);
	case UNWIND_CFA_REGISTER:
		barrier_var(number);
		*cfa = walk->registers[number & 15] + offset;
		return walk->known >> number & 1;
	case UNWIND_PLT:
		*cfa = sp + offset + ((walk->pc & 15) >= (__u64)rule->addend ? 8 : 0);
		return true;
	case UNWIND_CFA_SP_DEREF:
		walk->end = unreadable(walk);
		if (!read_stack(walk, sp + offset, cfa))
			return false;
		*cfa += (__s64)rule->addend;
		return true;
	case UNWIND_CFA_FP_DEREF:
		if (!(walk->known & KNOWN(DWARF_RBP)))
			return false;
		walk->end = unreadable(walk);
		if (!read_stack(walk, fp + offset, cfa))
			return false;
		*cfa += (__s64)rule->addend;
		return true;
	default:
		walk->end = USER_STACK_NO_RULE;
		return false;
	}
}

/* A goroutine's stack may lie below the system stack. */
static __always_inline bool may_leave_stack(const struct unwind_rule *rule)
{
	return (rule->kind == UNWIND_CFA_FP || rule->kind == UNWIND_CFA_REGISTER) && rule->addend;
}

static __always_inline long by_frame_address(struct unwind_walk *walk,
					     const struct unwind_rule *rule)
{
	__u64 fp = walk->registers[DWARF_RBP], cfa, return_address;
	bool fp_known = walk->known & KNOWN(DWARF_RBP);
	__u32 number = rule->return_register - 1;

	if (!frame_address(walk, rule, &cfa))
		return 1;
	if ((cfa < walk->registers[DWARF_RSP] ||
	     (cfa == walk->registers[DWARF_RSP] && !rule->return_register)) &&
	    !(may_leave_stack(rule) && may_switch_stack(walk)))
		return stop(walk, USER_STACK_NO_PROGRESS);
	if (rule->return_register) {
		barrier_var(number);
		if (!(walk->known >> (number & 15) & 1))
			return stop(walk, USER_STACK_REGISTER_LOST);
		return_address = walk->registers[number & 15];
	} else if (!read_stack(walk, cfa - 8, &return_address)) {
		return stop(walk, unreadable(walk));
	}
	if (rule->fp == UNWIND_AT_CFA || rule->fp == UNWIND_AT_FP) {
		__u64 base = rule->fp == UNWIND_AT_CFA ? cfa : fp;

		if (rule->fp == UNWIND_AT_FP && !fp_known)
			return stop(walk, USER_STACK_REGISTER_LOST);
		if (!read_stack(walk, base + (__s64)rule->fp_offset, &fp))
			return stop(walk, unreadable(walk));
		fp_known = true;
	} else if (rule->fp == UNWIND_UNDEFINED) {
		fp_known = false;
	}
	return go_on(walk, return_address, cfa, fp, fp_known, 0);
}

static __always_inline void put_frame(struct unwind_walk *walk, struct sample_record *record,
				      bool exact)
{
	__u64 address = walk->pc;

	if (walk->flags & WALK_GUESSED)
		address |= ADDRESS_BY_FRAME_POINTER;
	if (exact)
		address |= ADDRESS_EXACT;
	put_address(record, walk->first + walk->depth, address);
	walk->depth++;
}

#include "hotspot.bpf.h"

/* Names the current frame, and goes to its caller's; 1 ends the walk. */
static long unwind_step(__u32 index, void *argument)
{
	struct unwind_context *context = argument;
	struct unwind_walk *walk = context->walk;
	struct unwind_rule rule;
	__u64 address;

	(void)index;
	if (is_in_probe_page(walk) && !leave_trampoline(walk))
		return stop(walk, USER_STACK_RETURN_PROBE);
	/* Behind a call that does not return may stand another function. */
	address = walk->flags & WALK_EXACT ? walk->pc : walk->pc - 1;
	if (!enter_mapping(walk, address))
		return stop(walk, walk->flags & WALK_GUESSED ? USER_STACK_NO_FRAME_POINTER
							     : USER_STACK_UNMAPPED);
	if (walk->mapping_kind == UNWIND_MAPPED_CODE_HEAP)
		return by_code_heap(walk, context->record, address);
	if (!find_rule(walk, address, &rule))
		return 1;
	/* No call stands before the place that a signal handler returns to. */
	put_frame(walk, context->record,
		  (walk->flags & WALK_EXACT) || rule.kind == UNWIND_SIGNAL);
	switch (rule.kind) {
	case UNWIND_STOP:
		return stop(walk, USER_STACK_COMPLETE);
	case UNWIND_SIGNAL:
		return by_signal_frame(walk, rule.offset);
	case UNWIND_FRAME_POINTER:
		return by_frame_pointer(walk);
	case UNWIND_GO_ASMCGOCALL:
		return by_cgo_call(walk, &rule);
	case UNWIND_GO_CURG:
	case UNWIND_GO_G0:
		return by_go_switch(walk, &rule);
	default:
		return by_frame_address(walk, &rule);
	}
}

/* Whether what ended the walk may be mended by user space, so that it can go on later. */
static __always_inline bool may_go_on(__u32 end)
{
	return end == USER_STACK_UNMAPPED || end == USER_STACK_NOT_LOADED ||
	       end == USER_STACK_UNKNOWN_PROCESS;
}

/* Whether user space can mend at once what ended the walk: nothing has to be made for it. */
static __always_inline bool is_news(const struct unwind_walk *walk)
{
	return walk->end == USER_STACK_UNKNOWN_PROCESS || walk->end == USER_STACK_UNMAPPED ||
	       (walk->end == USER_STACK_NOT_LOADED && walk->mapping_executable == 0);
}

/* Walks on from the current frame until the walk ends, and tells why it did. */
static __always_inline void walk_on(struct unwind_walk *walk, struct sample_record *record)
{
	struct unwind_context context = {.walk = walk, .record = record};
	__u32 left = walk->depth < USER_FRAMES_MAX ? USER_FRAMES_MAX - walk->depth : 0;

	walk->end = USER_STACK_DEPTH_LIMIT;
	walk->window_start = ~0UL;
	walk->mapping_bytes = 0;
	bpf_loop(left, unwind_step, &context, 0);
	if (!is_block_current(walk))
		walk->end = USER_STACK_CHANGED;
}

#endif
