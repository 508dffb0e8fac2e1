// SPDX-License-Identifier: Apache-2.0
/* What io.flarepath.bpf.RunStatistics declares. */
#include <errno.h>
#include <jni.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "jni_values.h"

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_io_flarepath_bpf_RunStatistics_##name

NATIVE(jint, enable)(JNIEnv *env, jclass class)
{
	struct failure failure = {};
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	(void)class;
	if (fd < 0) {
		fail(&failure, errno, "give CAP_SYS_ADMIN", "count the time of BPF programs");
		throw_failure(env, &failure);
	}
	return fd;
}

NATIVE(void, close)(JNIEnv *env, jclass class, jint fd)
{
	(void)env;
	(void)class;
	close(fd);
}
