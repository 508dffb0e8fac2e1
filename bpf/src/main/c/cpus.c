// SPDX-License-Identifier: Apache-2.0
#include "cpus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int cpus_parse(const char *list, bool online[CPUS_MAX])
{
	memset(online, 0, CPUS_MAX * sizeof(bool));
	while (*list && *list != '\n') {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (end == list)
			return -EINVAL;
		if (*end == '-') {
			list = end + 1;
			last = strtoul(list, &end, 10);
			if (end == list)
				return -EINVAL;
		}
		if (last < first || last >= CPUS_MAX)
			return -EINVAL;
		for (unsigned long cpu = first; cpu <= last; cpu++)
			online[cpu] = true;
		list = *end == ',' ? end + 1 : end;
		if (*end && *end != ',' && *end != '\n')
			return -EINVAL;
	}
	return 0;
}
