/*
 * Works in a signal handler, on the stack of the interrupted code or (given a word) on another one. What
 * is interrupted is anywhere in a function and in the leaf that it calls, prologues and epilogues too.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

#include "work.h"

WORK(sixty, 6)
WORK(thirty, 3)
WORK(ten, 1)
CHAIN

__attribute__((noipa)) static void handler(int number)
{
	(void)number;
	a(20);
	AFTER_CALL;
}

__attribute__((noipa)) long leaf(long x)
{
	return x * 3 + 1;
}

FUNCTION interrupted(void)
{
	long x = 1;

	USE_RBP;
	for (;;)
		x = leaf(x);
}

FUNCTION outer(void)
{
	USE_RBP;
	interrupted();
	AFTER_CALL;
}

int main(int count, char **words)
{
	struct sigaction action = {.sa_handler = handler};
	struct itimerval often = {{0, 1000}, {0, 100000}};

	(void)words;
	if (count > 1) {
		stack_t stack = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};

		if (!stack.ss_sp || sigaltstack(&stack, NULL))
			return 1;
		action.sa_flags = SA_ONSTACK;
	}
	if (sigaction(SIGALRM, &action, NULL) || setitimer(ITIMER_REAL, &often, NULL))
		return 2;
	outer();
}
