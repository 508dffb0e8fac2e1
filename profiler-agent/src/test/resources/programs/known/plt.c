/* Calls a function of a library in a tight loop, by way of the procedure linkage table. */
#include "work.h"

long trivial(long x);

FUNCTION hammers(long times)
{
	long x = sink;

	USE_RBP;
	for (long i = 0; i < times; i++)
		x = trivial(x);
	sink = x;
	AFTER_CALL;
}

FUNCTION holds(void)
{
	USE_RBP;
	hammers(1000000);
	AFTER_CALL;
}

int main(void)
{
	for (;;)
		holds();
}
