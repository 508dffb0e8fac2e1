/*
 * Starts short-lived processes that are copies of itself: each calls itself w_NN and works in a function
 * of that number. Prints how many there were.
 *   forks COUNT
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define FUNCTION __attribute__((noipa)) static void

static volatile unsigned long sink;

#define WORK(number)                                                           \
	FUNCTION work_##number(void)                                           \
	{                                                                      \
		unsigned long x = sink + 1##number;                            \
		for (unsigned long i = 0; i < 500000; i++) {                   \
			x = x * 6364136223846793005UL + i;                     \
			__asm__ volatile("" : "+r"(x));                        \
		}                                                              \
		sink = x;                                                      \
	}

WORK(00)
WORK(01)
WORK(02)
WORK(03)
WORK(04)
WORK(05)
WORK(06)
WORK(07)

static void (*const works[])(void) = {work_00, work_01, work_02, work_03,
				      work_04, work_05, work_06, work_07};

int main(int count, char **words)
{
	long all = count > 1 ? atol(words[1]) : 0, ended = 0;

	for (long i = 0; i < all; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 1;
		if (pid == 0) {
			char name[16];

			snprintf(name, sizeof(name), "w_%02ld", i % 8);
			prctl(PR_SET_NAME, name);
			works[i % 8]();
			_exit(0);
		}
		if (i >= 4 && wait(NULL) > 0)
			ended++;
	}
	while (ended < all && wait(NULL) > 0)
		ended++;
	printf("%ld\n", ended);
	return 0;
}
