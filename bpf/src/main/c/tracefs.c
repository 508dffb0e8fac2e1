// SPDX-License-Identifier: Apache-2.0
#include "tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "probes.h"

#define TRACEFS_MAGIC 0x74726163

static int mounted(void)
{
	static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	struct statfs fs;

	for (size_t i = 0; i < 2; i++) {
		int root = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (root >= 0 && !fstatfs(root, &fs) && fs.f_type == TRACEFS_MAGIC)
			return root;
		if (root >= 0)
			close(root);
	}
	return -ENOENT;
}

/* A mount that is nowhere, and gone once it is closed. */
static int mount_nowhere(void)
{
	int fs = fsopen("tracefs", FSOPEN_CLOEXEC), root;

	if (fs < 0)
		return -errno;
	root = fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)
		       ? -errno
		       : fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	if (root == -1)
		root = -errno;
	close(fs);
	return root;
}

int tracefs_open(void)
{
	int root = mounted();

	return root >= 0 ? root : mount_nowhere();
}

int tracefs_event(int tracefs, const char *name)
{
	char path[256], text[32];
	unsigned long long id;
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "events/%s/id", name);
	file = openat(tracefs, path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -errno;
	length = read(file, text, sizeof(text) - 1);
	close(file);
	text[length > 0 ? length : 0] = 0;
	if (sscanf(text, "%llu", &id) != 1)
		return -EINVAL;
	return perf_open(PERF_TYPE_TRACEPOINT, id, true);
}
