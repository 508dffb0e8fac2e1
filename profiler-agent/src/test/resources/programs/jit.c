/* Runs code that it wrote itself, and lists it in a perf map, until it is killed. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* push rbp; mov rbp, rsp; again: dec rdi; jnz again; pop rbp; ret */
static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0x48, 0xff,
				     0xcf, 0x75, 0xfb, 0x5d, 0xc3};

int main(void)
{
	char name[64];
	FILE *map;
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return 1;
	memcpy(page, code, sizeof(code));
	snprintf(name, sizeof(name), "/tmp/perf-%d.map", getpid());
	map = fopen(name, "w");
	if (!map)
		return 2;
	fprintf(map, "%lx %zx LazyCompile:*counts_down /srv/app.js:7\n", (unsigned long)page,
		sizeof(code));
	fclose(map);
	for (;;)
		((void (*)(unsigned long))page)(1000000);
}
