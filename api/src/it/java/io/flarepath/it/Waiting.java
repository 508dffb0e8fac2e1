package io.flarepath.it;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Waits for what another process will have done. */
final class Waiting {
    private Waiting() {}

    static void until(String what, Duration limit, BooleanSupplier condition) {
        Awaitility.await(what)
                .atMost(limit)
                .pollInterval(Duration.ofMillis(200))
                .until(condition::getAsBoolean);
    }

    static <T> T forValue(String what, Duration limit, Supplier<@Nullable T> value) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            T found = value.get();
            if (found != null) {
                return found;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + limit + ": " + what);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(100_000_000L);
        }
    }

    /** Lets so much time pass, while something is being sampled. */
    static void pass(Duration time) {
        long deadline = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < deadline) {
            java.util.concurrent.locks.LockSupport.parkNanos(deadline - System.nanoTime());
        }
    }
}
