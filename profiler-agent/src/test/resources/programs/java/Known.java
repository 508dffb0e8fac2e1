import java.util.zip.Deflater;

/** Burns CPU time in known shares of known methods, on a thread of its own, until it is killed. */
public final class Known {
    static long sink;

    /** What a compiler does not know to be 1: loops that step by it keep their safepoints. */
    static int one = 1;

    public static void main(String[] arguments) throws Exception {
        Runnable work = work(arguments[0]);
        Thread thread;
        if (arguments[0].equals("virtual") || arguments[0].equals("frozen")) {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            thread =
                    (Thread)
                            Class.forName("java.lang.Thread$Builder")
                                    .getMethod("start", Runnable.class)
                                    .invoke(builder, work);
        } else {
            thread = new Thread(work, "worker");
            thread.start();
        }
        thread.join();
    }

    private static Runnable work(String kind) {
        switch (kind) {
            case "calls":
            case "virtual":
                return Known::calls;
            case "loops":
                return Known::loops;
            case "lambda":
                return Known::lambdas;
            case "frozen":
                return () -> yielding(50);
            case "recursion":
                return () -> deep(200);
            case "native":
                return Known::deflate;
            default:
                throw new IllegalArgumentException(kind);
        }
    }

    static void calls() {
        while (true) {
            work();
        }
    }

    /**
     * How long a round takes, by chance. Rounds of equal length can keep step with the clock that
     * samples, which then always meets the same method.
     */
    static int length = 100;

    static void work() {
        length = 50 + (int) ((sink >>> 33) % 101);
        sixty();
        thirty();
        ten();
    }

    static void sixty() {
        sink += burn(600 * length);
    }

    static void thirty() {
        sink += burn(300 * length);
    }

    static void ten() {
        sink += burn(100 * length);
    }

    static long burn(int rounds) {
        long x = sink | 1;
        for (int i = 0; i < rounds; i += one) {
            x = x * 6364136223846793005L + 1442695040888963407L;
            x ^= x >>> 29;
        }
        return x;
    }

    /** Small methods with a hot loop each, which a compiler puts into their caller. */
    static void loops() {
        while (true) {
            sink += sixtyLoop() + thirtyLoop() + tenLoop();
        }
    }

    static long sixtyLoop() {
        long x = sink;
        for (int i = 0; i < 6000; i++) {
            x = x * 6364136223846793005L + i;
        }
        return x;
    }

    static long thirtyLoop() {
        long x = sink;
        for (int i = 0; i < 3000; i++) {
            x = x * 6364136223846793005L + i;
        }
        return x;
    }

    static long tenLoop() {
        long x = sink;
        for (int i = 0; i < 1000; i++) {
            x = x * 6364136223846793005L + i;
        }
        return x;
    }

    static void lambdas() {
        Runnable[] parts = {
            () -> sink += burn(60_000), () -> sink += burn(30_000), () -> sink += burn(10_000)
        };
        while (true) {
            for (Runnable part : parts) {
                part.run();
            }
        }
    }

    static void deep(int depth) {
        if (depth > 0) {
            deep(depth - 1);
        } else {
            calls();
        }
        sink++;
    }

    /** Gives up its carrier again and again, deep in its stack: most of it stays on the heap. */
    static void yielding(int depth) {
        if (depth > 0) {
            yielding(depth - 1);
        }
        while (depth == 0) {
            work();
            Thread.yield();
        }
        sink++;
    }

    static void deflate() {
        byte[] text = new byte[1 << 16];
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) (i * i >> 5);
        }
        byte[] packed = new byte[1 << 17];
        while (true) {
            Deflater deflater = new Deflater(6);
            deflater.setInput(text);
            deflater.finish();
            sink += deflater.deflate(packed);
            deflater.end();
        }
    }
}
