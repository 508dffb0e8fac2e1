package io.flarepath.agent.unwind;

/**
 * How much the builder may work: a burst at once, since samples wait for the first tables, and a
 * part of one CPU after it.
 */
final class BuildPace {
    private final long burstNanos;
    private final int part;
    private long leftNanos;
    private long nowNanos;

    /**
     * @param burstNanos of work at once
     * @param part of a CPU in the long run: one over this
     */
    BuildPace(long burstNanos, int part, long nowNanos) {
        this.burstNanos = burstNanos;
        this.part = part;
        this.leftNanos = burstNanos;
        this.nowNanos = nowNanos;
    }

    /**
     * Takes work into account.
     *
     * @return how long to rest before more
     */
    long restNanos(long workedNanos, long now) {
        leftNanos = Math.min(burstNanos, leftNanos + (now - nowNanos) / part) - workedNanos;
        nowNanos = now;
        return leftNanos >= 0 ? 0 : -leftNanos * part;
    }
}
