/* A plugin that works. */
#include "work.h"

WORK(sixty, 6)
WORK(thirty, 3)
WORK(ten, 1)
CHAIN

FUNCTION plugin_run(int rounds)
{
	USE_RBP;
	a(rounds);
	AFTER_CALL;
}
