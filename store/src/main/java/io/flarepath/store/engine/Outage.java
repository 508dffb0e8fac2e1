package io.flarepath.store.engine;

import java.util.concurrent.TimeUnit;

/**
 * A time in which the disk refuses writes. RocksDB comes back by itself about 5 s after there is
 * room again, unless the WAL is synced meanwhile: its writer remembers the failure, and the sync
 * turns the outage into one that only a reopening ends.
 */
final class Outage {
    /** Twice the time in which RocksDB looks for room. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private volatile boolean on;
    private long roomSince;
    private boolean room;

    boolean isOn() {
        return on;
    }

    synchronized void begin() {
        if (!on) {
            on = true;
            room = false;
        }
    }

    synchronized void end() {
        on = false;
    }

    /** Told at every attempt to write whether there is room; true when waiting has not helped. */
    synchronized boolean needsReopening(boolean roomNow, long nowNanos) {
        if (!roomNow || !room) {
            room = roomNow;
            roomSince = nowNanos;
            return false;
        }
        return nowNanos - roomSince > PATIENCE_NANOS;
    }
}
