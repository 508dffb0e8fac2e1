/* Recurses as deep as it is told, works there for as many seconds, with or without ending the
 * chain of frame pointers properly. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

__attribute__((noinline)) static int deep(int depth, double seconds)
{
	struct timespec t;
	double end;
	volatile int result;

	if (depth > 0) {
		result = deep(depth - 1, seconds);
		return result + 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &t);
	end = (double)t.tv_sec + (double)t.tv_nsec / 1e9 + seconds;
	do {
		for (volatile int i = 0; i < 1000000; i++)
			;
		clock_gettime(CLOCK_MONOTONIC, &t);
	} while ((double)t.tv_sec + (double)t.tv_nsec / 1e9 < end);
	return 0;
}

int main(int argc, char **argv)
{
	return argc < 3 || deep(atoi(argv[1]), atof(argv[2])) < 0;
}
