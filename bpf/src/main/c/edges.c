// SPDX-License-Identifier: Apache-2.0
#include "edges.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "counters.h"
#include "edges.skel.h"
#include "program_times.h"

static const char load_cure[] =
	"give CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN; the kernel needs BTF and version 5.17 or later";

/* How many arguments a tracepoint hands to programs, or 0 where there is no such tracepoint. */
static int tracepoint_arguments(const struct btf *kernel, const char *name)
{
	char full[64];
	const struct btf_type *type;
	int id;

	snprintf(full, sizeof(full), "btf_trace_%s", name);
	id = btf__find_by_name_kind(kernel, full, BTF_KIND_TYPEDEF);
	if (id < 0)
		return 0;
	type = btf__type_by_id(kernel, btf__type_by_id(kernel, (__u32)id)->type);
	if (!type || !btf_is_ptr(type))
		return 0;
	type = btf__type_by_id(kernel, type->type);
	/* The first one is the tracepoint's own. */
	return type && btf_is_func_proto(type) ? btf_vlen(type) - 1 : 0;
}

/* What this kernel does not have is left out: its sums stay at nothing, and doctor says so. */
static void choose_programs(struct edges_bpf *programs, const struct btf *kernel)
{
	int reset = tracepoint_arguments(kernel, "tcp_send_reset");
	int drop = tracepoint_arguments(kernel, "kfree_skb");

	bpf_program__set_autoload(programs->progs.sent,
				  tracepoint_arguments(kernel, "sock_send_length") > 0);
	bpf_program__set_autoload(programs->progs.received,
				  tracepoint_arguments(kernel, "sock_recv_length") > 0);
	bpf_program__set_autoload(programs->progs.reset_sent, reset >= 3);
	bpf_program__set_autoload(programs->progs.reset_sent_unexplained, reset == 2);
	bpf_program__set_autoload(programs->progs.drop, drop >= 4);
	bpf_program__set_autoload(programs->progs.drop_unaddressed, drop == 3);
	bpf_program__set_autoload(programs->progs.window_opened,
				  tracepoint_arguments(kernel, "tcp_probe") == 2);
	bpf_program__set_autoattach(programs->progs.poll_socket, false);
	bpf_program__set_autoattach(programs->progs.seed_socket, false);
}

/* Runs a program over all objects of an iterator; what it prints, which is nothing, is read. */
static int run(const struct bpf_link *link, struct failure *failure)
{
	int fd = bpf_iter_create(bpf_link__fd(link));
	char rest[64];
	ssize_t bytes;

	if (fd < 0)
		return fail(failure, errno, "", "look at all sockets");
	do
		bytes = read(fd, rest, sizeof(rest));
	while (bytes > 0 || (bytes < 0 && errno == EAGAIN));
	if (bytes < 0)
		fail(failure, errno, "", "look at all sockets");
	close(fd);
	return bytes < 0 ? -1 : 0;
}

/* A program over the files of all processes, or NULL. */
static struct bpf_link *over_files(const struct bpf_program *program, struct failure *failure)
{
	struct bpf_link *link = bpf_program__attach_iter(program, NULL);

	if (!link)
		fail(failure, errno, load_cure, "look at the files of all processes");
	return link;
}

static int seed(struct edges *edges, bool listeners, struct failure *failure)
{
	struct bpf_link *link = over_files(edges->programs->progs.seed_socket, failure);
	int result;

	if (!link)
		return -1;
	edges->programs->bss->seeding_listeners = listeners;
	result = run(link, failure);
	bpf_link__destroy(link);
	return result;
}

/* Who listens must be known before the first connection is used, or its end is taken for a client. */
static int attach(struct edges *edges, struct failure *failure)
{
	int error;

	if (seed(edges, true, failure))
		return -1;
	error = edges_bpf__attach(edges->programs);
	if (error)
		return fail(failure, error, load_cure, "attach the BPF programs of the network");
	/* Those that began to listen meanwhile, and then what is connected. */
	return seed(edges, true, failure) || seed(edges, false, failure) ? -1 : 0;
}

static int load(struct edges *edges, struct failure *failure)
{
	struct edges_bpf *programs = edges_bpf__open();
	struct btf *kernel;
	struct edge_key all = {.kind = EDGE_OVERFLOW};
	__u64 none[EDGE_SUMS] = {};
	int error;

	if (!programs)
		return fail(failure, errno, load_cure, "open the BPF programs of the network");
	edges->programs = programs;
	kernel = btf__load_vmlinux_btf();
	if (!kernel)
		return fail(failure, errno, load_cure, "read the BTF of the kernel");
	choose_programs(programs, kernel);
	btf__free(kernel);
	error = edges_bpf__load(programs);
	if (error)
		return fail(failure, error, load_cure, "load the BPF programs of the network");
	if (bpf_map_update_elem(bpf_map__fd(programs->maps.edges), &all, none, BPF_ANY))
		return fail(failure, errno, "", "prepare the sums of the network");
	return 0;
}

static int attach_poll(struct edges *edges, struct failure *failure)
{
	edges->poll = over_files(edges->programs->progs.poll_socket, failure);
	return edges->poll ? 0 : -1;
}

struct edges *edges_open(struct failure *failure)
{
	struct edges *edges = calloc(1, sizeof(*edges));

	clear_libbpf_log();
	if (!edges) {
		fail(failure, ENOMEM, "", "allocate a reader of the network");
		return NULL;
	}
	if (load(edges, failure) || attach_poll(edges, failure) || attach(edges, failure)) {
		edges_close(edges);
		return NULL;
	}
	return edges;
}

void edges_close(struct edges *edges)
{
	bpf_link__destroy(edges->poll);
	edges_bpf__destroy(edges->programs);
	free(edges);
}

int edges_poll(struct edges *edges, struct failure *failure)
{
	clear_libbpf_log();
	edges->programs->bss->poll++;
	return run(edges->poll, failure);
}

/* All entries of a map, key and value one after the other. */
static long copy(const struct bpf_map *map, unsigned char *to, size_t room, __u32 *entries,
		 struct failure *failure)
{
	size_t key_bytes = bpf_map__key_size(map), value_bytes = bpf_map__value_size(map);
	unsigned char *key = NULL;
	int fd = bpf_map__fd(map);
	size_t copied = 0;

	*entries = 0;
	while (copied + key_bytes + value_bytes <= room) {
		if (bpf_map_get_next_key(fd, key, to + copied)) {
			if (errno == ENOENT)
				return (long)copied;
			return fail(failure, errno, "", "read the sums of the network");
		}
		key = to + copied;
		/* It cannot be gone: only the reader, which is here, takes entries away. */
		if (bpf_map_lookup_elem(fd, key, key + key_bytes))
			return fail(failure, errno, "", "read a sum of the network");
		copied += key_bytes + value_bytes;
		++*entries;
	}
	return (long)copied;
}

long edges_read(struct edges *edges, unsigned char *to, size_t room, struct failure *failure)
{
	__u32 entries;
	long bytes;

	clear_libbpf_log();
	bytes = copy(edges->programs->maps.edges, to, room, &entries, failure);
	/* One that was added meanwhile may be forgotten here; the limit leaves room for many. */
	if (bytes >= 0)
		__atomic_store_n(&edges->programs->bss->edges_used, entries, __ATOMIC_RELAXED);
	return bytes;
}

long edges_read_events(struct edges *edges, unsigned char *to, size_t room,
		       struct failure *failure)
{
	__u32 entries;

	clear_libbpf_log();
	return copy(edges->programs->maps.events, to, room, &entries, failure);
}

void edges_forget(struct edges *edges, const struct edge_key *key)
{
	/* That it is gone is what was wanted. */
	bpf_map_delete_elem(bpf_map__fd(edges->programs->maps.edges), key);
}

void edges_forget_event(struct edges *edges, const struct edge_event_key *key)
{
	bpf_map_delete_elem(bpf_map__fd(edges->programs->maps.events), key);
}

int edges_counters(struct edges *edges, __u64 values[EDGE_COUNTERS], struct failure *failure)
{
	clear_libbpf_log();
	memset(values, 0, EDGE_COUNTERS * sizeof(*values));
	return sum_counters(bpf_map__fd(edges->programs->maps.counters), EDGE_COUNTERS, values,
			    failure);
}

size_t edges_times(const struct edges *edges, char *to, size_t room)
{
	return program_times(edges->programs->obj, to, room);
}

char *kernel_names(const char *enumeration, const char *prefix)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	const struct btf_type *type;
	const struct btf_enum *member;
	char *text = NULL;
	size_t size = 0;
	FILE *out;
	int id;

	if (!kernel)
		return NULL;
	id = btf__find_by_name_kind(kernel, enumeration, BTF_KIND_ENUM);
	out = id > 0 ? open_memstream(&text, &size) : NULL;
	if (out) {
		type = btf__type_by_id(kernel, (__u32)id);
		member = btf_enum(type);
		for (int i = 0; i < btf_vlen(type); i++) {
			const char *name = btf__name_by_offset(kernel, member[i].name_off);

			if (!strncmp(name, prefix, strlen(prefix)))
				name += strlen(prefix);
			fprintf(out, "%d %s\n", member[i].val, name);
		}
		fclose(out);
	}
	btf__free(kernel);
	return text;
}
