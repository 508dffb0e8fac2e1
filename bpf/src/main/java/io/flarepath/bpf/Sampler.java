package io.flarepath.bpf;

import java.nio.ByteBuffer;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Samples every CPU of the machine, and tells of processes and their executable mappings, in one
 * stream of records about in the order of time. Several can be open at once; each sees everything.
 * Safe for several threads, of which one at a time drains.
 */
public final class Sampler implements AutoCloseable {
    private static final int READER_NICE = -10;

    /** A buffer for {@link #drain} must hold the largest record. */
    public static final int MIN_BUFFER_BYTES = RecordDescriptor.RECORD_BYTES_MAX;

    private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);

    private final NativeHandle handle;
    private final SamplerOptions options;

    private Sampler(long handle, SamplerOptions options) {
        this.handle =
                new NativeHandle(handle, "sampler", SamplerNatives::wake, SamplerNatives::close);
        this.options = options;
    }

    /**
     * Loads the programs and starts to sample.
     *
     * @throws BpfException when the kernel refuses; its message names the cure
     * @throws UnsupportedOperationException on another system than Linux on x86-64
     */
    public static Sampler open(SamplerOptions options) {
        NativeLibrary.load();
        refuseAffectedKernel(options);
        int ring = options.ringBytes(Runtime.getRuntime().availableProcessors());
        long handle =
                SamplerNatives.open(
                        options.frequencyHz(),
                        options.periodNanos(),
                        ring,
                        options.source().number(),
                        options.mappings(),
                        options.kernelStatistics());
        Sampler sampler = new Sampler(handle, options);
        SamplerStatistics statistics = sampler.statistics();
        LOG.info(
                "sampling {} CPUs at {} Hz by {}, ring of {} KiB, maps of {} KiB",
                statistics.cpus(),
                options.frequencyHz(),
                statistics.source(),
                ring / 1024,
                statistics.mapBytes() / 1024);
        return sampler;
    }

    private static void refuseAffectedKernel(SamplerOptions options) {
        KernelVersion kernel = KernelVersion.running();
        if (kernel.mayLockUp() && !options.allowAffectedKernel()) {
            throw BpfException.refusal(
                    "Linux "
                            + kernel
                            + " can lock up when user memory is read from a sample (5.19 to 6.1.35"
                            + " and 6.2 to 6.3.9)",
                    "run 6.1.36, 6.3.10 or later, or set allowAffectedKernel where the vendor has"
                            + " mended it");
        }
    }

    /** How this sampler was opened. */
    public SamplerOptions options() {
        return options;
    }

    /**
     * Waits until the time is over, a process runs a new program, or the ring fills up; then copies
     * whole records. Records younger than 2 ms stay for the next call, since older ones of other
     * CPUs may still come.
     *
     * @param direct a direct buffer of at least {@link #MIN_BUFFER_BYTES}; its position and limit
     *     do not matter
     * @param timeoutMillis 0 to 60,000
     * @return bytes copied to the buffer from its index 0, for {@link EventReader#wrap}; possibly 0
     * @throws IllegalStateException when closed, or while another thread drains
     */
    public int drain(ByteBuffer direct, int timeoutMillis) {
        return handle.drain(direct, MIN_BUFFER_BYTES, timeoutMillis, SamplerNatives::drain);
    }

    /**
     * Has the calling thread, which drains from now on, run before others that wait for a CPU:
     * while it waits itself, the ring fills up, and no more stacks of new processes are copied. It
     * needs CAP_SYS_NICE, or a limit that allows it.
     *
     * @return whether it was granted
     */
    public boolean runReaderFirst() {
        return use(open -> SamplerNatives.niceness(READER_NICE));
    }

    /**
     * Takes no more samples of a process, until it ends or is included again.
     *
     * @throws BpfException when too many are excluded
     */
    public void exclude(int pid) {
        setExcluded(pid, true);
    }

    /** Takes samples of a process that was excluded; does nothing for others. */
    public void include(int pid) {
        setExcluded(pid, false);
    }

    private void setExcluded(int pid, boolean excluded) {
        use(open -> {
            SamplerNatives.exclude(open, pid, excluded);
            return true;
        });
    }

    /**
     * Mappings that the kernel could not tell of so far: the same as in {@link #statistics}, which
     * asks for the memory of each map and is too slow to be called at each drain.
     */
    public long mappingEventsLost() {
        return use(SamplerNatives::mappingEventsLost);
    }

    /** What was counted so far. */
    public SamplerStatistics statistics() {
        return use(open -> SamplerStatistics.of(SamplerNatives.statistics(open)));
    }

    /**
     * The memory of the unwinder.
     *
     * @throws IllegalStateException when closed
     */
    public UnwindMaps unwindMaps() {
        return use(open -> new UnwindMaps(this, open));
    }

    /** Calls a function of the native library while the sampler stays open. */
    <T> T use(LongFunction<T> call) {
        return handle.use(call);
    }

    /** Detaches everything and frees it; ends the wait of a drain. Does nothing the second time. */
    @Override
    public void close() {
        handle.close();
    }
}
