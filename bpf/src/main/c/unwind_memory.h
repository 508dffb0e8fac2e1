/* SPDX-License-Identifier: Apache-2.0 */
/* The maps of unwind.h as user space writes them, and walks that go on in a copy of a stack. */
#ifndef FLAREPATH_UNWIND_MEMORY_H
#define FLAREPATH_UNWIND_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "failure.h"
#include "record.h"
#include "unwind.h"

struct sampler_bpf;

/* Which of the mapped arrays. */
enum unwind_array {
	UNWIND_ARRAY_RULES = 0,
	UNWIND_ARRAY_PAGES = 1,
	UNWIND_ARRAY_EXECUTABLES = 2,
	UNWIND_ARRAY_MAPPINGS = 3,
	UNWIND_ARRAY_CODE_HEAPS = 4,
	UNWIND_ARRAYS,
};

struct mapped_array {
	void *at;
	size_t bytes;
};

struct unwind_memory {
	struct sampler_bpf *programs;
	struct mapped_array arrays[UNWIND_ARRAYS];
	struct mapped_array segments[UNWIND_SEGMENTS];
	int segment_fds[UNWIND_SEGMENTS]; /* -1: not made yet */
	struct mapped_array resumed;
};

int unwind_memory_open(struct unwind_memory *memory, struct sampler_bpf *programs,
		       struct failure *failure);
void unwind_memory_close(struct unwind_memory *memory);

/* The segment's memory, made when it is first asked for; NULL with a failure. */
const struct mapped_array *unwind_segment_at(struct unwind_memory *memory, unsigned int number,
					     struct failure *failure);

int unwind_set_process(struct unwind_memory *memory, __u32 pid,
		       const struct unwind_process *process, struct failure *failure);
/* Only while the process still is that image. */
int unwind_remove_process(struct unwind_memory *memory, __u32 pid, __u64 image,
			  struct failure *failure);

/* Bytes that the kernel charges for all segments. */
size_t unwind_segment_bytes(const struct unwind_memory *memory);

/*
 * Goes on with the walk of a sample that has a copy of its stack, and puts the sample as it is then
 * into `to`: without the copy when the walk has ended. Bytes of it; -1 with a failure.
 */
long unwind_resume(struct unwind_memory *memory, const struct sample_record *sample,
		   const struct unwind_process *mappings, unsigned char *to, size_t room,
		   struct failure *failure);

#endif
