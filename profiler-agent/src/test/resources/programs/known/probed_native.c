/* The C between the methods of Probed.java. */
#include <jni.h>

#include "work.h"

WORK(sixty, 6)
WORK(thirty, 3)
WORK(ten, 1)
CHAIN

JNIEXPORT void JNICALL Java_Probed_up(JNIEnv *env, jclass type)
{
	(void)env;
	(void)type;
	a(1);
	AFTER_CALL;
}

JNIEXPORT void JNICALL Java_Probed_down(JNIEnv *env, jclass type)
{
	(*env)->CallStaticVoidMethod(env, type,
				     (*env)->GetStaticMethodID(env, type, "back", "()V"));
	AFTER_CALL;
}
