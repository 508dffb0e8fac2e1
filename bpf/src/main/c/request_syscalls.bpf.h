/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The same by system calls, for kernels whose send and receive cannot be looked into. What is sent
 * is told of when a call begins, where the socket has room for it, else when it ends; what is
 * received, when the call ends, from where the process has it then. io_uring is not seen.
 *
 * Programs of system calls may not use the storage of sockets, so what is known of a connection is
 * found by its socket's address. Nor do they hold the socket's lock: what comes from several fields
 * of it could belong to different moments, so positions go on from the last one, by the one field
 * that only its senders, or its readers, move.
 */

#include <asm/unistd_64.h>

/* include/linux/socket.h */
#define MSG_OOB 1
#define MSG_PEEK 2
#define MSG_TRUNC 0x20
#define MSG_ERRQUEUE 0x2000

/* What tracepoints of system calls give to their programs. */
struct call_context {
	__u64 reserved;
	int number;
	__u64 result; /* at its end */
};

struct followed {
	struct connection connection; /* ends of what went each way in received_end and sent_from */
	__u32 sent_sequence;	      /* the kernel's number of the byte at sent_from */
	__u32 received_sequence;      /* and of that at received_end */
	__u32 attached;		      /* attached_again when it was begun */
	bool sent_placed;	      /* the first two are known */
	bool received_placed;
};

/* By the address of a socket. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct followed);
} followed SEC(".maps");

/* A call that sends, from its beginning to its end. */
struct sending_call {
	__u64 socket; /* address, or 0 */
	__u64 time;
	__u64 position;
	__u32 told; /* bytes told of it already; if none, its position is not sure */
	__u32 attached;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct sending_call);
} sending_calls SEC(".maps");

/* Its number and arguments. */
struct call {
	__u64 number;
	__u64 file;
	__u64 bytes;
	__u64 count;
	__u64 flags;
};

static __always_inline void read_call(struct call *call, int number)
{
	struct pt_regs *regs =
		(struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());

	call->number = number;
	call->file = number == __NR_splice ? regs->rdx : regs->rdi;
	call->bytes = regs->rsi;
	call->count = regs->rdx;
	switch (number) {
	case __NR_recvmsg:
		call->flags = regs->rdx;
		break;
	case __NR_recvfrom:
	case __NR_recvmmsg:
		call->flags = regs->r10;
		break;
	default:
		call->flags = 0;
	}
}

/* The TCP socket that an open file of the current task is, or NULL. */
static __always_inline struct sock *socket_of(__u64 number)
{
	/* Most calls are not about sockets: what leads to that is read in the cheapest way. */
	struct fdtable *table = bpf_get_current_task_btf()->files->fdt;
	__u32 fd = number;
	struct file *file;
	struct socket *socket;
	struct sock *sk;

	if (fd >= table->max_fds ||
	    bpf_probe_read_kernel(&file, sizeof(file), table->fd + fd) || !file ||
	    (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	sk = BPF_CORE_READ(socket, sk);
	return sk && is_tcp(sk) ? sk : NULL;
}

/* What is known of a socket, or NULL; what is of another one that was there before is not. */
static __always_inline struct followed *find_followed(const struct sock *sk)
{
	__u64 key = (__u64)sk;
	struct followed *known = bpf_map_lookup_elem(&followed, &key);
	__u64 socket = known ? known->connection.socket : 0;

	if (!known || known->attached != attached_again ||
	    (socket && !(socket & INVENTED_COOKIE) &&
	     socket != (__u64)BPF_CORE_READ(sk, __sk_common.skc_cookie.counter)))
		return NULL;
	return known;
}

static __always_inline struct followed *follow_anew(const struct sock *sk)
{
	/* Too large for the stack. */
	static const struct followed nothing = {};
	__u64 key = (__u64)sk;
	struct followed *anew;

	bpf_map_update_elem(&followed, &key, &nothing, BPF_ANY);
	anew = bpf_map_lookup_elem(&followed, &key);
	if (anew)
		anew->attached = attached_again;
	return anew;
}

/* State of a connection of which the current task is to be told, or NULL. */
static __always_inline struct followed *used_by_call(const struct sock *sk)
{
	struct followed *known;

	if (!is_told_of())
		return NULL;
	known = find_followed(sk);
	if (!known)
		known = follow_anew(sk);
	/* The state of a connection is the first field. */
	return (struct followed *)told_of(known ? &known->connection : NULL, sk);
}

/* What went through the stream before the next byte that is written. */
static __always_inline __u64 next_sent(struct followed *known, const struct sock *sk)
{
	const struct tcp_sock *tcp = (const struct tcp_sock *)sk;
	__u32 sequence = BPF_CORE_READ(tcp, write_seq);

	if (known->sent_placed)
		known->connection.sent_from += (__s32)(sequence - known->sent_sequence);
	else
		known->connection.sent_from = sent_position(tcp);
	known->sent_placed = true;
	known->sent_sequence = sequence;
	return known->connection.sent_from;
}

/* What went through the stream until now. */
static __always_inline __u64 all_received(struct followed *known, const struct sock *sk)
{
	const struct tcp_sock *tcp = (const struct tcp_sock *)sk;
	__u32 sequence = BPF_CORE_READ(tcp, copied_seq);

	/* The peer's end has a number too. */
	if (BPF_CORE_READ(sk, __sk_common.skc_flags) & (1UL << SOCK_DONE) &&
	    sequence == BPF_CORE_READ(tcp, rcv_nxt))
		sequence--;
	if (known->received_placed)
		known->connection.received_end += (__s32)(sequence - known->received_sequence);
	else
		known->connection.received_end = received_position(tcp, sequence);
	known->received_placed = true;
	known->received_sequence = sequence;
	return known->connection.received_end;
}

/* As a process has them in its memory: readv(2), recvmsg(2), recvmmsg(2). */
struct user_segment {
	__u64 bytes;
	__u64 length;
};

struct user_message {
	__u64 name;
	__u64 name_length;
	__u64 segments;
	__u64 count;
	__u64 control;
	__u64 control_length;
	__u64 flags;
};

struct user_messages {
	struct user_message message;
	__u32 length; /* what went, after the call */
	__u32 reserved;
};

/* What a call has its bytes in, segments of messages: how far they were gone through. */
struct pieces {
	__u64 message; /* address of the next struct user_messages */
	__u64 messages;
	__u64 segment; /* address of the next struct user_segment */
	__u64 segments;
	__u64 skip; /* bytes of the segment that are done */
	__u64 left; /* bytes of the message that there are at most */
	__u32 most; /* bytes that are wanted */
	__u32 done;
	bool received;
	bool copies; /* to the memory of the CPU; else they are counted */
};

/*
 * In a map, since of what lies on its stack the verifier would follow each value through each step.
 * Programs of system calls keep their CPU.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pieces);
} call_pieces SEC(".maps");

static __always_inline struct pieces *pieces_of_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&call_pieces, &zero);
}

static __always_inline bool next_message(struct pieces *pieces)
{
	struct user_messages next;

	if (!pieces->messages ||
	    bpf_probe_read_user(&next, sizeof(next), (const void *)pieces->message))
		return false;
	pieces->message += sizeof(next);
	pieces->messages--;
	pieces->segment = next.message.segments;
	pieces->segments = next.message.count;
	pieces->left = pieces->received ? next.length : ~0ULL;
	return true;
}

/* So many bytes of a call, before the first one. */
static __always_inline struct pieces *begin_pieces(const struct call *call, bool received,
						  __u32 most)
{
	struct user_message message;
	struct pieces *pieces = pieces_of_cpu();

	if (!pieces)
		return NULL;
	__builtin_memset(pieces, 0, sizeof(*pieces));
	pieces->left = ~0ULL;
	pieces->most = most;
	pieces->received = received;
	switch (call->number) {
	case __NR_readv:
	case __NR_writev:
		pieces->segment = call->bytes;
		pieces->segments = call->count;
		break;
	case __NR_recvmsg:
	case __NR_sendmsg:
		if (bpf_probe_read_user(&message, sizeof(message), (const void *)call->bytes))
			break;
		pieces->segment = message.segments;
		pieces->segments = message.count;
		break;
	case __NR_recvmmsg:
	case __NR_sendmmsg:
		pieces->message = call->bytes;
		pieces->messages = call->count;
		break;
	}
	return pieces;
}

/* Makes a step to the next segment, or through a part of it. */
static long step_through(__u32 index, void *context)
{
	struct pieces *pieces = pieces_of_cpu();
	struct user_segment segment;
	__u64 length, done;

	if (!pieces || pieces->done >= pieces->most)
		return 1;
	done = pieces->done;
	if (!pieces->segments)
		return !next_message(pieces);
	if (bpf_probe_read_user(&segment, sizeof(segment), (const void *)pieces->segment))
		return 1;
	length = segment.length - pieces->skip;
	if (length > pieces->left)
		length = pieces->left;
	if (length > pieces->most - done)
		length = pieces->most - done;
	if (length > STEP_BYTES_MAX)
		length = STEP_BYTES_MAX;
	if (pieces->copies && !step_from_user(done, length, segment.bytes + pieces->skip))
		return 1;
	pieces->done = done + length;
	pieces->left -= length;
	pieces->skip += length;
	if (pieces->skip >= segment.length || !pieces->left) {
		pieces->segment += sizeof(segment);
		pieces->segments = pieces->left ? pieces->segments - 1 : 0;
		pieces->skip = 0;
	}
	return 0;
}

/* One for a short segment, several for a long one. */
#define STEPS_MAX 128

static __always_inline bool is_one_place(const struct call *call)
{
	return call->number == __NR_read || call->number == __NR_write ||
	       call->number == __NR_recvfrom || call->number == __NR_sendto;
}

static __always_inline bool has_bytes(const struct call *call)
{
	return call->number != __NR_sendfile && call->number != __NR_splice;
}

/* How much a call wants to send, as far as it matters for how much of it is copied. */
static __always_inline __u32 wants_to_send(const struct call *call)
{
	struct pieces *pieces;

	if (is_one_place(call))
		return call->count < (1U << 30) ? call->count : (1U << 30);
	pieces = begin_pieces(call, false, MESSAGE_TURN_BYTES);
	if (!pieces)
		return 0;
	bpf_loop(STEPS_MAX, step_through, NULL, 0);
	return pieces->done;
}

#define MESSAGES_MAX 1024 /* the kernel takes no more of them in a call */

static long add_length(__u32 index, void *context)
{
	struct pieces *pieces = pieces_of_cpu();
	__u32 length;

	if (!pieces || bpf_probe_read_user(&length, sizeof(length),
					 &((struct user_messages *)pieces->message)->length))
		return 1;
	pieces->left += length;
	pieces->message += sizeof(struct user_messages);
	return 0;
}

/* How many bytes a call has carried. */
static __always_inline __u32 carried_by(const struct call *call, __s64 result)
{
	struct pieces *pieces = pieces_of_cpu();
	__u64 all = result;

	if (result <= 0 || !pieces)
		return 0;
	if (call->number == __NR_recvmmsg || call->number == __NR_sendmmsg) {
		pieces->left = 0;
		pieces->message = call->bytes;
		bpf_loop(result < MESSAGES_MAX ? result : MESSAGES_MAX, add_length, NULL, 0);
		all = pieces->left;
	}
	return all < (1U << 30) ? all : (1U << 30);
}

static __always_inline __u32 copy_of_call(struct bpf_dynptr *room, const struct call *call,
					  __u32 wanted, bool received)
{
	struct pieces *pieces;
	__u64 user;

	if (is_one_place(call))
		return copy_user(room, sizeof(struct message_record), wanted,
				 (const void *)call->bytes)
			       ? wanted
			       : 0;
	pieces = begin_pieces(call, received, wanted);
	if (!pieces)
		return 0;
	pieces->copies = true;
	user = begin_steps();
	bpf_loop(STEPS_MAX, step_through, NULL, 0);
	return end_steps(user, room, sizeof(struct message_record), pieces->done) ? pieces->done
										  : 0;
}

/* What a connection speaks is seen at the first bytes of a call. */
static __always_inline void look_at_call(struct connection *connection, const struct call *call,
					 __u64 position, __u32 length, bool received)
{
	struct frames *frames =
		received ? &connection->frames_received : &connection->frames_sent;
	__u64 from = call->bytes;
	struct user_segment segment;
	struct pieces *pieces;
	__u32 word;

	if (!is_worth_a_look(connection, position, length))
		return;
	if (!is_one_place(call)) {
		pieces = begin_pieces(call, received, sizeof(word));
		if (!pieces || (pieces->messages && !next_message(pieces)) ||
		    bpf_probe_read_user(&segment, sizeof(segment),
					(const void *)pieces->segment) ||
		    segment.length < sizeof(word))
			return;
		from = segment.bytes;
	}
	if (!bpf_probe_read_user(&word, sizeof(word), (const void *)from))
		look_at(connection, frames, word, position);
}

/* Tells of a message of which so many bytes are wanted. */
static __always_inline void tell_call(struct connection *connection, const struct call *call,
				      struct message_record *head, __u32 wanted,
				      enum message_counter no_room)
{
	bool received = head->flags & MESSAGE_RECEIVED;
	struct bpf_dynptr room;

	if (begin(&room, head, wanted, no_room))
		submit_copied(&room, connection, head,
			      wanted ? copy_of_call(&room, call, wanted, received) : 0);
}

/* Whether the beginning of what is sent now is sure to go, as far as can be seen. */
static __always_inline bool takes_bytes(const struct sock *sk)
{
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);

	return (state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT) &&
	       !BPF_CORE_READ(sk, sk_err) && !(BPF_CORE_READ(sk, sk_shutdown) & SEND_SHUTDOWN) &&
	       BPF_CORE_READ(sk, sk_wmem_queued) < BPF_CORE_READ(sk, sk_sndbuf);
}

/* The beginning of what a call sends; how much of it was told. */
static __always_inline __u32 tell_sent_call(struct followed *known, const struct sock *sk,
					    const struct call *call, __u64 position, __u64 time,
					    __u32 length)
{
	struct message_record head = {};
	__u32 wanted;

	look_at_call(&known->connection, call, position, length, false);
	wanted = wanted_bytes(&known->connection, length, false);
	if (!wanted)
		return 0;
	describe(&head, &known->connection, sk);
	head.time = time;
	head.position = position;
	head.length = wanted;
	tell_call(&known->connection, call, &head, wanted, COUNTER_SENDING_LOST);
	return wanted;
}

SEC("tracepoint")
int call_sending(struct call_context *context)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct sending_call *sending;
	struct followed *known;
	struct call call;
	struct sock *sk;

	if (!is_observed(bpf_get_current_pid_tgid() >> 32))
		return 0;
	read_call(&call, context->number);
	sk = socket_of(call.file);
	if (!sk)
		return 0;
	known = used_by_call(sk);
	if (!known)
		return 0;
	sending = bpf_task_storage_get(&sending_calls, bpf_get_current_task_btf(), NULL,
				       BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!sending) {
		count(COUNTER_STATELESS);
		return 0;
	}
	sending->socket = (__u64)sk;
	sending->attached = attached_again;
	sending->time = bpf_ktime_get_ns();
	sending->told = 0;
	/* While somebody else is about to send, it is not sure where this will stand. */
	if (known->connection.sender && known->connection.sender != tid)
		return 0;
	known->connection.sender = tid;
	if (!has_bytes(&call) || !takes_bytes(sk))
		return 0;
	sending->position = next_sent(known, sk);
	sending->told = tell_sent_call(known, sk, &call, sending->position, sending->time,
				       wants_to_send(&call));
	return 0;
}

SEC("tracepoint")
int call_sent(struct call_context *context)
{
	struct sending_call *sending = bpf_task_storage_get(
		&sending_calls, bpf_get_current_task_btf(), NULL, 0);
	struct followed *known;
	struct call call;
	struct sock *sk;
	__u64 position;
	__u32 length, told;

	if (!sending || !sending->socket)
		return 0;
	sk = (struct sock *)sending->socket;
	sending->socket = 0;
	if (sending->attached != attached_again)
		return 0;
	known = find_followed(sk);
	if (!known)
		return 0;
	if (known->connection.sender == (__u32)bpf_get_current_pid_tgid())
		known->connection.sender = 0;
	read_call(&call, context->number);
	length = carried_by(&call, context->result);
	told = sending->told;
	if (length <= told || is_unwanted(&known->connection))
		return 0;
	position = sending->position;
	if (!told) {
		position = next_sent(known, sk) - length;
		if (has_bytes(&call))
			told = tell_sent_call(known, sk, &call, position, sending->time, length);
	}
	if (length > told)
		tell_rest(&known->connection, sk, position + told, length - told,
			  is_one_place(&call) ? call.bytes + told : 0);
	return 0;
}

SEC("tracepoint")
int call_received(struct call_context *context)
{
	struct message_record head = {};
	struct followed *known;
	struct call call;
	struct sock *sk;
	__u32 length, wanted, end = 0;

	if ((__s64)context->result <= 0 || !is_observed(bpf_get_current_pid_tgid() >> 32))
		return 0;
	read_call(&call, context->number);
	if (call.flags & (MSG_PEEK | MSG_OOB | MSG_ERRQUEUE))
		return 0;
	sk = socket_of(call.file);
	if (!sk)
		return 0;
	known = used_by_call(sk);
	if (!known)
		return 0;
	length = carried_by(&call, context->result);
	if (!length)
		return 0;
	head.position = all_received(known, sk) - length;
	/* What is only dropped does not come to the process. */
	if (!(call.flags & MSG_TRUNC))
		look_at_call(&known->connection, &call, head.position, length, true);
	wanted = call.flags & MSG_TRUNC ? 0 : wanted_bytes(&known->connection, length, true);
	if (is_one_place(&call) && !(call.flags & MSG_TRUNC))
		end = wanted_at_end(&known->connection, length - wanted);
	describe(&head, &known->connection, sk);
	head.flags |= MESSAGE_RECEIVED;
	head.length = length - end;
	tell_call(&known->connection, &call, &head, wanted, COUNTER_RECEIVED_LOST);
	if (end) {
		head.position += head.length;
		call.bytes += head.length;
		head.length = end;
		tell_call(&known->connection, &call, &head, end, COUNTER_RECEIVED_LOST);
	}
	return 0;
}

/* As state_changed, for what is known by address. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(call_state, struct sock *sk, int before, int now)
{
	struct followed *known;
	__u64 key = (__u64)sk;

	if (!opens_or_ends(sk, now))
		return 0;
	known = now == TCP_ESTABLISHED ? follow_anew(sk) : find_followed(sk);
	if (!known)
		return 0;
	if (now == TCP_CLOSE) {
		ended(&known->connection, sk);
		bpf_map_delete_elem(&followed, &key);
	} else {
		opened(&known->connection, sk, before);
	}
	return 0;
}
