// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Tells what processes say over TCP: the first bytes of what is sent and received, where in the
 * stream they lie, and when a connection ends; and datagrams of DNS. It runs in the kernel's own
 * send and receive, not in system calls: io_uring and sendfile are seen, and nothing else pays.
 * What goes through OpenSSL is told in clear text instead (tls.bpf.h).
 *
 * What is received is looked at where it is copied to the reader, so it comes in order, once, and
 * with its thread. What is sent is looked at before it is taken, when only its beginning is sure
 * to go; how much went is told after.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "message.h"
#include "copies.bpf.h"
#include "socket_types.h"
#include "tls_function.h"

#define COUNTERS_OF_PROGRAMS MESSAGE_COUNTERS
#include "counters.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Set before loading. */
const volatile __u32 excluded_pid = 0; /* of which nothing is told */
const volatile __u64 wakeup_bytes = 0; /* wake the reader when so much waits */
const volatile bool with_tls = false;  /* the programs of tls.bpf.h are loaded too */

/* Set at any time. */
volatile __u32 most_bytes = MESSAGE_BYTES_MAX; /* of a message that are copied */
volatile __u32 one_in = 1; /* of so many connections one is told of; of none if this is 0 */

/* Grows when programs are attached again: what went by meanwhile was not seen. */
volatile __u32 attached_again = 0;

#define DNS_PORT 53
/* What several processors may add between one's record and its look at what waits. */
#define WAKEUP_RANGE 2048

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} messages SEC(".maps");

/* What the reader says of streams, until they are used again. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct named_stream);
	__type(value, __u8);
} reader_words SEC(".maps");

enum connection_flag {
	CONNECTION_TOLD = 1 << 0,     /* the reader knows of it */
	CONNECTION_UNWANTED = 1 << 1, /* nothing is told but its end */
	CONNECTION_RECEIVING = 1 << 2, /* the last bytes were received */
	CONNECTION_KNOWN = 1 << 3,	/* its first bytes were looked at; neither: all others */
	CONNECTION_HTTP1 = 1 << 4,
	CONNECTION_HTTP2 = 1 << 5,
	CONNECTION_SEALED = 1 << 6,    /* its bytes are TLS's, which is told in clear text */
};

/* An object of OpenSSL: what it is to the process is one connection. */
struct tls_key {
	__u64 ssl; /* its address */
	__u64 pid;
};

enum frames_state {
	FRAMES_KNOWN = 1 << 0,	/* the place in the stream is known */
	FRAMES_ENDING = 1 << 1, /* something is over with the last frame */
};

/* One direction of a connection that speaks HTTP/2. */
struct frames {
	__u64 seen;   /* position after the last byte that was looked at */
	__u64 told;   /* and that was told of */
	__u64 next;   /* position of the next frame */
	__u64 wanted; /* bytes before this position are copied */
	__u64 head;   /* what has been seen of the next frame's header, up to eight bytes */
	__u64 state;
};

/* It is written under the socket's lock, but for what a sender leaves for sent. */
struct connection {
	__u64 socket;
	__u64 received_end; /* position after the last byte told of */
	__u64 sent_from;    /* position at which the current call began to send */
	__u64 sent_bytes;   /* where its process has the byte at sent_from, if all lie in one place */
	__u32 sent_told;    /* bytes told of it already */
	__u32 sender;	    /* the thread in the call, or 0 */
	__u32 pid;
	__u32 turn; /* bytes of this direction since the other one */
	__u16 role; /* message_flags that hold for all of it */
	__u16 flags;
	struct tls_key tls; /* if it is sealed */
	struct frames frames_sent;
	struct frames frames_received;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct connection);
} connections SEC(".maps");

/* Older kernels lack them, and do without the programs that call them. */
extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *to) __ksym
	__weak;
extern int bpf_dynptr_copy(struct bpf_dynptr *to, __u32 to_offset, struct bpf_dynptr *from,
			   __u32 from_offset, __u32 size) __ksym __weak;

/*
 * Where it is stepped over by a record of a size, not at each record above: a reader that is behind
 * needs no more, and each costs an interrupt.
 */
static __always_inline __u64 wakeup(__u32 size)
{
	__u64 waiting = bpf_ringbuf_query(&messages, BPF_RB_AVAIL_DATA);

	return waiting >= wakeup_bytes && waiting < wakeup_bytes + WAKEUP_RANGE + size
		       ? BPF_RB_FORCE_WAKEUP
		       : BPF_RB_NO_WAKEUP;
}

static __always_inline bool is_tcp(const struct sock *sk)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	return BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP &&
	       (family == AF_INET || family == AF_INET6);
}

/* Whether the current task is a process of which is told. */
static __always_inline bool is_observed(__u32 pid)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return pid != excluded_pid && !(task->flags & PF_KTHREAD);
}

/* Whether nobody wants to hear of it; the reader's word is fetched here. */
static __always_inline bool is_unwanted(struct connection *connection)
{
	struct named_stream stream = {
		.socket = connection->socket,
		.clear = !!(connection->role & MESSAGE_CLEAR),
	};
	const __u8 *word;

	if (connection->flags & CONNECTION_UNWANTED)
		return true;
	if (!(connection->flags & CONNECTION_TOLD))
		return false;
	word = bpf_map_lookup_elem(&reader_words, &stream);
	if (!word)
		return false;
	if (*word == WORD_HTTP2) {
		connection->flags &= ~CONNECTION_HTTP1;
		connection->flags |= CONNECTION_HTTP2 | CONNECTION_KNOWN;
	} else {
		connection->flags |= CONNECTION_UNWANTED;
	}
	bpf_map_delete_elem(&reader_words, &stream);
	return connection->flags & CONNECTION_UNWANTED;
}

static __always_inline __u32 most_copied(void)
{
	__u32 most = most_bytes;

	return most < MESSAGE_BYTES_MAX ? most : MESSAGE_BYTES_MAX;
}

/* How much of so many bytes is copied: long bodies are told of, but not copied. */
static __always_inline __u32 wanted_bytes(struct connection *connection, __u32 length,
					  bool received)
{
	bool before = connection->flags & CONNECTION_RECEIVING;
	__u32 most = most_copied();

	if (before != received) {
		connection->turn = 0;
		connection->flags ^= CONNECTION_RECEIVING;
	}
	if (most > MESSAGE_HTTP1_BYTES &&
	    (connection->flags & (CONNECTION_KNOWN | CONNECTION_HTTP1)) != CONNECTION_KNOWN)
		most = MESSAGE_HTTP1_BYTES;
	if (connection->turn >= MESSAGE_TURN_BYTES && most > MESSAGE_LATER_BYTES &&
	    !(connection->flags & CONNECTION_HTTP2))
		most = MESSAGE_LATER_BYTES;
	if (connection->turn < MESSAGE_TURN_BYTES)
		connection->turn += length < MESSAGE_TURN_BYTES ? length : MESSAGE_TURN_BYTES;
	return length < most ? length : most;
}

/*
 * How much of the end is copied of so many bytes that follow what was; nothing while the reader
 * wants little of each message.
 */
static __always_inline __u32 wanted_at_end(const struct connection *connection, __u32 left)
{
	__u16 speaks = connection->flags &
		       (CONNECTION_KNOWN | CONNECTION_HTTP1 | CONNECTION_HTTP2);

	if (speaks != CONNECTION_KNOWN || most_copied() < MESSAGE_END_BYTES)
		return 0;
	return left < MESSAGE_END_BYTES ? left : MESSAGE_END_BYTES;
}

/* Ports and the peer's address. */
static __always_inline void describe_ends(struct message_record *record, const struct sock *sk)
{
	record->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	record->peer_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET6) {
		record->flags |= MESSAGE_IPV6;
		BPF_CORE_READ_INTO(&record->peer, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
	} else {
		__u32 address = BPF_CORE_READ(sk, __sk_common.skc_daddr);

		__builtin_memcpy(record->peer, &address, sizeof(address));
	}
}

static __always_inline void describe(struct message_record *record,
				     const struct connection *connection, const struct sock *sk)
{
	record->time = bpf_ktime_get_ns();
	record->socket = connection->socket;
	record->pid = connection->pid;
	record->tid = (__u32)bpf_get_current_pid_tgid();
	record->flags = connection->role;
	describe_ends(record, sk);
}

static __always_inline bool lost(struct bpf_dynptr *room, enum message_counter counter)
{
	/* Verified programs have to give back even what they did not get. */
	bpf_ringbuf_discard_dynptr(room, 0);
	count(counter);
	return false;
}

/* Room for a record with so many bytes, its head filled in; counts where there is none. */
static __always_inline bool begin(struct bpf_dynptr *room, struct message_record *head,
				  __u32 captured, enum message_counter no_room)
{
	head->kind = MESSAGE_BYTES;
	head->captured = captured;
	head->size = (sizeof(*head) + captured + 7) & ~7U;
	if (bpf_ringbuf_reserve_dynptr(&messages, head->size, 0, room))
		return lost(room, no_room);
	bpf_dynptr_write(room, 0, head, sizeof(*head), 0);
	return true;
}

/* Of the place of a client's first frame of HTTP/2. */
#define PREFACE_BYTES 24
#define WORD(a, b, c, d) ((__u32)(a) | (__u32)(b) << 8 | (__u32)(c) << 16 | (__u32)(d) << 24)

/* What a connection speaks, as far as it matters for how much is copied. */
static __always_inline void look_at(struct connection *connection, struct frames *frames,
				    __u32 word, __u64 position)
{
	bool known = connection->flags & CONNECTION_KNOWN;

	connection->flags |= CONNECTION_KNOWN;
	if (word == WORD('P', 'R', 'I', ' ')) {
		connection->flags &= ~CONNECTION_HTTP1;
		connection->flags |= CONNECTION_HTTP2;
		frames->state = FRAMES_KNOWN;
		frames->seen = position;
		frames->told = position;
		frames->next = position + PREFACE_BYTES;
		frames->wanted = frames->next;
	}
	if (known)
		return;
	switch (word) {
	case WORD('G', 'E', 'T', ' '):
	case WORD('H', 'E', 'A', 'D'):
	case WORD('P', 'O', 'S', 'T'):
	case WORD('P', 'U', 'T', ' '):
	case WORD('D', 'E', 'L', 'E'):
	case WORD('P', 'A', 'T', 'C'):
	case WORD('O', 'P', 'T', 'I'):
	case WORD('H', 'T', 'T', 'P'):
		connection->flags |= CONNECTION_HTTP1;
		break;
	}
}

/*
 * Whether the bytes at a position may tell what the connection speaks. A server may be the first
 * one to send: each direction is looked at where it begins. HTTP/1.1 may become HTTP/2 soon after.
 */
static __always_inline bool is_worth_a_look(const struct connection *connection, __u64 position,
					    __u32 length)
{
	__u16 flags = connection->flags;

	return length >= sizeof(__u32) &&
	       (!position || !(flags & CONNECTION_KNOWN) ||
		(flags & CONNECTION_HTTP1 && position < MESSAGE_HTTP1_BYTES));
}

static __always_inline void submit(struct bpf_dynptr *room, struct connection *connection,
				   const struct message_record *head)
{
	bpf_ringbuf_submit_dynptr(room, wakeup(head->size));
	connection->flags |= CONNECTION_TOLD;
	count(COUNTER_MESSAGES);
}

/* The same for a record for whose bytes there was room, of which so many could be read. */
static __always_inline void submit_copied(struct bpf_dynptr *room, struct connection *connection,
					  struct message_record *head, __u32 copied)
{
	if (copied != head->captured) {
		count(COUNTER_UNREADABLE);
		head->captured = copied;
		bpf_dynptr_write(room, 0, head, sizeof(*head), 0);
	}
	submit(room, connection, head);
}

/*
 * A number for a socket that was opened before the agent and has no cookie. Only a trusted pointer
 * gets one made; the time at a CPU is as unique. No true one is as large.
 */
#define INVENTED_COOKIE (1ULL << 63)

static __always_inline __u64 invented_cookie(void)
{
	__u64 cpu = bpf_get_smp_processor_id() & 0xff;

	return INVENTED_COOKIE | cpu << 55 | (bpf_ktime_get_ns() & ((1ULL << 55) - 1));
}

/* The same for a connection as long as the share stays the same. */
static __always_inline bool is_sampled(const struct connection *connection)
{
	__u32 share = one_in;

	return share <= 1 || (__u32)((connection->socket * 0x9E3779B97F4A7C15ULL) >> 40) % share == 0;
}

#include "frames.bpf.h"
#include "tls.bpf.h"

/* Whether anything is to be told of the current task's messages. */
static __always_inline bool is_told_of(void)
{
	if (!is_observed(bpf_get_current_pid_tgid() >> 32))
		return false;
	if (one_in)
		return true;
	count(COUNTER_LEFT_OUT);
	return false;
}

/* State of a connection that the current task uses, if it is to be told of; else NULL. */
static __always_inline struct connection *told_of(struct connection *connection,
						  const struct sock *sk)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (!connection) {
		count(COUNTER_STATELESS);
		return NULL;
	}
	if (!connection->pid) {
		connection->pid = pid;
		if (!connection->socket)
			connection->socket = BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);
		if (!connection->socket)
			connection->socket = invented_cookie();
	}
	if (!is_sampled(connection)) {
		count(COUNTER_LEFT_OUT);
		return NULL;
	}
	if (is_sealed(connection, sk))
		return NULL;
	return is_unwanted(connection) ? NULL : connection;
}

/* State of a connection of which the current task is to be told, or NULL. */
static __always_inline struct connection *used_by_task(struct sock *sk)
{
	if (!is_told_of())
		return NULL;
	return told_of(bpf_sk_storage_get(&connections, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE),
		       sk);
}

/* What went through the stream before the next byte that is read. */
static __always_inline __u64 received_position(const struct tcp_sock *tcp, __u32 copied)
{
	return BPF_CORE_READ(tcp, bytes_received) - (BPF_CORE_READ(tcp, rcv_nxt) - copied);
}

/* What went through the stream before the next byte that is written. */
static __always_inline __u64 sent_position(const struct tcp_sock *tcp)
{
	__u64 told = BPF_CORE_READ(tcp, bytes_sent) - BPF_CORE_READ(tcp, bytes_retrans);

	return told + (BPF_CORE_READ(tcp, write_seq) - BPF_CORE_READ(tcp, snd_nxt));
}

/* What is looked ahead at least of what is sent: less would be told of in too many parts. */
#define LOOKAHEAD_BYTES 32768

/*
 * The frames in what is going to be sent next; what then does not go after all is sent again. False
 * if it is not known where frames begin.
 */
static __always_inline bool sends_frames(struct connection *connection, struct sock *sk,
					 const struct memory *memory, __u64 position, __u64 left,
					 __u32 goal)
{
	struct frames *frames = &connection->frames_sent;
	struct walking_on on = {.frames = frames, .connection = connection};
	__u8 head[FRAME_HEADER_BYTES] = {};
	__u32 which = WALK_SENDING;

	on.walk = bpf_map_lookup_elem(&walks, &which);
	if (!on.walk)
		return false;
	if (!frames->state || frames->seen < position)
		read_memory(memory, position, head, sizeof(head));
	if (!finds_frames(frames, position, head))
		return false;
	/* What was seen will not all have gone before it is called again. */
	if (frames->seen >= position + left || frames->seen >= position + goal)
		return true;
	if (goal < LOOKAHEAD_BYTES)
		goal = LOOKAHEAD_BYTES;
	begin_walk(on.walk, position, left < goal ? left : goal, COUNTER_SENDING_LOST);
	on.walk->at = *memory;
	describe(&on.walk->about, connection, sk);
	walk_frames(&on);
	return true;
}

/*
 * What is going to be sent: its beginning, or its frames. How many bytes of the call were told of.
 */
static __always_inline __u32 tell_sending(struct connection *connection, struct sock *sk,
					  const struct iov_iter *iter, __u64 position, __u32 goal)
{
	__u64 left = BPF_CORE_READ(iter, count);
	struct message_record head = {};
	struct memory memory = {};
	bool readable = memory_of(&memory, iter, position);
	struct bpf_dynptr room;
	__u32 wanted, word, length = left < (1U << 30) ? left : (1U << 30);
	__u64 skipped = position - memory.position;

	if (readable && skipped + left <= memory.length)
		connection->sent_bytes = (__u64)memory.bytes + skipped;
	if (readable && is_worth_a_look(connection, position, length) &&
	    read_memory(&memory, position, &word, sizeof(word)))
		look_at(connection, &connection->frames_sent, word, position);
	if (connection->flags & CONNECTION_HTTP2 && readable &&
	    sends_frames(connection, sk, &memory, position, left, goal))
		return frames_told(&connection->frames_sent, connection->sent_from);
	wanted = wanted_bytes(connection, length, false);
	/* The length of a file's pages is told after. */
	if (!readable || !wanted)
		return 0;
	describe(&head, connection, sk);
	head.position = position;
	head.length = wanted;
	if (!begin(&room, &head, wanted, COUNTER_SENDING_LOST))
		return 0;
	submit_copied(&room, connection, &head, gather(&room, &memory, position, wanted));
	return wanted;
}

/* What comes next of a call whose frames are told of as it goes on. */
static __always_inline void tell_further(struct connection *connection, struct sock *sk,
					 const struct iov_iter *iter, __u64 position, __u32 goal)
{
	struct memory memory = {};

	if (connection->frames_sent.state && memory_of(&memory, iter, position) &&
	    sends_frames(connection, sk, &memory, position, BPF_CORE_READ(iter, count), goal))
		connection->sent_told =
			frames_told(&connection->frames_sent, connection->sent_from);
}

/* Called for each piece that is queued; the first of a call is where it begins. */
SEC("tp_btf/tcp_sendmsg_locked")
int BPF_PROG(sending, struct sock *sk, struct msghdr *message, struct sk_buff *skb, int goal)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct connection *connection = used_by_task(sk);
	bool further;
	__u64 position;

	if (!connection)
		return 0;
	further = connection->sender == tid;
	if (further && !(connection->flags & CONNECTION_HTTP2))
		return 0;
	position = sent_position((const struct tcp_sock *)sk);
	if (further) {
		tell_further(connection, sk, &message->msg_iter, position, goal);
		return 0;
	}
	connection->sender = tid;
	connection->sent_from = position;
	connection->sent_bytes = 0;
	connection->sent_told = tell_sending(connection, sk, &message->msg_iter, position, goal);
	return 0;
}

static __always_inline void tell_sent(struct connection *connection, const struct sock *sk,
				      __u64 position, __u32 length, __u64 bytes, __u32 captured)
{
	struct message_record head = {};
	struct bpf_dynptr room;

	describe(&head, connection, sk);
	head.position = position;
	head.length = length;
	if (!begin(&room, &head, captured, COUNTER_SENT_LOST))
		return;
	if (captured &&
	    !copy_user(&room, sizeof(struct message_record), captured, (const void *)bytes))
		captured = 0;
	submit_copied(&room, connection, &head, captured);
}

/*
 * What went of a call besides what was told of it before: by its length, and its end by its bytes,
 * which are in one place of the process's memory or, with 0, are not.
 */
static __always_inline void tell_rest(struct connection *connection, const struct sock *sk,
				      __u64 position, __u32 length, __u64 bytes)
{
	__u32 end = bytes ? wanted_at_end(connection, length) : 0;

	if (length > end)
		tell_sent(connection, sk, position, length - end, 0, 0);
	if (end)
		tell_sent(connection, sk, position + length - end, end, bytes + length - end, end);
}

/* How much of it went. */
SEC("tp_btf/sock_send_length")
int BPF_PROG(sent, struct sock *sk, int length, int flags)
{
	struct connection *connection;
	__u32 told;

	if (!is_tcp(sk))
		return 0;
	connection = bpf_sk_storage_get(&connections, sk, NULL, 0);
	if (!connection || connection->sender != (__u32)bpf_get_current_pid_tgid())
		return 0;
	connection->sender = 0;
	if (length <= 0)
		return 0;
	told = connection->sent_told;
	if ((__u32)length > told && !is_unwanted(connection))
		tell_rest(connection, sk, connection->sent_from + told, length - told,
			  connection->sent_bytes ? connection->sent_bytes + told : 0);
	passed(&connection->frames_sent, connection->sent_from + length);
	return 0;
}

/* The frames in a piece of what is received; false if it is not known where they begin. */
static __always_inline bool receives_frames(struct connection *connection, struct sock *sk,
					    struct sk_buff *skb, __u32 offset, __u64 position,
					    __u32 length)
{
	struct frames *frames = &connection->frames_received;
	struct walking_on on = {.frames = frames, .connection = connection, .skb = skb};
	__u8 head[FRAME_HEADER_BYTES] = {};
	__u32 which = WALK_RECEIVED;

	on.walk = bpf_map_lookup_elem(&walks, &which);
	if (!on.walk)
		return false;
	if ((!frames->state || frames->seen < position) && length >= sizeof(head))
		read_packet(skb, offset, head, sizeof(head));
	if (!finds_frames(frames, position, head))
		return false;
	begin_walk(on.walk, position, length, COUNTER_RECEIVED_LOST);
	on.walk->packet = offset;
	describe(&on.walk->about, connection, sk);
	on.walk->about.flags |= MESSAGE_RECEIVED;
	walk_frames(&on);
	return true;
}

static __always_inline void tell_received(struct connection *connection, struct sk_buff *skb,
					  __u32 offset, struct message_record *head, __u32 captured)
{
	struct bpf_dynptr room;

	if (begin(&room, head, captured, COUNTER_RECEIVED_LOST))
		submit_copied(&room, connection, head,
			      copy_from_packet(&room, skb, offset, captured) ? captured : 0);
}

/* A piece of a received stream is copied to its reader. */
SEC("tp_btf/skb_copy_datagram_iovec")
int BPF_PROG(received, struct sk_buff *skb, int length)
{
	struct sock *sk = skb->sk;
	struct message_record head = {};
	struct connection *connection;
	const struct tcp_sock *tcp;
	__u32 read, offset, wanted, end = 0, word;

	if (!sk || length <= 0 || !is_tcp(sk))
		return 0;
	connection = used_by_task(sk);
	if (!connection)
		return 0;
	tcp = (const struct tcp_sock *)sk;
	read = BPF_CORE_READ(tcp, copied_seq);
	head.position = received_position(tcp, read);
	/* Looked at before without being taken (MSG_PEEK). */
	if (head.position + length <= connection->received_end)
		return 0;
	offset = read - BPF_CORE_READ((const struct tcp_skb_cb *)skb->cb, seq);
	if (offset + length > skb->len)
		return 0;
	if (is_worth_a_look(connection, head.position, length) &&
	    read_packet(skb, offset, &word, sizeof(word)))
		look_at(connection, &connection->frames_received, word, head.position);
	if (connection->flags & CONNECTION_HTTP2 &&
	    receives_frames(connection, sk, skb, offset, head.position, length)) {
		connection->received_end = head.position + length;
		return 0;
	}
	connection->received_end = head.position + length;
	wanted = wanted_bytes(connection, length, true);
	/* An answer may end with this, or with a piece that is next and has only a part of its end. */
	if (BPF_CORE_READ(tcp, rcv_nxt) - (read + length) < MESSAGE_END_BYTES)
		end = wanted_at_end(connection, length - wanted);
	describe(&head, connection, sk);
	head.flags |= MESSAGE_RECEIVED;
	head.length = length - end;
	tell_received(connection, skb, offset, &head, wanted);
	if (end) {
		head.position += head.length;
		offset += head.length;
		head.length = end;
		tell_received(connection, skb, offset, &head, end);
	}
	return 0;
}

static __always_inline void tell_closed(const struct connection *connection, struct sock *sk)
{
	struct message_record record = {.kind = MESSAGE_CLOSED, .size = sizeof(record)};

	describe(&record, connection, sk);
	record.tid = 0; /* whoever happens to run */
	if (bpf_ringbuf_output(&messages, &record, sizeof(record), wakeup(sizeof(record))))
		count(COUNTER_CLOSES_LOST);
}

static __always_inline bool opens_or_ends(const struct sock *sk, int now)
{
	return (now == TCP_ESTABLISHED || now == TCP_CLOSE) &&
	       BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP;
}

static __always_inline void opened(struct connection *connection, struct sock *sk, int before)
{
	/* A socket may have been connected before, elsewhere. */
	__builtin_memset(connection, 0, sizeof(*connection));
	connection->socket = bpf_get_socket_cookie(sk);
	if (before == TCP_SYN_SENT)
		connection->role = MESSAGE_CLIENT;
	else if (before == TCP_SYN_RECV)
		connection->role = MESSAGE_SERVER;
}

static __always_inline void ended(struct connection *connection, struct sock *sk)
{
	if (connection->flags & CONNECTION_TOLD)
		tell_closed(connection, sk);
	if (connection->flags & CONNECTION_SEALED)
		end_session(connection);
	connection->flags = 0;
}

/* Who opened a connection is known while it is opened; and its end. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_changed, struct sock *sk, int before, int now)
{
	struct connection *connection;

	if (!opens_or_ends(sk, now))
		return 0;
	connection = bpf_sk_storage_get(&connections, sk, NULL,
					now == TCP_ESTABLISHED ? BPF_SK_STORAGE_GET_F_CREATE : 0);
	if (!connection)
		return 0;
	if (now == TCP_CLOSE)
		ended(connection, sk);
	else
		opened(connection, sk, before);
	return 0;
}

#include "request_syscalls.bpf.h"

/* A datagram in a packet: who speaks to whom, and where its bytes lie. */
struct datagram {
	__u32 length;
	__u32 at_hand; /* bytes from there on that lie in one piece */
	const unsigned char *bytes;
	__u16 from_port;
	__u16 to_port;
};

#define UDP_HEAD_BYTES 8

static __always_inline bool read_datagram(const struct sk_buff *skb, struct datagram *datagram)
{
	const unsigned char *head = BPF_CORE_READ(skb, head), *data = BPF_CORE_READ(skb, data);
	const unsigned char *udp = head + BPF_CORE_READ(skb, transport_header);
	__u32 linear = BPF_CORE_READ(skb, len) - BPF_CORE_READ(skb, data_len);
	const unsigned char *end = data + linear;
	__be16 ports[3];

	if (udp + UDP_HEAD_BYTES > end || bpf_probe_read_kernel(ports, sizeof(ports), udp))
		return false;
	datagram->from_port = bpf_ntohs(ports[0]);
	datagram->to_port = bpf_ntohs(ports[1]);
	datagram->length = bpf_ntohs(ports[2]);
	if (datagram->length < UDP_HEAD_BYTES)
		return false;
	datagram->length -= UDP_HEAD_BYTES;
	datagram->bytes = udp + UDP_HEAD_BYTES;
	datagram->at_hand = end - datagram->bytes;
	return datagram->from_port == DNS_PORT || datagram->to_port == DNS_PORT;
}

/* Where an address lies in the head of a packet, by the version of IP. */
#define IPV4_SOURCE 12
#define IPV6_SOURCE 8

static __always_inline void read_peer(const struct sk_buff *skb, bool received,
				      struct message_record *record)
{
	const unsigned char *ip = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header);
	__u8 version = 0;

	bpf_probe_read_kernel(&version, sizeof(version), ip);
	if (version >> 4 == 6) {
		record->flags |= MESSAGE_IPV6;
		bpf_probe_read_kernel(record->peer, 16, ip + IPV6_SOURCE + (received ? 0 : 16));
	} else {
		bpf_probe_read_kernel(record->peer, 4, ip + IPV4_SOURCE + (received ? 0 : 4));
	}
}

static __always_inline void tell_datagram(struct connection *connection, const struct sk_buff *skb,
					  const struct datagram *datagram, bool received)
{
	struct message_record head = {};
	struct bpf_dynptr room;
	__u32 wanted = datagram->length, most = most_copied();

	if (wanted > datagram->at_hand)
		wanted = datagram->at_hand;
	if (wanted > most)
		wanted = most;
	head.time = bpf_ktime_get_ns();
	head.socket = connection->socket;
	head.pid = connection->pid;
	head.tid = received ? 0 : (__u32)bpf_get_current_pid_tgid();
	head.flags = MESSAGE_UDP | (received ? MESSAGE_RECEIVED : 0);
	head.local_port = received ? datagram->to_port : datagram->from_port;
	head.peer_port = received ? datagram->from_port : datagram->to_port;
	head.length = datagram->length;
	read_peer(skb, received, &head);
	if (!begin(&room, &head, wanted,
		   received ? COUNTER_RECEIVED_LOST : COUNTER_SENDING_LOST))
		return;
	submit_copied(&room, connection, &head,
		      copy_kernel(&room, sizeof(head), wanted, datagram->bytes) ? wanted : 0);
}

static __always_inline bool is_udp(const struct sock *sk)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	return BPF_CORE_READ(sk, sk_protocol) == IPPROTO_UDP &&
	       (family == AF_INET || family == AF_INET6);
}

/* A packet leaves; what a process says by UDP does so in its call. */
SEC("tp_btf/net_dev_queue")
int BPF_PROG(packet_sent, struct sk_buff *skb)
{
	struct sock *sk = skb->sk;
	struct datagram datagram;
	struct connection *connection;

	if (!sk || !is_udp(sk) || !read_datagram(skb, &datagram))
		return 0;
	connection = used_by_task(sk);
	if (connection)
		tell_datagram(connection, skb, &datagram, false);
	return 0;
}

/*
 * A datagram has come: the last in the queue. Who will read it is known only by who used the socket
 * before; the reader keeps it until it is known.
 */
SEC("tp_btf/sk_data_ready")
int BPF_PROG(datagram_received, const struct sock *sk)
{
	const struct sk_buff *skb;
	struct connection *connection;
	struct datagram datagram;

	if (!one_in || !is_udp(sk))
		return 0;
	skb = BPF_CORE_READ(sk, sk_receive_queue.prev);
	if (!skb || (const void *)skb == (const void *)&sk->sk_receive_queue ||
	    !read_datagram(skb, &datagram))
		return 0;
	connection = bpf_sk_storage_get(&connections, (struct sock *)sk, NULL,
					BPF_SK_STORAGE_GET_F_CREATE);
	if (!connection) {
		count(COUNTER_STATELESS);
		return 0;
	}
	if (!connection->socket)
		connection->socket = bpf_get_socket_cookie((struct sock *)sk);
	if (!is_sampled(connection)) {
		count(COUNTER_LEFT_OUT);
		return 0;
	}
	if (connection->pid != excluded_pid || !excluded_pid)
		tell_datagram(connection, skb, &datagram, true);
	return 0;
}
