/* main -> a -> b -> sixty, thirty, ten; until it is killed. */
#include "work.h"

WORK(sixty, 6)
WORK(thirty, 3)
WORK(ten, 1)
CHAIN

int main(void)
{
	for (;;)
		a(100);
}
