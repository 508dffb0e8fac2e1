/*
 * Runs one program of stacks.bpf.c on all CPUs for so many seconds. Prints how often it ran, how many
 * nanoseconds that took by the kernel's statistics (which must be on), and how many frames it saw.
 *   stacks OBJECT PROGRAM HERTZ SECONDS
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

int main(int count, char **words)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info), zero = 0;
	unsigned long long frames = 0;
	struct bpf_object *object;
	struct bpf_program *program;
	struct bpf_map *map;

	if (count < 5)
		return 2;
	object = bpf_object__open_file(words[1], NULL);
	if (!object || bpf_object__load(object))
		return fail("load");
	program = bpf_object__find_program_by_name(object, words[2]);
	if (!program)
		return fail("program");
	for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN); cpu++) {
		struct perf_event_attr clock = {
			.type = PERF_TYPE_SOFTWARE,
			.size = sizeof(clock),
			.config = PERF_COUNT_SW_CPU_CLOCK,
			.freq = 1,
			.sample_freq = (__u64)atoll(words[3]),
		};
		int event = (int)syscall(SYS_perf_event_open, &clock, -1, (int)cpu, -1,
					 PERF_FLAG_FD_CLOEXEC);

		if (event < 0 || !bpf_program__attach_perf_event(program, event))
			return fail("attach");
	}
	sleep((unsigned)atoi(words[4]));
	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
		return fail("info");
	map = bpf_object__find_map_by_name(object, ".bss");
	if (map && bpf_map_lookup_elem(bpf_map__fd(map), &zero, &frames))
		return fail("frames");
	printf("%llu %llu %llu\n", (unsigned long long)info.run_cnt,
	       (unsigned long long)info.run_time_ns, frames);
	return 0;
}
