/* SPDX-License-Identifier: Apache-2.0 */
/* Which CPUs are online. */
#ifndef FLAREPATH_CPUS_H
#define FLAREPATH_CPUS_H

#include <stdbool.h>
#include <stddef.h>

#define CPUS_MAX 4096

/* Marks the CPUs of a list as the kernel writes it ("0-3,8,10-11"); 0, or -EINVAL. */
int cpus_parse(const char *list, bool online[CPUS_MAX]);

#endif
