package io.flarepath.agent.points;

/**
 * An exponential histogram, with the meaning of OTLP's {@code ExponentialHistogramDataPoint}.
 *
 * @param count values in it
 * @param sum of them
 * @param min smallest, 0 if there are none
 * @param max greatest, 0 if there are none
 * @param scale bounds of buckets are powers of 2^(2^-scale)
 * @param zeros values that are zero
 * @param offset index of the first bucket
 * @param buckets counts; bucket {@code i} holds what is greater than base^(offset+i) and at most
 *     base^(offset+i+1)
 */
public record HistogramValue(
        long count,
        double sum,
        double min,
        double max,
        int scale,
        long zeros,
        int offset,
        long[] buckets) {

    /** The greatest value that a bucket may hold, by its index in {@link #buckets}. */
    public double upper(int index) {
        return Math.pow(2, Math.scalb((double) offset + index + 1, -scale));
    }

    /**
     * What so much of the values do not exceed, as near as the buckets tell: never too small.
     *
     * @param share from 0 to 1
     */
    public double atMost(double share) {
        long wanted = (long) Math.ceil(share * count);
        long seen = zeros;
        if (seen >= wanted) {
            return 0;
        }
        for (int i = 0; i < buckets.length; i++) {
            seen += buckets[i];
            if (seen >= wanted) {
                return upper(i);
            }
        }
        return max;
    }
}
