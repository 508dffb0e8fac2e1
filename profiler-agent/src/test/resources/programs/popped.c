/*
 * Like burst, in a function that has popped rbp again while its rules still say that it lies where it was
 * pushed, now below the stack pointer: compilers leave a register's rule as it was after the pop.
 */
#include <stdlib.h>
#include <time.h>

void burn(unsigned long loops);
__asm__(".text\n"
	".globl burn\n"
	".type burn, @function\n"
	"burn:\n"
	"	.cfi_startproc\n"
	"	push %rbp\n"
	"	.cfi_def_cfa_offset 16\n"
	"	.cfi_offset %rbp, -16\n"
	"	xor %ebp, %ebp\n"
	"	pop %rbp\n"
	"	.cfi_def_cfa_offset 8\n"
	"1:	dec %rdi\n"
	"	jnz 1b\n"
	"	ret\n"
	"	.cfi_endproc\n"
	".size burn, . - burn\n");

int main(int count, char **words)
{
	clock_t until = (count > 1 ? atol(words[1]) : 20) * (CLOCKS_PER_SEC / 1000);

	while (clock() < until)
		burn(20000);
	return 0;
}
