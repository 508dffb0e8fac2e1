package io.flarepath.store.metric;

/**
 * What something stood at whenever it was looked at.
 *
 * @param count how often that was
 * @param sum of what was seen: sum / count is the mean
 * @param least the smallest that was seen
 * @param most the largest that was seen
 */
public record Gauge(long count, Amount sum, double least, double most) implements Measure {

    /**
     * Seen once.
     *
     * @throws IllegalArgumentException when it is no number, or beyond {@link Amount#MOST}
     */
    public static Gauge of(double value) {
        // Of the two zeros which would be the smaller one depends on the order.
        double plain = value == 0 ? 0 : value;
        return new Gauge(1, Amount.of(plain), plain, plain);
    }

    @Override
    public Measure plus(Measure other) {
        if (other instanceof Gauge gauge) {
            return new Gauge(
                    count + gauge.count,
                    sum.plus(gauge.sum),
                    Math.min(least, gauge.least),
                    Math.max(most, gauge.most));
        }
        throw Measure.mixed(this, other);
    }

    /** The mean of what was seen. */
    public double mean() {
        return sum.toDouble() / count;
    }
}
