/*
 * One byte there and one back over TCP on loopback, so many times, with a new connection after so
 * many of them: pingpong TIMES TIMES_OF_A_CONNECTION. Prints nanoseconds a round.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void check(int holds, const char *what)
{
	if (!holds) {
		perror(what);
		exit(1);
	}
}

static void send_at_once(int socket)
{
	int on = 1;

	check(!setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "setsockopt");
}

static void answer(int listener)
{
	char byte;

	for (;;) {
		int socket = accept(listener, NULL, NULL);

		check(socket >= 0, "accept");
		send_at_once(socket);
		while (read(socket, &byte, 1) == 1)
			check(write(socket, &byte, 1) == 1, "write");
		close(socket);
	}
}

static int connected(const struct sockaddr_in *address)
{
	int to = socket(AF_INET, SOCK_STREAM, 0);

	check(to >= 0 && !connect(to, (const struct sockaddr *)address, sizeof(*address)), "connect");
	send_at_once(to);
	return to;
}

int main(int argc, char **argv)
{
	long times = argc > 1 ? atol(argv[1]) : 1000, of_one = argc > 2 ? atol(argv[2]) : times;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), to = -1;
	struct timespec from, until;
	char byte = 1;
	pid_t child;

	check(listener >= 0 && !bind(listener, (struct sockaddr *)&address, sizeof(address)) &&
		      !listen(listener, 8) &&
		      !getsockname(listener, (struct sockaddr *)&address, &length),
	      "listen");
	child = fork();
	check(child >= 0, "fork");
	if (child == 0) {
		alarm(600);
		answer(listener);
	}
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (long i = 0; i < times; i++) {
		if (i % of_one == 0) {
			if (to >= 0)
				close(to);
			to = connected(&address);
		}
		check(write(to, &byte, 1) == 1 && read(to, &byte, 1) == 1, "exchange");
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	printf("%.1f\n", ((until.tv_sec - from.tv_sec) * 1e9 + (until.tv_nsec - from.tv_nsec)) /
				 (double)times);
	fflush(stdout);
	kill(child, SIGKILL);
	return 0;
}
