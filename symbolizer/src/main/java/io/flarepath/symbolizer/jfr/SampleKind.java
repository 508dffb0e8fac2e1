package io.flarepath.symbolizer.jfr;

/**
 * What a sample of a recording tells, and under which of Pyroscope's types it is kept ({@code
 * family:type:unit:periodType:periodUnit}; pyroscope jfr-parser/pprof/pprof.go). From {@link
 * #OLD_OBJECT} on the types are ours: Pyroscope leaves these events out.
 */
public enum SampleKind {
    /** A thread ran; the amount is time. */
    CPU("process_cpu", "", "cpu", "nanoseconds", "cpu", "nanoseconds"),
    /**
     * The same by the CPU's clock ({@code jdk.CPUTimeSample}). Where a recording has both they tell
     * of the same time, and this one is right.
     */
    CPU_TIME("process_cpu", "", "cpu", "nanoseconds", "cpu", "nanoseconds"),
    /** A thread was there, running or not; the amount is time. */
    WALL("wall", "", "wall", "nanoseconds", "wall", "nanoseconds"),
    /** An object for which a buffer was begun; the amount is the size of that buffer. */
    ALLOCATION_IN_NEW_TLAB(
            "memory",
            "alloc_in_new_tlab_objects",
            "alloc_in_new_tlab_bytes",
            "bytes",
            "space",
            "bytes"),
    /** An object outside of the buffers; the amount is its size. */
    ALLOCATION_OUTSIDE_TLAB(
            "memory",
            "alloc_outside_tlab_objects",
            "alloc_outside_tlab_bytes",
            "bytes",
            "space",
            "bytes"),
    /** Objects that one of them stands for; the amount is their size. */
    ALLOCATION_SAMPLE(
            "memory", "alloc_sample_objects", "alloc_sample_bytes", "bytes", "space", "bytes"),
    /** An object that was still reachable at the end; the amount is its size. */
    LIVE_OBJECT("memory", "live", "", "", "objects", "count"),
    /** A thread waited for a monitor; the amount is time. */
    MONITOR("mutex", "contentions", "delay", "nanoseconds", "mutex", "count"),
    /** A thread was parked; the amount is time. */
    PARK("block", "contentions", "delay", "nanoseconds", "block", "count"),
    /** Memory was taken from the native heap; the amount is bytes. */
    MALLOC("memory", "malloc_objects", "malloc_bytes", "bytes", "", ""),
    /** An object that may leak, as the JDK samples them; the amount is its size. */
    OLD_OBJECT("memory", "old_objects", "old_bytes", "bytes", "objects", "count"),
    /** A thread read or wrote a file; the amount is time. */
    FILE("file", "operations", "delay", "nanoseconds", "file", "count"),
    /** A thread read from a socket or wrote to one; the amount is time. */
    SOCKET("socket", "operations", "delay", "nanoseconds", "socket", "count"),
    /** A virtual thread waited and kept its carrier; the amount is time. */
    PINNED("pinned", "contentions", "delay", "nanoseconds", "pinned", "count"),
    /** A method that the recorder was told to trace was called; the amount is time. */
    TRACED("method_trace", "calls", "duration", "nanoseconds", "calls", "count"),
    /** The program asked for a garbage collection; the amount is time. */
    SYSTEM_GC("gc", "collections", "delay", "nanoseconds", "collections", "count"),
    /** An exception or an error was made. */
    EXCEPTION("exceptions", "samples", "", "", "", "");

    private final String family;
    private final String countType;
    private final String amountType;
    private final String amountUnit;
    private final String periodType;
    private final String periodUnit;

    SampleKind(
            String family,
            String countType,
            String amountType,
            String amountUnit,
            String periodType,
            String periodUnit) {
        this.family = family;
        this.countType = countType;
        this.amountType = amountType;
        this.amountUnit = amountUnit;
        this.periodType = periodType;
        this.periodUnit = periodUnit;
    }

    /** For instance {@code memory}. */
    public String family() {
        return family;
    }

    /** Type of a profile of counts, its unit {@code count}; empty when nobody asks for counts. */
    public String countType() {
        return countType;
    }

    /** Type of a profile of amounts; empty when nobody asks for amounts. */
    public String amountType() {
        return amountType;
    }

    /** Unit of the amounts. */
    public String amountUnit() {
        return amountUnit;
    }

    /** Type of the period, or empty. */
    public String periodType() {
        return periodType;
    }

    /** Unit of the period, or empty. */
    public String periodUnit() {
        return periodUnit;
    }
}
