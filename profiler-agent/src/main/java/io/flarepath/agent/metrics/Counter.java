package io.flarepath.agent.metrics;

import java.util.concurrent.atomic.LongAdder;

/** A number that only grows. Any thread may add. */
public final class Counter {
    private final LongAdder sum = new LongAdder();

    Counter() {}

    /** Adds one. */
    public void increment() {
        sum.increment();
    }

    /** Adds an amount, which must not be negative. */
    public void add(long amount) {
        if (amount < 0) {
            throw new IllegalArgumentException("a counter cannot fall: amount=" + amount);
        }
        sum.add(amount);
    }

    /** The sum so far. */
    public long value() {
        return sum.sum();
    }
}
