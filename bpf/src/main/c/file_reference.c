// SPDX-License-Identifier: Apache-2.0
#include "file_reference.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int file_reference(const char *path, struct stat *state)
{
	int fd = open(path, O_PATH | O_CLOEXEC), error = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, state))
		error = errno;
	else if (!S_ISREG(state->st_mode))
		error = EINVAL;
	if (!error)
		return fd;
	close(fd);
	return -error;
}
