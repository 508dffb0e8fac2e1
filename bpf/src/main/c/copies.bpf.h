/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Copies of so many bytes as are known only when a program runs, into a record. Kernels from 6.16
 * on do it in one step; on older ones it takes two, over memory of the CPU. So does, on all of them,
 * what lies in a packet and not in one piece.
 */
#ifndef FLAREPATH_COPIES_BPF_H
#define FLAREPATH_COPIES_BPF_H

/* Set before loading. */
const volatile bool copies_in_steps = false;

extern int bpf_probe_read_kernel_dynptr(struct bpf_dynptr *to, __u32 offset, __u32 size,
					const void *from) __ksym __weak;
extern int bpf_probe_read_user_dynptr(struct bpf_dynptr *to, __u32 offset, __u32 size,
				      const void *from) __ksym __weak;

/* Of what is copied there in several steps, most bytes of one. */
#define STEP_BYTES_MAX 8192

struct steps {
	__u64 user; /* whoever took it last */
	__u8 bytes[MESSAGE_BYTES_MAX + STEP_BYTES_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct steps);
} steps SEC(".maps");

static __always_inline struct steps *steps_of_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&steps, &zero);
}

/* Of this register, and of no copy of it, the verifier is to know the bound. */
#define IN_ONE_REGISTER(value) asm volatile("" : "+r"(value))

/* Takes the memory of the CPU; a number for end_steps. */
static __always_inline __u64 begin_steps(void)
{
	struct steps *steps = steps_of_cpu();
	__u64 user = bpf_ktime_get_ns();

	if (steps)
		steps->user = user;
	return user;
}

static __always_inline bool step_from_user(__u64 offset, __u64 size, __u64 from)
{
	struct steps *steps = steps_of_cpu();

	IN_ONE_REGISTER(offset);
	IN_ONE_REGISTER(size);
	return steps && offset <= MESSAGE_BYTES_MAX && size <= STEP_BYTES_MAX &&
	       !bpf_probe_read_user(steps->bytes + offset, size, (const void *)from);
}

/* Whether the bytes are in the record now. */
static __always_inline bool end_steps(__u64 user, struct bpf_dynptr *to, __u32 offset,
				      __u64 size)
{
	struct steps *steps = steps_of_cpu();

	IN_ONE_REGISTER(size);
	if (!steps || size > MESSAGE_BYTES_MAX ||
	    bpf_dynptr_write(to, offset, steps->bytes, size, 0))
		return false;
	/* Programs of uprobes may lose their CPU in between, and any may be interrupted. */
	return *(volatile __u64 *)&steps->user == user;
}

static __always_inline bool copy_in_steps(struct bpf_dynptr *to, __u32 offset, __u64 size,
					  const void *from, bool from_user)
{
	struct steps *steps = steps_of_cpu();
	__u64 user = begin_steps();

	IN_ONE_REGISTER(size);
	if (!steps || size > MESSAGE_BYTES_MAX)
		return false;
	if (from_user ? bpf_probe_read_user(steps->bytes, size, from)
		      : bpf_probe_read_kernel(steps->bytes, size, from))
		return false;
	return end_steps(user, to, offset, size);
}

/* Whether all of it could be read. */
static __always_inline bool copy_user(struct bpf_dynptr *to, __u32 offset, __u32 size,
				      const void *from)
{
	if (copies_in_steps)
		return copy_in_steps(to, offset, size, from, true);
	return !bpf_probe_read_user_dynptr(to, offset, size, from);
}

static __always_inline bool copy_kernel(struct bpf_dynptr *to, __u32 offset, __u32 size,
					const void *from)
{
	if (copies_in_steps)
		return copy_in_steps(to, offset, size, from, false);
	return !bpf_probe_read_kernel_dynptr(to, offset, size, from);
}

#endif
