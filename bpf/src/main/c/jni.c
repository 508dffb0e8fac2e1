// SPDX-License-Identifier: Apache-2.0
/* What io.flarepath.bpf.SamplerNatives declares. */
#include <jni.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "kernel_support.h"
#include "sampler.h"

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_io_flarepath_bpf_SamplerNatives_##name
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

jint JNI_OnLoad(JavaVM *vm, void *reserved);

jint JNI_OnLoad(JavaVM *vm, void *reserved)
{
	(void)vm;
	(void)reserved;
	capture_libbpf_log();
	return JNI_VERSION_10;
}

static void throw_failure(JNIEnv *env, const struct failure *failure)
{
	static const char name[] = "io/flarepath/bpf/BpfException";
	static const char signature[] =
		"(ILjava/lang/String;Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;)V";
	jclass class = (*env)->FindClass(env, name);
	jmethodID constructor =
		class ? (*env)->GetMethodID(env, class, "<init>", signature) : NULL;
	const char *symbol = strerrorname_np(failure->error);
	jstring texts[4];
	const char *sources[4] = {symbol ? symbol : "?", failure->attempt, failure->cure,
				  failure->detail};
	jobject exception;

	if (!constructor)
		return; /* a Java error is pending */
	for (size_t i = 0; i < COUNT(texts); i++) {
		texts[i] = (*env)->NewStringUTF(env, sources[i]);
		if (!texts[i])
			return;
	}
	exception = (*env)->NewObject(env, class, constructor, (jint)failure->error, texts[0],
				      texts[1], texts[2], texts[3]);
	if (exception)
		(*env)->Throw(env, exception);
}

static struct sampler *at(jlong handle)
{
	return (struct sampler *)(intptr_t)handle;
}

NATIVE(jlong, open)(JNIEnv *env, jclass class, jint frequency, jlong period_nanos, jint ring_bytes,
		    jint source, jboolean mappings, jboolean statistics)
{
	struct sampler_settings settings = {
		.frequency = (__u32)frequency,
		.period_nanos = (__u64)period_nanos,
		.ring_bytes = (__u32)ring_bytes,
		.source = (enum sampler_source)source,
		.mappings = mappings,
		.statistics = statistics,
	};
	struct failure failure = {};
	struct sampler *sampler = sampler_open(&settings, &failure);

	(void)class;
	if (!sampler)
		throw_failure(env, &failure);
	return (jlong)(intptr_t)sampler;
}

NATIVE(void, close)(JNIEnv *env, jclass class, jlong handle)
{
	(void)env;
	(void)class;
	sampler_close(at(handle));
}

NATIVE(void, wake)(JNIEnv *env, jclass class, jlong handle)
{
	(void)env;
	(void)class;
	sampler_wake(at(handle));
}

/* Java has checked that the buffer is direct and how much it holds. */
NATIVE(jint, drain)(JNIEnv *env, jclass class, jlong handle, jobject buffer, jint capacity,
		    jint timeout_millis)
{
	unsigned char *to = (*env)->GetDirectBufferAddress(env, buffer);

	(void)class;
	return (jint)sampler_drain(at(handle), to, (size_t)capacity, timeout_millis);
}

NATIVE(void, exclude)(JNIEnv *env, jclass class, jlong handle, jint pid, jboolean exclude)
{
	struct failure failure = {};

	(void)class;
	if (sampler_exclude(at(handle), (__u32)pid, exclude, &failure))
		throw_failure(env, &failure);
}

static jlongArray to_java(JNIEnv *env, const jlong *values, size_t count)
{
	jlongArray array = (*env)->NewLongArray(env, (jsize)count);

	if (array)
		(*env)->SetLongArrayRegion(env, array, 0, (jsize)count, values);
	return array;
}

NATIVE(jlongArray, statistics)(JNIEnv *env, jclass class, jlong handle)
{
	struct failure failure = {};
	__u64 values[STATISTICS];

	(void)class;
	if (sampler_statistics(at(handle), values, &failure)) {
		throw_failure(env, &failure);
		return NULL;
	}
	return to_java(env, (const jlong *)values, STATISTICS);
}

/* In the order of io.flarepath.bpf.RecordDescriptor.layout(). */
NATIVE(jlongArray, layout)(JNIEnv *env, jclass class)
{
	static const jlong values[] = {
		sizeof(struct record_header),
		offsetof(struct record_header, size),
		offsetof(struct record_header, kind),
		offsetof(struct record_header, flags),
		offsetof(struct record_header, time),
		offsetof(struct record_header, pid),
		offsetof(struct record_header, tid),
		offsetof(struct record_header, cpu),
		offsetof(struct record_header, parent_pid),
		offsetof(struct record_header, cgroup_id),
		offsetof(struct record_header, comm),
		RECORD_COMM_BYTES,
		offsetof(struct sample_record, kernel_depth),
		offsetof(struct sample_record, user_depth),
		offsetof(struct sample_record, user_end),
		offsetof(struct sample_record, addresses),
		offsetof(struct exec_record, path_bytes),
		offsetof(struct exec_record, path),
		offsetof(struct exec_record, environment),
		ENVIRONMENT_NAMES,
		ENVIRONMENT_ENTRY_BYTES,
		offsetof(struct mmap_record, start),
		offsetof(struct mmap_record, end),
		offsetof(struct mmap_record, file_offset),
		offsetof(struct mmap_record, device),
		offsetof(struct mmap_record, inode),
		offsetof(struct mmap_record, protection),
		offsetof(struct mmap_record, path_bytes),
		offsetof(struct mmap_record, path),
		KERNEL_FRAMES_MAX,
		USER_FRAMES_MAX,
		RECORD_BYTES_MAX,
		RECORD_SAMPLE,
		RECORD_EXEC,
		RECORD_FORK,
		RECORD_EXIT,
		RECORD_MMAP,
		RECORD_KERNEL_TRUNCATED,
		RECORD_USER_IN_SYSCALL,
		RECORD_PATH_TRUNCATED,
		RECORD_ENVIRONMENT,
		USER_STACK_COMPLETE,
		USER_STACK_DEPTH_LIMIT,
		USER_STACK_UNREADABLE,
		USER_STACK_NO_USER,
		USER_STACK_NO_FRAME_POINTER,
		USER_STACK_32_BIT,
	};

	(void)class;
	return to_java(env, values, COUNT(values));
}

NATIVE(jstring, probe)(JNIEnv *env, jclass class, jint feature)
{
	struct finding finding = {};
	char text[512];

	(void)class;
	probe_feature((enum kernel_feature)feature, &finding);
	snprintf(text, sizeof(text), "%c%s", finding.present ? '+' : '-', finding.detail);
	return (*env)->NewStringUTF(env, text);
}
