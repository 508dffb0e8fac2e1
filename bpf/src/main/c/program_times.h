/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel has counted of loaded programs while its statistics are on. */
#ifndef FLAREPATH_PROGRAM_TIMES_H
#define FLAREPATH_PROGRAM_TIMES_H

#include <stddef.h>

struct bpf_object;

/* Their names, runs and nanoseconds, "name runs nanoseconds" a line; the length of the text. */
size_t program_times(const struct bpf_object *object, char *to, size_t room);

#endif
