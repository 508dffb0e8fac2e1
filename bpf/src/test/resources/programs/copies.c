/* Spends its time in memcpy, which has no frame, for as many seconds as it is told. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

char to[1 << 20], from[1 << 20];

__attribute__((noinline)) void copies(void)
{
	for (int i = 0; i < 20; i++)
		memcpy(to, from, sizeof(to));
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 1);

	while (time(NULL) < end)
		copies();
	return 0;
}
