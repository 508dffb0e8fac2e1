/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is summed up of connections: shared by the programs in the kernel and their reader. */
#ifndef FLAREPATH_EDGE_H
#define FLAREPATH_EDGE_H

#include <linux/types.h>

#define EDGES_MAX 8192
/* Edges that may have a peer of their own; the rest is for those whose peers are put together. */
#define EDGES_WITH_PEER 7168
#define EDGE_EVENTS_MAX 16384

enum edge_role {
	EDGE_UNKNOWN,
	EDGE_CLIENT, /* the process connected */
	EDGE_SERVER, /* it listened */
};

enum edge_kind {
	EDGE_TCP,
	EDGE_UDP,
	EDGE_OVERFLOW = 128, /* a flag: there was no room for the peer, or for more than that */
};

struct edge_key {
	__u32 pid; /* 0: of no process */
	__u8 role;
	__u8 kind;
	__u16 port; /* that was connected to, in the machine's order */
	__u8 peer[16];  /* IPv6, or IPv4 mapped into it; zero where there is none */
	__u8 local[16]; /* the process's own end, in the same form */
};

enum edge_sum {
	EDGE_BYTES_SENT,
	EDGE_BYTES_RECEIVED,
	EDGE_PACKETS_SENT,
	EDGE_PACKETS_RECEIVED,
	EDGE_CONNECTS,
	EDGE_RETRANSMITS,
	EDGE_ZERO_WINDOWS,
	EDGE_ACCEPT_OVERFLOWS,
	EDGE_ACTIVE,	    /* open at the last poll... */
	EDGE_ACTIVE_POLL,   /* ...whose number is this */
	EDGE_SUMS,
};

struct edge_record {
	struct edge_key key;
	__u64 sums[EDGE_SUMS];
};

enum edge_event_kind {
	EDGE_CONNECT_TIME,	/* code: a bucket, sum: nanoseconds */
	EDGE_ROUND_TRIP,	/* the same */
	EDGE_CONNECT_FAILURE,	/* code: errno, or one of the two below */
	EDGE_RESET_SENT,	/* code: enum sk_rst_reason */
	EDGE_RESET_RECEIVED,
	EDGE_DROP,		/* code: enum skb_drop_reason */
};

#define EDGE_GIVEN_UP 0xfffe
#define EDGE_NO_ERRNO 0xffff

/* A bucket of nanoseconds: exponent of two, and the four bits that follow the highest one. */
#define EDGE_BUCKET_BITS 4

struct edge_event_key {
	struct edge_key edge;
	__u16 kind;
	__u16 code;
	__u32 reserved; /* zero */
};

struct edge_event_value {
	__u64 count;
	__u64 sum;
};

struct edge_event_record {
	struct edge_event_key key;
	struct edge_event_value value;
};

enum edge_counter {
	EDGE_COUNTER_OVERFLOWS, /* connections whose edge had no room of its own */
	EDGE_COUNTER_LOST,	/* sums and events for which there was no room at all */
	EDGE_COUNTER_STATELESS, /* sockets for which the kernel gave no storage */
	EDGE_COUNTERS,
};

#endif
