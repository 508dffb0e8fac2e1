package io.flarepath.bpf;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Has the kernel count how often BPF programs run and how long, until it is closed ({@code
 * BPF_ENABLE_STATS} of bpf(2)). It does so of all programs of the machine, each run of which then
 * takes some 50 ns more.
 */
public final class RunStatistics implements AutoCloseable {
    private final int descriptor;
    private final AtomicBoolean closed = new AtomicBoolean();

    private RunStatistics(int descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Begins to count.
     *
     * @throws BpfException when the kernel refuses, as it does without CAP_SYS_ADMIN
     */
    public static RunStatistics count() {
        NativeLibrary.load();
        return new RunStatistics(enable());
    }

    private static native int enable();

    private static native void close(int descriptor);

    /** Counts no more; what was counted stays. Does nothing the second time. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            close(descriptor);
        }
    }
}
