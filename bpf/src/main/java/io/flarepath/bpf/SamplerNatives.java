package io.flarepath.bpf;

import java.nio.ByteBuffer;

/**
 * The functions of the native library. A handle is valid from open to close, and checked nowhere.
 */
final class SamplerNatives {
    private SamplerNatives() {}

    static native long open(
            int frequency,
            long periodNanos,
            int ringBytes,
            int source,
            boolean mappings,
            boolean statistics);

    static native void close(long handle);

    static native int drain(long handle, ByteBuffer direct, int capacity, int timeoutMillis);

    static native void wake(long handle);

    static native void exclude(long handle, int pid, boolean exclude);

    static native long[] statistics(long handle);

    static native long[] layout();

    static native String probe(int feature);
}
