/* SPDX-License-Identifier: Apache-2.0 */
/* What native functions of several classes give to Java. */
#ifndef FLAREPATH_JNI_VALUES_H
#define FLAREPATH_JNI_VALUES_H

#include <jni.h>
#include <stddef.h>

#include "failure.h"

/* Leaves a BpfException pending. */
void throw_failure(JNIEnv *env, const struct failure *failure);

/* An array of these numbers, or NULL with an error pending. */
jlongArray to_java(JNIEnv *env, const jlong *values, size_t count);

#endif
