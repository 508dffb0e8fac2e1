package io.flarepath.store.rollup;

import io.flarepath.store.chunk.Level;

/** A stretch of time of one service. */
record Bucket(Level level, int number, int tenant, int service) {
    int firstWindow() {
        return level.firstWindow(number);
    }

    int endWindow() {
        return level.firstWindow(number + 1);
    }
}
