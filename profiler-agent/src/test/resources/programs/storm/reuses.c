/*
 * Starts programs, one of a list after the other, all with the same process id: as soon as one has
 * ended the next one takes its place. Prints how many there were.
 *   reuses COUNT PROGRAM...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **words)
{
	pid_t pid = 0;
	long all, started = 0;

	if (count < 3)
		return 2;
	all = atol(words[1]);
	while (started < all) {
		struct clone_args arguments = {.exit_signal = SIGCHLD};
		char *program = words[2 + started % (count - 2)];
		long child;

		if (pid) {
			arguments.set_tid = (uintptr_t)&pid;
			arguments.set_tid_size = 1;
		}
		child = syscall(SYS_clone3, &arguments, sizeof(arguments));
		if (child == 0) {
			char *own[] = {program, NULL};
			char *environment[] = {"OTEL_SERVICE_NAME=reuse", NULL};

			execve(program, own, environment);
			_exit(1);
		}
		if (child < 0) {
			/* Somebody else's by now: another one will do. */
			if (errno != EEXIST || !pid)
				return 3;
			pid = 0;
			continue;
		}
		pid = (pid_t)child;
		if (waitpid(pid, NULL, 0) != pid)
			return 4;
		started++;
	}
	printf("%ld\n", started);
	return 0;
}
