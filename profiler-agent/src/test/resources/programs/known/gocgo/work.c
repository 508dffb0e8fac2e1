#include "_cgo_export.h"

static volatile unsigned long sink;

__attribute__((noipa)) void sixty(void)
{
	unsigned long x = sink;

	for (unsigned long i = 0; i < 120000; i++) {
		x = x * 6364136223846793005UL + i;
		__asm__ volatile("" : "+r"(x));
	}
	sink = x;
}

__attribute__((noipa)) void calls_back(void)
{
	goThirty();
	sink++;
}
