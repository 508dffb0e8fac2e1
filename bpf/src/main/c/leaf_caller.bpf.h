/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The caller of a function that has no frame of its own.
 *
 * Compilers leave the frame out of functions that call no other, whatever they are told about
 * frame pointers, and no function has one at its first and last instructions. The chain of frames
 * then begins with the caller's frame, which knows who called the caller, but not the caller.
 *
 * Its return address lies a few words above the stack pointer at most. Words there may as well be
 * anything else, so a word counts only when the instruction before it is a call to the function
 * that is running: one that starts shortly before the program counter, directly or by way of a
 * linkage stub. When the chain's own first return address passes that test with a nearer start,
 * the function has a frame, and nothing is missing.
 */
#ifndef FLAREPATH_LEAF_CALLER_H
#define FLAREPATH_LEAF_CALLER_H

/* Words above the stack pointer that are looked at. */
#define LEAF_WORDS 8
/* How far the program counter may be into a function without a frame. */
#define LEAF_BYTES_MAX 4096
#define FAR (~0UL)

#define ENDBR64 0xfa1e0ff3U
#define PUSH_RBP_MOV_RBP_RSP 0xe5894855U
#define JMP_SLOT 0x25ffU  /* jmp *disp32(%rip) */
#define CALL_SLOT 0x15ffU /* call *disp32(%rip) */
#define BND 0xf2U
#define CALL 0xe8U
#define RET 0xc3U

static __always_inline __u64 user_word(__u64 address)
{
	__u64 word = 0;

	bpf_probe_read_user(&word, sizeof(word), (const void *)address);
	return word;
}

/* Where the call before a return address goes to; 0 where that is no call, or unknown. */
static __always_inline __u64 call_target(__u64 return_address)
{
	__u64 word = user_word(return_address - 8);
	__u64 operand = return_address + (__s64)(__s32)(word >> 32);

	if ((word >> 24 & 0xff) == CALL)
		return operand;
	if ((word >> 16 & 0xffff) == CALL_SLOT)
		return user_word(operand);
	return 0;
}

/* Where a linkage stub jumps to; 0 where there is no stub. */
static __always_inline __u64 stub_target(__u64 stub)
{
	__u64 word = user_word(stub);

	if ((__u32)word == ENDBR64) {
		stub += 4;
		word = user_word(stub);
	}
	if ((word & 0xff) == BND) {
		stub += 1;
		word = user_word(stub);
	}
	if ((word & 0xffff) != JMP_SLOT)
		return 0;
	return user_word(stub + 6 + (__s64)(__s32)(word >> 16));
}

/* How far behind the start of the function that was called the program counter is, or FAR. */
static __always_inline __u64 distance(__u64 return_address, __u64 pc)
{
	__u64 target = call_target(return_address);

	if (!target)
		return FAR;
	if (pc - target >= LEAF_BYTES_MAX)
		target = stub_target(target);
	return target && pc - target < LEAF_BYTES_MAX ? pc - target : FAR;
}

/* Whether a function that sets up a frame at its start has one at the program counter. */
static __always_inline bool has_frame(__u64 start, __u64 pc)
{
	__u64 word = user_word(start);

	if ((__u32)word == ENDBR64) {
		start += 4;
		word = user_word(start);
	}
	return (__u32)word == PUSH_RBP_MOV_RBP_RSP && pc >= start + 4 &&
	       (user_word(pc) & 0xff) != RET;
}

struct leaf_search {
	struct unwind_walk *walk;
	__u64 sp;
	__u64 words[LEAF_WORDS];
	__u64 pc;
	__u64 nearest;
	__u64 caller;
	__u64 end; /* number of words below the first frame */
};

static long look_at_word(__u32 index, void *context)
{
	struct leaf_search *search = context;
	__u64 word, found;

	if (index >= search->end || index >= LEAF_WORDS)
		return 1;
	word = without_probe(search->walk, search->sp + index * sizeof(word), search->words[index]);
	if (!is_user_code(word))
		return 0;
	found = distance(word, search->pc);
	if (found < search->nearest && !has_frame(search->pc - found, search->pc)) {
		search->nearest = found;
		search->caller = word;
	}
	return 0;
}

/* Return address of a function without a frame; 0 where it has one, or nothing is certain. */
static __always_inline __u64 leaf_caller(struct unwind_walk *walk, __u64 sp, __u64 fp)
{
	__u64 pc = walk->pc, chained = 0;
	struct leaf_search search = {.walk = walk, .sp = sp, .pc = pc, .end = LEAF_WORDS};

	bpf_probe_read_user(&chained, sizeof(chained), (const void *)(fp + 8));
	chained = without_probe(walk, fp + 8, chained);
	search.nearest = is_user_code(chained) ? distance(chained, pc) : FAR;
	if (search.nearest != FAR && has_frame(pc - search.nearest, pc))
		return 0;
	if (fp >= sp && (fp - sp) / 8 < LEAF_WORDS)
		search.end = (fp - sp) / 8;
	/* The stack may begin closer than that. */
	if (bpf_probe_read_user(search.words, sizeof(search.words), (const void *)sp)) {
		if (bpf_probe_read_user(search.words, sizeof(__u64), (const void *)sp))
			return 0;
		search.end = search.end ? 1 : 0;
	}
	bpf_loop(LEAF_WORDS, look_at_word, &search, 0);
	return search.caller;
}

#endif
