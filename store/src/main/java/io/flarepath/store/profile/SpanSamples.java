package io.flarepath.store.profile;

/**
 * Which part of a profile was measured while one span was at work. Its values are counted in the
 * profile's own as well.
 *
 * @param spanId number of the span, not 0
 * @param traceHigh higher half of the number of its trace, 0 with the lower when it is not known
 * @param traceLow lower half
 * @param stacks places of stacks in the profile, each once
 * @param values the span's part of the value of each, above 0
 */
public record SpanSamples(long spanId, long traceHigh, long traceLow, int[] stacks, long[] values) {

    /** Refuses what does not fit together. */
    public SpanSamples {
        if (spanId == 0) {
            throw new IllegalArgumentException("the number of a span is not 0");
        }
        if (stacks.length != values.length) {
            throw new IllegalArgumentException(
                    values.length + " values of " + stacks.length + " stacks");
        }
    }

    /** The sum of all values. */
    public long total() {
        long sum = 0;
        for (long value : values) {
            sum = Math.addExact(sum, value);
        }
        return sum;
    }
}
