/* One of many plugins that are alike but for their number, which their function carries. */
#define JOIN(one, other) one##other
#define NAMED(one, number) JOIN(one, number)

static volatile unsigned long sink;

__attribute__((noipa)) void NAMED(plugin_, NUMBER)(void)
{
	unsigned long x = sink;

	for (unsigned long i = 0; i < 300000; i++) {
		x = x * 6364136223846793005UL + i;
		__asm__ volatile("" : "+r"(x));
	}
	sink = x;
}
