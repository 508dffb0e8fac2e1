/* Asks for the time, again and again: the vDSO answers. */
#include <time.h>

#include "work.h"

FUNCTION asks(int times)
{
	struct timespec now;

	USE_RBP;
	for (int i = 0; i < times; i++) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		sink += now.tv_nsec;
	}
}

int main(void)
{
	for (;;)
		asks(10000);
}
