/* Spends its time in system calls: 60, 30 and 10 percent in reads, some more where it lists a directory. */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "work.h"

static char bytes[1 << 16];
static int zero;

#define READS(name, share)                                                     \
	FUNCTION name(void)                                                    \
	{                                                                      \
		USE_RBP;                                                       \
		for (int i = 0; i < (share); i++)                              \
			sink += read(zero, bytes, sizeof(bytes));              \
	}

READS(sixty, 6)
READS(thirty, 3)
READS(ten, 1)
CHAIN

FUNCTION lists(void)
{
	DIR *folder = opendir("/proc/self/task/..");

	USE_RBP;
	while (folder && readdir(folder))
		sink++;
	closedir(folder);
	AFTER_CALL;
}

int main(void)
{
	zero = open("/dev/zero", O_RDONLY);
	if (zero < 0)
		return 1;
	for (;;) {
		a(20);
		lists();
	}
}
