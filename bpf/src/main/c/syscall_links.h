/* SPDX-License-Identifier: Apache-2.0 */
/* Programs at the tracepoints of the system calls that send and receive, and of no others. */
#ifndef FLAREPATH_SYSCALL_LINKS_H
#define FLAREPATH_SYSCALL_LINKS_H

struct bpf_link;
struct requests_bpf;

/* Beginning and end of 7 calls that send, and the end of 5 that receive. */
#define SYSCALL_LINKS 19

struct syscall_links {
	struct bpf_link *links[SYSCALL_LINKS];
};

/* 0 or -errno; then none of them is left. */
int syscall_links_attach(struct syscall_links *links, const struct requests_bpf *programs);
void syscall_links_detach(struct syscall_links *links);

#endif
