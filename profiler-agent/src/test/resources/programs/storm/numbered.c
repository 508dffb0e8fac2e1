/*
 * One of many programs that are alike but for their number, which their functions carry. Static and
 * without a C library, so that exec takes little; all of them have the same layout.
 */
#define JOIN(one, other) one##other
#define NAMED(one, number) JOIN(one, number)
#define FUNCTION __attribute__((noipa, used))

static volatile unsigned long sink;

FUNCTION void NAMED(work_, NUMBER)(void)
{
	/* Alike, but not equal: what is equal byte by byte in memory has one build-id. */
	unsigned long x = sink + NAMED(1, NUMBER);

	for (unsigned long i = 0; i < LOOPS; i++) {
		x = x * 6364136223846793005UL + i;
		__asm__ volatile("" : "+r"(x));
	}
	sink = x;
}

FUNCTION void NAMED(calls_, NUMBER)(void)
{
	NAMED(work_, NUMBER)();
	__asm__ volatile("" ::: "memory");
}

FUNCTION void NAMED(main_, NUMBER)(void)
{
	NAMED(calls_, NUMBER)();
	__asm__ volatile("syscall" ::"a"(231), "D"(0) : "rcx", "r11", "memory");
}

#define TEXT(word) #word
#define START(number)                                                          \
	__asm__(".globl _start\n"                                              \
		".type _start, @function\n"                                    \
		"_start:\n"                                                    \
		"	xor %ebp, %ebp\n"                                      \
		"	and $-16, %rsp\n"                                      \
		"	call main_" TEXT(number) "\n"                          \
		"	hlt\n"                                                 \
		".size _start, . - _start\n")
START(NUMBER);
