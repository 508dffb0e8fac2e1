package io.flarepath.store.call;

import java.util.Comparator;

/** Which calls come first. */
public enum CallOrder {
    /** The latest. */
    NEWEST,
    /** Those that took longest. */
    SLOWEST;

    /** The order of places. */
    public Comparator<CallPlace> places() {
        return switch (this) {
            case NEWEST -> CallPlace.NEWEST;
            case SLOWEST -> CallPlace.SLOWEST;
        };
    }
}
