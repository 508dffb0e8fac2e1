/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What is told of a connection that speaks HTTP/2 (RFC 9113): the frames that matter, wherever in a
 * call they lie. Each says how long it is, so the next one's header is found by steps from header to
 * header, however calls cut the stream: blocks of fields are copied whole, of long frames of data
 * only their beginnings. Where the place in the stream is lost, a call has to begin with what must
 * be a frame to find it again.
 */

enum frame_type {
	FRAME_DATA = 0,
	FRAME_HEADERS = 1,
	FRAME_PRIORITY = 2,
	FRAME_RST_STREAM = 3,
	FRAME_SETTINGS = 4,
	FRAME_PUSH_PROMISE = 5,
	FRAME_PING = 6,
	FRAME_GOAWAY = 7,
	FRAME_WINDOW_UPDATE = 8,
	FRAME_CONTINUATION = 9,
};

#define FRAME_HEADER_BYTES 9
#define FRAME_END_STREAM 0x1
/* How long frames are unless both sides agree on more: the place is found by none that is longer. */
#define USUAL_FRAME_BYTES 16384
/* What is copied of a frame that is not copied whole: its header, and that of a message of gRPC. */
#define FRAME_BEGINNING_BYTES 16
/* Bytes between parts that are to be copied are copied too if they are so few. */
#define FRAME_SLACK_BYTES 64
/* Steps from header to header, or from one piece of memory to the next, in one piece of a stream. */
#define FRAME_STEPS_MAX 2048
#define PIECES_MAX 256

/* Memory of a process from which a system call gathers what it sends. */
struct memory {
	__u64 position; /* in the stream, of the first byte of this piece */
	__u64 length;	/* of the piece */
	const void *bytes;
	const struct iovec *pieces; /* those that follow */
	__u64 left;		    /* how many */
};

/* One piece of a stream, as it is gone through. Per CPU, one for each program. */
struct walk {
	__u64 end;	   /* position after its last byte */
	__u64 from;	   /* position of the first byte that can be read */
	__u64 run;	   /* position of the next byte to be told of */
	__u64 copied;	   /* bytes from there to here are copied */
	__u32 packet;	   /* where its first byte lies in the packet, if it comes in one */
	__u32 no_room;	   /* counter */
	__u64 later;	   /* time of what is told after the first, if it is another one */
	struct memory at;  /* the piece that is read; not for packets */
	struct memory before; /* that in which the header begins */
	struct memory begin;  /* that in which the run begins */
	__u8 head[32];	      /* the header, as far as it has been seen; any part of a part fits in */
	struct message_record about; /* the last field */
};

enum walking {
	WALK_SENDING,
	WALK_RECEIVED,
	WALK_CLEAR,
	WALKS,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WALKS);
	__type(key, __u32);
	__type(value, struct walk);
} walks SEC(".maps");

static __always_inline __u32 frame_length(const __u8 *head)
{
	return (__u32)head[0] << 16 | (__u32)head[1] << 8 | head[2];
}

static __always_inline bool is_of_stream(const __u8 *head)
{
	return (head[5] & 0x7f) | head[6] | head[7] | head[8];
}

/* Whether a header can be true. */
static __always_inline bool is_sound(const __u8 *head)
{
	switch (head[3]) {
	case FRAME_DATA:
	case FRAME_HEADERS:
	case FRAME_PRIORITY:
	case FRAME_RST_STREAM:
	case FRAME_PUSH_PROMISE:
	case FRAME_CONTINUATION:
		return is_of_stream(head);
	case FRAME_SETTINGS:
	case FRAME_PING:
	case FRAME_GOAWAY:
		return !is_of_stream(head);
	}
	return true;
}

/* Whether nothing but a header looks so, as far as nine bytes can say. */
static __always_inline bool must_be_frame(const __u8 *head)
{
	__u32 length = frame_length(head);
	__u8 flags = head[4];

	if (!is_sound(head) || length > USUAL_FRAME_BYTES || head[5] & 0x80)
		return false;
	switch (head[3]) {
	case FRAME_DATA:
		return !(flags & ~0x9);
	case FRAME_HEADERS:
		return !(flags & ~0x2d) && length;
	case FRAME_SETTINGS:
		return !(flags & ~0x1) && length % 6 == 0;
	case FRAME_PING:
		return !(flags & ~0x1) && length == 8;
	case FRAME_PRIORITY:
		return !flags && length == 5;
	case FRAME_RST_STREAM:
	case FRAME_WINDOW_UPDATE:
		return !flags && length == 4;
	case FRAME_GOAWAY:
		return !flags && length >= 8;
	}
	return false;
}

/* How much of a frame is copied, its header included. */
static __always_inline __u32 wanted_of(const __u8 *head)
{
	__u32 bytes = FRAME_HEADER_BYTES + frame_length(head);

	switch (head[3]) {
	case FRAME_HEADERS:
	case FRAME_PUSH_PROMISE:
	case FRAME_CONTINUATION:
		return bytes;
	}
	return bytes <= MESSAGE_FRAME_BYTES ? bytes : FRAME_BEGINNING_BYTES;
}

/* Goes on to the next piece. */
static __always_inline bool next_piece(struct memory *memory)
{
	struct iovec piece;

	if (!memory->left || bpf_probe_read_kernel(&piece, sizeof(piece), memory->pieces))
		return false;
	memory->position += memory->length;
	memory->bytes = piece.iov_base;
	memory->length = piece.iov_len;
	memory->pieces++;
	memory->left--;
	return true;
}

/* What a system call sends from a position on; false if that lies on pages of a file. */
static __always_inline bool memory_of(struct memory *memory, const struct iov_iter *iter,
				      __u64 position)
{
	__u8 type = BPF_CORE_READ(iter, iter_type);

	memory->left = 0;
	if (type == bpf_core_enum_value(enum iter_type, ITER_UBUF)) {
		memory->position = position;
		memory->bytes = BPF_CORE_READ(iter, ubuf) + BPF_CORE_READ(iter, iov_offset);
		memory->length = BPF_CORE_READ(iter, count);
		return true;
	}
	if (type != bpf_core_enum_value(enum iter_type, ITER_IOVEC))
		return false;
	memory->position = position - BPF_CORE_READ(iter, iov_offset);
	memory->length = 0;
	memory->pieces = BPF_CORE_READ(iter, __iov);
	memory->left = BPF_CORE_READ(iter, nr_segs);
	return next_piece(memory);
}

/* Reads a few bytes that lie in one piece; false if they do not, or cannot be read. */
static __always_inline bool read_memory(const struct memory *memory, __u64 position, void *to,
					__u32 length)
{
	__u64 at = position - memory->position;

	return at + length <= memory->length &&
	       !bpf_probe_read_user(to, length, memory->bytes + at);
}

struct gathering {
	struct memory *memory;
	struct bpf_dynptr *room;
	__u64 from; /* position of the first byte */
	__u32 wanted;
	__u32 done;
};

static long gather_piece(__u32 step, void *context)
{
	struct gathering *gathering = context;
	struct memory *memory = gathering->memory;
	__u64 at = gathering->from + gathering->done - memory->position;
	__u64 length;

	(void)step;
	if (gathering->done >= gathering->wanted)
		return 1;
	if (at >= memory->length)
		return !next_piece(memory);
	length = memory->length - at;
	if (length > gathering->wanted - gathering->done)
		length = gathering->wanted - gathering->done;
	if (!copy_user(gathering->room, sizeof(struct message_record) + gathering->done, length,
		       memory->bytes + at))
		return 1;
	gathering->done += length;
	return 0;
}

/* Copies so many bytes from a position on into a record; how many could be read. */
static __always_inline __u32 gather(struct bpf_dynptr *room, struct memory *memory, __u64 from,
				    __u32 wanted)
{
	struct gathering gathering = {
		.memory = memory,
		.room = room,
		.from = from,
		.wanted = wanted,
	};

	/* Most lies in one. */
	if (from - memory->position + wanted <= memory->length)
		return copy_user(room, sizeof(struct message_record), wanted,
				 memory->bytes + (from - memory->position))
			       ? wanted
			       : 0;
	bpf_loop(PIECES_MAX, gather_piece, &gathering, 0);
	return gathering.done;
}

/* Reads a few bytes of a packet. On a stack of its own, where nothing else takes the place of data. */
static __noinline bool read_packet(struct sk_buff *skb, __u32 offset, void *to, __u32 length)
{
	struct bpf_dynptr data;

	return !bpf_dynptr_from_skb((struct __sk_buff *)skb, 0, &data) &&
	       !bpf_dynptr_read(to, length, &data, offset, 0);
}

/*
 * Copies bytes of a packet into a record. bpf_dynptr_copy takes what begins behind a packet's linear
 * part for linear and copies other memory: skb_pointer_if_linear subtracts without a sign.
 */
static __always_inline bool copy_from_packet(struct bpf_dynptr *room, struct sk_buff *skb,
					     __u32 offset, __u64 wanted)
{
	struct steps *steps = steps_of_cpu();
	struct bpf_dynptr data;
	__u64 user;

	if (bpf_dynptr_from_skb((struct __sk_buff *)skb, 0, &data))
		return false;
	if (offset <= skb->len - skb->data_len)
		return !bpf_dynptr_copy(room, sizeof(struct message_record), &data, offset, wanted);
	IN_ONE_REGISTER(wanted);
	if (!steps || wanted > MESSAGE_BYTES_MAX)
		return false;
	user = begin_steps();
	return !bpf_dynptr_read(steps->bytes, wanted, &data, offset, 0) &&
	       end_steps(user, room, sizeof(struct message_record), wanted);
}

struct walking_on {
	struct walk *walk;
	struct frames *frames;
	struct connection *connection;
	struct sk_buff *skb; /* or NULL: the bytes lie in a process's memory */
};

/* Tells what has come together, up to a position: the rest of that by its length. */
static __always_inline void tell_run(const struct walking_on *on, __u64 until)
{
	struct walk *walk = on->walk;
	struct message_record *about = &walk->about;
	__u64 bytes = walk->copied < until ? walk->copied : until;
	__u32 most = most_copied(), wanted, done;
	struct bpf_dynptr room;

	if (until <= walk->run)
		return;
	bytes = bytes > walk->run ? bytes - walk->run : 0;
	wanted = bytes < most ? bytes : most;
	about->position = walk->run;
	about->length = until - walk->run;
	if (begin(&room, about, wanted, walk->no_room)) {
		if (on->skb)
			done = copy_from_packet(&room, on->skb,
						walk->packet + (walk->run - walk->from), wanted)
				       ? wanted
				       : 0;
		else
			done = wanted ? gather(&room, &walk->begin, walk->run, wanted) : 0;
		submit_copied(&room, on->connection, about, done);
	}
	if (walk->later)
		about->time = walk->later;
	walk->run = until;
	walk->copied = until;
	on->frames->told = until;
}

/* Adds bytes to what is copied, and tells what came before if they are far from it. */
static __always_inline void add_to_run(const struct walking_on *on, __u64 from, __u64 to)
{
	struct walk *walk = on->walk;

	if (walk->run < walk->from || from > walk->copied + FRAME_SLACK_BYTES ||
	    (from > walk->run && to - walk->run > most_bytes)) {
		tell_run(on, from);
		walk->begin = walk->before;
	}
	if (walk->copied < to)
		walk->copied = to;
}

/* The verifier is shown that a part of a header is no longer than that. */
static __always_inline __u64 below_16(__u64 bytes)
{
	asm volatile("%0 &= 15" : "+r"(bytes));
	return bytes;
}

/*
 * Reads what there is of a header from a position on, of which so many bytes have been seen; how
 * much that was, 0 if it cannot be read.
 */
static __always_inline __u32 read_header(const struct walking_on *on, __u64 at, __u64 seen)
{
	struct walk *walk = on->walk;
	__u64 wanted = FRAME_HEADER_BYTES - seen;

	if (wanted > walk->end - at)
		wanted = walk->end - at;
	if (on->skb) {
		wanted = below_16(wanted);
		return read_packet(on->skb, walk->packet + (at - walk->from),
				   walk->head + below_16(seen), wanted)
			       ? wanted
			       : 0;
	}
	if (wanted > walk->at.position + walk->at.length - at)
		wanted = walk->at.position + walk->at.length - at;
	wanted = below_16(wanted);
	return bpf_probe_read_user(walk->head + below_16(seen), wanted,
				   walk->at.bytes + (at - walk->at.position))
		       ? 0
		       : wanted;
}

/* One step: to the next piece of memory, or over a header. Ends with a 1. */
static long walk_step(__u32 step, void *context)
{
	const struct walking_on *on = context;
	struct walk *walk = on->walk;
	struct frames *frames = on->frames;
	__u64 at = frames->seen > frames->next ? frames->seen : frames->next;
	__u32 seen = at - frames->next, read;

	(void)step;
	if (at >= walk->end)
		return 1;
	if (!on->skb && at >= walk->at.position + walk->at.length) {
		if (next_piece(&walk->at))
			return 0;
		frames->state = 0;
		return 1;
	}
	if (!seen)
		walk->before = walk->at;
	read = read_header(on, at, seen);
	if (!read) {
		frames->state = 0;
		return 1;
	}
	frames->seen = at + read;
	if (seen + read < FRAME_HEADER_BYTES)
		return 0;
	if (!is_sound(walk->head)) {
		frames->state = 0;
		return 1;
	}
	add_to_run(on, frames->next, frames->next + wanted_of(walk->head));
	frames->state = FRAMES_KNOWN;
	if (walk->head[3] <= FRAME_HEADERS && walk->head[4] & FRAME_END_STREAM)
		frames->state |= FRAMES_ENDING;
	frames->next += FRAME_HEADER_BYTES + frame_length(walk->head);
	return 0;
}

/*
 * Where the bytes that are told of together end. What follows in the last frame is known, and is
 * told of before it has gone; not so if something is over with that, or if more of it is to be
 * copied.
 */
static __always_inline __u64 end_of_run(const struct walk *walk, const struct frames *frames)
{
	if (!frames->state || walk->copied > walk->end)
		return walk->end;
	if (frames->state & FRAMES_ENDING && frames->next > walk->end)
		return walk->copied;
	return frames->next;
}

static __always_inline void begin_walk(struct walk *walk, __u64 position, __u64 length,
				       enum message_counter no_room)
{
	walk->from = position;
	walk->end = position + length;
	walk->no_room = no_room;
	walk->later = 0;
	__builtin_memset(&walk->at, 0, sizeof(walk->at));
	__builtin_memset(&walk->about, 0, sizeof(walk->about));
}

/*
 * Goes through a piece of a stream whose place in it is known, and tells what is to be told of it.
 * Where the place is lost the rest is told by its length.
 */
static __always_inline void walk_frames(struct walking_on *on)
{
	struct walk *walk = on->walk;
	struct frames *frames = on->frames;

	walk->run = frames->told;
	walk->copied = frames->told;
	if (frames->told >= walk->from && frames->wanted > frames->told)
		walk->copied = frames->wanted;
	walk->begin = walk->at;
	walk->before = walk->at;
	*(__u64 *)walk->head = frames->head;
	bpf_loop(FRAME_STEPS_MAX, walk_step, on, 0);
	if (frames->state && frames->next < walk->end) {
		/* Its header is cut, or there were too many. */
		if (walk->end - frames->next < FRAME_HEADER_BYTES)
			add_to_run(on, frames->next, frames->next + FRAME_BEGINNING_BYTES);
		else
			frames->state = 0;
	}
	frames->wanted = walk->copied;
	tell_run(on, end_of_run(walk, frames));
	frames->head = *(__u64 *)walk->head;
	frames->seen = walk->end;
	if (!frames->state)
		frames->told = walk->end;
}

/*
 * Whether it is known where the next frame begins, at a piece of a stream whose first bytes these
 * are (nine of them). If it was lost they may show it.
 */
static __always_inline bool finds_frames(struct frames *frames, __u64 position, const __u8 *head)
{
	if (frames->seen < position)
		frames->state = 0;
	if (frames->state)
		return true;
	if (!must_be_frame(head))
		return false;
	frames->state = FRAMES_KNOWN;
	frames->seen = position;
	frames->told = position;
	frames->next = position;
	frames->wanted = position;
	return true;
}

/* How much was told of from a position on. */
static __always_inline __u32 frames_told(const struct frames *frames, __u64 from)
{
	return frames->told > from ? frames->told - from : 0;
}

/* Bytes have gone by up to a position, looked at or not. */
static __always_inline void passed(struct frames *frames, __u64 position)
{
	if (frames->told < position)
		frames->told = position;
	if (frames->seen >= position)
		return;
	frames->seen = position;
	if (frames->next < position)
		frames->state = 0;
}
