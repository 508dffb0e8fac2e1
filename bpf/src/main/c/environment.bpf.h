/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Looks for the few variables that name a service in the environment of a new program.
 *
 * It is read here, at the exec, since the process may be gone before anyone could open
 * /proc/PID/environ, and since some programs write their title over their environment later. The
 * pages were written by the exec itself, so they are there.
 */
#ifndef FLAREPATH_ENVIRONMENT_H
#define FLAREPATH_ENVIRONMENT_H

/* Longer entries are stepped over in pieces of one less than this. */
#define ENVIRONMENT_STEP 64
/* 128 KiB in pieces: more than the reader in Java would look at. */
#define ENVIRONMENT_STEPS_MAX 2112

#define WORD(a, b, c, d, e, f, g, h)                                                               \
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 |   \
	 (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)

enum environment_name {
	OTEL_SERVICE_NAME,
	OTEL_RESOURCE_ATTRIBUTES,
	HOSTNAME,
	FLAREPATH_PROFILE,
};

struct environment_search {
	__u64 next; /* address of what to look at */
	__u64 end;
	__u64 found[ENVIRONMENT_NAMES]; /* addresses of entries, or 0 */
	bool any;
	bool inside; /* of an entry that is longer than a step */
	bool whole;
	union {
		char text[ENVIRONMENT_STEP];
		__u64 words[ENVIRONMENT_STEP / 8];
	};
};

/* Index of the variable that the entry sets, or ENVIRONMENT_NAMES. */
static __always_inline __u32 environment_name(const struct environment_search *search)
{
	const __u64 *words = search->words;
	const char *text = search->text;

	if (words[0] == WORD('H', 'O', 'S', 'T', 'N', 'A', 'M', 'E'))
		return text[8] == '=' ? HOSTNAME : ENVIRONMENT_NAMES;
	if (words[0] == WORD('O', 'T', 'E', 'L', '_', 'S', 'E', 'R') &&
	    words[1] == WORD('V', 'I', 'C', 'E', '_', 'N', 'A', 'M'))
		return text[16] == 'E' && text[17] == '=' ? OTEL_SERVICE_NAME : ENVIRONMENT_NAMES;
	if (words[0] == WORD('O', 'T', 'E', 'L', '_', 'R', 'E', 'S') &&
	    words[1] == WORD('O', 'U', 'R', 'C', 'E', '_', 'A', 'T') &&
	    words[2] == WORD('T', 'R', 'I', 'B', 'U', 'T', 'E', 'S'))
		return text[24] == '=' ? OTEL_RESOURCE_ATTRIBUTES : ENVIRONMENT_NAMES;
	if (words[0] == WORD('F', 'L', 'A', 'R', 'E', 'P', 'A', 'T') &&
	    words[1] == WORD('H', '_', 'P', 'R', 'O', 'F', 'I', 'L'))
		return text[16] == 'E' && text[17] == '=' ? FLAREPATH_PROFILE : ENVIRONMENT_NAMES;
	return ENVIRONMENT_NAMES;
}

static long look_at_entry(__u32 index, void *context)
{
	struct environment_search *search = context;
	long length;

	if (search->next >= search->end) {
		search->whole = true;
		return 1;
	}
	length = bpf_probe_read_user_str(search->text, sizeof(search->text),
					 (const void *)search->next);
	if (length <= 0)
		return 1;
	if (!search->inside) {
		__u32 name = environment_name(search);

		/* The first of equal names counts, as for getenv(3). */
		if (name < ENVIRONMENT_NAMES && !search->found[name]) {
			search->found[name] = search->next;
			search->any = true;
		}
	}
	search->inside = length == ENVIRONMENT_STEP;
	search->next += search->inside ? ENVIRONMENT_STEP - 1 : length;
	return 0;
}

static __always_inline void search_environment(struct environment_search *search,
					       struct task_struct *task)
{
	search->next = BPF_CORE_READ(task, mm, env_start);
	search->end = BPF_CORE_READ(task, mm, env_end);
	bpf_loop(ENVIRONMENT_STEPS_MAX, look_at_entry, search, 0);
}

/* Copies what was found; false where an entry did not fit. */
static __always_inline bool copy_environment(struct exec_record *record,
					     const struct environment_search *search)
{
	bool fits = true;

#pragma unroll
	for (int i = 0; i < ENVIRONMENT_NAMES; i++) {
		char *entry = record->environment[i];
		long length = 0;

		if (search->found[i])
			length = bpf_probe_read_user_str(entry, ENVIRONMENT_ENTRY_BYTES,
							 (const void *)search->found[i]);
		if (length <= 0)
			entry[0] = 0;
		if (length < 0 || length == ENVIRONMENT_ENTRY_BYTES)
			fits = false;
	}
	return fits;
}

#endif
