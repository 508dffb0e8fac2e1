/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What TLS carries, as the process hands it to OpenSSL and gets it back. The connection is that of
 * the socket which a call uses while it is underway, on its thread; of OpenSSL's own structures
 * nothing is read. What a call took or gave is known when it returns, so a write that has to be
 * repeated, one that was cut short and a read that found nothing count for what they were.
 */

/* Calls in each other: a filter of OpenSSL may call OpenSSL for another connection. */
#define TLS_CALLS_MAX 4 /* a power of two */
/* Where what was not seen from its beginning is said to begin. */
#define TLS_MIDDLE (1ULL << 40)

struct tls_call {
	struct tls_key key;
	__u64 buffer;
	__u64 length;
	__u64 bytes; /* address of the number of bytes that it says to have done */
	__u64 stack; /* where the stack was: calls in this one lie below */
	__u64 time;
	__u64 function;
};

struct tls_calls {
	__u32 depth;
	struct tls_call calls[TLS_CALLS_MAX];
};

/* The index has been checked; the verifier is shown again that it lies within. */
static __always_inline struct tls_call *call_at(struct tls_calls *calls, __u32 index)
{
	__u64 within = index;

	asm volatile("%0 &= %1" : "+r"(within) : "i"(TLS_CALLS_MAX - 1));
	return &calls->calls[within];
}

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct tls_calls);
} tls_calls SEC(".maps");

struct tls_session {
	struct connection clear; /* ends of what went each way in received_end and sent_from */
	__u64 attached; /* attached_again when it was begun */
	struct message_record about; /* of each of its messages, once it is joined; the last field */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct tls_key);
	__type(value, struct tls_session);
} tls_sessions SEC(".maps");

/* Its state, or NULL if there is no memory. */
static __always_inline struct tls_session *begin_session(const struct tls_key *key, __u64 position)
{
	/* Too large for the stack. */
	static const struct tls_session nothing = {};
	struct tls_session *anew;

	bpf_map_update_elem(&tls_sessions, key, &nothing, BPF_ANY);
	anew = bpf_map_lookup_elem(&tls_sessions, key);
	if (anew) {
		anew->clear.received_end = position;
		anew->clear.sent_from = position;
		anew->attached = attached_again;
	}
	return anew;
}

/* What is known of it; it is met in its middle if that is nothing. NULL if there is no memory. */
static __always_inline struct tls_session *session_of(const struct tls_key *key)
{
	struct tls_session *session = bpf_map_lookup_elem(&tls_sessions, key);

	if (session && session->attached == attached_again)
		return session;
	return begin_session(key, TLS_MIDDLE);
}

/* Ties what a call of OpenSSL carries to the socket that it uses. */
static __always_inline void join(const struct tls_key *key, struct connection *connection,
				 const struct sock *sk)
{
	struct tls_session *session = session_of(key);

	/* The first one stays: a callback may ask somebody else. Its end ends the session. */
	if (!session || session->clear.socket)
		return;
	session->clear.pid = connection->pid;
	session->clear.role = connection->role | MESSAGE_CLEAR;
	session->about.socket = connection->socket;
	session->about.pid = connection->pid;
	session->about.flags = session->clear.role;
	describe_ends(&session->about, sk);
	session->clear.socket = connection->socket;
	connection->tls = *key;
	/* Its end is told though its bytes may not have been. */
	connection->flags |= CONNECTION_SEALED | CONNECTION_TOLD;
}

/* A connection has ended; its object may be another connection's by now. */
static __always_inline void end_session(const struct connection *connection)
{
	struct tls_session *session = bpf_map_lookup_elem(&tls_sessions, &connection->tls);

	if (session && session->clear.socket == connection->socket)
		bpf_map_delete_elem(&tls_sessions, &connection->tls);
}

/* Whether the bytes of a socket are TLS's, which the current task may be in. */
static __always_inline bool is_sealed(struct connection *connection, const struct sock *sk)
{
	struct tls_calls *calls;
	__u32 depth;

	/* Most have nobody in such a call: without its programs not even that is looked at. */
	if (!with_tls)
		return false;
	if (connection->flags & CONNECTION_SEALED)
		return true;
	calls = bpf_task_storage_get(&tls_calls, bpf_get_current_task_btf(), NULL, 0);
	if (calls && calls->depth) {
		depth = calls->depth - 1;
		if (depth < TLS_CALLS_MAX)
			join(&call_at(calls, depth)->key, connection, sk);
	}
	return connection->flags & CONNECTION_SEALED;
}

static __always_inline void tell_clear(struct tls_session *session, __u64 position, __u64 from,
				       __u32 length, __u64 time, bool received, __u32 captured)
{
	struct message_record head = session->about;
	struct bpf_dynptr room;

	head.time = time;
	head.tid = (__u32)bpf_get_current_pid_tgid();
	head.flags |= received ? MESSAGE_RECEIVED : 0;
	head.position = position;
	head.length = length;
	if (!begin(&room, &head, captured, COUNTER_CLEAR_LOST))
		return;
	if (captured &&
	    !copy_user(&room, sizeof(struct message_record), captured, (const void *)from))
		captured = 0;
	submit_copied(&room, &session->clear, &head, captured);
}

/* The frames in what a call has carried; false if it is not known where they begin. */
static __always_inline bool carries_frames(struct tls_session *session,
					   const struct tls_call *call, __u64 position,
					   __u32 length, bool received)
{
	struct walking_on on = {.connection = &session->clear};
	__u8 head[FRAME_HEADER_BYTES] = {};
	struct memory memory = {
		.position = position,
		.length = length,
		.bytes = (const void *)call->buffer,
	};
	__u32 which = WALK_CLEAR;

	on.frames = received ? &session->clear.frames_received : &session->clear.frames_sent;
	on.walk = bpf_map_lookup_elem(&walks, &which);
	if (!on.walk)
		return false;
	if (!on.frames->state || on.frames->seen < position)
		read_memory(&memory, position, head, sizeof(head));
	if (!finds_frames(on.frames, position, head))
		return false;
	begin_walk(on.walk, position, length, COUNTER_CLEAR_LOST);
	on.walk->at = memory;
	on.walk->about = session->about;
	on.walk->about.flags |= received ? MESSAGE_RECEIVED : 0;
	on.walk->about.tid = (__u32)bpf_get_current_pid_tgid();
	on.walk->later = bpf_ktime_get_ns();
	/* What is written begins to go when it is called, and has gone by now. */
	on.walk->about.time = received ? on.walk->later : call->time;
	walk_frames(&on);
	return true;
}

/* Whether all that is to be told of it was told as frames. */
static __always_inline bool tells_frames(struct tls_session *session, const struct tls_call *call,
					 __u64 position, __u32 length, bool received)
{
	struct connection *clear = &session->clear;
	struct frames *frames = received ? &clear->frames_received : &clear->frames_sent;
	__u32 word;

	if (call->function == TLS_SENDFILE)
		return false;
	if (is_worth_a_look(clear, position, length) &&
	    !bpf_probe_read_user(&word, sizeof(word), (const void *)call->buffer))
		look_at(clear, frames, word, position);
	return clear->flags & CONNECTION_HTTP2 &&
	       carries_frames(session, call, position, length, received);
}

/*
 * What a call has carried: its beginning, and its end if that is not all. On a stack of its own: there
 * is none left for it beside what frames take.
 */
static __noinline void tell_carried(struct tls_session *session, const struct tls_call *call,
				    __u64 position, __u32 length, bool received)
{
	struct connection *clear = &session->clear;
	__u32 copied = wanted_bytes(clear, length, received), end = 0, first;
	__u64 now = bpf_ktime_get_ns();

	if (call->function == TLS_SENDFILE)
		copied = 0;
	else
		end = wanted_at_end(clear, length - copied);
	/* What is sent: its first bytes went when it was called, the last ones by now. */
	first = received ? length - end : copied;
	if (first)
		tell_clear(session, position, call->buffer, first, received ? now : call->time,
			   received, copied);
	if (!received && length > copied + end)
		tell_clear(session, position + copied, 0, length - copied - end, now, false, 0);
	if (end)
		tell_clear(session, position + length - end, call->buffer + length - end, end, now,
			   received, end);
}

/* A call has carried so many bytes. */
static __always_inline void carried(const struct tls_call *call, __u64 bytes)
{
	bool received = call->function == TLS_READ || call->function == TLS_READ_EX;
	__u32 length = bytes < (1U << 30) ? bytes : (1U << 30);
	struct tls_session *session = session_of(&call->key);
	__u64 *end;

	if (!session)
		return;
	end = received ? &session->clear.received_end : &session->clear.sent_from;
	if (!session->clear.socket)
		count(COUNTER_UNJOINED);
	else if (!is_sampled(&session->clear))
		count(COUNTER_LEFT_OUT);
	else if (!is_unwanted(&session->clear) &&
		 !tells_frames(session, call, *end, length, received))
		tell_carried(session, call, *end, length, received);
	*end += bytes;
	passed(received ? &session->clear.frames_received : &session->clear.frames_sent, *end);
}

/* Of calls that did not return, since their thread went on elsewhere, nothing is kept. */
static __always_inline void drop_left(struct tls_calls *calls, __u64 stack)
{
	for (__u32 i = 0; i < TLS_CALLS_MAX; i++) {
		__u32 depth = calls->depth - 1;

		if (depth >= TLS_CALLS_MAX || call_at(calls, depth)->stack > stack)
			break;
		calls->depth = depth;
	}
	if (calls->depth >= TLS_CALLS_MAX)
		calls->depth = 0;
}

SEC("uprobe")
int tls_entered(struct pt_regs *regs)
{
	__u64 id = bpf_get_current_pid_tgid(), function = bpf_get_attach_cookie(regs);
	struct tls_key key = {.ssl = PT_REGS_PARM1(regs), .pid = id >> 32};
	struct tls_calls *calls;
	struct tls_call *call;
	__u32 depth;

	if (!one_in || !is_observed(key.pid))
		return 0;
	if (function == TLS_CLEAR) {
		begin_session(&key, 0);
		return 0;
	}
	calls = bpf_task_storage_get(&tls_calls, bpf_get_current_task_btf(), NULL,
				     BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!calls) {
		count(COUNTER_STATELESS);
		return 0;
	}
	drop_left(calls, PT_REGS_SP(regs));
	depth = calls->depth;
	if (depth >= TLS_CALLS_MAX)
		return 0;
	call = call_at(calls, depth);
	call->key = key;
	call->buffer = PT_REGS_PARM2(regs);
	call->length = function == TLS_READ || function == TLS_WRITE
			       ? (__u64)(__s64)(int)PT_REGS_PARM3(regs)
			       : PT_REGS_PARM3(regs);
	call->bytes = PT_REGS_PARM4(regs);
	if (function == TLS_SENDFILE)
		call->length = PT_REGS_PARM4(regs);
	call->stack = PT_REGS_SP(regs);
	call->time = bpf_ktime_get_ns();
	call->function = function;
	calls->depth = depth + 1;
	return 0;
}

/* How many bytes a call has carried. */
static __always_inline __u64 bytes_of(const struct tls_call *call, struct pt_regs *regs)
{
	__u64 bytes = 0;

	switch (call->function) {
	case TLS_READ:
	case TLS_WRITE:
		bytes = (int)PT_REGS_RC(regs) > 0 ? (int)PT_REGS_RC(regs) : 0;
		break;
	case TLS_HANDSHAKE:
		break;
	case TLS_SENDFILE:
		bytes = (__s64)PT_REGS_RC(regs) > 0 ? PT_REGS_RC(regs) : 0;
		break;
	default:
		if ((int)PT_REGS_RC(regs) != 1 ||
		    bpf_probe_read_user(&bytes, sizeof(bytes), (const void *)call->bytes))
			bytes = 0;
	}
	/* Whoever names its function so may say anything. */
	return bytes <= call->length ? bytes : 0;
}

/* Whether one of the calls around it is for the same connection, and counts for it. */
static __always_inline bool is_within(struct tls_calls *calls, const struct tls_call *call,
				      __u32 depth)
{
	for (__u32 i = 0; i < TLS_CALLS_MAX; i++) {
		if (i >= depth)
			break;
		if (call_at(calls, i)->key.ssl == call->key.ssl)
			return true;
	}
	return false;
}

SEC("uprobe")
int tls_returned(struct pt_regs *regs)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32, depth;
	struct tls_calls *calls;
	const struct tls_call *call;
	__u64 bytes;

	if (!one_in || !is_observed(pid))
		return 0;
	if (bpf_get_attach_cookie(regs) == TLS_NEW) {
		struct tls_key key = {.ssl = PT_REGS_RC(regs), .pid = pid};

		if (key.ssl)
			begin_session(&key, 0);
		return 0;
	}
	calls = bpf_task_storage_get(&tls_calls, bpf_get_current_task_btf(), NULL, 0);
	if (!calls)
		return 0;
	/* Its own return address is gone from the stack now. */
	drop_left(calls, PT_REGS_SP(regs) - sizeof(__u64) - 1);
	depth = calls->depth - 1;
	if (depth >= TLS_CALLS_MAX)
		return 0;
	call = call_at(calls, depth);
	if (call->stack != PT_REGS_SP(regs) - sizeof(__u64))
		return 0;
	calls->depth = depth;
	bytes = bytes_of(call, regs);
	if (bytes && !is_within(calls, call, depth))
		carried(call, bytes);
	return 0;
}
