/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What user space tells the unwinder: rules, tables of executables, mappings of processes. All of
 * it lies in array maps that user space has mapped and writes in place; the unwinder only reads.
 * io.flarepath.bpf.UnwindLayout mirrors it; UnwindLayoutTest compares the two.
 *
 *   processes: pid -> block of mapping rows
 *   mappings:  [start, end) -> executable and load bias, sorted, one block a process
 *   executables: state, and where its pages are described
 *   pages:     64 KiB of code -> its rows, in one segment
 *   segments:  rows: from this address of the page on, that rule
 *   rules:     how to find the caller's frame
 *   code heaps: where a JVM keeps compiled methods, and how it describes them
 */
#ifndef FLAREPATH_UNWIND_H
#define FLAREPATH_UNWIND_H

#include <linux/types.h>

#define UNWIND_RULES 32768
#define UNWIND_EXECUTABLES 4096
#define UNWIND_PAGES 65536
#define UNWIND_MAPPING_ROWS 65536
#define UNWIND_PROCESSES 16384
#define UNWIND_SEGMENTS 40
#define UNWIND_SEGMENT_ROWS (1 << 18)
#define UNWIND_SEGMENT_BYTES (UNWIND_SEGMENT_ROWS * 4)
#define UNWIND_PAGE_BITS 16
/*
 * Before the rows of a page stands an index of it: for each KiB of code the number of the row that
 * holds at its start, counted from the page's first, two bytes each. Searching all of a page would
 * touch a cache line with each step.
 */
#define UNWIND_INDEX_BITS 10
#define UNWIND_INDEX_ENTRIES (1 << (UNWIND_PAGE_BITS - UNWIND_INDEX_BITS))
#define UNWIND_INDEX_ROWS (UNWIND_INDEX_ENTRIES / 2)
/* Rows of mappings that one process may have, its header row included. */
#define UNWIND_BLOCK_ROWS_MAX 8192
#define UNWIND_CODE_HEAPS 1024
/* Of the description of a compiled method so much is read; all fields lie in it. */
#define UNWIND_BLOB_BYTES 512

enum unwind_kind {
	/* Not known, or not expressible: the walk ends with an error. Rule 0 is of this kind. */
	UNWIND_UNKNOWN = 0,
	/* The outermost frame of a thread. */
	UNWIND_STOP = 1,
	UNWIND_CFA_SP = 2,	 /* cfa = sp + offset */
	/* cfa = fp + offset; addend 1: it may lie on another stack */
	UNWIND_CFA_FP = 3,
	/* cfa = register + offset; innermost frame only; addend as above */
	UNWIND_CFA_REGISTER = 4,
	UNWIND_CFA_SP_DEREF = 5, /* cfa = *(sp + offset) + addend */
	UNWIND_CFA_FP_DEREF = 6, /* cfa = *(fp + offset) + addend */
	/* cfa = sp + offset + ((pc & 15) >= addend ? 8 : 0) */
	UNWIND_PLT = 7,
	/* A handler returns here: the interrupted registers are in the ucontext at sp + offset. */
	UNWIND_SIGNAL = 8,
	/* No rule here: follow the frame pointer, if it looks like one. */
	UNWIND_FRAME_POINTER = 9,
	/*
	 * C code called by Go, runtime.asmcgocall: the depth of g's stack at sp + offset, g behind
	 * it; cfa = g.stack.hi - depth + addend.
	 */
	UNWIND_GO_ASMCGOCALL = 10,
	/*
	 * On a thread's system stack: goes on where the goroutine left its own, as g.sched says.
	 * offset: of sched in g, addend: of curg in m; of m in g: register * 8; fp_offset: of the
	 * frame pointer in g. The end, if curg is 0.
	 */
	UNWIND_GO_CURG = 11,
	/* The same, in the scheduler: goes on where g0 says. offset, fp_offset: as above. */
	UNWIND_GO_G0 = 12,
};

/* Where the caller's frame pointer is. */
enum unwind_saved {
	UNWIND_SAME = 0,
	UNWIND_AT_CFA = 1, /* at cfa + fp_offset */
	UNWIND_AT_FP = 2,  /* at fp + fp_offset */
	UNWIND_UNDEFINED = 3,
};

/* The return address is at cfa - 8, or in the register (number - 1) of the innermost frame. */
#define UNWIND_RETURN_AT_CFA 0

struct unwind_rule {
	__u8 kind;
	__u8 register_number; /* as DWARF numbers them: 6 is rbp, 7 is rsp */
	__u8 fp;
	__u8 return_register; /* 0, or a DWARF number + 1 */
	__s32 offset;
	__s16 fp_offset;
	__s16 addend;
};

struct unwind_row {
	__u16 low; /* lower 16 bits of the address from which the rule holds */
	__u16 rule;
};

/* Rows of one page: sorted, the first has low 0; none: unknown. */
struct unwind_page {
	/* Row number over all segments; rows and index of a page never leave their segment. */
	__u32 first;
	__u32 count;
};

enum unwind_state {
	UNWIND_ABSENT = 0,   /* not loaded (yet): samples that meet it are kept back */
	UNWIND_LOADED = 1,
	UNWIND_NO_RULES = 2, /* there are none: frame pointers */
	UNWIND_NO_ROOM = 3,  /* there are, but the tables are full */
};

struct unwind_executable {
	/* Odd while any of the rest, or anything that it leads to, changes; counts on with each. */
	__u32 generation;
	__u32 state;
	__u32 first_page; /* in `pages` */
	__u32 page_count;
	__u64 page_base; /* ELF virtual address of the first page, >> UNWIND_PAGE_BITS */
	__u64 uses;	 /* frames that were looked up here; written by the unwinder */
};

enum unwind_mapping_kind {
	/* `executable` says how. */
	UNWIND_MAPPED_FILE = 0,
	/* Code that no file describes: frame pointers. */
	UNWIND_MAPPED_CODE = 1,
	/*
	 * Mapped anew again and again: by the time of a sample it may be something else. A live walk
	 * stops here; in the copy of the stack it goes on.
	 */
	UNWIND_MAPPED_VOLATILE = 2,
	/* Code that HotSpot compiled or generated: `executable` is the number of its code heap. */
	UNWIND_MAPPED_CODE_HEAP = 3,
};

/*
 * A mapping. The row before the first of a block is its header: start holds the block's
 * generation, which changes before a block is used for something else.
 */
struct unwind_mapping {
	__u64 start;
	__u64 end;
	__u64 bias; /* address - bias is the ELF virtual address */
	__u32 executable;
	__u32 kind;
};

struct unwind_process {
	__u64 image; /* tells programs apart that had the pid one after the other */
	__u32 first; /* row of the first mapping; the header is the row before */
	__u32 count;
	__u64 generation; /* as the header has it */
	__u32 flags;
	__u32 reserved;
};

/* Numbers in place of a code heap's. */
enum unwind_no_heap {
	UNWIND_HEAP_STARTING = 1, /* the JVM is not known yet */
	UNWIND_HEAP_REFUSED = 2,  /* the JVM is not understood */
	UNWIND_FIRST_CODE_HEAP = 3,
};

/* A field of an object of the JVM: `bytes` 0 says that there is none. */
struct unwind_field {
	__u16 offset;
	__u8 bytes;
	/* 1: it holds an address; 0: a distance from the start of its object */
	__u8 is_address;
};

/*
 * A code heap of a JVM. Names as in HotSpot's codeBlob.hpp, nmethod.hpp and heap.hpp; the numbers
 * are those that the JVM exports itself.
 */
struct unwind_code_heap {
	/* Odd while the rest changes; counts on with each change. */
	__u32 generation;
	__u32 segment_shift;
	__u64 start;
	__u64 segment_map; /* a byte for each segment: steps back to the start of its block */
	/* Where the names of blobs point that are compiled methods, native ones, the interpreter. */
	__u64 nmethod_name;
	__u64 native_name;
	__u64 interpreter_name;
	/* A thread whose other frames lie on the heap returns here. 0: there are no such threads. */
	__u64 return_barrier;
	__u32 block_header; /* bytes before the blob */
	/* Fields of a blob. */
	struct unwind_field name;
	struct unwind_field size;
	struct unwind_field frame_size; /* words */
	struct unwind_field frame_complete;
	struct unwind_field code_begin;
	struct unwind_field compile_id;
	struct unwind_field original_pc; /* of a deoptimised frame, from its stack pointer */
	struct unwind_field deopt_handler;
	struct unwind_field deopt_mh_handler;
	__u16 const_method;   /* in Method */
	__u16 bytecodes;      /* in ConstMethod */
	__u16 bytecodes_size; /* in ConstMethod, two bytes */
	__s16 bytecode_slot;  /* of an interpreted frame, in words from its frame pointer */
	__u32 return_barrier_bytes;
};

enum unwind_process_flag {
	/* What cannot be walked of it now cannot be later either: no stack is copied. */
	UNWIND_PROCESS_FINAL = 1 << 0,
};

#endif
