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
        long[] buckets) {}
