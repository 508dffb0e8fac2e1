package io.flarepath.api.query.pyroscope;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.AlignedSeries;
import io.flarepath.store.query.TimeRange;
import java.io.IOException;

/** Pyroscope's timeline: seconds, zero-filled, steps of widths that Grafana uses. */
final class Timeline {
    private static final long MIN_STEP_MILLIS = 15_000;
    private static final long MOST_POINTS = 1_500;

    /** A step of at most the first many milliseconds is rounded to the second many seconds. */
    private static final long[][] ROUNDING = {
        {17_500, 15},
        {25_000, 20},
        {45_000, 30},
        {90_000, 60},
        {210_000, 120},
        {450_000, 300},
        {750_000, 600},
        {1_050_000, 900},
        {1_500_000, 1_200},
        {2_700_000, 1_800},
        {5_400_000, 3_600},
        {9_000_000, 7_200},
        {16_200_000, 10_800},
        {32_400_000, 21_600},
        {86_400_000, 43_200},
        {604_800_000, 86_400},
        {1_814_400_000, 604_800}
    };

    private static final long LONGEST_SECONDS = 30 * 86_400L;

    private Timeline() {}

    /** The step for a range. */
    static long stepNanos(TimeRange range) {
        long millis = (range.untilNanos() - range.fromNanos()) / 1_000_000;
        long wanted = Math.max(MIN_STEP_MILLIS, millis / MOST_POINTS);
        for (long[] row : ROUNDING) {
            if (wanted <= row[0]) {
                return row[1] * 1_000_000_000;
            }
        }
        return LONGEST_SECONDS * 1_000_000_000;
    }

    /** Writes one series; null for none. */
    static void write(
            JsonGenerator json,
            AlignedSeries series,
            long @org.jspecify.annotations.Nullable [] values)
            throws IOException {
        if (values == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        json.writeNumberField("startTime", series.startNanos() / 1_000_000_000);
        json.writeFieldName("samples");
        json.writeArray(values, 0, values.length);
        json.writeNumberField("durationDelta", series.stepNanos() / 1_000_000_000);
        json.writeNullField("watermarks");
        json.writeEndObject();
    }
}
