/* Four threads that work, and come and go. */
#include <pthread.h>

#include "work.h"

WORK(sixty, 6)
WORK(thirty, 3)
WORK(ten, 1)
CHAIN

__attribute__((noipa)) static void *thread(void *unused)
{
	USE_RBP;
	a(200);
	AFTER_CALL;
	return unused;
}

int main(void)
{
	for (;;) {
		pthread_t threads[4];

		for (int i = 0; i < 4; i++)
			if (pthread_create(&threads[i], NULL, thread, NULL))
				return 1;
		for (int i = 0; i < 4; i++)
			pthread_join(threads[i], NULL);
	}
}
