/*
 * A static program with a start of its own and no C library. Like musl's, the start says nothing of
 * how it is unwound; all else does.
 */
#include "work.h"

WORK(sixty, 6)
WORK(thirty, 3)
WORK(ten, 1)
CHAIN

__attribute__((noipa, used)) int main(void)
{
	for (;;)
		a(100);
}

__asm__(".globl _start\n"
	".type _start, @function\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	and $-16, %rsp\n"
	"	call main\n"
	"	hlt\n"
	".size _start, . - _start\n");
