package io.flarepath.agent.unwind;

import io.flarepath.bpf.UnwindLayout;

/** What is kept of an executable that has a number. */
final class KnownExecutable {
    /** What was used once counts so much a look later. */
    private static final double FADING = 0.75;

    private static final short[] NONE = {};

    final int number;
    final String identity;

    /** As the kernel knows it. */
    int state = UnwindLayout.ABSENT;

    /** Numbers of the rules that it uses. */
    short[] rules = NONE;

    int firstPage;
    int pages;
    int rows;

    /** Rows of mappings that have the number. */
    int mappings;

    /** Whether its table was loaded before, and had to go. */
    boolean evicted;

    /** Whether it has no rules only because no table could be had. */
    boolean failed;

    /** When a table that had no room is tried again. */
    long retryNanos;

    /** When stacks led here last. */
    long usedNanos;

    private long uses;
    private double rate;

    KnownExecutable(int number, String identity, long uses, long nowNanos) {
        this.number = number;
        this.identity = identity;
        this.uses = uses;
        usedNanos = nowNanos;
    }

    /** How often stacks led here lately, for comparison with others. */
    double rate() {
        return rate;
    }

    /** Takes what the kernel has counted; gives whether that is more than before. */
    boolean look(long counted, long nowNanos) {
        long more = Math.max(0, counted - uses);
        uses = counted;
        rate = rate * FADING + more;
        if (more > 0) {
            usedNanos = nowNanos;
        }
        return more > 0;
    }

    /** Whether it makes room before another one. */
    boolean isLessUsedThan(KnownExecutable other) {
        return usedNanos == other.usedNanos ? rate < other.rate : usedNanos < other.usedNanos;
    }

    /** All that it had was given back. */
    void hasNothing() {
        rules = NONE;
        pages = 0;
        rows = 0;
    }
}
