/**
 * A program that spends 60, 30 and 10 parts of its time in three functions, profiled by Pyroscope's
 * agent for Java.
 */
public final class Busy {
    private static volatile double sum;

    private Busy() {}

    private static void burn(int rounds) {
        double x = 0;
        for (int i = 0; i < rounds * 200_000; i++) {
            x += Math.sqrt(i) * (i & 3);
        }
        sum += x;
    }

    private static void sixty() {
        burn(6);
    }

    private static void thirty() {
        burn(3);
    }

    private static void ten() {
        burn(1);
    }

    /** Runs for so many seconds. */
    public static void main(String[] arguments) {
        long end = System.nanoTime() + Long.parseLong(arguments[0]) * 1_000_000_000L;
        while (System.nanoTime() < end) {
            sixty();
            thirty();
            ten();
        }
    }
}
