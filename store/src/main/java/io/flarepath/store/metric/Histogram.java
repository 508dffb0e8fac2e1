package io.flarepath.store.metric;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An exponential histogram of OpenTelemetry's data model: bucket {@code i} of scale {@code s}
 * counts values in {@code (2^(i/2^s), 2^((i+1)/2^s)]}. It has at most {@link #MOST_BUCKETS}
 * buckets; where its values span more, neighbours are put together, which is what a smaller scale
 * is. Values below 0 are not kept. Immutable.
 */
public final class Histogram implements Measure {
    /** Buckets between the first and the last that is not empty. */
    public static final int MOST_BUCKETS = 640;

    /** The finest scale of the data model's implementations. */
    public static final int FINEST_SCALE = 20;

    /** At this one a bucket spans more than half of all doubles. */
    public static final int COARSEST_SCALE = -10;

    /** Powers of two between which all doubles lie. */
    private static final int LEAST_POWER = -1075;

    private static final int MOST_POWER = 1024;

    private final int scale;
    private final long zeros;
    private final int first;
    private final long[] counts;
    private final Amount sum;

    private Histogram(int scale, long zeros, int first, long[] counts, Amount sum) {
        this.scale = scale;
        this.zeros = zeros;
        this.first = first;
        this.counts = counts;
        this.sum = sum;
    }

    /**
     * A histogram in its shortest form.
     *
     * @param scale how fine it is
     * @param zeros values that are 0, or as good as
     * @param first number of the first bucket
     * @param counts values in each bucket from there on
     * @param sum of all values
     * @throws IllegalArgumentException for counts below 0, a scale that is not known, and buckets
     *     beyond all doubles
     */
    public static Histogram of(int scale, long zeros, int first, long[] counts, Amount sum) {
        if (scale < COARSEST_SCALE || scale > FINEST_SCALE) {
            throw new IllegalArgumentException(
                    "a scale is " + COARSEST_SCALE + " to " + FINEST_SCALE + ", not " + scale);
        }
        if (zeros < 0) {
            throw new IllegalArgumentException("counts must not be negative: " + zeros);
        }
        long total = zeros;
        for (long count : counts) {
            if (count < 0 || (total += count) < 0) {
                throw new IllegalArgumentException("counts must not be negative: " + count);
            }
        }
        int from = 0;
        int until = counts.length;
        while (from < until && counts[from] == 0) {
            from++;
        }
        while (until > from && counts[until - 1] == 0) {
            until--;
        }
        if (from == until) {
            return new Histogram(scale, zeros, 0, new long[0], sum);
        }
        double perPower = Math.scalb(1.0, scale);
        long lowest = (long) first + from;
        long highest = (long) first + until - 1;
        if (lowest < Math.floor(LEAST_POWER * perPower)
                || highest > Math.ceil(MOST_POWER * perPower)) {
            throw new IllegalArgumentException(
                    "buckets "
                            + lowest
                            + " to "
                            + highest
                            + " of scale "
                            + scale
                            + " hold no number");
        }
        int less = 0;
        while ((highest >> less) - (lowest >> less) >= MOST_BUCKETS) {
            less++;
        }
        return coarser(
                scale, zeros, (int) lowest, Arrays.copyOfRange(counts, from, until), sum, less);
    }

    /** One value, at the finest scale that all the others have. */
    public static Histogram of(double value, int scale) {
        return value == 0
                ? of(scale, 1, 0, new long[0], Amount.ZERO)
                : of(scale, 0, bucketOf(value, scale), new long[] {1}, Amount.of(value));
    }

    /** The bucket of a value above 0. */
    public static int bucketOf(double value, int scale) {
        double at = Math.log(value) / Math.log(2) * Math.scalb(1.0, scale);
        return (int) Math.ceil(at) - 1;
    }

    private static Histogram coarser(
            int scale, long zeros, int first, long[] counts, Amount sum, int less) {
        if (less == 0) {
            return new Histogram(scale, zeros, first, counts, sum);
        }
        int begin = first >> less;
        long[] wide = new long[((first + counts.length - 1) >> less) - begin + 1];
        for (int i = 0; i < counts.length; i++) {
            wide[((first + i) >> less) - begin] += counts[i];
        }
        return new Histogram(scale - less, zeros, begin, wide, sum);
    }

    /** The same with a smaller scale. */
    private Histogram at(int smaller) {
        // Without buckets any scale is right; the smallest is kept, so that no order matters.
        return counts.length == 0
                ? new Histogram(smaller, zeros, 0, counts, sum)
                : coarser(scale, zeros, first, counts, sum, scale - smaller);
    }

    @Override
    public Measure plus(Measure other) {
        if (other instanceof Histogram histogram) {
            return plus(histogram);
        }
        throw Measure.mixed(this, other);
    }

    private Histogram plus(Histogram other) {
        int common = Math.min(scale, other.scale);
        Histogram a = at(common);
        Histogram b = other.at(common);
        Amount both = sum.plus(other.sum);
        if (a.counts.length == 0 || b.counts.length == 0) {
            Histogram full = a.counts.length == 0 ? b : a;
            return new Histogram(common, zeros + other.zeros, full.first, full.counts, both);
        }
        // So many scales less, so that both fit, before anything is as long as the gap between.
        int less = 0;
        int low = Math.min(a.first, b.first);
        int high = Math.max(a.last(), b.last());
        while ((high >> less) - (low >> less) >= MOST_BUCKETS) {
            less++;
        }
        a = a.at(common - less);
        b = b.at(common - less);
        int begin = low >> less;
        long[] counted = new long[(high >> less) - begin + 1];
        for (int i = 0; i < a.counts.length; i++) {
            counted[a.first - begin + i] += a.counts[i];
        }
        for (int i = 0; i < b.counts.length; i++) {
            counted[b.first - begin + i] += b.counts[i];
        }
        return new Histogram(common - less, zeros + other.zeros, begin, counted, both);
    }

    /**
     * What came to an earlier state of the same histogram.
     *
     * @return null when this one has fewer values somewhere: it began anew in between
     */
    public @Nullable Histogram since(Histogram earlier) {
        int common = Math.min(scale, earlier.scale);
        Histogram now = at(common);
        Histogram then = earlier.at(common);
        long[] more = now.counts.clone();
        for (int i = 0; i < then.counts.length; i++) {
            int at = then.first + i - now.first;
            if (then.counts[i] > 0
                    && (at < 0 || at >= more.length || (more[at] -= then.counts[i]) < 0)) {
                return null;
            }
        }
        long moreZeros = zeros - earlier.zeros;
        return moreZeros < 0
                ? null
                : of(common, moreZeros, now.first, more, sum.minus(earlier.sum));
    }

    /** How fine it is. */
    public int scale() {
        return scale;
    }

    /** Values that are 0. */
    public long zeros() {
        return zeros;
    }

    /** The number of the first bucket. */
    public int first() {
        return first;
    }

    private int last() {
        return first + counts.length - 1;
    }

    /** A copy of the counts of the buckets, from the first on. */
    public long[] counts() {
        return counts.clone();
    }

    /** The sum of all values. */
    public Amount sum() {
        return sum;
    }

    /** How many values there are. */
    public long count() {
        long count = zeros;
        for (long each : counts) {
            count += each;
        }
        return count;
    }

    /**
     * The value below which a part of all values lies, evenly spread on a logarithmic scale within
     * its bucket.
     *
     * @param part 0 to 1
     * @return NaN when there are no values
     */
    public double quantile(double part) {
        long count = count();
        if (count == 0) {
            return Double.NaN;
        }
        double rank = part * count;
        double before = zeros;
        if (rank <= before && zeros > 0) {
            return 0;
        }
        double perPower = Math.scalb(1.0, scale);
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0 && rank <= before + counts[i]) {
                double within = Math.max(0, rank - before) / counts[i];
                return Math.pow(2, (first + i + within) / perPower);
            }
            before += counts[i];
        }
        return counts.length == 0 ? 0 : Math.pow(2, (last() + 1) / perPower);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Histogram that
                && scale == that.scale
                && zeros == that.zeros
                && first == that.first
                && sum.equals(that.sum)
                && Arrays.equals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * scale + first) + Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        return "scale "
                + scale
                + ", "
                + zeros
                + " zeros, from "
                + first
                + " "
                + Arrays.toString(counts);
    }
}
