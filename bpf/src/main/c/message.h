/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Layout of what the kernel tells of connections, little endian, each record a multiple of eight
 * bytes long. io.flarepath.bpf.MessageReader mirrors it; MessageLayoutTest compares the two.
 */
#ifndef FLAREPATH_MESSAGE_H
#define FLAREPATH_MESSAGE_H

#include <linux/types.h>

/*
 * Bytes that are copied at most of what one call sends or reads. Most protocols say in it where the
 * next part begins, so it is copied whole. HTTP/1 says it in front of a body.
 */
#define MESSAGE_BYTES_MAX 16384
#define MESSAGE_HTTP1_BYTES 4096
/* Of HTTP/2, frames up to so long are copied whole, and all that hold fields. */
#define MESSAGE_FRAME_BYTES 2048
/* After so many bytes of one direction in a row only so many, but for HTTP/2. */
#define MESSAGE_TURN_BYTES 16384
#define MESSAGE_LATER_BYTES 128
/*
 * And so many of the end of what is not copied whole, neither HTTP/1 nor HTTP/2: how an answer ended
 * stands there. What a call gathers from several places has no end in this sense.
 */
#define MESSAGE_END_BYTES 512

enum message_kind {
	MESSAGE_BYTES = 1,
	MESSAGE_CLOSED = 2,
};

enum message_flag {
	MESSAGE_RECEIVED = 1 << 0,
	MESSAGE_CLIENT = 1 << 1, /* the process connected */
	MESSAGE_SERVER = 1 << 2, /* the process listened */
	MESSAGE_IPV6 = 1 << 3,
	MESSAGE_UDP = 1 << 4,
	MESSAGE_CLEAR = 1 << 5, /* what TLS carries, as the process has it; positions are of that */
};

struct message_record {
	__u32 size; /* of the whole record */
	__u16 kind;
	__u16 flags;
	__u64 time;	/* CLOCK_MONOTONIC, nanoseconds */
	__u64 socket;	/* the socket's cookie */
	__u64 position; /* bytes of this direction before these */
	__u32 length;	/* bytes that went by */
	__u32 captured; /* how many of them follow */
	__u32 pid;	/* the process that used the socket first */
	__u32 tid;
	__u16 local_port;
	__u16 peer_port;
	__u32 reserved;
	__u8 peer[16]; /* an IPv4 address in the first four */
	__u8 bytes[];
};

/* The bytes of a socket, or what TLS carries over it. */
struct named_stream {
	__u64 socket;
	__u64 clear;
};

/* What the reader has to say of a stream. */
enum reader_word {
	WORD_UNWANTED = 1, /* nothing more is to be told of it but its end */
	WORD_HTTP2 = 2,	   /* it speaks HTTP/2, which was not seen from its beginning on */
};

enum message_counter {
	COUNTER_MESSAGES,	  /* written for the reader */
	COUNTER_SENDING_LOST,	  /* the ring had no room for what is going to be sent */
	COUNTER_SENT_LOST,	  /* nor for how much went */
	COUNTER_RECEIVED_LOST,	  /* nor for what was received */
	COUNTER_CLOSES_LOST,	  /* nor for the end of a connection */
	COUNTER_UNREADABLE,	  /* the bytes lay on pages that are not in memory */
	COUNTER_STATELESS,	  /* no memory for the state of a connection */
	COUNTER_LEFT_OUT,	  /* passed over, so that less is told */
	COUNTER_CLEAR_LOST,	  /* the ring had no room for what TLS carries */
	COUNTER_UNJOINED,	  /* what TLS carries, by a connection that is not known */
	MESSAGE_COUNTERS,
};

#endif
