// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Sums up what TCP and UDP do, by process, role, peer and port. The kernel counts bytes, packets and
 * retransmits for each socket anyway: they are fetched from there every few seconds, and when the
 * socket goes, so that a message costs next to nothing.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "edge.h"
#include "socket_types.h"

#define COUNTERS_OF_PROGRAMS EDGE_COUNTERS
#include "counters.bpf.h"

#define MSG_PEEK 2
#define SOCK_BINDPORT_LOCK 8 /* include/net/sock.h: the program chose the port */
#define TCP_WINDOW_AT 14	   /* in a TCP header */

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Set by the reader. */
__u64 poll = 0;
bool seeding_listeners = false;
__u32 edges_used = 0;

/* What was fetched of a socket so far, and whose it is. */
struct fetched {
	struct edge_key key;
	bool provisional; /* accepted, but not used yet: by whom it is used shows later */
	bool closed;	  /* all was fetched; what the kernel counts from now on begins anew */
	__u64 connecting_since;
	__u64 bytes_sent;
	__u64 bytes_received;
	__u32 segs_in;
	__u32 segs_out;
	__u32 retransmits;
	__u32 drops;
	__u64 connects; /* not added to the edge yet */
	__u64 polled;	/* in which poll it was last looked at */
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	/* An accepted socket begins with what is known of the one that listened. */
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct fetched);
} sockets SEC(".maps");

struct sums {
	__u64 at[EDGE_SUMS];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, EDGES_MAX);
	__type(key, struct edge_key);
	__type(value, struct sums);
} edges SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, EDGE_EVENTS_MAX);
	__type(key, struct edge_event_key);
	__type(value, struct edge_event_value);
} events SEC(".maps");

/* Ports that something listens on, by network namespace; filled while sockets are looked for. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u8);
} listening SEC(".maps");

static __noinline __u32 bucket(__u64 value)
{
	__u32 exponent = 0;
	__u64 rest = value;

	if (value < 1 << EDGE_BUCKET_BITS)
		return value;
	for (int step = 32; step > 0; step /= 2) {
		if (rest >> step) {
			rest >>= step;
			exponent += step;
		}
	}
	return exponent << EDGE_BUCKET_BITS |
	       ((value >> (exponent - EDGE_BUCKET_BITS)) & ((1 << EDGE_BUCKET_BITS) - 1));
}

static __always_inline struct sums *insert(const struct edge_key *key)
{
	struct sums none = {};

	if (!bpf_map_update_elem(&edges, key, &none, BPF_NOEXIST))
		__sync_fetch_and_add(&edges_used, 1);
	return bpf_map_lookup_elem(&edges, key);
}

static __always_inline void without_addresses(struct edge_key *key)
{
	__builtin_memset(key->peer, 0, sizeof(key->peer));
	__builtin_memset(key->local, 0, sizeof(key->local));
}

/* The sums of an edge; where there is no room, those of its process or of all, by a changed key. */
static __noinline struct sums *sums_of(struct edge_key *key)
{
	struct sums *sums;

	if (!key)
		return NULL;
	sums = bpf_map_lookup_elem(&edges, key);
	if (sums)
		return sums;
	if (edges_used < EDGES_WITH_PEER) {
		sums = insert(key);
		if (sums)
			return sums;
	}
	count(EDGE_COUNTER_OVERFLOWS);
	without_addresses(key);
	key->kind |= EDGE_OVERFLOW;
	sums = bpf_map_lookup_elem(&edges, key);
	if (sums)
		return sums;
	sums = insert(key);
	if (sums)
		return sums;
	/* That of all was made before any other. */
	key->pid = 0;
	key->port = 0;
	key->role = EDGE_UNKNOWN;
	return bpf_map_lookup_elem(&edges, key);
}

static __always_inline void add(struct sums *sums, __u32 sum, __u64 amount)
{
	if (amount)
		__sync_fetch_and_add(&sums->at[sum], amount);
}

/* The edge must have been asked for before, so that its key is that of its sums. */
static __always_inline void event(const struct edge_key *edge, __u16 kind, __u16 code, __u64 amount)
{
	struct edge_event_key key = {.edge = *edge, .kind = kind, .code = code};
	struct edge_event_value none = {}, *value = bpf_map_lookup_elem(&events, &key);

	if (!value) {
		bpf_map_update_elem(&events, &key, &none, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&events, &key);
	}
	if (!value) {
		count(EDGE_COUNTER_LOST);
		return;
	}
	__sync_fetch_and_add(&value->count, 1);
	if (amount)
		__sync_fetch_and_add(&value->sum, amount);
}

static __always_inline void event_of(const struct edge_key *edge, __u16 kind, __u16 code)
{
	struct edge_key key = *edge;

	if (sums_of(&key))
		event(&key, kind, code, 0);
	else
		count(EDGE_COUNTER_LOST);
}

static __always_inline __u32 current_pid(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

static __always_inline bool is_internet(const struct sock *sk)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	return family == AF_INET || family == AF_INET6;
}

static __always_inline void map_address(__u8 *into, __u32 address)
{
	__builtin_memset(into, 0, 10);
	into[10] = into[11] = 0xff;
	__builtin_memcpy(into + 12, &address, 4);
}

static __always_inline void addresses_of(struct edge_key *key, const struct sock *sk)
{
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET6) {
		BPF_CORE_READ_INTO(&key->peer, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
		BPF_CORE_READ_INTO(&key->local, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
	} else {
		map_address(key->peer, BPF_CORE_READ(sk, __sk_common.skc_daddr));
		map_address(key->local, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
	}
}

static __always_inline void fill_key(struct edge_key *key, const struct sock *sk, __u32 pid,
				     __u8 role, __u8 kind)
{
	key->pid = pid;
	key->role = role;
	key->kind = kind;
	if (role == EDGE_SERVER)
		key->port = BPF_CORE_READ(sk, __sk_common.skc_num);
	else
		key->port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	addresses_of(key, sk);
}

/* Payload that came in order; the end of the stream takes a number too. */
static __always_inline __u64 bytes_received(const struct sock *sk, const struct tcp_sock *tcp)
{
	__u64 bytes = BPF_CORE_READ(tcp, bytes_received);
	bool ended = BPF_CORE_READ(sk, __sk_common.skc_flags) & (1UL << SOCK_DONE);

	return bytes && ended ? bytes - 1 : bytes;
}

/*
 * What the program wrote: what was acknowledged, and what is not yet. What was sent says less: a
 * packet that this machine itself drops is sent again as if it were new. The beginning and the end
 * of the stream take a number each.
 */
static __always_inline __u64 bytes_written(const struct fetched *fetched, const struct sock *sk,
					   const struct tcp_sock *tcp)
{
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);
	__u64 bytes;

	if (state == TCP_SYN_SENT)
		return fetched->bytes_sent;
	/* In this order: what is acknowledged in between is missed until the next time. */
	bytes = BPF_CORE_READ(tcp, bytes_acked);
	bytes += (__u32)(BPF_CORE_READ(tcp, write_seq) - BPF_CORE_READ(tcp, snd_una));
	if (fetched->key.role == EDGE_CLIENT && bytes)
		bytes--;
	if ((state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2 || state == TCP_LAST_ACK ||
	     state == TCP_CLOSING) &&
	    bytes)
		bytes--;
	return bytes > fetched->bytes_sent ? bytes : fetched->bytes_sent;
}

static __always_inline void fetch_without_adding(struct fetched *fetched, const struct sock *sk)
{
	const struct tcp_sock *tcp = (const struct tcp_sock *)sk;

	if (BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN) {
		fetched->drops = BPF_CORE_READ(sk, sk_drops.counter);
		return;
	}
	fetched->bytes_sent = bytes_written(fetched, sk, tcp);
	fetched->bytes_received = bytes_received(sk, tcp);
	fetched->segs_in = BPF_CORE_READ(tcp, segs_in);
	fetched->segs_out = BPF_CORE_READ(tcp, segs_out);
	fetched->retransmits = BPF_CORE_READ(tcp, total_retrans);
}

static __noinline int fetch_listener(struct fetched *fetched, const struct sock *sk)
{
	struct edge_key key;
	struct sums *sums;
	__u32 drops;

	if (!fetched || !sk)
		return 0;
	drops = BPF_CORE_READ(sk, sk_drops.counter) - fetched->drops;
	if (!drops)
		return 0;
	key = fetched->key;
	sums = sums_of(&key);
	if (!sums) {
		count(EDGE_COUNTER_LOST);
		return 0;
	}
	add(sums, EDGE_ACCEPT_OVERFLOWS, drops);
	fetched->drops += drops;
	return 0;
}

/* Adds to the edge what the kernel has counted of the socket since the last time. */
static __always_inline void fetch(struct fetched *fetched, const struct sock *sk, bool polled)
{
	const struct tcp_sock *tcp = (const struct tcp_sock *)sk;
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);
	struct fetched before = *fetched;
	struct edge_key key = fetched->key;
	__u32 packets, rtt;
	struct sums *sums;
	bool open = state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT;

	if (state == TCP_LISTEN) {
		fetch_listener(fetched, sk);
		return;
	}
	fetch_without_adding(fetched, sk);
	fetched->connects = 0;
	packets = (fetched->segs_in - before.segs_in) + (fetched->segs_out - before.segs_out);
	if (!packets && !before.connects && !(polled && open) &&
	    fetched->retransmits == before.retransmits)
		return;
	sums = sums_of(&key);
	if (!sums) {
		count(EDGE_COUNTER_LOST);
		return;
	}
	add(sums, EDGE_BYTES_SENT, fetched->bytes_sent - before.bytes_sent);
	add(sums, EDGE_BYTES_RECEIVED, fetched->bytes_received - before.bytes_received);
	add(sums, EDGE_PACKETS_SENT, fetched->segs_out - before.segs_out);
	add(sums, EDGE_PACKETS_RECEIVED, fetched->segs_in - before.segs_in);
	add(sums, EDGE_RETRANSMITS, fetched->retransmits - before.retransmits);
	add(sums, EDGE_CONNECTS, before.connects);
	if (polled && open) {
		/* Only one reader polls at a time. */
		if (sums->at[EDGE_ACTIVE_POLL] != poll) {
			sums->at[EDGE_ACTIVE_POLL] = poll;
			sums->at[EDGE_ACTIVE] = 0;
		}
		sums->at[EDGE_ACTIVE] += 1;
	}
	rtt = BPF_CORE_READ(tcp, srtt_us) >> 3;
	if (packets && rtt && state != TCP_SYN_SENT)
		event(&key, EDGE_ROUND_TRIP, bucket(rtt * 1000ULL), rtt * 1000ULL);
}

static __always_inline struct fetched *created(struct sock *sk)
{
	struct fetched *fetched =
		bpf_sk_storage_get(&sockets, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);

	if (!fetched)
		count(EDGE_COUNTER_STATELESS);
	return fetched;
}

static __always_inline void begin(struct fetched *fetched, struct sock *sk, __u32 pid, __u8 role)
{
	__builtin_memset(fetched, 0, sizeof(*fetched));
	fill_key(&fetched->key, sk, pid, role, EDGE_TCP);
	if (BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN)
		without_addresses(&fetched->key);
}

static __always_inline void connected(struct fetched *fetched)
{
	struct edge_key key = fetched->key;
	__u64 nanos = bpf_ktime_get_ns() - fetched->connecting_since;

	fetched->connects = 1;
	if (fetched->connecting_since && sums_of(&key))
		event(&key, EDGE_CONNECT_TIME, bucket(nanos), nanos);
	fetched->connecting_since = 0;
}

static __always_inline void failed(struct fetched *fetched, const struct sock *sk)
{
	int error = BPF_CORE_READ(sk, sk_err);
	__u16 code = error > 0 && error < EDGE_GIVEN_UP ? error
		     : BPF_CORE_READ(sk, sk_shutdown)	? EDGE_GIVEN_UP
							: EDGE_NO_ERRNO;

	event_of(&fetched->key, EDGE_CONNECT_FAILURE, code);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_changed, struct sock *sk, int before, int now)
{
	struct fetched *fetched;

	if (BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP || !is_internet(sk))
		return 0;
	if (now == TCP_SYN_SENT || now == TCP_LISTEN) {
		fetched = created(sk);
		if (!fetched)
			return 0;
		begin(fetched, sk, current_pid(), now == TCP_LISTEN ? EDGE_SERVER : EDGE_CLIENT);
		fetched->connecting_since = now == TCP_SYN_SENT ? bpf_ktime_get_ns() : 0;
		/* It may have been used before, and a listener's state is set after this. */
		fetch_without_adding(fetched, sk);
		fetched->drops = BPF_CORE_READ(sk, sk_drops.counter);
	} else if (now == TCP_ESTABLISHED && before == TCP_SYN_RECV) {
		fetched = created(sk);
		if (!fetched)
			return 0;
		begin(fetched, sk, fetched->key.pid, EDGE_SERVER);
		fetched->provisional = true;
		fetched->connects = 1;
	} else if (now == TCP_CLOSE) {
		fetched = bpf_sk_storage_get(&sockets, sk, NULL, 0);
		if (!fetched || fetched->closed)
			return 0;
		if (before == TCP_SYN_SENT)
			failed(fetched, sk);
		/* Soon it may be set back to nothing, as where it lingers for no time. */
		fetch(fetched, sk, false);
		fetched->closed = true;
	} else if (before == TCP_SYN_SENT && now == TCP_ESTABLISHED) {
		fetched = bpf_sk_storage_get(&sockets, sk, NULL, 0);
		if (fetched)
			connected(fetched);
	}
	return 0;
}

static __always_inline __u64 listening_key(const struct sock *sk)
{
	__u64 space = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);

	return space << 16 | BPF_CORE_READ(sk, __sk_common.skc_num);
}

/* Of a connection whose beginning was not seen: by whether something listens on its port. */
static __always_inline __u8 likely_role(const struct sock *sk)
{
	__u64 key = listening_key(sk);

	return bpf_map_lookup_elem(&listening, &key) ? EDGE_SERVER : EDGE_CLIENT;
}

/* Who uses a socket owns it: it may have been accepted, or opened, by another process. */
static __always_inline void owned(struct sock *sk)
{
	struct fetched *fetched = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	__u32 pid = current_pid();

	if (fetched && (fetched->key.pid == pid || fetched->closed)) {
		fetched->provisional = false;
		return;
	}
	if (BPF_CORE_READ((struct task_struct *)bpf_get_current_task_btf(), flags) & PF_KTHREAD)
		return;
	if (!fetched) {
		/* Older than this program, and found by no look at the files of processes. */
		fetched = created(sk);
		if (!fetched)
			return;
		begin(fetched, sk, pid, likely_role(sk));
		fetch_without_adding(fetched, sk);
		return;
	}
	if (!fetched->provisional)
		fetch(fetched, sk, false);
	fetched->provisional = false;
	fetched->key.pid = pid;
}

static __always_inline void datagram(struct sock *sk, int bytes, bool sent)
{
	bool has_peer = BPF_CORE_READ(sk, __sk_common.skc_dport) != 0;
	bool bound = BPF_CORE_READ_BITFIELD_PROBED(sk, sk_userlocks) & SOCK_BINDPORT_LOCK;
	struct edge_key key = {};
	struct sums *sums;

	fill_key(&key, sk, current_pid(), bound && !has_peer ? EDGE_SERVER : EDGE_CLIENT, EDGE_UDP);
	if (!has_peer)
		__builtin_memset(key.peer, 0, sizeof(key.peer));
	sums = sums_of(&key);
	if (!sums) {
		count(EDGE_COUNTER_LOST);
		return;
	}
	add(sums, sent ? EDGE_BYTES_SENT : EDGE_BYTES_RECEIVED, bytes);
	add(sums, sent ? EDGE_PACKETS_SENT : EDGE_PACKETS_RECEIVED, 1);
}

static __always_inline void used(struct sock *sk, int bytes, bool sent)
{
	__u16 protocol;

	if (!sk || !is_internet(sk))
		return;
	protocol = BPF_CORE_READ(sk, sk_protocol);
	if (protocol == IPPROTO_TCP)
		owned(sk);
	else if (protocol == IPPROTO_UDP && bytes > 0)
		datagram(sk, bytes, sent);
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(sent, struct sock *sk, int result, int flags)
{
	used(sk, result, true);
	return 0;
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(received, struct sock *sk, int result, int flags)
{
	if (!(flags & MSG_PEEK))
		used(sk, result, false);
	return 0;
}

static __always_inline int reset(struct sock *sk, __u16 kind, __u16 reason)
{
	struct edge_key none = {};
	struct fetched *fetched = sk ? bpf_sk_storage_get(&sockets, sk, NULL, 0) : NULL;

	event_of(fetched ? &fetched->key : &none, kind, reason);
	return 0;
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(reset_sent, struct sock *sk, const struct sk_buff *skb, int reason)
{
	return reset(sk, EDGE_RESET_SENT, reason);
}

/* Kernels before 6.10 give no reason. */
SEC("tp_btf/tcp_send_reset")
int BPF_PROG(reset_sent_unexplained, struct sock *sk, const struct sk_buff *skb)
{
	return reset(sk, EDGE_RESET_SENT, 0);
}

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(reset_received, struct sock *sk)
{
	return reset(sk, EDGE_RESET_RECEIVED, 0);
}

static __always_inline bool carries_tcp(const struct sk_buff *skb)
{
	unsigned char *header =
		BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header);
	__u8 version = 0, protocol = 0;

	bpf_probe_read_kernel(&version, 1, header);
	if (version >> 4 == 4)
		bpf_probe_read_kernel(&protocol, 1, header + 9);
	else if (version >> 4 == 6)
		bpf_probe_read_kernel(&protocol, 1, header + 6);
	return protocol == IPPROTO_TCP;
}

static __always_inline int dropped(struct sk_buff *skb, struct sock *sk, __u16 reason)
{
	struct edge_key none = {};
	struct fetched *fetched = sk ? bpf_sk_storage_get(&sockets, sk, NULL, 0) : NULL;

	if (fetched)
		event_of(&fetched->key, EDGE_DROP, reason);
	else if (!sk && carries_tcp(skb))
		event_of(&none, EDGE_DROP, reason);
	return 0;
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(drop, struct sk_buff *skb, void *location, int reason, struct sock *receiver)
{
	return dropped(skb, receiver ? receiver : skb->sk, reason);
}

/* Kernels before 6.11 do not tell who should have had it. */
SEC("tp_btf/kfree_skb")
int BPF_PROG(drop_unaddressed, struct sk_buff *skb, void *location, int reason)
{
	return dropped(skb, skb->sk, reason);
}

/* Comes before the packet is looked at: the window is the one before, and the packet opens it. */
SEC("tp_btf/tcp_probe")
int BPF_PROG(window_opened, struct sock *sk, const struct sk_buff *skb)
{
	struct fetched *fetched;
	struct edge_key key;
	struct sums *sums;
	__u16 window = 0;

	if (BPF_CORE_READ((struct tcp_sock *)sk, snd_wnd))
		return 0;
	bpf_probe_read_kernel(&window, sizeof(window), BPF_CORE_READ(skb, data) + TCP_WINDOW_AT);
	if (!window)
		return 0;
	fetched = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	if (!fetched)
		return 0;
	key = fetched->key;
	sums = sums_of(&key);
	if (sums)
		add(sums, EDGE_ZERO_WINDOWS, 1);
	return 0;
}

/*
 * The socket of TCP that a file of a process is, or NULL; in whichever network namespace. Going by
 * the storage of sockets would pass over other files, but not every kernel lets programs do so.
 */
static __always_inline struct sock *socket_of_file(const struct bpf_iter__task_file *ctx)
{
	struct file *file = ctx->file;
	struct socket *socket;
	struct sock *sk;

	if (!file)
		return NULL;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return NULL;
	sk = socket->sk;
	if (!sk || BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP || !is_internet(sk))
		return NULL;
	return sk;
}

/* What is open. What no process holds any more is added when it is closed. */
SEC("iter/task_file")
int poll_socket(struct bpf_iter__task_file *ctx)
{
	struct sock *sk = socket_of_file(ctx);
	struct fetched *fetched;

	if (!sk)
		return 0;
	fetched = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	/* Several files, and several processes, may have it. */
	if (!fetched || fetched->closed || fetched->polled == poll)
		return 0;
	fetched->polled = poll;
	fetch(fetched, sk, true);
	return 0;
}

/* What was there before; first the sockets that listen. */
SEC("iter/task_file")
int seed_socket(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct sock *sk = socket_of_file(ctx);
	struct fetched *fetched;
	bool listens;
	__u8 one = 1;
	__u64 key;

	if (!task || !sk)
		return 0;
	listens = BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN;
	if (listens != seeding_listeners || BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_CLOSE)
		return 0;
	key = listening_key(sk);
	if (listens)
		bpf_map_update_elem(&listening, &key, &one, BPF_ANY);
	fetched = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	if (fetched && fetched->key.pid)
		return 0;
	fetched = created(sk);
	if (!fetched)
		return 0;
	begin(fetched, sk, BPF_CORE_READ(task, tgid), likely_role(sk));
	fetch_without_adding(fetched, sk);
	return 0;
}
