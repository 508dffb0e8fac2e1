/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's tracepoints by name, as tracefs has them. */
#ifndef FLAREPATH_TRACEFS_H
#define FLAREPATH_TRACEFS_H

/*
 * The root of tracefs, or -errno. Where it is not mounted, it is had without a place, which needs
 * CAP_SYS_ADMIN.
 */
int tracefs_open(void);

/* A disabled perf event of a tracepoint, named group/event, or -errno. */
int tracefs_event(int tracefs, const char *name);

#endif
