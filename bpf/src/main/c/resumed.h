/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* How a walk that was kept back is handed to the program `resume`, and taken back. */
#ifndef FLAREPATH_RESUMED_H
#define FLAREPATH_RESUMED_H

#include "record.h"

struct resumed_walk {
	struct walk_state state;
	__u64 stack_at; /* where the copy lies in the memory of whoever runs the program */
	__u32 stack_bytes;
	__u32 mapping_count;
	__u32 first_mapping;
	__u32 reserved;
	__u64 generation;
	struct sample_record record; /* without its tail */
};

#endif
