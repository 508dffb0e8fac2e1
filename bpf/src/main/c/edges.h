/* SPDX-License-Identifier: Apache-2.0 */
/* The loaded programs that sum up what TCP and UDP do, and what they have summed up. */
#ifndef FLAREPATH_EDGES_H
#define FLAREPATH_EDGES_H

#include <stddef.h>

#include "edge.h"
#include "failure.h"

struct edges_bpf;
struct bpf_link;

struct edges {
	struct edges_bpf *programs;
	struct bpf_link *poll; /* over the sockets of all processes */
};

/* Sums begin at nothing; sockets that are there already are known afterwards. */
struct edges *edges_open(struct failure *failure);
void edges_close(struct edges *edges);

/* Has the kernel add up what its sockets have counted since the last time; 0 or -1. */
int edges_poll(struct edges *edges, struct failure *failure);

/* Copies what was summed up since the start, each edge one record; bytes, or -1. */
long edges_read(struct edges *edges, unsigned char *to, size_t room, struct failure *failure);
long edges_read_events(struct edges *edges, unsigned char *to, size_t room,
		       struct failure *failure);

/* Makes room: forgets an edge, or one kind of its events. */
void edges_forget(struct edges *edges, const struct edge_key *key);
void edges_forget_event(struct edges *edges, const struct edge_event_key *key);

/* In the order of enum edge_counter. */
int edges_counters(struct edges *edges, __u64 values[EDGE_COUNTERS], struct failure *failure);

/* As program_times does. */
size_t edges_times(const struct edges *edges, char *to, size_t room);

/* The kernel's names of an enumeration, "number name" a line; the caller frees it, NULL if none. */
char *kernel_names(const char *enumeration, const char *prefix);

#endif
