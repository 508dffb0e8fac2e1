/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Frames of HotSpot: compiled and interpreted methods, and the code that it generates itself. All
 * offsets come from what the JVM exports; the layout of frames is that of frame_x86.hpp, and of
 * what the compilers write at the beginning and the end of a method (JDK 8 to 26, x86-64).
 */
#ifndef FLAREPATH_HOTSPOT_BPF_H
#define FLAREPATH_HOTSPOT_BPF_H

#define DWARF_R13 13
#define SEGMENT_FREE 0xff
/* A block of 254 segments takes one step; the largest methods some ten. */
#define SEGMENT_STEPS_MAX 24
/* Words of an interpreted frame, below its frame pointer. */
#define INTERPRETED_SENDER_SP (-1)
#define INTERPRETED_METHOD (-3)
/* An interpreted frame has its locks and its operands below; a stub saves some registers. */
#define INTERPRETED_BYTES_MAX (1 << 17)
#define STUB_BYTES_MAX (1 << 12)
/* So much of the description even code has that is no method. */
#define SHORT_BLOB_BYTES 112
/* Words above the stack pointer that are looked at for a return address. */
#define JVM_RETURN_WORDS 24

enum blob_kind { BLOB_STUB, BLOB_NMETHOD, BLOB_INTERPRETER, BLOB_VTABLE, BLOB_ADAPTER };

/* The first four letters of a blob's name. */
#define NAME_NMETHOD 0x74656d6eU     /* "nmet" */
#define NAME_NATIVE 0x6974616eU      /* "nati" */
#define NAME_INTERPRETER 0x65746e49U /* "Inte" */
#define NAME_VTABLE 0x62617476U	     /* "vtab" */
#define NAME_ADAPTER 0x2f433249U     /* "I2C/" */
#define NAME_METHOD_HANDLE 0x6874654dU /* "Meth" */

/* What is before the program counter, of the code around it. */
#define AT_PC (WALK_CODE_BYTES / 2)

/* Instructions, as they lie in memory, lowest byte first. */
#define CODE_PUSH_RBP 0x55U
#define CODE_POP 0x58U
#define CODE_POP_RBP 0x5dU
#define CODE_REX_B 0x41U
#define CODE_RET 0xc3U
#define CODE_SUB_RSP_BYTE 0xec8348U
#define CODE_SUB_RSP 0xec8148U
#define CODE_MOV_RBP_RSP_A 0xec8b48U
#define CODE_MOV_RBP_RSP_B 0xe58948U
#define CODE_STORE_RBP_BYTE 0x246c8948U /* mov %rbp, disp8(%rsp) */
#define CODE_STORE_RBP 0x24ac8948U	/* mov %rbp, disp32(%rsp) */
#define CODE_COMPARE_RSP_BYTE 0x673b49U /* cmp disp8(%r15), %rsp */
#define CODE_COMPARE_RSP 0xa73b49U	/* cmp disp32(%r15), %rsp */
#define CODE_BARRIER_BYTE 0x7f8141U	/* cmpl imm32, disp8(%r15) */
#define CODE_BARRIER 0xbf8141U		/* cmpl imm32, disp32(%r15) */
#define CODE_JA 0x870fU
#define CODE_TEST_R10 0x028541U /* test %eax, (%r10) */

static __always_inline __u64 blob_field(const struct unwind_walk *walk, struct unwind_field field)
{
	__u32 word = field.offset >> 3, shift = (field.offset & 7) * 8;
	__u64 value;

	barrier_var(word);
	value = walk->blob[word & (UNWIND_BLOB_BYTES / 8 - 1)] >> shift;
	switch (field.bytes) {
	case 8:
		return value;
	case 4:
		return (__u32)value;
	case 2:
		return (__u16)value;
	case 1:
		return (__u8)value;
	default:
		return 0;
	}
}

static __always_inline bool read_target(__u64 address, void *to, __u32 bytes)
{
	return bpf_probe_read_user(to, bytes, (const void *)address) == 0;
}

struct segment_search {
	__u64 map;
	__u64 segment;
	__u32 free;
};

static long step_back(__u32 index, void *context)
{
	struct segment_search *search = context;
	__u8 steps = SEGMENT_FREE;

	(void)index;
	if (!read_target(search->map + search->segment, &steps, sizeof(steps)) ||
	    steps == SEGMENT_FREE || steps > search->segment) {
		search->free = 1;
		return 1;
	}
	search->segment -= steps;
	return steps == 0;
}

/* Reads the description of the code at an address; where it begins, or 0. */
static __always_inline __u64 read_blob(struct unwind_walk *walk,
				       const struct unwind_code_heap *heap, __u64 address)
{
	struct segment_search search = {.map = heap->segment_map};
	__u32 shift = heap->segment_shift & 31;
	__u64 blob;

	search.segment = (address - heap->start) >> shift;
	bpf_loop(SEGMENT_STEPS_MAX, step_back, &search, 0);
	if (search.free)
		return 0;
	blob = heap->start + (search.segment << shift) + heap->block_header;
	/* Behind a short one memory may end. */
	if (!read_target(blob, walk->blob, UNWIND_BLOB_BYTES) &&
	    !read_target(blob, walk->blob, SHORT_BLOB_BYTES))
		return 0;
	/* What was freed may still look like code. */
	if (address < blob || address - blob >= blob_field(walk, heap->size))
		return 0;
	return blob;
}

static __always_inline enum blob_kind kind_of_blob(const struct unwind_walk *walk,
						   const struct unwind_code_heap *heap)
{
	__u64 name = blob_field(walk, heap->name);
	__u32 letters = 0;

	if (name && (name == heap->nmethod_name || name == heap->native_name))
		return BLOB_NMETHOD;
	if (name && name == heap->interpreter_name)
		return BLOB_INTERPRETER;
	read_target(name, &letters, sizeof(letters));
	if (letters == NAME_NMETHOD || letters == NAME_NATIVE)
		return BLOB_NMETHOD;
	if (letters == NAME_INTERPRETER)
		return BLOB_INTERPRETER;
	if (letters == NAME_ADAPTER || letters == NAME_METHOD_HANDLE)
		return BLOB_ADAPTER;
	return letters == NAME_VTABLE ? BLOB_VTABLE : BLOB_STUB;
}

static __always_inline bool put_jvm_frame(struct unwind_walk *walk, struct sample_record *record,
					  enum jvm_frame kind, __u64 what)
{
	if (walk->depth + 2 > USER_FRAMES_MAX) {
		walk->end = USER_STACK_DEPTH_LIMIT;
		return false;
	}
	put_address(record, walk->first + walk->depth,
		    walk->pc | ADDRESS_JVM |
			    (walk->flags & WALK_GUESSED ? ADDRESS_BY_FRAME_POINTER : 0) |
			    (walk->flags & WALK_EXACT ? ADDRESS_EXACT : 0));
	put_address(record, walk->first + walk->depth + 1, (__u64)kind << JVM_FRAME_SHIFT | what);
	walk->depth += 2;
	return true;
}

/* Goes on behind a frame whose return address, and perhaps the caller's rbp, lie on the stack. */
static __always_inline long return_from(struct unwind_walk *walk, __u64 return_at, __u64 sp,
					__u64 rbp_at, __u32 flags)
{
	__u64 fp = walk->registers[DWARF_RBP], return_address;
	bool fp_known = walk->known & KNOWN(DWARF_RBP);

	if (sp <= walk->registers[DWARF_RSP])
		return stop(walk, USER_STACK_NO_PROGRESS);
	if (!read_stack(walk, return_at, &return_address))
		return stop(walk, unreadable(walk));
	if (rbp_at) {
		if (!read_stack(walk, rbp_at, &fp))
			return stop(walk, unreadable(walk));
		fp_known = true;
	}
	return go_on(walk, return_address, sp, fp, fp_known, flags);
}

/*
 * By the frame pointer, which a frame that was entered with `push %rbp` has. The stub that guards
 * the entry of methods keeps a word of its own, all ones at first, below its return address.
 */
static __always_inline long return_by_rbp(struct unwind_walk *walk)
{
	__u64 fp = walk->registers[DWARF_RBP], word = 0;

	if (read_stack(walk, fp + 8, &word) && word == ~0UL)
		return return_from(walk, fp + 16, fp + 24, fp, 0);
	return return_from(walk, fp + 8, fp + 16, fp, 0);
}

static __always_inline bool has_rbp_frame(const struct unwind_walk *walk, __u64 most)
{
	__u64 sp = walk->registers[DWARF_RSP], fp = walk->registers[DWARF_RBP];

	return (walk->known & KNOWN(DWARF_RBP)) && !(fp & 7) && fp >= sp && fp - sp <= most;
}

static __always_inline __u32 code_at(const struct unwind_walk *walk, __u32 at, __u32 bytes)
{
	__u32 value = 0;

	for (__u32 i = 0; i < bytes; i++)
		value |= (__u32)walk->code[at + i] << (8 * i);
	return value;
}

/* Takes what is around the program counter. */
static __always_inline void read_code(struct unwind_walk *walk)
{
	if (!read_target(walk->pc - AT_PC, walk->code, sizeof(walk->code)))
		__builtin_memset(walk->code, 0, sizeof(walk->code));
}

/* Bytes by which the stack pointer is below the caller's, where no frame is set up or none is left. */
enum leaf_frame { LEAF_FULL, LEAF_ENTERED, LEAF_PUSHED, LEAF_RBP_UNSAVED };

static __always_inline bool is_return_poll(const struct unwind_walk *walk)
{
	if (code_at(walk, AT_PC, 3) == CODE_COMPARE_RSP ||
	    code_at(walk, AT_PC, 3) == CODE_COMPARE_RSP_BYTE)
		return true;
	if (code_at(walk, AT_PC, 2) == CODE_JA && code_at(walk, AT_PC + 6, 1) == CODE_RET)
		return true;
	return code_at(walk, AT_PC, 3) == CODE_TEST_R10 &&
	       code_at(walk, AT_PC + 3, 1) == CODE_RET;
}

static __always_inline bool is_sub_rsp(__u32 code)
{
	return code == CODE_SUB_RSP || code == CODE_SUB_RSP_BYTE;
}

static __always_inline bool is_mov_rbp_rsp(__u32 code)
{
	return code == CODE_MOV_RBP_RSP_A || code == CODE_MOV_RBP_RSP_B;
}

/* How much of the frame there is while the first instructions of a method run. */
static __always_inline enum leaf_frame frame_at_start(const struct unwind_walk *walk)
{
	__u32 here = code_at(walk, AT_PC, 4);

	if (is_sub_rsp(here & 0xffffff) || is_mov_rbp_rsp(here & 0xffffff)) {
		if (code_at(walk, AT_PC - 1, 1) == CODE_PUSH_RBP)
			return LEAF_PUSHED;
		if (is_mov_rbp_rsp(code_at(walk, AT_PC - 3, 3)) &&
		    code_at(walk, AT_PC - 4, 1) == CODE_PUSH_RBP)
			return LEAF_PUSHED;
		return LEAF_ENTERED;
	}
	if (here == CODE_STORE_RBP || here == CODE_STORE_RBP_BYTE)
		return LEAF_RBP_UNSAVED;
	/* The barrier of a method is a part of its beginning, with the frame set up. */
	here &= 0xffffff;
	if (here == CODE_BARRIER || here == CODE_BARRIER_BYTE)
		return LEAF_FULL;
	if (code_at(walk, AT_PC - 8, 3) == CODE_BARRIER_BYTE ||
	    code_at(walk, AT_PC - 11, 3) == CODE_BARRIER)
		return LEAF_FULL;
	return LEAF_ENTERED;
}

/* How much of the frame is left. */
static __always_inline enum leaf_frame frame_at_end(const struct unwind_walk *walk)
{
	if (code_at(walk, AT_PC, 1) == CODE_POP_RBP)
		return LEAF_PUSHED;
	if (code_at(walk, AT_PC, 1) == CODE_RET || is_return_poll(walk))
		return LEAF_ENTERED;
	return LEAF_FULL;
}

static __always_inline long return_from_sized(struct unwind_walk *walk, __u64 frame_bytes,
					      enum leaf_frame leaf)
{
	__u64 sp = walk->registers[DWARF_RSP];

	switch (leaf) {
	case LEAF_ENTERED:
		return return_from(walk, sp, sp + 8, 0, 0);
	case LEAF_PUSHED:
		return return_from(walk, sp + 8, sp + 16, sp, 0);
	case LEAF_RBP_UNSAVED:
		return return_from(walk, sp + frame_bytes - 8, sp + frame_bytes, 0, 0);
	default:
		return return_from(walk, sp + frame_bytes - 8, sp + frame_bytes,
				   frame_bytes >= 16 ? sp + frame_bytes - 16 : 0, 0);
	}
}

/* A deoptimised frame returns to a handler; where it was is kept in it. */
static __always_inline void undo_deoptimisation(struct unwind_walk *walk,
						const struct unwind_code_heap *heap, __u64 blob)
{
	__u64 handler = blob_field(walk, heap->deopt_handler);
	__u64 mh_handler = blob_field(walk, heap->deopt_mh_handler);
	__u64 at = walk->registers[DWARF_RSP] + blob_field(walk, heap->original_pc), pc;

	if (!heap->deopt_handler.is_address)
		handler += blob;
	if (!heap->deopt_mh_handler.is_address)
		mh_handler += blob;
	if (walk->pc != handler && !(heap->deopt_mh_handler.bytes && walk->pc == mh_handler))
		return;
	if (!read_stack(walk, at, &pc))
		return;
	if (pc - blob < blob_field(walk, heap->size))
		walk->pc = pc;
}

static __always_inline __u64 begin_of_code(const struct unwind_walk *walk,
					   const struct unwind_code_heap *heap, __u64 blob)
{
	__u64 begin = blob_field(walk, heap->code_begin);

	return heap->code_begin.is_address ? begin : blob + begin;
}

static __always_inline long by_compiled_frame(struct unwind_walk *walk,
					      struct sample_record *record,
					      const struct unwind_code_heap *heap, __u64 blob)
{
	__u64 frame_bytes = blob_field(walk, heap->frame_size) * 8;
	__u64 complete = begin_of_code(walk, heap, blob) + blob_field(walk, heap->frame_complete);
	enum leaf_frame leaf = LEAF_FULL;

	if (!(walk->flags & WALK_EXACT))
		undo_deoptimisation(walk, heap, blob);
	if (!put_jvm_frame(walk, record, JVM_COMPILED, (__u32)blob_field(walk, heap->compile_id)))
		return 1;
	if (walk->flags & WALK_EXACT) {
		read_code(walk);
		leaf = walk->pc < complete ? frame_at_start(walk) : frame_at_end(walk);
	}
	return return_from_sized(walk, frame_bytes, leaf);
}

/* Whether the instruction before an address is a call, as the compilers of HotSpot write them. */
static __always_inline bool follows_call(__u64 address)
{
	__u64 before = user_word(address - 8);

	return (before >> 24 & 0xff) == CALL || (before >> 40 & 0xf8ff) == 0xd0ff ||
	       (before >> 48 & 0xf8ff) == 0xd0ff;
}

/* Bytes that the caller of a stub has pushed for it: it pops them when the stub returns. */
static __always_inline __u64 pushed_arguments(__u64 return_address)
{
	__u64 code = user_word(return_address), bytes = 0;

	for (int i = 0; i < 2; i++) {
		__u64 length = (code & 0xff) == CODE_REX_B ? 2 : 1;
		__u64 pop = code >> (8 * (length - 1)) & 0xff;

		if ((pop & 0xf8) != CODE_POP || (length == 1 && pop == CODE_POP_RBP))
			break;
		bytes += 8;
		code >>= 8 * length;
	}
	return bytes;
}

struct return_search {
	struct unwind_walk *walk;
	__u64 at;
	__u64 address; /* 0: not found */
};

static long look_for_return(__u32 index, void *context)
{
	struct return_search *search = context;
	__u64 word;

	if (!read_stack(search->walk, search->at, &word))
		return 1;
	if (is_user_code(word) && follows_call(word)) {
		search->address = word;
		return 1;
	}
	search->at += sizeof(word);
	return 0;
}

/* Generated code that keeps no frame: its return address is close to the stack pointer. */
static __always_inline long by_near_return(struct unwind_walk *walk)
{
	struct return_search search = {.walk = walk, .at = walk->registers[DWARF_RSP]};

	bpf_loop(JVM_RETURN_WORDS, look_for_return, &search, 0);
	if (!search.address)
		return stop(walk, USER_STACK_BAD_JVM_FRAME);
	return go_on(walk, search.address, search.at + 8 + pushed_arguments(search.address),
		     walk->registers[DWARF_RBP], walk->known & KNOWN(DWARF_RBP), WALK_GUESSED);
}

/*
 * Code between callers and callees of different kinds: it takes the return address off the stack
 * into rax, makes room below where the caller's stack ends (r13), and puts it back there. What the
 * interpreter returns to follows no call, and its caller is found by rbp.
 */
static __always_inline long by_adapter(struct unwind_walk *walk)
{
	__u64 sp = walk->registers[DWARF_RSP], fp = walk->registers[DWARF_RBP];
	__u64 rax = walk->registers[0], r13 = walk->registers[DWARF_R13], word = 0, end;
	bool fp_known = walk->known & KNOWN(DWARF_RBP);

	if (!(walk->flags & WALK_EXACT) || !read_stack(walk, sp, &word))
		return stop(walk, USER_STACK_BAD_JVM_FRAME);
	end = r13 >= sp && r13 - sp < STUB_BYTES_MAX && !(r13 & 7) ? r13 : sp;
	if (is_user_code(word) && follows_call(word))
		return go_on(walk, word, rax == word && end > sp ? end : sp + 8, fp, fp_known, 0);
	if (is_user_code(rax) && follows_call(rax))
		return go_on(walk, rax, end, fp, fp_known, 0);
	return go_on(walk, word, sp + 8, fp, fp_known, WALK_GUESSED);
}

/* The word for an interpreted frame; 0 where there is none at the frame pointer. */
static __always_inline __u64 interpreted_method(struct unwind_walk *walk,
						const struct unwind_code_heap *heap)
{
	__u64 fp = walk->registers[DWARF_RBP], method, const_method, bytecode, index;
	__u64 bytecode_at = fp + (__s64)heap->bytecode_slot * 8;
	__u16 size = 0;

	if (!has_rbp_frame(walk, INTERPRETED_BYTES_MAX) ||
	    !read_stack(walk, fp + INTERPRETED_METHOD * 8, &method) ||
	    !is_user_code(method) || (method & 7))
		return 0;
	if (!read_target(method + heap->const_method, &const_method, sizeof(const_method)) ||
	    !is_user_code(const_method) ||
	    !read_target(const_method + heap->bytecodes_size, &size, sizeof(size)))
		return 0;
	/* Between calls it is in a register only. */
	bytecode = walk->registers[DWARF_R13];
	index = bytecode - (const_method + heap->bytecodes);
	if (!(walk->flags & WALK_EXACT) || !(walk->known & KNOWN(DWARF_R13)) || index >= size) {
		if (!read_stack(walk, bytecode_at, &bytecode))
			return 0;
		index = bytecode - (const_method + heap->bytecodes);
	}
	if (index >= size)
		index = JVM_UNKNOWN_BYTECODE;
	return (method >> 3) << JVM_METHOD_SHIFT | index;
}

static __always_inline long by_interpreted_frame(struct unwind_walk *walk,
						 struct sample_record *record,
						 const struct unwind_code_heap *heap)
{
	__u64 fp = walk->registers[DWARF_RBP], method = interpreted_method(walk, heap), sender;

	if (!method) {
		if (!put_jvm_frame(walk, record, JVM_STUB, 0))
			return 1;
		if (walk->flags & WALK_EXACT)
			return by_near_return(walk);
		return stop(walk, USER_STACK_BAD_JVM_FRAME);
	}
	if (!put_jvm_frame(walk, record, JVM_INTERPRETED, method))
		return 1;
	/* A compiled caller's frame ends there; arguments that were moved lie between. */
	if (!read_stack(walk, fp + INTERPRETED_SENDER_SP * 8, &sender))
		return stop(walk, unreadable(walk));
	if (sender < fp + 16 || sender - fp > INTERPRETED_BYTES_MAX)
		sender = fp + 16;
	return return_from(walk, fp + 8, sender, fp, 0);
}

static __always_inline long by_stub(struct unwind_walk *walk, struct sample_record *record,
				    const struct unwind_code_heap *heap, enum blob_kind kind)
{
	__u64 frame_words = blob_field(walk, heap->frame_size), frame_bytes = frame_words * 8;
	enum leaf_frame leaf = LEAF_FULL;

	/* -1: it has none of a fixed size. */
	if (frame_words > STUB_BYTES_MAX)
		frame_bytes = 0;

	if (!(walk->flags & WALK_EXACT) &&
	    walk->pc - heap->return_barrier < heap->return_barrier_bytes)
		return stop(walk, USER_STACK_FROZEN_FRAMES);
	if (!put_jvm_frame(walk, record, JVM_STUB, 0))
		return 1;
	if (walk->flags & WALK_EXACT) {
		read_code(walk);
		if (code_at(walk, AT_PC, 1) == CODE_PUSH_RBP)
			leaf = LEAF_ENTERED;
		else if (is_mov_rbp_rsp(code_at(walk, AT_PC, 3)) ||
			 is_sub_rsp(code_at(walk, AT_PC, 3)))
			leaf = frame_at_start(walk);
		else
			leaf = frame_at_end(walk);
	}
	if (kind == BLOB_VTABLE && leaf == LEAF_FULL)
		leaf = LEAF_ENTERED;
	if (frame_bytes || leaf != LEAF_FULL)
		return return_from_sized(walk, frame_bytes, leaf);
	if (!has_rbp_frame(walk, STUB_BYTES_MAX))
		return walk->flags & WALK_EXACT ? by_near_return(walk)
						: stop(walk, USER_STACK_BAD_JVM_FRAME);
	if (walk->flags & WALK_EXACT) {
		/* Code without a frame leaves the caller's pointer, which may be anything. */
		__u64 return_address = 0;

		if (!read_stack(walk, walk->registers[DWARF_RBP] + 8, &return_address))
			return by_near_return(walk);
		if (return_address != ~0UL &&
		    (!is_user_code(return_address) || !follows_call(return_address)))
			return by_near_return(walk);
	}
	return return_by_rbp(walk);
}

/* Names the current frame, in a code heap, and goes to its caller's. */
static __always_inline long by_code_heap(struct unwind_walk *walk, struct sample_record *record,
					 __u64 address)
{
	__u32 zero = 0, number = walk->mapping_executable, generation;
	struct unwind_code_heaps *heaps = bpf_map_lookup_elem(&unwind_code_heaps, &zero);
	volatile struct unwind_code_heap *shared;
	struct unwind_code_heap *heap = &walk->heap;
	enum blob_kind kind;
	__u64 blob;

	if (number == UNWIND_HEAP_REFUSED)
		return stop(walk, USER_STACK_JVM_REFUSED);
	if (walk->shift || number == UNWIND_HEAP_STARTING)
		return stop(walk, USER_STACK_JVM_NOT_COPIED);
	if (!heaps)
		return stop(walk, USER_STACK_NO_CODE_BLOB);
	barrier_var(number);
	shared = &heaps->at[number & (UNWIND_CODE_HEAPS - 1)];
	generation = shared->generation;
	__builtin_memcpy(heap, (const void *)shared, sizeof(*heap));
	if ((generation & 1) || shared->generation != generation)
		return stop(walk, USER_STACK_CHANGED);
	blob = read_blob(walk, heap, address);
	if (!blob)
		return stop(walk, USER_STACK_NO_CODE_BLOB);
	kind = kind_of_blob(walk, heap);
	if (kind == BLOB_NMETHOD)
		return by_compiled_frame(walk, record, heap, blob);
	if (kind == BLOB_INTERPRETER)
		return by_interpreted_frame(walk, record, heap);
	if (kind == BLOB_ADAPTER)
		return put_jvm_frame(walk, record, JVM_STUB, 0) ? by_adapter(walk) : 1;
	return by_stub(walk, record, heap, kind);
}

#endif
