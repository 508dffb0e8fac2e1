package io.flarepath.store.query;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What the answer to one request may cost: rows that are read, and time. Whoever answers works
 * {@link #within} it; the store asks for {@link #current()} and stops as soon as it is used up, or
 * nobody waits for the answer any more. {@link #cancel()} is for any thread, the rest for the one
 * that answers.
 */
public final class Allowance {
    private static final ScopedValue<Allowance> CURRENT = ScopedValue.newInstance();

    private final long rows;
    private final long deadline;
    private final Duration time;
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private long spent;

    private Allowance(long rows, Duration time, long deadline) {
        this.rows = rows;
        this.time = time;
        this.deadline = deadline;
    }

    /**
     * An allowance whose time begins now.
     *
     * @param rows most rows: (stack, value) pairs, or totals where those alone are read
     * @param time from now until an answer is there
     */
    public static Allowance of(long rows, Duration time) {
        if (rows < 1 || time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException(
                    "an allowance must be positive: " + rows + " rows, " + time);
        }
        return new Allowance(rows, time, System.nanoTime() + time.toNanos());
    }

    /** Of the request that is answered on this thread; of no bounds outside of {@link #within}. */
    public static Allowance current() {
        return CURRENT.isBound()
                ? CURRENT.get()
                : new Allowance(Long.MAX_VALUE, Duration.ZERO, Long.MAX_VALUE);
    }

    /**
     * Works within the allowance, on this thread.
     *
     * @throws QueryRefusedException when it was used up or cancelled before the work began, too
     */
    public <T> T within(Callable<T> work) throws Exception {
        check();
        return ScopedValue.where(CURRENT, this).call(work::call);
    }

    /** Nobody waits any more. */
    public void cancel() {
        cancelled.set(true);
    }

    /** Takes so many rows from it; refuses when it is used up. */
    public void spend(long some) {
        spent += some;
        if (spent > rows) {
            throw new QueryRefusedException(QueryRefusedException.Reason.ROWS, rows + " rows");
        }
        check();
    }

    /** Refuses when there is no time left, or the asker has gone. */
    public void check() {
        if (cancelled.get()) {
            throw new QueryRefusedException(
                    QueryRefusedException.Reason.CANCELLED, "nobody waits for the answer any more");
        }
        if (deadline != Long.MAX_VALUE && System.nanoTime() - deadline > 0) {
            throw new QueryRefusedException(
                    QueryRefusedException.Reason.TIME, time.toMillis() / 1e3 + " s");
        }
    }
}
