// SPDX-License-Identifier: Apache-2.0
#include "unwind_memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "resumed.h"
#include "sampler.skel.h"

static int map_array(int fd, size_t bytes, struct mapped_array *array, struct failure *failure)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *at;

	bytes = (bytes + page - 1) & ~(page - 1);
	at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return fail(failure, errno, "", "map an array of unwind tables into memory");
	array->at = at;
	array->bytes = bytes;
	return 0;
}

static void unmap_array(struct mapped_array *array)
{
	if (array->at)
		munmap(array->at, array->bytes);
	array->at = NULL;
}

int unwind_memory_open(struct unwind_memory *memory, struct sampler_bpf *programs,
		       struct failure *failure)
{
	const struct {
		const struct bpf_map *map;
		struct mapped_array *array;
	} arrays[] = {
		{programs->maps.unwind_rules, &memory->arrays[UNWIND_ARRAY_RULES]},
		{programs->maps.unwind_pages, &memory->arrays[UNWIND_ARRAY_PAGES]},
		{programs->maps.unwind_executables, &memory->arrays[UNWIND_ARRAY_EXECUTABLES]},
		{programs->maps.unwind_mappings, &memory->arrays[UNWIND_ARRAY_MAPPINGS]},
		{programs->maps.unwind_code_heaps, &memory->arrays[UNWIND_ARRAY_CODE_HEAPS]},
		{programs->maps.resumed, &memory->resumed},
	};

	memory->programs = programs;
	memset(memory->segment_fds, -1, sizeof(memory->segment_fds));
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		if (map_array(bpf_map__fd(arrays[i].map), bpf_map__value_size(arrays[i].map),
			      arrays[i].array, failure))
			return -1;
	return 0;
}

void unwind_memory_close(struct unwind_memory *memory)
{
	if (!memory->programs)
		return;
	for (size_t i = 0; i < UNWIND_ARRAYS; i++)
		unmap_array(&memory->arrays[i]);
	for (size_t i = 0; i < UNWIND_SEGMENTS; i++) {
		unmap_array(&memory->segments[i]);
		if (memory->segment_fds[i] >= 0)
			close(memory->segment_fds[i]);
	}
	unmap_array(&memory->resumed);
	memory->programs = NULL;
}

const struct mapped_array *unwind_segment_at(struct unwind_memory *memory, unsigned int number,
					     struct failure *failure)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	__u32 key = number;
	int fd;

	if (number >= UNWIND_SEGMENTS) {
		fail(failure, EINVAL, "", "make segment %u of unwind tables", number);
		return NULL;
	}
	if (memory->segments[number].at)
		return &memory->segments[number];
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "unwind_segment", sizeof(key),
			    UNWIND_SEGMENT_BYTES, 1, &options);
	if (fd < 0) {
		fail(failure, fd, "raise the memory limit of the agent's cgroup",
		     "make a segment of unwind tables");
		return NULL;
	}
	memory->segment_fds[number] = fd;
	if (map_array(fd, UNWIND_SEGMENT_BYTES, &memory->segments[number], failure))
		return NULL;
	if (bpf_map_update_elem(bpf_map__fd(memory->programs->maps.unwind_segments), &key, &fd,
				BPF_ANY)) {
		fail(failure, errno, "", "add a segment of unwind tables");
		unmap_array(&memory->segments[number]);
		return NULL;
	}
	return &memory->segments[number];
}

size_t unwind_segment_bytes(const struct unwind_memory *memory)
{
	size_t bytes = 0;

	for (size_t i = 0; i < UNWIND_SEGMENTS; i++)
		bytes += memory->segments[i].at ? memory->segments[i].bytes : 0;
	return bytes;
}

int unwind_set_process(struct unwind_memory *memory, __u32 pid,
		       const struct unwind_process *process, struct failure *failure)
{
	if (bpf_map_update_elem(bpf_map__fd(memory->programs->maps.unwind_processes), &pid,
				process, BPF_ANY))
		return fail(failure, errno, "", "tell the kernel of the mappings of process %u",
			    pid);
	return 0;
}

int unwind_remove_process(struct unwind_memory *memory, __u32 pid, __u64 image,
			  struct failure *failure)
{
	int map = bpf_map__fd(memory->programs->maps.unwind_processes);
	struct unwind_process known;

	if (bpf_map_lookup_elem(map, &pid, &known) || known.image != image)
		return 0;
	if (bpf_map_delete_elem(map, &pid) && errno != ENOENT)
		return fail(failure, errno, "", "take back the mappings of process %u", pid);
	return 0;
}

static size_t address_bytes(const struct sample_record *sample)
{
	return ((size_t)sample->kernel_depth + sample->user_depth) * sizeof(__u64);
}

static int run(struct unwind_memory *memory, struct failure *failure)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	int error = bpf_prog_test_run_opts(bpf_program__fd(memory->programs->progs.resume),
					   &options);

	if (error || options.retval)
		return fail(failure, error ? error : EFAULT, "", "go on with the walk of a stack");
	return 0;
}

long unwind_resume(struct unwind_memory *memory, const struct sample_record *sample,
		   const struct unwind_process *mappings, unsigned char *to, size_t room,
		   struct failure *failure)
{
	struct resumed_walk *walk = memory->resumed.at;
	size_t head = offsetof(struct sample_record, addresses), found = address_bytes(sample);
	const unsigned char *tail = (const unsigned char *)sample->addresses + found;
	struct sample_record *out = (struct sample_record *)to;

	memcpy(&walk->record, sample, head + found);
	memcpy(&walk->state, tail, sizeof(walk->state));
	walk->stack_at = (__u64)(tail + sizeof(walk->state));
	walk->stack_bytes = sample->stack_bytes;
	walk->first_mapping = mappings->first;
	walk->mapping_count = mappings->count;
	walk->generation = mappings->generation;
	if (run(memory, failure))
		return -1;
	found = address_bytes(&walk->record);
	walk->record.generation = mappings->generation;
	walk->record.header.size = (__u32)(head + found);
	if (walk->record.user_end == USER_STACK_UNMAPPED ||
	    walk->record.user_end == USER_STACK_NOT_LOADED)
		walk->record.header.size += sizeof(walk->state) + sample->stack_bytes;
	else
		walk->record.stack_bytes = 0;
	if (walk->record.header.size > room)
		return fail(failure, ENOBUFS, "", "put a sample of %u bytes into %zu",
			    walk->record.header.size, room);
	memcpy(out, &walk->record, head + found);
	if (walk->record.stack_bytes > 0) {
		memcpy(to + head + found, &walk->state, sizeof(walk->state));
		memcpy(to + head + found + sizeof(walk->state), tail + sizeof(walk->state),
		       sample->stack_bytes);
	}
	return (long)walk->record.header.size;
}
