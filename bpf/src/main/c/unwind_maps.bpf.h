/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The maps of unwind.h, and look-ups in them that the verifier and the branch predictor like. */
#ifndef FLAREPATH_UNWIND_MAPS_H
#define FLAREPATH_UNWIND_MAPS_H

#include "unwind.h"

/* Each map of one value: an index into it is plain arithmetic. */
struct unwind_rules {
	struct unwind_rule at[UNWIND_RULES];
};

struct unwind_pages {
	struct unwind_page at[UNWIND_PAGES];
};

struct unwind_executables {
	struct unwind_executable at[UNWIND_EXECUTABLES];
};

struct unwind_mappings {
	struct unwind_mapping at[UNWIND_MAPPING_ROWS];
};

struct unwind_code_heaps {
	struct unwind_code_heap at[UNWIND_CODE_HEAPS];
};

struct unwind_rows {
	struct unwind_row at[UNWIND_SEGMENT_ROWS];
};

#define ONE_VALUE(name, value_type)                                                                \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(max_entries, 1);                                                            \
		__uint(map_flags, BPF_F_MMAPABLE);                                                 \
		__type(key, __u32);                                                                \
		__type(value, value_type);                                                         \
	} name SEC(".maps")

ONE_VALUE(unwind_rules, struct unwind_rules);
ONE_VALUE(unwind_pages, struct unwind_pages);
ONE_VALUE(unwind_executables, struct unwind_executables);
ONE_VALUE(unwind_mappings, struct unwind_mappings);
ONE_VALUE(unwind_code_heaps, struct unwind_code_heaps);

struct unwind_segment {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct unwind_rows));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, UNWIND_SEGMENTS);
	__type(key, __u32);
	__array(values, struct unwind_segment);
} unwind_segments SEC(".maps");

/* Preallocated: kernels before 6.1 demand it of programs that run in NMI. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, UNWIND_PROCESSES);
	__type(key, __u32);
	__type(value, struct unwind_process);
} unwind_processes SEC(".maps");

/* All ones when a <= b, else 0; without a branch, which the verifier would follow both ways. */
static __always_inline __u32 mask_if_at_most(__u64 a, __u64 b)
{
	__u64 larger = (b - a) >> 63;

	/* Both are below 2^63. */
	barrier_var(larger);
	return (__u32)larger - 1;
}

/*
 * The last of `count` rows from `first` on whose start is at most the address; the first row where
 * none is. 13 steps find one of UNWIND_BLOCK_ROWS_MAX.
 */
static __always_inline __u32 last_mapping(const struct unwind_mappings *mappings, __u32 first,
					  __u32 count, __u64 address)
{
	__u32 low = first;

	for (int i = 0; i < 14; i++) {
		__u32 half = count >> 1, middle;

		if (half == 0)
			break;
		middle = low + half;
		barrier_var(middle);
		low += half & mask_if_at_most(mappings->at[middle & (UNWIND_MAPPING_ROWS - 1)].start,
					      address);
		count -= half;
	}
	return low;
}

/* An entry of the index of a page: a row has the room of two. */
static __always_inline __u32 index_entry(const struct unwind_rows *rows, __u32 first, __u32 entry)
{
	__u32 at = first - UNWIND_INDEX_ROWS + entry / 2;
	const struct unwind_row *pair;

	barrier_var(at);
	pair = &rows->at[at & (UNWIND_SEGMENT_ROWS - 1)];
	return entry & 1 ? pair->rule : pair->low;
}

/*
 * The same for the rows of a page. A KiB of code has a row for each byte at most, and the one that
 * holds at its start.
 */
static __always_inline __u32 last_row(const struct unwind_rows *rows, __u32 first, __u32 count,
				      __u32 low_bits)
{
	__u32 entry = low_bits >> UNWIND_INDEX_BITS, low = index_entry(rows, first, entry);
	__u32 end = entry + 1 < UNWIND_INDEX_ENTRIES ? index_entry(rows, first, entry + 1) + 1
						     : count;

	count = end - low;
	low += first;
	for (int i = 0; i < 12; i++) {
		__u32 half = count >> 1, middle;

		if (half == 0)
			break;
		middle = low + half;
		barrier_var(middle);
		low += half & mask_if_at_most(rows->at[middle & (UNWIND_SEGMENT_ROWS - 1)].low,
					      low_bits);
		count -= half;
	}
	return low;
}

#endif
