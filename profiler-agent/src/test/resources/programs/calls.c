/*
 * Spends its time in a system call that works in the kernel. It makes the call itself: the C
 * library keeps no frame pointers, so that its callers would not be seen.
 */
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

static char bytes[1 << 16];

static inline __attribute__((always_inline)) long enter(int fd)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(SYS_read), "D"(fd), "S"(bytes), "d"(sizeof(bytes))
			 : "rcx", "r11", "memory");
	return result;
}

__attribute__((noinline)) long reads(int fd)
{
	volatile long sum = 0;

	for (int i = 0; i < 100; i++)
		sum += enter(fd);
	return sum;
}

int main(void)
{
	int fd = open("/dev/zero", O_RDONLY);
	volatile long sum = 0;

	for (;;)
		sum += reads(fd);
}
