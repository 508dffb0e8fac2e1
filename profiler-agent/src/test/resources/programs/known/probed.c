/*
 * Calls whose returns are probed by whoever runs this: nested ones, a function that calls itself, one that
 * jumps to another so that both return by one address, and some that a longjmp leaves.
 */
#include <setjmp.h>

#include "work.h"

WORK(sixty, 6)
WORK(thirty, 3)
WORK(ten, 1)
WORK(innermost, 3)
WORK(chained, 3)
WORK(jumped, 3)
WORK(anew, 3)
CHAIN

static jmp_buf back;

FUNCTION deep(int levels)
{
	USE_RBP;
	if (levels > 1)
		deep(levels - 1);
	else
		innermost();
	AFTER_CALL;
}

FUNCTION last(void)
{
	USE_RBP;
	chained();
	AFTER_CALL;
}

/* Its return address is that of last. */
FUNCTION starts(void)
{
	sink++;
	last();
}

FUNCTION leaps(void)
{
	USE_RBP;
	longjmp(back, 1);
}

FUNCTION leads(void)
{
	volatile char room[100];

	USE_RBP;
	room[0] = 1;
	leaps();
	sink += room[0];
}

/* Lies where leads and leaps were. */
FUNCTION after(void)
{
	volatile char room[200];

	USE_RBP;
	room[0] = 1;
	jumped();
	sink += room[0];
}

FUNCTION again(void)
{
	USE_RBP;
	anew();
	AFTER_CALL;
}

FUNCTION protects(void)
{
	if (!setjmp(back))
		leads();
	after();
	again();
	AFTER_CALL;
}

int main(int count, char **words)
{
	(void)words;
	for (;;) {
		a(1);
		/* Of more than 64 calls at a time the kernel probes no returns. */
		deep(count > 1 ? 100 : 20);
		starts();
		protects();
	}
}
