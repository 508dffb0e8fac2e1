/* SPDX-License-Identifier: Apache-2.0 */
/* The executable mappings of a process, without reading the others: it may have millions. */
#ifndef FLAREPATH_PROCESS_MAPPINGS_H
#define FLAREPATH_PROCESS_MAPPINGS_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/ioctl.h>

/* include/uapi/linux/fs.h since Linux 6.11, which the headers of Debian 12 do not have yet. */
struct procmap_query {
	__u64 size, query_flags, query_addr;
	__u64 vma_start, vma_end, vma_flags, vma_page_size, vma_offset, inode;
	__u32 dev_major, dev_minor, vma_name_size, build_id_size;
	__u64 vma_name_addr, build_id_addr;
};

#define PROCMAP_QUERY_IOCTL _IOWR('f', 17, struct procmap_query)
#define PROCMAP_VMA_EXECUTABLE 0x04
#define PROCMAP_COVERING_OR_NEXT 0x10

#define MAPPING_PATH_BYTES 4096

/* As Java reads it; the path follows, padded to eight bytes. */
struct process_mapping {
	__u64 start;
	__u64 end;
	__u64 file_offset;
	__u64 device; /* major << 32 | minor */
	__u64 inode;
	__u32 path_bytes;
	__u32 reserved;
};

/*
 * Puts executable mappings from an address on into `to`, as many as have room, and gives in `next`
 * the address to go on at, 0 at the end. Bytes, or -errno: -ENOTTY where the kernel cannot.
 */
long process_mappings(__u32 pid, __u64 from, unsigned char *to, size_t room, __u64 *next);

#endif
