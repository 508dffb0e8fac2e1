/* One end of a connection: "sink PORT" reads all that is said; "say HOST PORT BYTES" says it. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int sink(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
	int listener = socket(AF_INET, SOCK_STREAM, 0), peer;
	static char buffer[65536];
	long long sum = 0;
	ssize_t bytes;

	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, 8))
		return fail("listen");
	puts("listening");
	fflush(stdout);
	peer = accept(listener, NULL, NULL);
	while ((bytes = read(peer, buffer, sizeof(buffer))) > 0)
		sum += bytes;
	printf("%lld\n", sum);
	return 0;
}

static int say(const char *host, int port, long long bytes)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	static char buffer[65536];
	char last;

	inet_pton(AF_INET, host, &to.sin_addr);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fail("connect");
	while (bytes > 0) {
		ssize_t sent = write(fd, buffer, bytes < (long long)sizeof(buffer) ? bytes : sizeof(buffer));

		if (sent < 0)
			return fail("write");
		bytes -= sent;
	}
	shutdown(fd, SHUT_WR);
	if (read(fd, &last, 1) < 0)
		return fail("read");
	puts("said");
	return 0;
}

int main(int count, char **arguments)
{
	if (count == 3 && !strcmp(arguments[1], "sink"))
		return sink(atoi(arguments[2]));
	if (count == 5 && !strcmp(arguments[1], "say"))
		return say(arguments[2], atoi(arguments[3]), atoll(arguments[4]));
	return 2;
}
