/*
 * Functions whose stack is aligned to more than the caller's: the compiler keeps the caller's stack
 * pointer in a register, and saves that (DW_CFA_def_cfa_expression).
 */
#include "work.h"

WORK(sixty, 6)
WORK(thirty, 3)
WORK(ten, 1)
CHAIN

__attribute__((noipa)) long takes(char *bytes, long one, long two, long three, long four, long five,
				  long six, long seven, long eight)
{
	char more[bytes[0] & 63] __attribute__((aligned(64)));

	more[0] = bytes[0];
	__asm__ volatile("" ::"r"(more) : "memory");
	a(10);
	AFTER_CALL;
	return one + two + three + four + five + six + seven + eight + more[0];
}

FUNCTION aligns(long n)
{
	char bytes[128] __attribute__((aligned(64)));

	bytes[0] = (char)n | 1;
	__asm__ volatile("" ::"r"(bytes) : "memory");
	sink += takes(bytes, n, n, n, n, n, n, n, n);
	AFTER_CALL;
}

int main(void)
{
	for (long n = 0;; n++)
		aligns(n);
}
