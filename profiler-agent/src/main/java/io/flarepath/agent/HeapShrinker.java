package io.flarepath.agent;

import java.time.Duration;

/**
 * Gives heap back that the agent has needed for a while only: for its start, and for the tables of
 * large executables. The serial collector shrinks the heap when it collects all of it, which it
 * does by itself only when the heap is full. That takes some 30 ms of each pause.
 */
final class HeapShrinker implements AutoCloseable {
    private static final Duration AFTER_START = Duration.ofSeconds(15);
    private static final Duration PAUSE = Duration.ofSeconds(30);

    /** Less than this is not worth it. */
    private static final long GAIN_BYTES = 6L << 20;

    private final Thread thread = new Thread(this::run, "heap");

    private HeapShrinker() {
        thread.setDaemon(true);
    }

    static HeapShrinker start() {
        HeapShrinker shrinker = new HeapShrinker();
        shrinker.thread.start();
        return shrinker;
    }

    private void run() {
        try {
            long needed = 0;
            for (Duration pause = AFTER_START; ; pause = PAUSE) {
                Thread.sleep(pause);
                if (Runtime.getRuntime().totalMemory() > needed + GAIN_BYTES) {
                    System.gc();
                    needed = Runtime.getRuntime().totalMemory();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
