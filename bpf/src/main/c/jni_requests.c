// SPDX-License-Identifier: Apache-2.0
/* What io.flarepath.bpf.RequestNatives declares. */
#include <jni.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "jni_values.h"
#include "requests.h"

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_io_flarepath_bpf_RequestNatives_##name

static struct requests *at(jlong handle)
{
	return (struct requests *)(intptr_t)handle;
}

NATIVE(jlong, open)(JNIEnv *env, jclass class, jint ring_bytes, jint excluded_pid, jint wanted,
		    jboolean by_system_calls)
{
	struct failure failure = {};
	struct requests *requests =
		requests_open((__u32)ring_bytes, (__u32)excluded_pid, (__u32)wanted,
			      by_system_calls, &failure);

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

/* Whether streams are seen by system calls. */
NATIVE(jboolean, bySystemCalls)(JNIEnv *env, jclass class, jlong handle)
{
	(void)env;
	(void)class;
	return at(handle)->by_syscalls && at(handle)->parts & PART_STREAMS;
}

/* The bits of the parts that are loaded. */
NATIVE(jint, parts)(JNIEnv *env, jclass class, jlong handle)
{
	(void)env;
	(void)class;
	return (jint)at(handle)->parts;
}

/* Why a part is not loaded that was wanted; empty if it is, or was not. */
NATIVE(jstring, missing)(JNIEnv *env, jclass class, jlong handle, jint part)
{
	const struct failure *failure = &at(handle)->missing[part];
	char text[1024] = "";

	(void)class;
	if (failure->error)
		snprintf(text, sizeof(text), "%s: %s; %s", failure->attempt,
			 strerror(failure->error), failure->cure);
	return (*env)->NewStringUTF(env, text);
}

/* Why streams are seen by system calls, in a line, and lines of the verifier; empty if that was asked for. */
NATIVE(jstring, whyBySystemCalls)(JNIEnv *env, jclass class, jlong handle)
{
	const struct failure *failure = &at(handle)->in_kernel;
	char text[sizeof(*failure)] = "";

	(void)class;
	if (failure->error)
		snprintf(text, sizeof(text), "%s: %s\n%s", failure->attempt,
			 strerror(failure->error), failure->detail);
	return (*env)->NewStringUTF(env, text);
}

/* Java has checked that both arrays are as long. */
NATIVE(jint, probeTls)(JNIEnv *env, jclass class, jlong handle, jint file, jlongArray offsets,
		       jlongArray functions)
{
	struct failure failure = {};
	struct tls_places places = {};
	jsize count = (*env)->GetArrayLength(env, offsets);
	int number;

	(void)class;
	places.count = count < TLS_PLACES_MAX ? (__u32)count : TLS_PLACES_MAX;
	(*env)->GetLongArrayRegion(env, offsets, 0, (jsize)places.count, (jlong *)places.offsets);
	(*env)->GetLongArrayRegion(env, functions, 0, (jsize)places.count,
				   (jlong *)places.functions);
	number = tls_probes_add(&at(handle)->tls, file, &places, &failure);
	if (number < 0)
		throw_failure(env, &failure);
	return number;
}

NATIVE(void, unprobeTls)(JNIEnv *env, jclass class, jlong handle, jint number)
{
	(void)env;
	(void)class;
	tls_probes_remove(&at(handle)->tls, number);
}

static void say(JNIEnv *env, jlong handle, jlong socket, jboolean clear, enum reader_word word)
{
	struct failure failure = {};

	if (requests_say(at(handle), (__u64)socket, clear, word, &failure))
		throw_failure(env, &failure);
}

NATIVE(void, ignore)(JNIEnv *env, jclass class, jlong handle, jlong socket, jboolean clear)
{
	(void)class;
	say(env, handle, socket, clear, WORD_UNWANTED);
}

NATIVE(void, speaksHttp2)(JNIEnv *env, jclass class, jlong handle, jlong socket, jboolean clear)
{
	(void)class;
	say(env, handle, socket, clear, WORD_HTTP2);
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
		MESSAGE_CLEAR,
	};

	(void)class;
	return to_java(env, values, sizeof(values) / sizeof(values[0]));
}
