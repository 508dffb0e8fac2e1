package io.flarepath.store.metric;

/**
 * A number in billionths, so that sums do not depend on their order, as those of floating point do.
 *
 * @param whole the largest whole number that is not above it
 * @param billionths what is left, 0 to 999,999,999
 */
public record Amount(long whole, int billionths) implements Measure {
    /** Nothing. */
    public static final Amount ZERO = new Amount(0, 0);

    /** The largest that is taken: a thousand of them still fit. */
    public static final double MOST = 1L << 53;

    private static final int BILLION = 1_000_000_000;

    /** Refuses what is no rest. */
    public Amount {
        if (billionths < 0 || billionths >= BILLION) {
            throw new IllegalArgumentException(
                    "billionths are 0 to 999,999,999, not " + billionths);
        }
    }

    /** A whole number. */
    public static Amount of(long whole) {
        return new Amount(whole, 0);
    }

    /**
     * The nearest to a number.
     *
     * @throws IllegalArgumentException when it is none, or beyond {@link #MOST}
     */
    public static Amount of(double value) {
        if (!(Math.abs(value) <= MOST)) {
            throw new IllegalArgumentException("a value must be within 2^53, not " + value);
        }
        double floor = Math.floor(value);
        long rest = Math.round((value - floor) * BILLION);
        return rest == BILLION
                ? new Amount((long) floor + 1, 0)
                : new Amount((long) floor, (int) rest);
    }

    @Override
    public Measure plus(Measure other) {
        if (other instanceof Amount amount) {
            return plus(amount);
        }
        throw Measure.mixed(this, other);
    }

    /** Both together; what does not fit stays at the largest that does. */
    public Amount plus(Amount other) {
        long rest = (long) billionths + other.billionths;
        int carry = rest >= BILLION ? 1 : 0;
        return new Amount(
                clamped(clamped(whole, other.whole), carry), (int) (rest - (long) carry * BILLION));
    }

    /** What it is more than another. */
    public Amount minus(Amount other) {
        long rest = (long) billionths - other.billionths;
        int borrow = rest < 0 ? 1 : 0;
        return new Amount(
                Math.subtractExact(Math.subtractExact(whole, other.whole), borrow),
                (int) (rest + (long) borrow * BILLION));
    }

    /** Whether it is below 0. */
    public boolean isNegative() {
        return whole < 0;
    }

    /** The nearest double. */
    public double toDouble() {
        return whole + billionths / (double) BILLION;
    }

    private static long clamped(long a, long b) {
        long sum = a + b;
        boolean over = ((a ^ sum) & (b ^ sum)) < 0;
        return over ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
    }
}
