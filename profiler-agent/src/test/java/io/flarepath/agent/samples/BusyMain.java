package io.flarepath.agent.samples;

/** A JVM that is busy for some milliseconds of CPU time. */
final class BusyMain {
    private BusyMain() {}

    public static void main(String[] words) {
        long until = System.nanoTime() + Long.parseLong(words[0]) * 1_000_000;
        long sum = 0;
        while (System.nanoTime() < until) {
            sum += System.nanoTime() % 7;
        }
        if (sum < 0) {
            throw new AssertionError(sum);
        }
    }
}
