// SPDX-License-Identifier: Apache-2.0
/* What io.flarepath.bpf.EdgeNatives declares. */
#include <jni.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "edges.h"
#include "jni_values.h"

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_io_flarepath_bpf_EdgeNatives_##name

static struct edges *at(jlong handle)
{
	return (struct edges *)(intptr_t)handle;
}

NATIVE(jlong, open)(JNIEnv *env, jclass class)
{
	struct failure failure = {};
	struct edges *edges = edges_open(&failure);

	(void)class;
	if (!edges)
		throw_failure(env, &failure);
	return (jlong)(intptr_t)edges;
}

NATIVE(void, close)(JNIEnv *env, jclass class, jlong handle)
{
	(void)env;
	(void)class;
	edges_close(at(handle));
}

NATIVE(void, poll)(JNIEnv *env, jclass class, jlong handle)
{
	struct failure failure = {};

	(void)class;
	if (edges_poll(at(handle), &failure))
		throw_failure(env, &failure);
}

/* Java has checked that the buffer is direct and how much it holds. */
NATIVE(jint, read)(JNIEnv *env, jclass class, jlong handle, jobject buffer, jint capacity,
		   jboolean events)
{
	unsigned char *to = (*env)->GetDirectBufferAddress(env, buffer);
	struct failure failure = {};
	long bytes = events ? edges_read_events(at(handle), to, (size_t)capacity, &failure)
			    : edges_read(at(handle), to, (size_t)capacity, &failure);

	(void)class;
	if (bytes < 0)
		throw_failure(env, &failure);
	return (jint)bytes;
}

/* Of a record in the buffer. */
NATIVE(void, forget)(JNIEnv *env, jclass class, jlong handle, jobject buffer, jint position,
		     jboolean events)
{
	unsigned char *from = (*env)->GetDirectBufferAddress(env, buffer);

	(void)class;
	if (events)
		edges_forget_event(at(handle), (const struct edge_event_key *)(from + position));
	else
		edges_forget(at(handle), (const struct edge_key *)(from + position));
}

NATIVE(jlongArray, counters)(JNIEnv *env, jclass class, jlong handle)
{
	struct failure failure = {};
	__u64 values[EDGE_COUNTERS];

	(void)class;
	if (edges_counters(at(handle), values, &failure)) {
		throw_failure(env, &failure);
		return NULL;
	}
	return to_java(env, (const jlong *)values, EDGE_COUNTERS);
}

/* Lines, as program_times writes them. */
NATIVE(jstring, times)(JNIEnv *env, jclass class, jlong handle)
{
	char lines[4096];

	(void)class;
	edges_times(at(handle), lines, sizeof(lines));
	return (*env)->NewStringUTF(env, lines);
}

NATIVE(jstring, reasons)(JNIEnv *env, jclass class, jboolean drops)
{
	char *names = drops ? kernel_names("skb_drop_reason", "SKB_DROP_REASON_")
			    : kernel_names("sk_rst_reason", "SK_RST_REASON_");
	jstring text = (*env)->NewStringUTF(env, names ? names : "");

	(void)class;
	free(names);
	return text;
}

NATIVE(jstring, errorName)(JNIEnv *env, jclass class, jint number)
{
	const char *name = strerrorname_np(number);

	(void)class;
	return (*env)->NewStringUTF(env, name ? name : "_OTHER");
}

/* In the order of io.flarepath.bpf.EdgeReader.layout(). */
NATIVE(jlongArray, layout)(JNIEnv *env, jclass class)
{
	static const jlong values[] = {
		EDGES_MAX,
		EDGE_EVENTS_MAX,
		sizeof(struct edge_record),
		offsetof(struct edge_key, pid),
		offsetof(struct edge_key, role),
		offsetof(struct edge_key, kind),
		offsetof(struct edge_key, port),
		offsetof(struct edge_key, peer),
		offsetof(struct edge_key, local),
		offsetof(struct edge_record, sums),
		EDGE_SUMS,
		sizeof(struct edge_event_record),
		offsetof(struct edge_event_key, kind),
		offsetof(struct edge_event_key, code),
		offsetof(struct edge_event_record, value.count),
		offsetof(struct edge_event_record, value.sum),
		EDGE_CLIENT,
		EDGE_SERVER,
		EDGE_UDP,
		EDGE_OVERFLOW,
		EDGE_CONNECT_TIME,
		EDGE_ROUND_TRIP,
		EDGE_CONNECT_FAILURE,
		EDGE_RESET_SENT,
		EDGE_RESET_RECEIVED,
		EDGE_DROP,
		EDGE_GIVEN_UP,
		EDGE_NO_ERRNO,
		EDGE_BUCKET_BITS,
	};

	(void)class;
	return to_java(env, values, sizeof(values) / sizeof(values[0]));
}
