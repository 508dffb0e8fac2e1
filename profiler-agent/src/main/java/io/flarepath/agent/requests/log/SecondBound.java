package io.flarepath.agent.requests.log;

/** Lets so many calls of each second pass, of what matters less only up to a part of them. */
final class SecondBound {
    private static final long SECOND = 1_000_000_000L;

    private final int most;
    private long second = Long.MIN_VALUE;
    private int passed;

    SecondBound(int most) {
        this.most = most;
    }

    /**
     * Whether one more may pass.
     *
     * @param nanos of the monotonic clock
     * @param quarters of the bound that may be used up then, 1 to 4
     */
    boolean admits(long nanos, int quarters) {
        long now = Math.floorDiv(nanos, SECOND);
        if (now != second) {
            second = now;
            passed = 0;
        }
        if (passed >= Math.ceilDiv(most * quarters, 4)) {
            return false;
        }
        passed++;
        return true;
    }
}
