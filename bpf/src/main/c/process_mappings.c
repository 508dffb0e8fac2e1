// SPDX-License-Identifier: Apache-2.0
#include "process_mappings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The kernel follows the list of mappings in its own order; a name takes a page at most. */
static long query(int fd, __u64 from, unsigned char *to, size_t room, __u64 *next)
{
	char path[MAPPING_PATH_BYTES];
	size_t used = 0;

	for (;;) {
		struct procmap_query query = {
			.size = sizeof(query),
			.query_flags = PROCMAP_VMA_EXECUTABLE | PROCMAP_COVERING_OR_NEXT,
			.query_addr = from,
			.vma_name_size = sizeof(path),
			.vma_name_addr = (__u64)(uintptr_t)path,
		};
		struct process_mapping mapping = {};
		size_t path_bytes, padded;

		if (ioctl(fd, PROCMAP_QUERY_IOCTL, &query)) {
			if (errno != ENOENT)
				return -errno;
			*next = 0;
			return (long)used;
		}
		path_bytes = query.vma_name_size ? strnlen(path, sizeof(path)) : 0;
		padded = (path_bytes + 7) & ~(size_t)7;
		if (used + sizeof(mapping) + padded > room) {
			*next = from;
			return used ? (long)used : -ENOBUFS;
		}
		mapping.start = query.vma_start;
		mapping.end = query.vma_end;
		mapping.file_offset = query.vma_offset;
		mapping.device = (__u64)query.dev_major << 32 | query.dev_minor;
		mapping.inode = query.inode;
		mapping.path_bytes = (__u32)path_bytes;
		memcpy(to + used, &mapping, sizeof(mapping));
		memset(to + used + sizeof(mapping), 0, padded);
		memcpy(to + used + sizeof(mapping), path, path_bytes);
		used += sizeof(mapping) + padded;
		from = query.vma_end;
	}
}

long process_mappings(__u32 pid, __u64 from, unsigned char *to, size_t room, __u64 *next)
{
	char name[32];
	long bytes;
	int fd;

	snprintf(name, sizeof(name), "/proc/%u/maps", pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	bytes = query(fd, from, to, room, next);
	close(fd);
	return bytes;
}
