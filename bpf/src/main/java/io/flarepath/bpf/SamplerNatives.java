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

    static native boolean niceness(int nice);

    static native void exclude(long handle, int pid, boolean exclude);

    static native long[] statistics(long handle);

    static native long mappingEventsLost(long handle);

    static native long[] layout();

    static native long[] unwindLayout();

    static native long[] unwindKinds();

    static native ByteBuffer unwindArray(long handle, int array);

    static native ByteBuffer unwindSegment(long handle, int number);

    static native void setProcess(
            long handle,
            int pid,
            long image,
            int first,
            int count,
            long generation,
            boolean unwalkable);

    static native void removeProcess(long handle, int pid, long image);

    static native int resume(
            long handle,
            ByteBuffer from,
            int position,
            int first,
            int count,
            long generation,
            ByteBuffer to,
            int room);

    static native long processMappings(int pid, long from, ByteBuffer direct, long[] next);

    static native int refer(byte[] path, long[] state);

    static native void forgo(int descriptor);

    static native String probe(int feature);
}
