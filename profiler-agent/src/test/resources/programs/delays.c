/*
 * A server that answers GET /N after N microseconds, and a client that measures its answers.
 *   delays serve ADDRESS PORT
 *   delays ask ADDRESS PORT CONNECTIONS RATE SECONDS LONGEST
 * The client asks RATE times a second over all connections (0: as often as it gets answers), for delays up to LONGEST
 * microseconds, and prints how many answers there were, and the median and the 99th percentile of what they took, in
 * microseconds: from before the request is sent until the answer is there.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BODY 200
#define HEAD "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n"
#define MOST 4000000

static struct sockaddr_in address;
static long rate, connections, longest;
static double until;
static uint32_t *took;
static long answers;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void pause_for(double seconds)
{
	struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

	nanosleep(&t, NULL);
}

static void *serve(void *argument)
{
	int fd = (int)(intptr_t)argument;
	char request[1024], answer[1024];
	long bytes;

	while ((bytes = recv(fd, request, sizeof(request) - 1, 0)) > 0) {
		long delay;
		int length;

		request[bytes] = 0;
		delay = strncmp(request, "GET /", 5) ? 0 : atol(request + 5);
		if (delay > 0)
			pause_for((double)delay / 1e6);
		length = sprintf(answer, HEAD "%*s", BODY, "x");
		if (send(fd, answer, (size_t)length, MSG_NOSIGNAL) != length)
			break;
	}
	close(fd);
	return NULL;
}

static void *ask(void *argument)
{
	unsigned seed = (unsigned)(uintptr_t)argument + 97;
	int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
	double every = rate ? (double)connections / (double)rate : 0, next = now() + every * (seed % 97) / 97;
	char request[256], answer[1024];

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		fail("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	for (;;) {
		int length = sprintf(request, "GET /%ld HTTP/1.1\r\nHost: here\r\n\r\n",
				     longest ? (long)(rand_r(&seed) % (unsigned)longest) : 0L);
		double start = now(), end;
		long got = 0, number;

		if (start < next) {
			pause_for(next - start);
			start = now();
		}
		/* Who is late stays late: what is missed is not asked in a burst. */
		next = next + every > start ? next + every : start + every;
		if (start > until)
			break;
		if (send(fd, request, (size_t)length, MSG_NOSIGNAL) != length)
			fail("send");
		while (got < (long)sizeof(HEAD) - 1 + BODY) {
			long bytes = recv(fd, answer, sizeof(answer), 0);

			if (bytes <= 0)
				fail("recv");
			got += bytes;
		}
		end = now();
		number = __atomic_fetch_add(&answers, 1, __ATOMIC_RELAXED);
		if (number < MOST)
			took[number] = (uint32_t)((end - start) * 1e6);
	}
	close(fd);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

int main(int count, char **words)
{
	pthread_t threads[256];

	if (count < 4 || inet_pton(AF_INET, words[2], &address.sin_addr) != 1)
		return 2;
	address.sin_family = AF_INET;
	address.sin_port = htons((uint16_t)atoi(words[3]));
	if (strcmp(words[1], "serve") == 0) {
		int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

		setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
		if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 256))
			fail("listen");
		for (;;) {
			int fd = accept(listener, NULL, NULL);
			pthread_t thread;

			if (fd < 0)
				fail("accept");
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
			if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd))
				return 3;
			pthread_detach(thread);
		}
	}
	if (count < 8)
		return 2;
	connections = atol(words[4]);
	rate = atol(words[5]);
	until = now() + atof(words[6]);
	longest = atol(words[7]);
	took = malloc(MOST * sizeof(*took));
	if (!took || connections < 1 || connections > 256)
		return 2;
	for (long i = 0; i < connections; i++)
		if (pthread_create(&threads[i], NULL, ask, (void *)i))
			return 3;
	for (long i = 0; i < connections; i++)
		pthread_join(threads[i], NULL);
	if (answers < 100 || answers > MOST)
		return 4;
	qsort(took, (size_t)answers, sizeof(*took), compare);
	printf("%ld %u %u\n", answers, took[answers / 2], took[answers * 99 / 100]);
	return 0;
}
