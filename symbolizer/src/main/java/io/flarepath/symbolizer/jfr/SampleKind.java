package io.flarepath.symbolizer.jfr;

/** What a sample of a recording tells. */
public enum SampleKind {
    /** A thread was on a CPU; the amount is time. */
    CPU,
    /** A thread was there, running or not; the amount is time. */
    WALL,
    /** An object for which a buffer was begun; the amount is the size of that buffer. */
    ALLOCATION_IN_NEW_TLAB,
    /** An object outside of the buffers; the amount is its size. */
    ALLOCATION_OUTSIDE_TLAB,
    /** Objects that one of them stands for; the amount is their size. */
    ALLOCATION_SAMPLE,
    /** An object that was still reachable at the end; the amount is its size. */
    LIVE_OBJECT,
    /** A thread waited for a monitor; the amount is time. */
    MONITOR,
    /** A thread was parked; the amount is time. */
    PARK,
    /** Memory was taken from the native heap; the amount is bytes. */
    MALLOC
}
