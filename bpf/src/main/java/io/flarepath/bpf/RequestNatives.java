package io.flarepath.bpf;

import java.nio.ByteBuffer;

/** The native functions of {@link RequestBytes}. A handle is valid from open to close. */
final class RequestNatives {
    private RequestNatives() {}

    static native long open(int ringBytes, int excludedPid, int wantedParts, boolean bySystemCalls);

    static native boolean bySystemCalls(long handle);

    static native String whyBySystemCalls(long handle);

    static native int parts(long handle);

    static native String missing(long handle, int part);

    static native int probeTls(long handle, int file, long[] offsets, long[] functions);

    static native void unprobeTls(long handle, int number);

    static native void close(long handle);

    static native int drain(long handle, ByteBuffer direct, int capacity, int timeoutMillis);

    static native void wake(long handle);

    static native void ignore(long handle, long socket, boolean clear);

    static native void speaksHttp2(long handle, long socket, boolean clear);

    static native void tell(long handle, int mostBytes, int oneIn, boolean attached);

    static native long[] counters(long handle);

    static native String times(long handle);

    static native long[] layout();
}
