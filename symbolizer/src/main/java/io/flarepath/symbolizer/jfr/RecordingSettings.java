package io.flarepath.symbolizer.jfr;

import java.util.Locale;

/**
 * What the recorder was told to do, from the events {@code jdk.ActiveSetting}: async-profiler's
 * arguments (src/flightRecorder.cpp, writeSettings) and the JDK's periods. They hold for the whole
 * recording, whose chunks repeat them.
 */
final class RecordingSettings {
    /** What an interval of 0 stands for (async-profiler, src/arguments.h). */
    private static final long DEFAULT_CPU_NANOS = 10_000_000;

    private static final long DEFAULT_WALL_NANOS = 50_000_000;

    private boolean asyncProfiler;
    private String event = "";
    private long interval;
    private long wall;
    private long jdkPeriodNanos;

    /**
     * Takes a setting.
     *
     * @param ofExecutionSample whether it is one of the event {@code jdk.ExecutionSample}
     */
    void take(String name, String value, boolean ofExecutionSample) {
        switch (name) {
            case "engine", "cstack" -> asyncProfiler = true;
            case "event" -> event = value;
            case "interval" -> interval = number(value);
            case "wall" -> wall = number(value);
            case "period" -> jdkPeriodNanos = ofExecutionSample ? nanos(value) : jdkPeriodNanos;
            default -> {
                // says nothing about what a sample stands for
            }
        }
    }

    /** What async-profiler sampled: {@code cpu}, {@code itimer}, {@code wall}, or empty. */
    String event() {
        return event;
    }

    /** Whether execution samples are taken by the wall clock. */
    boolean isWall() {
        return event.equals("wall");
    }

    /** Nanoseconds that one execution sample stands for, 0 when that is not known. */
    long executionNanos() {
        if (!asyncProfiler) {
            return jdkPeriodNanos;
        }
        return switch (event) {
            case "cpu", "itimer", "ctimer" -> interval > 0 ? interval : DEFAULT_CPU_NANOS;
            case "wall" -> wallNanos();
            // A counter of the hardware: its interval is no time.
            default -> 0;
        };
    }

    /** Nanoseconds between two wall clock samples of a thread, 0 when that is not known. */
    long wallNanos() {
        if (!asyncProfiler) {
            return 0;
        }
        long given = isWall() ? interval : wall;
        return given > 0 ? given : DEFAULT_WALL_NANOS;
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** {@code 20 ms}, as the JDK writes it; 0 for {@code everyChunk} and the like. */
    private static long nanos(String text) {
        String[] parts = text.strip().toLowerCase(Locale.ROOT).split("\\s+", -1);
        long count = number(parts[0]);
        if (parts.length != 2 || count < 1 || count > 1_000_000_000L) {
            return 0;
        }
        return switch (parts[1]) {
            case "ns" -> count;
            case "us" -> count * 1_000;
            case "ms" -> count * 1_000_000;
            case "s" -> count * 1_000_000_000L;
            default -> 0;
        };
    }
}
