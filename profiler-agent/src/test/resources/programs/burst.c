/* Keeps a CPU busy for so many milliseconds of its own time. */
#include <stdlib.h>
#include <time.h>

__attribute__((noinline)) void burn(void)
{
	for (volatile unsigned long i = 0; i < 20000; i++)
		;
}

int main(int count, char **words)
{
	clock_t until = (count > 1 ? atol(words[1]) : 20) * (CLOCKS_PER_SEC / 1000);

	while (clock() < until)
		burn();
	return 0;
}
