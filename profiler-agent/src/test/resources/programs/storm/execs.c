/*
 * Starts programs, one of a list after the other: so many a second, so many in all. Prints how many
 * it started and how many milliseconds that took.
 *   execs RATE COUNT PROGRAM...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000L + time.tv_nsec;
}

int main(int count, char **words)
{
	long rate, all, start = now(), ended = 0;

	if (count < 4)
		return 2;
	rate = atol(words[1]);
	all = atol(words[2]);
	for (long i = 0; i < all; i++) {
		long due = start + i * 1000000000L / rate;
		struct timespec time = {due / 1000000000L, due % 1000000000L};
		char *program = words[3 + i % (count - 3)];
		char *arguments[] = {program, NULL};
		char *environment[] = {"OTEL_SERVICE_NAME=storm", NULL};
		int status;
		pid_t pid;

		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
			;
		if (posix_spawn(&pid, program, NULL, NULL, arguments, environment))
			return 3;
		while (waitpid(-1, &status, WNOHANG) > 0)
			ended++;
	}
	while (ended < all && wait(NULL) > 0)
		ended++;
	printf("%ld %ld\n", ended, (now() - start) / 1000000);
	return 0;
}
