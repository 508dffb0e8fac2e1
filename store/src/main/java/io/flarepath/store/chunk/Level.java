package io.flarepath.store.chunk;

import io.flarepath.store.encoding.CorruptValueException;

/** Lengths of time over which sums are kept. */
public enum Level {
    /** One window. */
    TEN_MINUTES(0, 1),
    /** Two hours. */
    TWO_HOURS(1, 12),
    /** A day of UTC. */
    DAY(2, 144);

    private final int code;
    private final int windows;

    Level(int code, int windows) {
        this.code = code;
        this.windows = windows;
    }

    /** Number in keys, from 0 for the finest. */
    public int code() {
        return code;
    }

    /** The level of a number in a key. */
    public static Level ofCode(int code) {
        for (Level level : values()) {
            if (level.code == code) {
                return level;
            }
        }
        throw new CorruptValueException("no level has the number " + code);
    }

    /** How many windows a bucket is. */
    public int windows() {
        return windows;
    }

    /** The bucket that a window lies in. */
    public int bucketOf(int window) {
        return window / windows;
    }

    /** The first window of a bucket. */
    public int firstWindow(int bucket) {
        return bucket * windows;
    }

    /** The level of which the buckets of this one are made; there is none for the finest. */
    public Level finer() {
        return ofCode(code - 1);
    }

    /** The level that is made of this one; there is none for the coarsest. */
    public Level coarser() {
        return ofCode(code + 1);
    }
}
