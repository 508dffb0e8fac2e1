package io.flarepath.agent.points;

import java.util.Arrays;

/**
 * Counts positive numbers in buckets whose bounds are powers of 2^(2^-scale), as OpenTelemetry's
 * exponential histograms do (opentelemetry.io/docs/specs/otel/metrics/data-model). Bucket {@code i}
 * holds what is greater than base^i and at most base^(i+1). When the values span more buckets than
 * allowed, neighbours are merged and the scale falls by one.
 */
public final class ExponentialHistogram {
    /** Scale at the start: buckets that grow by 2.2 %. */
    public static final int FIRST_SCALE = 5;

    /** Most buckets, here a span of a million to one at the first scale. */
    public static final int MOST_BUCKETS = 640;

    private static final double LOG2 = Math.log(2);

    private int scale = FIRST_SCALE;
    private int offset;
    private long[] buckets = new long[0];
    private long count;
    private long zeros;
    private double sum;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;

    /** Adds a value; what is not positive counts as zero, and what is no number is left out. */
    public void record(double value) {
        record(value, 1);
    }

    /** Adds a value as often as is said. */
    public void record(double value, long times) {
        if (!Double.isFinite(value) || times <= 0) {
            return;
        }
        double positive = Math.max(0, value);
        count += times;
        sum += positive * times;
        min = Math.min(min, positive);
        max = Math.max(max, positive);
        if (positive < Double.MIN_NORMAL) {
            zeros += times;
            return;
        }
        int index = index(positive, scale);
        while (span(index) > MOST_BUCKETS) {
            halve();
            index = index(positive, scale);
        }
        reserve(index);
        buckets[index - offset] += times;
    }

    /** Adds all that is in another one, at the coarser scale of both. */
    public void add(HistogramValue other) {
        if (other.count() == 0) {
            return;
        }
        while (scale > other.scale()) {
            halve();
        }
        long[] added = other.buckets();
        for (int i = 0; i < added.length; i++) {
            if (added[i] > 0) {
                addAt(other.offset() + i, other.scale(), added[i]);
            }
        }
        count += other.count();
        zeros += other.zeros();
        sum += other.sum();
        min = Math.min(min, other.min());
        max = Math.max(max, other.max());
    }

    private void addAt(int index, int scaleOfIndex, long times) {
        while (span(index >> (scaleOfIndex - scale)) > MOST_BUCKETS) {
            halve();
        }
        int mine = index >> (scaleOfIndex - scale);
        reserve(mine);
        buckets[mine - offset] += times;
    }

    /** The bucket of a positive number: the ceiling of its logarithm, less one. */
    static int index(double value, int scale) {
        int exponent = Math.getExponent(value);
        boolean isPower = (Double.doubleToRawLongBits(value) & 0xF_FFFF_FFFF_FFFFL) == 0;
        if (isPower) {
            // Exact where logarithms are not.
            return scale >= 0 ? (exponent << scale) - 1 : (exponent - 1) >> -scale;
        }
        if (scale <= 0) {
            return exponent >> -scale;
        }
        double fraction = Math.scalb(value, -exponent);
        int within = (int) Math.ceil(Math.scalb(Math.log(fraction) / LOG2, scale)) - 1;
        int last = (1 << scale) - 1;
        return (exponent << scale) + Math.clamp(within, 0, last);
    }

    private int span(int index) {
        if (buckets.length == 0) {
            return 1;
        }
        int low = Math.min(index, offset);
        int high = Math.max(index, offset + buckets.length - 1);
        return high - low + 1;
    }

    private void reserve(int index) {
        if (buckets.length == 0) {
            offset = index;
            buckets = new long[1];
        } else if (index < offset) {
            long[] wider = new long[buckets.length + offset - index];
            System.arraycopy(buckets, 0, wider, offset - index, buckets.length);
            buckets = wider;
            offset = index;
        } else if (index >= offset + buckets.length) {
            buckets = Arrays.copyOf(buckets, index - offset + 1);
        }
    }

    private void halve() {
        scale--;
        if (buckets.length == 0) {
            return;
        }
        int first = offset >> 1;
        int last = (offset + buckets.length - 1) >> 1;
        long[] merged = new long[last - first + 1];
        for (int i = 0; i < buckets.length; i++) {
            merged[((offset + i) >> 1) - first] += buckets[i];
        }
        offset = first;
        buckets = merged;
    }

    /** Whether nothing was added. */
    public boolean isEmpty() {
        return count == 0;
    }

    /** What is in it; it can be used on without that changing. */
    public HistogramValue value() {
        return new HistogramValue(
                count,
                sum,
                isEmpty() ? 0 : min,
                isEmpty() ? 0 : max,
                scale,
                zeros,
                offset,
                buckets.clone());
    }
}
