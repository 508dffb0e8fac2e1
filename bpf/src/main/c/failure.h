/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong, told in a form that Java turns into a BpfException. */
#ifndef FLAREPATH_FAILURE_H
#define FLAREPATH_FAILURE_H

#include <stddef.h>

struct failure {
	int error;	    /* errno, positive; 0 means nothing failed */
	char attempt[256];  /* what was tried */
	char cure[256];	    /* what to do about it, or empty */
	char detail[2048];  /* what libbpf or the verifier said, or empty */
};

/* Fills in the failure and returns -1. */
int fail(struct failure *failure, int error, const char *cure, const char *attempt, ...)
	__attribute__((format(printf, 4, 5)));

/* Keeps the end of what libbpf says on this thread, instead of printing it. */
void capture_libbpf_log(void);

/* Forgets what was said so far on this thread. */
void clear_libbpf_log(void);

/* What was said on this thread since then. */
const char *libbpf_log(void);

#endif
