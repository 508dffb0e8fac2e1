package io.flarepath.bpf;

import java.nio.ByteBuffer;

/** The native functions of {@link NetworkEdges}. A handle is valid from open to close. */
final class EdgeNatives {
    private EdgeNatives() {}

    static native long open();

    static native void close(long handle);

    static native void poll(long handle);

    static native int read(long handle, ByteBuffer direct, int capacity, boolean events);

    static native void forget(long handle, ByteBuffer direct, int position, boolean events);

    static native long[] counters(long handle);

    static native String times(long handle);

    static native String reasons(boolean drops);

    static native String errorName(int number);

    static native long[] layout();
}
