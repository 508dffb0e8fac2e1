// SPDX-License-Identifier: Apache-2.0
/* What io.flarepath.bpf.RequestNatives declares. */
#include <jni.h>
#include <stddef.h>
#include <stdint.h>

#include "jni_values.h"
#include "requests.h"

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_io_flarepath_bpf_RequestNatives_##name

static struct requests *at(jlong handle)
{
	return (struct requests *)(intptr_t)handle;
}

NATIVE(jlong, open)(JNIEnv *env, jclass class, jint ring_bytes, jint excluded_pid)
{
	struct failure failure = {};
	struct requests *requests = requests_open((__u32)ring_bytes, (__u32)excluded_pid, &failure);

	(void)class;
	if (!requests)
		throw_failure(env, &failure);
	return (jlong)(intptr_t)requests;
}

NATIVE(void, close)(JNIEnv *env, jclass class, jlong handle)
{
	(void)env;
	(void)class;
	requests_close(at(handle));
}

NATIVE(void, wake)(JNIEnv *env, jclass class, jlong handle)
{
	(void)env;
	(void)class;
	requests_wake(at(handle));
}

/* Java has checked that the buffer is direct and how much it holds. */
NATIVE(jint, drain)(JNIEnv *env, jclass class, jlong handle, jobject buffer, jint capacity,
		    jint timeout_millis)
{
	unsigned char *to = (*env)->GetDirectBufferAddress(env, buffer);

	(void)class;
	return (jint)requests_drain(at(handle), to, (size_t)capacity, timeout_millis);
}

NATIVE(void, ignore)(JNIEnv *env, jclass class, jlong handle, jlong socket)
{
	struct failure failure = {};

	(void)class;
	if (requests_ignore(at(handle), (__u64)socket, &failure))
		throw_failure(env, &failure);
}

NATIVE(void, tell)(JNIEnv *env, jclass class, jlong handle, jint most_bytes, jint one_in,
		   jboolean attached)
{
	struct failure failure = {};

	(void)class;
	if (requests_tell(at(handle), (__u32)most_bytes, (__u32)one_in, attached, &failure))
		throw_failure(env, &failure);
}

NATIVE(jlongArray, counters)(JNIEnv *env, jclass class, jlong handle)
{
	struct failure failure = {};
	__u64 values[MESSAGE_COUNTERS];

	(void)class;
	if (requests_counters(at(handle), values, &failure)) {
		throw_failure(env, &failure);
		return NULL;
	}
	return to_java(env, (const jlong *)values, MESSAGE_COUNTERS);
}

/* Lines, as program_times writes them. */
NATIVE(jstring, times)(JNIEnv *env, jclass class, jlong handle)
{
	char lines[4096];

	(void)class;
	requests_times(at(handle), lines, sizeof(lines));
	return (*env)->NewStringUTF(env, lines);
}

/* In the order of io.flarepath.bpf.MessageReader.layout(). */
NATIVE(jlongArray, layout)(JNIEnv *env, jclass class)
{
	static const jlong values[] = {
		sizeof(struct message_record),
		offsetof(struct message_record, size),
		offsetof(struct message_record, kind),
		offsetof(struct message_record, flags),
		offsetof(struct message_record, time),
		offsetof(struct message_record, socket),
		offsetof(struct message_record, position),
		offsetof(struct message_record, length),
		offsetof(struct message_record, captured),
		offsetof(struct message_record, pid),
		offsetof(struct message_record, tid),
		offsetof(struct message_record, local_port),
		offsetof(struct message_record, peer_port),
		offsetof(struct message_record, peer),
		MESSAGE_BYTES_MAX,
		MESSAGE_BYTES,
		MESSAGE_CLOSED,
		MESSAGE_RECEIVED,
		MESSAGE_CLIENT,
		MESSAGE_SERVER,
		MESSAGE_IPV6,
		MESSAGE_UDP,
	};

	(void)class;
	return to_java(env, values, sizeof(values) / sizeof(values[0]));
}
