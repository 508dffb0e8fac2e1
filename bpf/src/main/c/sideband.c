// SPDX-License-Identifier: Apache-2.0
/* Record formats: perf_event_open(2), sections PERF_RECORD_MMAP2, _COMM, _LOST and sample_id. */
#include "sideband.h"

#include <errno.h>
#include <linux/unistd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Pages of data per CPU; halved while the kernel says that it locks too much memory. */
#define DATA_PAGES 128
#define DATA_PAGES_MIN 2

/* What sample_id_all appends to each record, for the sample_type below. */
struct sample_id {
	__u32 pid, tid;
	__u64 time;
	__u32 cpu, reserved;
};

struct mmap2_body {
	__u32 pid, tid;
	__u64 start, length, file_offset;
	__u32 major, minor;
	__u64 inode, inode_generation;
	__u32 protection, flags;
	/* then the path, NUL-terminated and padded to 8 bytes */
};

struct comm_body {
	__u32 pid, tid;
};

struct lost_body {
	__u64 id, lost;
};

static int map_ring(struct sideband *band, size_t page_bytes)
{
	for (size_t pages = DATA_PAGES; pages >= DATA_PAGES_MIN; pages /= 2) {
		void *mapped;

		band->mapped_bytes = (pages + 1) * page_bytes;
		mapped = mmap(NULL, band->mapped_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			      band->fd, 0);
		if (mapped != MAP_FAILED) {
			band->page = mapped;
			return 0;
		}
		if (errno != EPERM && errno != ENOMEM)
			break;
	}
	return -errno;
}

int sideband_open(struct sideband *band, int cpu, struct failure *failure)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU,
		.mmap = 1,
		.mmap2 = 1,
		.comm = 1,
		.comm_exec = 1,
		.sample_id_all = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
	int error;

	memset(band, 0, sizeof(*band));
	band->cpu = cpu;
	band->fd = (int)syscall(__NR_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (band->fd < 0)
		return fail(failure, errno, "give CAP_PERFMON",
			    "perf_event_open of the mapping events of CPU %d", cpu);
	error = map_ring(band, (size_t)sysconf(_SC_PAGESIZE));
	if (error) {
		close(band->fd);
		band->fd = -1;
		return fail(failure, error, "raise kernel.perf_event_mlock_kb or give CAP_IPC_LOCK",
			    "map the ring of mapping events of CPU %d", cpu);
	}
	return 0;
}

void sideband_close(struct sideband *band)
{
	if (band->page)
		munmap(band->page, band->mapped_bytes);
	if (band->fd >= 0)
		close(band->fd);
	band->page = NULL;
	band->fd = -1;
}

/* Copies out of the ring, which may wrap inside a record. */
static void copy_out(const struct sideband *band, __u64 position, void *to, size_t bytes)
{
	const unsigned char *data = (const unsigned char *)band->page + band->page->data_offset;
	size_t size = band->page->data_size, at = position & (size - 1);
	size_t first = bytes < size - at ? bytes : size - at;

	memcpy(to, data + at, first);
	memcpy((unsigned char *)to + first, data, bytes - first);
}

static void begin_record(struct mmap_record *record, const struct sample_id *id, __u16 kind)
{
	memset(&record->header, 0, sizeof(record->header));
	record->header.kind = kind;
	record->header.time = id->time;
	record->header.cpu = id->cpu;
}

static enum sideband_kind read_mmap(const struct sideband *band, __u64 body, size_t bytes,
				    const struct sample_id *id, struct mmap_record *record)
{
	struct mmap2_body mmap2;
	size_t path_bytes, room = sizeof(record->path);

	if (bytes < sizeof(mmap2))
		return SIDEBAND_NONE;
	copy_out(band, body, &mmap2, sizeof(mmap2));
	begin_record(record, id, RECORD_MMAP);
	record->header.pid = mmap2.pid;
	record->header.tid = mmap2.tid;
	record->start = mmap2.start;
	record->end = mmap2.start + mmap2.length;
	record->file_offset = mmap2.file_offset;
	record->device = (__u64)mmap2.major << 32 | mmap2.minor;
	record->inode = mmap2.inode;
	record->protection = mmap2.protection;
	path_bytes = bytes - sizeof(mmap2);
	if (path_bytes > room) {
		path_bytes = room;
		record->header.flags |= RECORD_PATH_TRUNCATED;
	}
	copy_out(band, body + sizeof(mmap2), record->path, path_bytes);
	record->path_bytes = (__u32)strnlen(record->path, path_bytes);
	path_bytes = (record->path_bytes + 7) & ~(size_t)7;
	memset(record->path + record->path_bytes, 0, path_bytes - record->path_bytes);
	record->header.size = (__u32)(offsetof(struct mmap_record, path) + path_bytes);
	return SIDEBAND_MMAP;
}

static enum sideband_kind read_exec(const struct sideband *band, __u64 body, size_t bytes,
				    const struct sample_id *id, struct mmap_record *record)
{
	struct comm_body comm;

	if (bytes < sizeof(comm))
		return SIDEBAND_NONE;
	copy_out(band, body, &comm, sizeof(comm));
	begin_record(record, id, RECORD_EXEC);
	record->header.pid = comm.pid;
	record->header.tid = comm.tid;
	return SIDEBAND_EXEC;
}

static enum sideband_kind read_record(struct sideband *band, __u64 position,
				      const struct perf_event_header *header,
				      struct mmap_record *record)
{
	__u64 body = position + sizeof(*header);
	struct sample_id id;
	struct lost_body lost;
	size_t bytes;

	if (header->size < sizeof(*header) + sizeof(id))
		return SIDEBAND_NONE;
	bytes = header->size - sizeof(*header) - sizeof(id);
	copy_out(band, body + bytes, &id, sizeof(id));
	switch (header->type) {
	case PERF_RECORD_MMAP2:
		return read_mmap(band, body, bytes, &id, record);
	case PERF_RECORD_COMM:
		if (!(header->misc & PERF_RECORD_MISC_COMM_EXEC))
			return SIDEBAND_NONE;
		return read_exec(band, body, bytes, &id, record);
	case PERF_RECORD_LOST:
		if (bytes >= sizeof(lost)) {
			copy_out(band, body, &lost, sizeof(lost));
			band->lost += lost.lost;
		}
		return SIDEBAND_NONE;
	default:
		return SIDEBAND_NONE;
	}
}

enum sideband_kind sideband_peek(struct sideband *band, struct mmap_record *record)
{
	for (;;) {
		__u64 tail = band->page->data_tail;
		__u64 head = __atomic_load_n(&band->page->data_head, __ATOMIC_ACQUIRE);
		struct perf_event_header header;
		enum sideband_kind kind;

		if (tail == head)
			return SIDEBAND_NONE;
		copy_out(band, tail, &header, sizeof(header));
		kind = read_record(band, tail, &header, record);
		if (kind != SIDEBAND_NONE)
			return kind;
		sideband_take(band);
	}
}

void sideband_take(struct sideband *band)
{
	__u64 tail = band->page->data_tail;
	struct perf_event_header header;

	copy_out(band, tail, &header, sizeof(header));
	/* A size of 0 would never get on; the kernel does not write one. */
	tail = header.size ? tail + header.size : band->page->data_head;
	__atomic_store_n(&band->page->data_tail, tail, __ATOMIC_RELEASE);
}
