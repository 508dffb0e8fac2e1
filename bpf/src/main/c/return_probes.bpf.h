/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Undoes, for a walk, what probes of user space have changed of a thread, whoever has set them.
 *
 * A probe of a function's return puts the address of a trampoline in place of its return address.
 * The real one, and where on the stack it was, the kernel keeps with the thread: prepare_uretprobe
 * in kernel/events/uprobes.c. The trampoline lies in a page that the kernel maps into the process;
 * in the same page run the instructions in whose places breakpoints stand.
 *
 * A thread that has never met a probe costs one read a sample and one comparison a frame.
 */
#ifndef FLAREPATH_RETURN_PROBES_BPF_H
#define FLAREPATH_RETURN_PROBES_BPF_H

#define PROBE_PAGE_BYTES 4096
/* So many calls under way of one thread have their returns probed: MAX_URETPROBE_DEPTH. */
#define RETURN_INSTANCES_MAX 64
#define INSTRUCTION_BYTES_MAX 15
#define BREAKPOINT 0xccU
/* Functions begin at multiples of this; what fills the room before them may be breakpoints too. */
#define FUNCTION_ALIGNMENT 16

/*
 * The trampoline since Linux 6.11, arch/x86/kernel/uprobes.c: it pushes rax, rcx and r11, calls the
 * kernel, which puts the real return address in place of rax, pops r11 and rcx, and returns. Before
 * it was one breakpoint.
 */
#define TRAMPOLINE_PUSHED_BYTES 24
#define TRAMPOLINE_POP_R11 13
#define TRAMPOLINE_POP_RCX 15
#define TRAMPOLINE_RET 16

/* Known when the programs are loaded: without them, nothing of the rest is looked at. */
static __always_inline bool kernel_has_probes(void)
{
	return bpf_core_field_exists(struct task_struct, utask) &&
	       bpf_core_field_exists(struct uprobes_state, xol_area) &&
	       bpf_core_field_exists(struct xol_area, vaddr) &&
	       bpf_core_field_exists(struct uprobe_task, return_instances) &&
	       bpf_core_field_exists(struct uprobe_task, xol_vaddr) &&
	       bpf_core_field_exists(struct uprobe_task, vaddr) &&
	       bpf_core_field_exists(struct return_instance, stack) &&
	       bpf_core_field_exists(struct return_instance, orig_ret_vaddr) &&
	       bpf_core_field_exists(struct return_instance, next);
}

static __always_inline bool is_in_probe_page(const struct unwind_walk *walk)
{
	return walk->trampoline && walk->pc - walk->trampoline < PROBE_PAGE_BYTES;
}

/*
 * Finds what was changed of a thread, and puts its program counter where it would be without.
 *
 * A breakpoint that was hit is behind the thread until the kernel has looked what it is for: `trapped`
 * says that it is in the kernel by no system call. An instruction that ran in the page has its
 * effects, and the program counter is behind it there.
 */
static __always_inline void find_probes(struct unwind_walk *walk, struct task_struct *task,
					bool trapped)
{
	struct uprobe_task *probed;
	__u64 slot;
	__u8 before = 0;

	walk->trampoline = 0;
	walk->latest_instance = 0;
	walk->next_instance = 0;
	if (!kernel_has_probes())
		return;
	probed = BPF_CORE_READ(task, utask);
	if (!probed)
		return;
	walk->trampoline = BPF_CORE_READ(task, mm, uprobes_state.xol_area, vaddr);
	walk->latest_instance = (__u64)BPF_CORE_READ(probed, return_instances);
	walk->next_instance = walk->latest_instance;
	if (is_in_probe_page(walk)) {
		slot = BPF_CORE_READ(probed, xol_vaddr);
		if (slot && walk->pc - slot <= INSTRUCTION_BYTES_MAX)
			walk->pc = BPF_CORE_READ(probed, vaddr) + (walk->pc - slot);
	} else if (trapped && walk->pc % FUNCTION_ALIGNMENT) {
		bpf_probe_read_user(&before, sizeof(before), (const void *)(walk->pc - 1));
		if (before == BREAKPOINT)
			walk->pc--;
	}
}

/* Looks for a return address that was replaced in a range of the stack. */
struct instance_search {
	__u64 instance;
	__u64 latest; /* to begin again with; 0: it was */
	__u64 from;
	__u64 room; /* how far above `from` it may lie */
	__u64 stack;
	__u64 return_address; /* 0: not found */
};

static long look_at_instance(__u32 index, void *context)
{
	struct instance_search *search = context;
	struct return_instance *instance = (struct return_instance *)search->instance;

	(void)index;
	if (!instance) {
		instance = (struct return_instance *)search->latest;
		search->latest = 0;
		if (!instance)
			return 1;
	}
	search->instance = (__u64)instance;
	search->stack = BPF_CORE_READ(instance, stack);
	if (search->stack - search->from <= search->room) {
		search->return_address = BPF_CORE_READ(instance, orig_ret_vaddr);
		return 1;
	}
	search->instance = (__u64)BPF_CORE_READ(instance, next);
	return 0;
}

/*
 * The return address that belongs there, or 0. A walk meets them in the order in which they are kept,
 * so each search begins where the last one ended. One that a longjmp has passed over is kept until the
 * next probe; its place is below the stack pointer, or is another one's by now, which is found first.
 */
static __always_inline __u64 replaced_return(struct unwind_walk *walk, __u64 from, __u64 room,
					     __u64 *stack)
{
	struct instance_search search = {
		.instance = walk->next_instance, .from = from, .room = room};

	if (!kernel_has_probes() || !walk->latest_instance)
		return 0;
	if (walk->next_instance != walk->latest_instance)
		search.latest = walk->latest_instance;
	bpf_loop(2 * RETURN_INSTANCES_MAX, look_at_instance, &search, 0);
	if (!search.return_address)
		return 0;
	walk->next_instance = search.instance;
	*stack = search.stack;
	return search.return_address;
}

/* A word of the stack, or what belongs there if it is the trampoline's address; 0: that is lost. */
static __always_inline __u64 without_probe(struct unwind_walk *walk, __u64 at, __u64 word)
{
	__u64 stack;

	if (!walk->trampoline || word != walk->trampoline)
		return word;
	return replaced_return(walk, at, 0, &stack);
}

/* Where the kernel has put the real return address already, before the trampoline returns to it. */
static __always_inline bool read_last_return(struct unwind_walk *walk, __u64 *at)
{
	__u64 sp = walk->registers[DWARF_RSP];

	switch (walk->pc - walk->trampoline) {
	case TRAMPOLINE_POP_R11:
		*at = sp + 16;
		break;
	case TRAMPOLINE_POP_RCX:
		*at = sp + 8;
		break;
	case TRAMPOLINE_RET:
		*at = sp;
		break;
	default:
		return false;
	}
	return true;
}

/* Goes from the trampoline to where it will return; false where nobody knows that. */
static __noinline bool leave_trampoline(struct unwind_walk *walk)
{
	__u64 sp = walk->registers[DWARF_RSP], at = 0, pc;
	__u64 room = walk->pc == walk->trampoline ? 0 : TRAMPOLINE_PUSHED_BYTES;

	pc = replaced_return(walk, sp - 8, room, &at);
	if (!pc) {
		if (!read_last_return(walk, &at) || !read_stack(walk, at, &pc))
			return false;
		/* The kernel is about to: there still is rax, what the function returned. */
		if (pc == walk->registers[0])
			return false;
	}
	if (!is_user_code(pc) || pc - walk->trampoline < PROBE_PAGE_BYTES)
		return false;
	walk->pc = pc;
	walk->registers[DWARF_RSP] = at + 8;
	walk->known &= KNOWN(DWARF_RSP) | KNOWN(DWARF_RBP);
	walk->flags &= ~WALK_EXACT;
	return true;
}

/* Puts return addresses back in the copy of a stack. */
struct returns_of_copy {
	struct sample_record *record;
	__u64 trampoline;
	__u64 instance;
	__u64 start; /* address of the first copied byte */
	__u32 at;    /* where it lies behind the beginning of the addresses */
	__u32 bytes;
};

static long put_return_back(__u32 index, void *context)
{
	struct returns_of_copy *copy = context;
	struct return_instance *instance = (struct return_instance *)copy->instance;
	__u64 offset, *word;
	__u32 at = copy->at;

	(void)index;
	if (!instance)
		return 1;
	offset = BPF_CORE_READ(instance, stack) - copy->start;
	copy->instance = (__u64)BPF_CORE_READ(instance, next);
	if ((offset & 7) || offset >= copy->bytes)
		return 0;
	barrier_var(offset);
	if (offset > STACK_COPY_BYTES - sizeof(*word))
		return 0;
	barrier_var(at);
	if (at > (ADDRESS_SLOTS - 1) * sizeof(__u64) + sizeof(struct walk_state))
		return 1;
	word = (__u64 *)((char *)copy->record->addresses + at + offset);
	if (*word == copy->trampoline)
		*word = BPF_CORE_READ(instance, orig_ret_vaddr);
	return 0;
}

/*
 * Copies are whole words, so a return address is in one or not at all. Whoever goes on in it then finds
 * a stack without probes, and need not know of them.
 *
 * at: where the copy lies behind the beginning of the record's addresses
 */
static __always_inline void put_returns_back(const struct unwind_walk *walk,
					     struct sample_record *record, __u32 at, __u64 start,
					     __u32 bytes)
{
	struct returns_of_copy copy = {
		.record = record,
		.trampoline = walk->trampoline,
		.instance = walk->latest_instance,
		.start = start,
		.at = at,
		.bytes = bytes,
	};

	if (!kernel_has_probes() || !walk->trampoline || !walk->latest_instance)
		return;
	bpf_loop(RETURN_INSTANCES_MAX, put_return_back, &copy, 0);
}

#endif
