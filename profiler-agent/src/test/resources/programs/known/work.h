/*
 * What the programs of known stacks share: three functions that take 60, 30 and 10 percent of the time,
 * and the chain a -> b that leads to them.
 */
#ifndef KNOWN_WORK_H
#define KNOWN_WORK_H

#define LOOPS 20000UL

/* Neither inlined nor cloned, and nothing is concluded from what it does. */
#define FUNCTION __attribute__((noipa)) void

static volatile unsigned long sink;

/*
 * A chain of multiplications in a register takes the same time wherever it stands; a counter on the stack
 * does not, since the CPU forwards stores to loads now faster, now slower.
 */
#define WORK(name, share)                                                      \
	FUNCTION name(void)                                                    \
	{                                                                      \
		unsigned long x = sink;                                        \
		for (unsigned long i = 0; i < LOOPS * (share); i++) {          \
			x = x * 6364136223846793005UL + i;                     \
			__asm__ volatile("" : "+r"(x));                        \
		}                                                              \
		sink = x;                                                      \
	}

/* What follows a call keeps it from becoming a jump. */
#define AFTER_CALL __asm__ volatile("" ::: "memory")

/* Where there are no frame pointers, rbp holds something that looks like none, or like one of another stack. */
#ifdef KEEPS_FRAME_POINTER
#define USE_RBP
#else
#define USE_RBP __asm__ volatile("lea -64(%%rsp), %%rbp" ::: "rbp")
#endif

#define CHAIN                                                                  \
	FUNCTION b(int which)                                                  \
	{                                                                      \
		USE_RBP;                                                       \
		if (which == 0)                                                \
			sixty();                                               \
		else if (which == 1)                                           \
			thirty();                                              \
		else                                                           \
			ten();                                                 \
		AFTER_CALL;                                                    \
	}                                                                      \
                                                                               \
	FUNCTION a(int rounds)                                                 \
	{                                                                      \
		volatile char room[200];                                       \
                                                                               \
		USE_RBP;                                                       \
		room[0] = 0;                                                   \
		for (int i = 0; i < rounds; i++) {                             \
			room[i % 200] = (char)i;                               \
			b(0);                                                  \
			b(1);                                                  \
			b(2);                                                  \
		}                                                              \
		sink += room[0];                                               \
		AFTER_CALL;                                                    \
	}

#endif
