package io.flarepath.agent.samples;

import io.flarepath.agent.processes.ReplacedRanges;
import io.flarepath.bpf.EventReader;
import io.flarepath.bpf.UserStackEnd;
import java.util.Arrays;

/** The addresses of one sample, taken out of the drained buffer. One object is used for all. */
final class RawStack {
    /** In a user address, which has 47 bits. */
    private static final long BY_FRAME_POINTER = 1L << 63;

    private static final long EXACT = 1L << 62;

    /** The next word is no address: it says which frame of a JVM this is. */
    private static final long JVM = 1L << 61;

    private static final long ADDRESS = (1L << 48) - 1;

    private long[] addresses = new long[256];
    private int kernelDepth;
    private int depth;
    private UserStackEnd end = UserStackEnd.COMPLETE;
    private boolean kernelTruncated;

    /**
     * Takes the stack of the reader's sample. Where its walk stopped is its last frame, if it has
     * not gone on.
     */
    void take(EventReader sample) {
        kernelDepth = sample.kernelDepth();
        depth = kernelDepth + sample.userDepth();
        end = sample.userStackEnd();
        kernelTruncated = sample.kernelTruncated();
        if (depth >= addresses.length) {
            addresses = new long[depth * 2];
        }
        for (int i = 0; i < kernelDepth; i++) {
            addresses[i] = sample.kernelAddress(i);
        }
        for (int i = kernelDepth; i < depth; i++) {
            int frame = i - kernelDepth;
            boolean jvm = sample.isJvmFrame(frame);
            addresses[i] =
                    sample.userAddress(frame)
                            | (sample.userAddressExact(frame) ? EXACT : 0)
                            | (sample.byFramePointer(frame) ? BY_FRAME_POINTER : 0)
                            | (jvm ? JVM : 0);
            if (jvm) {
                addresses[++i] = sample.jvmFrame(frame);
            }
        }
        if (sample.canGoOn()) {
            addresses[depth++] =
                    (sample.stoppedAddress() & ADDRESS) | (sample.stoppedExactly() ? EXACT : 0);
        }
    }

    /**
     * Ends the stack behind its first frame in one of the ranges: by what was mapped there before
     * its callers were looked for.
     */
    void distrust(ReplacedRanges ranges) {
        int first = firstIn(ranges);
        if (first < depth) {
            depth = next(first);
            end = UserStackEnd.CHANGED;
        }
    }

    /** Ends the stack before its first frame in one of the ranges: it cannot be named any more. */
    void cut(ReplacedRanges ranges) {
        int first = firstIn(ranges);
        if (first < depth) {
            depth = first;
            end = UserStackEnd.CHANGED;
        }
    }

    private int firstIn(ReplacedRanges ranges) {
        int first = ranges.isEmpty() ? depth : kernelDepth;
        while (first < depth && !ranges.hold(callAddress(first))) {
            first = next(first);
        }
        return first;
    }

    /** Place of the frame behind that at a place. */
    int next(int i) {
        return isJvm(i) ? i + 2 : i + 1;
    }

    /** Whether the frame at a place is of a JVM. */
    boolean isJvm(int i) {
        return i >= kernelDepth && (addresses[i] & JVM) != 0;
    }

    /** Which frame of a JVM it is; {@link io.flarepath.bpf.JvmFrame} reads it. */
    long jvmFrame(int i) {
        return addresses[i + 1];
    }

    /** The address of a user frame itself: a return address, or where the thread was. */
    long address(int i) {
        return addresses[i] & ADDRESS;
    }

    /** Whether the thread was at this address itself. */
    boolean isExact(int i) {
        return (addresses[i] & EXACT) != 0;
    }

    int kernelDepth() {
        return kernelDepth;
    }

    /**
     * Places of the frames of kernel and user code together: {@link #next} leads from one to the
     * next.
     */
    int depth() {
        return depth;
    }

    UserStackEnd end() {
        return end;
    }

    boolean kernelTruncated() {
        return kernelTruncated;
    }

    /** Whether the frame was found by a frame pointer alone. */
    boolean byFramePointer(int i) {
        return i >= kernelDepth && (addresses[i] & BY_FRAME_POINTER) != 0;
    }

    /**
     * An address inside the instruction that the frame is at, leaf first. A return address is that
     * of the next instruction, which may belong to another function: so is that of a system call.
     */
    long callAddress(int i) {
        if (i < kernelDepth) {
            return i == 0 ? addresses[i] : addresses[i] - 1;
        }
        long address = addresses[i] & ADDRESS;
        return (addresses[i] & EXACT) != 0 ? address : address - 1;
    }

    /** What tells this stack from others beside its addresses. */
    long shape() {
        return kernelDepth | ((long) end.number() << 16) | (kernelTruncated ? 1L << 32 : 0);
    }

    /** A hash of everything. */
    long hash() {
        long hash = shape() * 0x9E3779B97F4A7C15L + depth;
        for (int i = 0; i < depth; i++) {
            hash = (hash ^ addresses[i]) * 0xBF58476D1CE4E5B9L;
            hash ^= hash >>> 29;
        }
        return hash;
    }

    /** Copies the addresses. */
    void copyTo(long[] target, int at) {
        System.arraycopy(addresses, 0, target, at, depth);
    }

    boolean isAt(long[] other, int at) {
        return Arrays.equals(addresses, 0, depth, other, at, at + depth);
    }
}
