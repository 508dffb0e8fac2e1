/*
 * Says HTTP to itself over one connection for each way to receive and each way to send, so many
 * times each: exchange PORT TIMES calls|io_uring. The path of a request names the ways. With calls
 * both are system calls; with io_uring at least one of them goes by a ring. Ends with 77 where the
 * kernel has no rings for this user.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const receive_ways[] = {"read",    "readv",	  "recvfrom",	 "recvmsg",
					   "recvmmsg", "io_uring", "io_uring-vector",
					   "io_uring-worker"};
static const char *const send_ways[] = {"write",    "writev",	"sendto",	   "sendmsg",
					"sendmmsg", "sendfile", "io_uring",	   "io_uring-vector",
					"io_uring-worker", "io_uring-zero-copy"};
/* The first of those that go by a ring; of the others each is tried with each. */
#define RECEIVE_RING 5
#define SEND_RING 6
#define NO_RING 77

struct way {
	int receive;
	int send;
};
#define WAYS_MAX 64
static struct way ways[WAYS_MAX];
static int way_count;

/* The body of every message; a file with it is sent by sendfile. */
static const char body[] = "body";
static int body_file;

static void check(int holds, const char *what)
{
	if (!holds) {
		perror(what);
		exit(1);
	}
}

/* A ring with one operation at a time (io_uring_setup(2), io_uring_enter(2)). */
static struct ring {
	int fd;
	unsigned int *submitted;
	unsigned int submit_mask;
	unsigned int *submissions;
	struct io_uring_sqe *entries;
	unsigned int *reaped;
	unsigned int *completed;
	unsigned int complete_mask;
	struct io_uring_cqe *completions;
} ring;

static int open_ring(void)
{
	struct io_uring_params params = {};
	size_t submit_size, complete_size, size;
	char *base;

	ring.fd = (int)syscall(__NR_io_uring_setup, 8, &params);
	if (ring.fd < 0)
		return -1;
	check(params.features & IORING_FEAT_SINGLE_MMAP, "a ring in one mapping");
	submit_size = params.sq_off.array + params.sq_entries * sizeof(unsigned int);
	complete_size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	size = submit_size > complete_size ? submit_size : complete_size;
	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd,
		    IORING_OFF_SQ_RING);
	check(base != MAP_FAILED, "map a ring");
	ring.entries = mmap(NULL, params.sq_entries * sizeof(struct io_uring_sqe),
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd,
			    IORING_OFF_SQES);
	check(ring.entries != MAP_FAILED, "map entries");
	ring.submitted = (unsigned int *)(base + params.sq_off.tail);
	ring.submit_mask = *(unsigned int *)(base + params.sq_off.ring_mask);
	ring.submissions = (unsigned int *)(base + params.sq_off.array);
	ring.reaped = (unsigned int *)(base + params.cq_off.head);
	ring.completed = (unsigned int *)(base + params.cq_off.tail);
	ring.complete_mask = *(unsigned int *)(base + params.cq_off.ring_mask);
	ring.completions = (struct io_uring_cqe *)(base + params.cq_off.cqes);
	return 0;
}

/* Waits for one completion; its result, and whether another one follows. */
static int reap(int *more)
{
	unsigned int head = *ring.reaped;
	const struct io_uring_cqe *completion;
	int result;

	while (head == __atomic_load_n(ring.completed, __ATOMIC_ACQUIRE))
		check(syscall(__NR_io_uring_enter, ring.fd, 0, 1, IORING_ENTER_GETEVENTS, NULL,
			      0) >= 0 || errno == EINTR,
		      "wait for a ring");
	completion = &ring.completions[head & ring.complete_mask];
	result = completion->res;
	*more = (completion->flags & IORING_CQE_F_MORE) != 0;
	__atomic_store_n(ring.reaped, head + 1, __ATOMIC_RELEASE);
	return result;
}

static ssize_t by_ring(const struct io_uring_sqe *entry)
{
	unsigned int tail = *ring.submitted, at = tail & ring.submit_mask;
	int result, more;

	ring.entries[at] = *entry;
	ring.submissions[at] = at;
	__atomic_store_n(ring.submitted, tail + 1, __ATOMIC_RELEASE);
	check(syscall(__NR_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1,
	      "submit to a ring");
	result = reap(&more);
	/* What is sent without being copied tells besides when it may be written to again. */
	while (more)
		reap(&more);
	errno = result < 0 ? -result : 0;
	return result < 0 ? -1 : result;
}

static ssize_t receive_by_ring(int socket, int way, char *to, size_t room,
			       const struct iovec *pieces)
{
	struct io_uring_sqe entry = {.fd = socket};

	if (way == RECEIVE_RING + 1) {
		entry.opcode = IORING_OP_READV;
		entry.addr = (unsigned long)pieces;
		entry.len = 2;
	} else {
		entry.opcode = IORING_OP_RECV;
		entry.addr = (unsigned long)to;
		entry.len = (unsigned int)room;
		entry.flags = way == RECEIVE_RING + 2 ? IOSQE_ASYNC : 0;
	}
	return by_ring(&entry);
}

static ssize_t send_by_ring(int socket, int way, const char *whole, size_t length,
			    const struct iovec *pieces)
{
	struct io_uring_sqe entry = {.fd = socket};

	if (way == SEND_RING + 1) {
		entry.opcode = IORING_OP_WRITEV;
		entry.addr = (unsigned long)pieces;
		entry.len = 3;
	} else {
		entry.opcode = way == SEND_RING + 3 ? IORING_OP_SEND_ZC : IORING_OP_SEND;
		entry.addr = (unsigned long)whole;
		entry.len = (unsigned int)length;
		entry.flags = way == SEND_RING + 2 ? IOSQE_ASYNC : 0;
	}
	return by_ring(&entry);
}

static ssize_t receive(int socket, int way, char *to, size_t room)
{
	/* In two pieces, so that a message lies in both. */
	struct iovec pieces[2] = {{to, 10}, {to + 10, room - 10}};
	struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
	struct mmsghdr messages[1] = {{.msg_hdr = message}};

	switch (way) {
	case 0:
		return read(socket, to, room);
	case 1:
		return readv(socket, pieces, 2);
	case 2:
		return recvfrom(socket, to, room, 0, NULL, NULL);
	case 3:
		return recvmsg(socket, &message, 0);
	case 4:
		return recvmmsg(socket, messages, 1, 0, NULL) == 1 ? (ssize_t)messages[0].msg_len
								   : -1;
	default:
		return receive_by_ring(socket, way, to, room, pieces);
	}
}

static void send_all(int socket, int way, char *head)
{
	size_t length = strlen(head), all = length + strlen(body);
	struct iovec pieces[3] = {
		{head, 5}, {head + 5, length - 5}, {(void *)body, strlen(body)}};
	struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 3};
	struct mmsghdr messages[2] = {
		{.msg_hdr = {.msg_iov = pieces, .msg_iovlen = 2}},
		{.msg_hdr = {.msg_iov = pieces + 2, .msg_iovlen = 1}},
	};
	off_t from = 0;
	char whole[1024];

	memcpy(whole, head, length);
	memcpy(whole + length, body, strlen(body));
	switch (way) {
	case 0:
		check(write(socket, whole, all) == (ssize_t)all, "write");
		return;
	case 1:
		check(writev(socket, pieces, 3) == (ssize_t)all, "writev");
		return;
	case 2:
		check(sendto(socket, whole, all, 0, NULL, 0) == (ssize_t)all, "sendto");
		return;
	case 3:
		check(sendmsg(socket, &message, 0) == (ssize_t)all, "sendmsg");
		return;
	case 4:
		check(sendmmsg(socket, messages, 2, 0) == 2, "sendmmsg");
		return;
	case 5:
		check(send(socket, head, length, MSG_MORE) == (ssize_t)length, "send");
		check(sendfile(socket, body_file, &from, strlen(body)) == (ssize_t)strlen(body),
		      "sendfile");
		return;
	default:
		check(send_by_ring(socket, way, whole, all, pieces) == (ssize_t)all,
		      "send by a ring");
	}
}

/* One message: a head and the body. */
static void receive_all(int socket, int way)
{
	char text[1024] = "";
	size_t have = 0;
	char *end;

	do {
		ssize_t more = receive(socket, way, text + have, sizeof(text) - 1 - have);

		check(more > 0, "receive");
		have += (size_t)more;
		text[have] = 0;
		end = strstr(text, "\r\n\r\n");
	} while (!end || strlen(end + 4) < strlen(body));
}

static void serve(int listener, int times)
{
	for (int way = 0; way < way_count; way++) {
		int socket = accept(listener, NULL, NULL), one = 1;

		check(socket >= 0, "accept");
		setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		for (int i = 0; i < times; i++) {
			char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";

			receive_all(socket, ways[way].receive);
			send_all(socket, ways[way].send, head);
		}
		close(socket);
	}
}

static void ask(struct sockaddr_in address, int times)
{
	for (int way = 0; way < way_count; way++) {
		int socket_fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
		char head[256];

		check(connect(socket_fd, (struct sockaddr *)&address, sizeof(address)) == 0,
		      "connect");
		setsockopt(socket_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		snprintf(head, sizeof(head),
			 "POST /%s/%s HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n",
			 receive_ways[ways[way].receive], send_ways[ways[way].send]);
		for (int i = 0; i < times; i++) {
			send_all(socket_fd, ways[way].send, head);
			receive_all(socket_fd, ways[way].receive);
		}
		close(socket_fd);
	}
}

static void add_way(int receive, int send)
{
	check(way_count < WAYS_MAX, "too many ways");
	ways[way_count++] = (struct way){receive, send};
}

static void choose_ways(int by_rings)
{
	for (int receive = 0; receive <= RECEIVE_RING; receive++)
		for (int send = 0; send <= SEND_RING; send++)
			if ((receive == RECEIVE_RING || send == SEND_RING) == by_rings)
				add_way(receive, send);
	if (by_rings) {
		add_way(RECEIVE_RING + 1, SEND_RING + 1);
		add_way(RECEIVE_RING + 2, SEND_RING + 2);
		add_way(RECEIVE_RING, SEND_RING + 3);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	int listener = socket(AF_INET, SOCK_STREAM, 0), times = argc > 2 ? atoi(argv[2]) : 0;
	int one = 1, status;
	int by_rings = argc > 3 && strcmp(argv[3], "io_uring") == 0;
	pid_t server;

	check(times > 0 && argc > 3, "usage: exchange PORT TIMES calls|io_uring");
	choose_ways(by_rings);
	if (by_rings && open_ring()) {
		int refused = errno == ENOSYS || errno == EPERM;

		perror("io_uring_setup");
		return refused ? NO_RING : 1;
	}
	body_file = memfd_create("body", 0);
	check(write(body_file, body, strlen(body)) == (ssize_t)strlen(body), "write a file");
	address.sin_port = htons((unsigned short)atoi(argv[1]));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	check(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
	check(listen(listener, 8) == 0, "listen");
	server = fork();
	if (server == 0) {
		/* Of a ring that was opened by the other process nothing may be used. */
		check(!by_rings || open_ring() == 0, "a ring of its own");
		serve(listener, times);
		return 0;
	}
	ask(address, times);
	check(waitpid(server, &status, 0) == server && status == 0, "wait for the server");
	return 0;
}
