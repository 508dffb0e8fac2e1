/**
 * A program that spends 60, 30 and 10 parts of its time in three functions, profiled by Pyroscope's
 * agent for Java. It allocates too, and waits for a monitor now and then.
 */
public final class Busy {
    private static final Object MONITOR = new Object();
    private static volatile double sum;
    private static volatile Object garbage;

    private Busy() {}

    private static void burn(int rounds) {
        double x = 0;
        for (int i = 0; i < rounds * 200_000; i++) {
            x += Math.sqrt(i) * (i & 3);
        }
        sum += x;
        garbage = new byte[10_000 * rounds];
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

    /** Has the monitor now and then, for longer than it is worth telling. */
    private static void hold() {
        try {
            while (true) {
                synchronized (MONITOR) {
                    Thread.sleep(30);
                }
                Thread.sleep(200);
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs for so many seconds. */
    public static void main(String[] arguments) {
        Thread holder = new Thread(Busy::hold, "holder");
        holder.setDaemon(true);
        holder.start();
        long end = System.nanoTime() + Long.parseLong(arguments[0]) * 1_000_000_000L;
        while (System.nanoTime() < end) {
            sixty();
            thirty();
            ten();
            synchronized (MONITOR) {
                sum++;
            }
        }
    }
}
