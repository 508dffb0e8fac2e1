// SPDX-License-Identifier: Apache-2.0
#include "program_times.h"

#include <stdio.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

size_t program_times(const struct bpf_object *object, char *to, size_t room)
{
	struct bpf_program *program;
	size_t length = 0;

	to[0] = 0;
	bpf_object__for_each_program(program, object) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);
		int fd = bpf_program__fd(program), written;

		/* Not every one is loaded: some are there for older kernels. */
		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
			continue;
		written = snprintf(to + length, room - length, "%s %llu %llu\n",
				   bpf_program__name(program), (unsigned long long)info.run_cnt,
				   (unsigned long long)info.run_time_ns);
		if (written < 0 || (size_t)written >= room - length) {
			to[length] = 0;
			break;
		}
		length += (size_t)written;
	}
	return length;
}
