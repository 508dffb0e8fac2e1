/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is kept, without being opened for reading: it may be no file at all. */
#ifndef FLAREPATH_FILE_REFERENCE_H
#define FLAREPATH_FILE_REFERENCE_H

#include <sys/stat.h>

/* PATH_MAX of the kernel, behind which no path is taken. */
#define FILE_REFERENCE_PATH_BYTES 4096

/*
 * A descriptor that stands for the regular file at a path (O_PATH, open(2)), and its state. What
 * is no regular file is neither opened nor touched. A descriptor, or -errno.
 */
int file_reference(const char *path, struct stat *state);

#endif
