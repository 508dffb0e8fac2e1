/* Spends 60, 30 and 10 percent of its time in three functions, until it is killed. */
#define LOOPS 100000UL

static volatile unsigned long sink;

/*
 * A chain of multiplications in a register takes the same time wherever it stands; a counter on the stack
 * does not, since the CPU forwards stores to loads now faster, now slower.
 */
#define WORK(name, share)                                                      \
	__attribute__((noinline)) void name(void)                              \
	{                                                                      \
		unsigned long x = sink;                                        \
		for (unsigned long i = 0; i < LOOPS * (share); i++) {          \
			x = x * 6364136223846793005UL + i;                     \
			__asm__ volatile("" : "+r"(x));                        \
		}                                                              \
		sink = x;                                                      \
	}

WORK(sixty, 6)
WORK(thirty, 3)
WORK(ten, 1)

int main(void)
{
	for (;;) {
		sixty();
		thirty();
		ten();
	}
}
