/* SPDX-License-Identifier: Apache-2.0 */
/* Single probes; each leaves in the finding what it found. */
#ifndef FLAREPATH_PROBES_H
#define FLAREPATH_PROBES_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include "kernel_support.h"

void found(struct finding *finding, const char *detail);
void missing(struct finding *finding, const char *attempt, int error);

/* Opens an event on CPU 0; fd or -errno. */
int perf_open(__u32 type, __u64 config, bool disabled);

void probe_perf_program(struct finding *finding);
void probe_ring_buffer(struct finding *finding);
/* Of a tracepoint that is named group/event. */
void probe_tracepoint(struct finding *finding, const char *name);
/* Programs that attach by bpf_raw_tracepoint_open: raw_tp (with a name), tp_btf and fentry. */
void probe_raw(struct finding *finding, enum bpf_prog_type type, enum bpf_attach_type attach,
	       const char *target, const char *name);
void probe_iterator(struct finding *finding, const char *target);
void probe_helper(struct finding *finding, enum bpf_func_id helper, const char *attempt);
/* Attaches at a function of this library, by its place in its file. */
void probe_uprobe_multi(struct finding *finding);
void probe_run_statistics(struct finding *finding);

#endif
