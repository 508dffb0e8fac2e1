/*
 * Probes the returns of functions of a file, in all processes, until standard input ends.
 *
 *   probes FILE OFFSET...    offsets in the file
 */
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned int number_in(const char *path, const char *format)
{
	FILE *file = fopen(path, "r");
	unsigned int number;

	if (!file || fscanf(file, format, &number) != 1) {
		perror(path);
		exit(1);
	}
	fclose(file);
	return number;
}

int main(int count, char **words)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = number_in("/sys/bus/event_source/devices/uprobe/type", "%u"),
		.config = 1u << number_in("/sys/bus/event_source/devices/uprobe/format/retprobe",
					  "config:%u"),
	};

	for (int i = 2; i < count; i++) {
		attr.config1 = (uintptr_t)words[1];
		attr.config2 = strtoull(words[i], NULL, 0);
		if (syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC) < 0) {
			perror(words[i]);
			return 1;
		}
	}
	puts("set");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
