package io.flarepath.agent.samples;

import io.flarepath.bpf.EventReader;
import io.flarepath.bpf.UserStackEnd;
import java.util.Arrays;

/** The addresses of one sample, taken out of the drained buffer. One object is used for all. */
final class RawStack {
    private long[] addresses = new long[256];
    private int kernelDepth;
    private int depth;
    private UserStackEnd end = UserStackEnd.COMPLETE;
    private boolean kernelTruncated;
    private boolean inSystemCall;

    /** Takes the stack of the reader's sample. */
    void take(EventReader sample) {
        kernelDepth = sample.kernelDepth();
        depth = kernelDepth + sample.userDepth();
        end = sample.userStackEnd();
        kernelTruncated = sample.kernelTruncated();
        inSystemCall = sample.userInSystemCall();
        if (depth > addresses.length) {
            addresses = new long[depth * 2];
        }
        for (int i = 0; i < kernelDepth; i++) {
            addresses[i] = sample.kernelAddress(i);
        }
        for (int i = kernelDepth; i < depth; i++) {
            addresses[i] = sample.userAddress(i - kernelDepth);
        }
    }

    int kernelDepth() {
        return kernelDepth;
    }

    /** Frames of kernel and user code together. */
    int depth() {
        return depth;
    }

    UserStackEnd end() {
        return end;
    }

    boolean kernelTruncated() {
        return kernelTruncated;
    }

    /**
     * An address inside the instruction that the frame is at, leaf first. A return address is that
     * of the next instruction, which may belong to another function: so is that of a system call.
     */
    long callAddress(int i) {
        boolean exact = i == 0 || (i == kernelDepth && !inSystemCall);
        // With kernel frames the user's leaf is where the kernel was entered.
        boolean syscallLeaf = i == kernelDepth && inSystemCall && kernelDepth > 0;
        return exact && !syscallLeaf ? addresses[i] : addresses[i] - 1;
    }

    /** What tells this stack from others beside its addresses. */
    long shape() {
        return kernelDepth
                | ((long) code(end) << 16)
                | (kernelTruncated ? 1L << 32 : 0)
                | (inSystemCall ? 1L << 33 : 0);
    }

    private static int code(UserStackEnd end) {
        return switch (end) {
            case COMPLETE -> 0;
            case DEPTH_LIMIT -> 1;
            case UNREADABLE -> 2;
            case NO_USER -> 3;
            case NO_FRAME_POINTER -> 4;
            case COMPAT_32_BIT -> 5;
        };
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
