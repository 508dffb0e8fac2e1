package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.SpanKey;
import io.flarepath.api.ingest.upload.SpanParts;
import io.flarepath.api.ingest.upload.TimedParts;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.symbolizer.jfr.RecordedSample;
import io.flarepath.symbolizer.jfr.SampleKind;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Adds up the samples of a recording: by what they tell, minute, labels, and stack. */
final class RecordedSums implements Consumer<RecordedSample> {
    /**
     * A long recording becomes a profile a minute, so that a range of time shows what was in it.
     */
    static final long SLICE_NANOS = 60_000_000_000L;

    private static final int BYTES_A_SUM = 120;
    private static final int BYTES_A_SERIES = 400;

    private final UploadMemory memory;
    private final Map<Series, Map<Integer, Sum>> series = new TreeMap<>();
    private final Map<Series, SpanParts<Sum>> spans = new HashMap<>();
    private final Map<Series, TimedParts<Sum>> times = new HashMap<>();
    private final TimedParts.Room room = new TimedParts.Room();

    /**
     * What one profile holds.
     *
     * @param kind what its samples tell
     * @param slice number of the minute since 1970
     * @param context number of the labels that the program had set, 0 for none
     */
    record Series(SampleKind kind, long slice, long context) implements Comparable<Series> {
        @Override
        public int compareTo(Series other) {
            int byKind = kind.compareTo(other.kind);
            int bySlice = byKind != 0 ? byKind : Long.compare(slice, other.slice);
            return bySlice != 0 ? bySlice : Long.compare(context, other.context);
        }
    }

    /** The sum of one stack. */
    static final class Sum {
        private long count;
        private long amount;

        Sum add(long moreCount, long moreAmount) {
            try {
                count = Math.addExact(count, moreCount);
                amount = Math.addExact(amount, moreAmount);
                return this;
            } catch (ArithmeticException e) {
                throw ApiError.invalid("the values of a stack add up to more than 2^63");
            }
        }

        /** This one with what another one has. */
        Sum add(Sum other) {
            return add(other.count, other.amount);
        }

        Sum copy() {
            return new Sum().add(this);
        }

        long count() {
            return count;
        }

        long amount() {
            return amount;
        }
    }

    RecordedSums(UploadMemory memory) {
        this.memory = memory;
    }

    @Override
    public void accept(RecordedSample sample) {
        Series key =
                new Series(
                        sample.kind(),
                        Math.floorDiv(sample.unixNanos(), SLICE_NANOS),
                        sample.context());
        Map<Integer, Sum> sums = series.get(key);
        if (sums == null) {
            memory.charge(BYTES_A_SERIES);
            sums = new HashMap<>();
            series.put(key, sums);
        }
        Sum sum = sums.get(sample.stack());
        if (sum == null) {
            memory.charge(BYTES_A_SUM);
            sum = new Sum();
            sums.put(sample.stack(), sum);
        }
        sum.add(sample.count(), sample.amount());
        times.computeIfAbsent(key, of -> new TimedParts<>())
                .add(
                        sample.unixNanos(),
                        sample.thread(),
                        sample.stack(),
                        new Sum().add(sample.count(), sample.amount()),
                        Sum::add,
                        room,
                        memory);
        if (sample.spanId() != 0) {
            spans.computeIfAbsent(key, of -> new SpanParts<>())
                    .add(
                            new SpanKey(sample.spanId(), sample.traceIdHigh(), sample.traceIdLow()),
                            sample.stack(),
                            new Sum().add(sample.count(), sample.amount()),
                            Sum::add,
                            memory);
        }
    }

    /** The sums by stack of each series. */
    Map<Series, Map<Integer, Sum>> series() {
        return series;
    }

    /** When the samples of a series were taken. */
    TimedParts<Sum> times(Series of) {
        return times.getOrDefault(of, new TimedParts<>());
    }

    /** How much room times of samples have left. */
    TimedParts.Room room() {
        return room;
    }

    /** What the samples of a series that named a span come to. */
    SpanParts<Sum> spans(Series of) {
        return spans.getOrDefault(of, new SpanParts<>());
    }
}
