/*
 * Says HTTP to itself over one connection for each way to receive and each way to send, so many
 * times each: exchange PORT TIMES. The path of a request names the ways.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const receive_ways[] = {"read", "readv", "recvfrom", "recvmsg", "recvmmsg"};
static const char *const send_ways[] = {"write",   "writev",   "sendto",
					"sendmsg", "sendmmsg", "sendfile"};
#define RECEIVE_WAYS 5
#define SEND_WAYS 6

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
	default:
		return recvmmsg(socket, messages, 1, 0, NULL) == 1 ? (ssize_t)messages[0].msg_len
								   : -1;
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
	default:
		check(send(socket, head, length, MSG_MORE) == (ssize_t)length, "send");
		check(sendfile(socket, body_file, &from, strlen(body)) == (ssize_t)strlen(body),
		      "sendfile");
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
	for (int receiving = 0; receiving < RECEIVE_WAYS; receiving++)
		for (int sending = 0; sending < SEND_WAYS; sending++) {
			int socket = accept(listener, NULL, NULL), one = 1;

			check(socket >= 0, "accept");
			setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			for (int i = 0; i < times; i++) {
				char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";

				receive_all(socket, receiving);
				send_all(socket, sending, head);
			}
			close(socket);
		}
}

static void ask(struct sockaddr_in address, int times)
{
	for (int receiving = 0; receiving < RECEIVE_WAYS; receiving++)
		for (int sending = 0; sending < SEND_WAYS; sending++) {
			int socket_fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
			char head[256];

			check(connect(socket_fd, (struct sockaddr *)&address, sizeof(address)) == 0,
			      "connect");
			setsockopt(socket_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			snprintf(head, sizeof(head),
				 "POST /%s/%s HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n",
				 receive_ways[receiving], send_ways[sending]);
			for (int i = 0; i < times; i++) {
				send_all(socket_fd, sending, head);
				receive_all(socket_fd, receiving);
			}
			close(socket_fd);
		}
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	int listener = socket(AF_INET, SOCK_STREAM, 0), times = argc > 2 ? atoi(argv[2]) : 0;
	int one = 1, status;
	pid_t server;

	check(times > 0, "usage: exchange PORT TIMES");
	body_file = memfd_create("body", 0);
	check(write(body_file, body, strlen(body)) == (ssize_t)strlen(body), "write a file");
	address.sin_port = htons((unsigned short)atoi(argv[1]));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	check(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
	check(listen(listener, 8) == 0, "listen");
	server = fork();
	if (server == 0) {
		serve(listener, times);
		return 0;
	}
	ask(address, times);
	check(waitpid(server, &status, 0) == server && status == 0, "wait for the server");
	return 0;
}
