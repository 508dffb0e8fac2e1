/* Spends 60, 30 and 10 % of its time in three functions, for as many seconds as it is told, and
 * prints the CPU time that the kernel counted for it, in nanoseconds. "user" works in user mode
 * only, "mixed" makes a system call now and then. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define WORK(name)                                                  \
	__attribute__((noinline)) unsigned long name(unsigned long n) \
	{                                                           \
		unsigned long x = n;                                \
		for (unsigned long i = 0; i < n; i++)               \
			__asm__ volatile("imul $3, %0" : "+r"(x));  \
		return x;                                           \
	}

WORK(work_sixty)
WORK(work_thirty)
WORK(work_ten)

__attribute__((noinline)) unsigned long once(void)
{
	return work_sixty(60000) + work_thirty(30000) + work_ten(10000);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double end = now() + (argc > 1 ? atof(argv[1]) : 1);
	int mixed = argc > 2 && !strcmp(argv[2], "mixed"), zero = open("/dev/zero", O_RDONLY);
	static char page[1 << 20];
	unsigned long sum = 0;
	struct rusage usage;

	while (now() < end) {
		sum += once();
		if (mixed && read(zero, page, sizeof(page)) < 0)
			return 1;
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("%ld\n", (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000L +
				(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000L);
	return sum == 42;
}
