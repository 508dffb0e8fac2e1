package io.flarepath.agent.window;

import java.util.function.BooleanSupplier;

/**
 * How long windows are. What an open window holds is lost when the agent is killed; what the queue
 * holds is not. So windows are short while the server does not take them, which is when an agent
 * that is restarted has something to lose: a hundredth of the time that this has lasted, so that a
 * long outage does not become many requests.
 */
public final class WindowPace {
    /** The shortest window. */
    static final long LEAST_NANOS = 500_000_000;

    /** A window on its way to a server that is well is not yet behind. */
    static final long GRACE_NANOS = 400_000_000;

    private static final int PARTS = 100;

    private final BooleanSupplier behind;
    private final long usualNanos;
    private boolean waiting;
    private long sinceNanos;

    /**
     * @param behind whether profiles wait for the server now
     * @param usualNanos length of a window otherwise
     */
    public WindowPace(BooleanSupplier behind, long usualNanos) {
        this.behind = behind;
        this.usualNanos = usualNanos;
    }

    /**
     * The length of windows now.
     *
     * @param nowNanos by a clock that is not set
     */
    public long lengthNanos(long nowNanos) {
        if (!behind.getAsBoolean()) {
            waiting = false;
            return usualNanos;
        }
        if (!waiting) {
            waiting = true;
            sinceNanos = nowNanos;
        }
        long lasted = nowNanos - sinceNanos;
        if (lasted < GRACE_NANOS) {
            return usualNanos;
        }
        long steps = Math.max(1, lasted / PARTS / LEAST_NANOS);
        return Math.min(usualNanos, steps * LEAST_NANOS);
    }
}
