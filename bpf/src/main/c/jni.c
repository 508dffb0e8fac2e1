// SPDX-License-Identifier: Apache-2.0
/* What io.flarepath.bpf.SamplerNatives declares. */
#include <errno.h>
#include <jni.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "file_reference.h"
#include "kernel_support.h"
#include "process_mappings.h"
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

void throw_failure(JNIEnv *env, const struct failure *failure)
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

/* Of the calling thread alone: on Linux a thread has a nice value of its own. */
NATIVE(jboolean, niceness)(JNIEnv *env, jclass class, jint nice)
{
	(void)env;
	(void)class;
	return setpriority(PRIO_PROCESS, 0, nice) == 0;
}

NATIVE(void, exclude)(JNIEnv *env, jclass class, jlong handle, jint pid, jboolean exclude)
{
	struct failure failure = {};

	(void)class;
	if (sampler_exclude(at(handle), (__u32)pid, exclude, &failure))
		throw_failure(env, &failure);
}

jlongArray to_java(JNIEnv *env, const jlong *values, size_t count)
{
	jlongArray array = (*env)->NewLongArray(env, (jsize)count);

	if (array)
		(*env)->SetLongArrayRegion(env, array, 0, (jsize)count, values);
	return array;
}

NATIVE(jlong, mappingEventsLost)(JNIEnv *env, jclass class, jlong handle)
{
	(void)env;
	(void)class;
	return (jlong)sampler_mapping_events_lost(at(handle));
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
		offsetof(struct sample_record, image),
		offsetof(struct sample_record, generation),
		offsetof(struct sample_record, stack_bytes),
		offsetof(struct sample_record, addresses),
		sizeof(struct walk_state),
		offsetof(struct walk_state, pc),
		offsetof(struct walk_state, flags),
		STACK_COPY_BYTES,
		(jlong)ADDRESS_BY_FRAME_POINTER,
		ADDRESS_EXACT,
		ADDRESS_MASK,
		offsetof(struct exec_record, image),
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
		USER_STACK_ENDS,
		USER_STACK_COMPLETE,
		USER_STACK_DEPTH_LIMIT,
		USER_STACK_UNREADABLE,
		USER_STACK_NO_USER,
		USER_STACK_NO_FRAME_POINTER,
		USER_STACK_32_BIT,
		USER_STACK_UNMAPPED,
		USER_STACK_NOT_LOADED,
		USER_STACK_UNKNOWN_PROCESS,
		USER_STACK_NO_RULE,
		USER_STACK_NO_PROGRESS,
		USER_STACK_BAD_RETURN,
		USER_STACK_EXITING,
		USER_STACK_IN_EXEC,
		USER_STACK_NO_ROOM,
		USER_STACK_REGISTER_LOST,
		USER_STACK_OTHER_STACK,
		USER_STACK_CHANGED,
		USER_STACK_FROZEN_FRAMES,
		USER_STACK_NO_CODE_BLOB,
		USER_STACK_BAD_JVM_FRAME,
		USER_STACK_JVM_NOT_COPIED,
		USER_STACK_JVM_REFUSED,
		USER_STACK_RETURN_PROBE,
		(jlong)ADDRESS_JVM,
		JVM_FRAME_SHIFT,
		JVM_COMPILED,
		JVM_INTERPRETED,
		JVM_STUB,
		JVM_METHOD_SHIFT,
		JVM_UNKNOWN_BYTECODE,
	};

	(void)class;
	return to_java(env, values, COUNT(values));
}

/* In the order of io.flarepath.bpf.UnwindMaps.layout(). */
NATIVE(jlongArray, unwindLayout)(JNIEnv *env, jclass class)
{
	static const jlong values[] = {
		UNWIND_RULES,
		UNWIND_EXECUTABLES,
		UNWIND_PAGES,
		UNWIND_PAGE_BITS,
		UNWIND_INDEX_BITS,
		UNWIND_INDEX_ENTRIES,
		UNWIND_INDEX_ROWS,
		UNWIND_MAPPING_ROWS,
		UNWIND_BLOCK_ROWS_MAX,
		UNWIND_PROCESSES,
		UNWIND_SEGMENTS,
		UNWIND_SEGMENT_ROWS,
		UNWIND_SEGMENT_BYTES,
		sizeof(struct unwind_rule),
		sizeof(struct unwind_row),
		offsetof(struct unwind_row, low),
		offsetof(struct unwind_row, rule),
		sizeof(struct unwind_page),
		offsetof(struct unwind_page, first),
		offsetof(struct unwind_page, count),
		sizeof(struct unwind_executable),
		offsetof(struct unwind_executable, generation),
		offsetof(struct unwind_executable, state),
		offsetof(struct unwind_executable, first_page),
		offsetof(struct unwind_executable, page_count),
		offsetof(struct unwind_executable, page_base),
		offsetof(struct unwind_executable, uses),
		sizeof(struct unwind_mapping),
		offsetof(struct unwind_mapping, start),
		offsetof(struct unwind_mapping, end),
		offsetof(struct unwind_mapping, bias),
		offsetof(struct unwind_mapping, executable),
		offsetof(struct unwind_mapping, kind),
		UNWIND_ABSENT,
		UNWIND_LOADED,
		UNWIND_NO_RULES,
		UNWIND_NO_ROOM,
		UNWIND_MAPPED_FILE,
		UNWIND_MAPPED_CODE,
		UNWIND_MAPPED_VOLATILE,
		UNWIND_MAPPED_CODE_HEAP,
		UNWIND_CODE_HEAPS,
		UNWIND_HEAP_STARTING,
		UNWIND_HEAP_REFUSED,
		UNWIND_FIRST_CODE_HEAP,
		UNWIND_BLOB_BYTES,
		sizeof(struct unwind_code_heap),
		offsetof(struct unwind_code_heap, generation),
		offsetof(struct unwind_code_heap, segment_shift),
		offsetof(struct unwind_code_heap, start),
		offsetof(struct unwind_code_heap, segment_map),
		offsetof(struct unwind_code_heap, nmethod_name),
		offsetof(struct unwind_code_heap, native_name),
		offsetof(struct unwind_code_heap, interpreter_name),
		offsetof(struct unwind_code_heap, return_barrier),
		offsetof(struct unwind_code_heap, block_header),
		offsetof(struct unwind_code_heap, name),
		offsetof(struct unwind_code_heap, size),
		offsetof(struct unwind_code_heap, frame_size),
		offsetof(struct unwind_code_heap, frame_complete),
		offsetof(struct unwind_code_heap, code_begin),
		offsetof(struct unwind_code_heap, compile_id),
		offsetof(struct unwind_code_heap, original_pc),
		offsetof(struct unwind_code_heap, deopt_handler),
		offsetof(struct unwind_code_heap, deopt_mh_handler),
		offsetof(struct unwind_code_heap, const_method),
		offsetof(struct unwind_code_heap, bytecodes),
		offsetof(struct unwind_code_heap, bytecodes_size),
		offsetof(struct unwind_code_heap, bytecode_slot),
		offsetof(struct unwind_code_heap, return_barrier_bytes),
		offsetof(struct unwind_field, bytes),
		offsetof(struct unwind_field, is_address),
	};

	(void)class;
	return to_java(env, values, COUNT(values));
}

/* The kinds of rules and of saved registers, by number, as io.flarepath.symbolizer has them. */
NATIVE(jlongArray, unwindKinds)(JNIEnv *env, jclass class)
{
	static const jlong values[] = {
		UNWIND_UNKNOWN,	      UNWIND_STOP,	   UNWIND_CFA_SP,
		UNWIND_CFA_FP,	      UNWIND_CFA_REGISTER, UNWIND_CFA_SP_DEREF,
		UNWIND_CFA_FP_DEREF,  UNWIND_PLT,	   UNWIND_SIGNAL,
		UNWIND_FRAME_POINTER, UNWIND_GO_ASMCGOCALL, UNWIND_GO_CURG,
		UNWIND_GO_G0,	      UNWIND_SAME,	   UNWIND_AT_CFA,
		UNWIND_AT_FP,	      UNWIND_UNDEFINED,
	};

	(void)class;
	return to_java(env, values, COUNT(values));
}

NATIVE(jobject, unwindArray)(JNIEnv *env, jclass class, jlong handle, jint array)
{
	const struct mapped_array *mapped = &at(handle)->unwind.arrays[array];

	(void)class;
	return (*env)->NewDirectByteBuffer(env, mapped->at, (jlong)mapped->bytes);
}

NATIVE(jobject, unwindSegment)(JNIEnv *env, jclass class, jlong handle, jint number)
{
	struct failure failure = {};
	const struct mapped_array *mapped;

	(void)class;
	clear_libbpf_log();
	mapped = unwind_segment_at(&at(handle)->unwind, (unsigned int)number, &failure);
	if (!mapped) {
		throw_failure(env, &failure);
		return NULL;
	}
	return (*env)->NewDirectByteBuffer(env, mapped->at, (jlong)mapped->bytes);
}

NATIVE(void, setProcess)(JNIEnv *env, jclass class, jlong handle, jint pid, jlong image, jint first,
			 jint count, jlong generation, jboolean final)
{
	struct unwind_process process = {
		.image = (__u64)image,
		.first = (__u32)first,
		.count = (__u32)count,
		.generation = (__u64)generation,
		.flags = final ? UNWIND_PROCESS_FINAL : 0,
	};
	struct failure failure = {};

	(void)class;
	clear_libbpf_log();
	if (unwind_set_process(&at(handle)->unwind, (__u32)pid, &process, &failure))
		throw_failure(env, &failure);
}

NATIVE(void, removeProcess)(JNIEnv *env, jclass class, jlong handle, jint pid, jlong image)
{
	struct failure failure = {};

	(void)class;
	clear_libbpf_log();
	if (unwind_remove_process(&at(handle)->unwind, (__u32)pid, (__u64)image, &failure))
		throw_failure(env, &failure);
}

/* Java has checked that both buffers are direct, and that the sample is whole. */
NATIVE(jint, resume)(JNIEnv *env, jclass class, jlong handle, jobject from, jint position,
		     jint first, jint count, jlong generation, jobject to, jint room)
{
	const unsigned char *sample = (*env)->GetDirectBufferAddress(env, from);
	unsigned char *target = (*env)->GetDirectBufferAddress(env, to);
	struct unwind_process mappings = {
		.first = (__u32)first,
		.count = (__u32)count,
		.generation = (__u64)generation,
	};
	struct failure failure = {};
	long bytes;

	(void)class;
	clear_libbpf_log();
	bytes = unwind_resume(&at(handle)->unwind,
			      (const struct sample_record *)(sample + position), &mappings, target,
			      (size_t)room, &failure);
	if (bytes < 0)
		throw_failure(env, &failure);
	return (jint)bytes;
}

/*
 * Mappings from an address on into a direct buffer; where to go on into next[0]. Bytes, or -errno.
 */
NATIVE(jlong, processMappings)(JNIEnv *env, jclass class, jint pid, jlong from, jobject buffer,
			       jlongArray next)
{
	unsigned char *to = (*env)->GetDirectBufferAddress(env, buffer);
	jlong room = (*env)->GetDirectBufferCapacity(env, buffer), on = 0;
	__u64 address = 0;
	jlong bytes;

	(void)class;
	bytes = process_mappings((__u32)pid, (__u64)from, to, (size_t)room, &address);
	on = (jlong)address;
	(*env)->SetLongArrayRegion(env, next, 0, 1, &on);
	return bytes;
}

/* Device, inode, size and time of change in nanoseconds into state. A descriptor, or -errno. */
NATIVE(jint, refer)(JNIEnv *env, jclass class, jbyteArray path, jlongArray state)
{
	char text[FILE_REFERENCE_PATH_BYTES];
	jsize length = (*env)->GetArrayLength(env, path);
	struct stat found;
	jlong values[4];
	int fd;

	(void)class;
	if ((size_t)length >= sizeof(text))
		return -ENAMETOOLONG;
	(*env)->GetByteArrayRegion(env, path, 0, length, (jbyte *)text);
	text[length] = 0;
	fd = file_reference(text, &found);
	if (fd < 0)
		return fd;
	values[0] = (jlong)found.st_dev;
	values[1] = (jlong)found.st_ino;
	values[2] = (jlong)found.st_size;
	values[3] = (jlong)found.st_mtim.tv_sec * 1000000000 + found.st_mtim.tv_nsec;
	(*env)->SetLongArrayRegion(env, state, 0, COUNT(values), values);
	return fd;
}

NATIVE(void, forgo)(JNIEnv *env, jclass class, jint descriptor)
{
	(void)env;
	(void)class;
	close(descriptor);
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
