/* Calls itself so many times before it works. */
#include <stdlib.h>

#include "work.h"

WORK(sixty, 6)
WORK(thirty, 3)
WORK(ten, 1)
CHAIN

FUNCTION deep(int levels)
{
	USE_RBP;
	if (levels > 1)
		deep(levels - 1);
	else
		a(100);
	AFTER_CALL;
}

int main(int count, char **words)
{
	if (count < 2)
		return 1;
	for (;;)
		deep(atoi(words[1]));
}
