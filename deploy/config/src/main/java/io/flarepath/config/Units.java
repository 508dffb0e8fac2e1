package io.flarepath.config;

/** Units of size and of time, as they are written after a number. */
final class Units {
    static final String BYTES = "B, KiB, MiB, GiB, TiB (or kB, MB, GB, TB)";
    static final String DURATIONS = "ms, s, m, h, d";

    private static final String[] BINARY = {"TiB", "GiB", "MiB", "KiB"};
    private static final String[] TIMES = {"d", "h", "m", "s"};

    private Units() {}

    /** Bytes of one such unit; 0 if there is none of this name. */
    static long bytes(String unit) {
        return switch (unit) {
            case "", "B" -> 1;
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            case "TiB" -> 1L << 40;
            case "kB", "KB" -> 1_000;
            case "MB" -> 1_000_000;
            case "GB" -> 1_000_000_000;
            case "TB" -> 1_000_000_000_000L;
            default -> 0;
        };
    }

    /**
     * Milliseconds of one such unit; 0 if there is none of this name. A bare number has no unit.
     */
    static long millis(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            default -> 0;
        };
    }

    static String showBytes(long bytes) {
        for (String unit : BINARY) {
            if (bytes >= bytes(unit) && bytes % bytes(unit) == 0) {
                return bytes / bytes(unit) + unit;
            }
        }
        return bytes + "B";
    }

    static String showMillis(long millis) {
        for (String unit : TIMES) {
            if (millis >= millis(unit) && millis % millis(unit) == 0) {
                return millis / millis(unit) + unit;
            }
        }
        return millis + "ms";
    }
}
