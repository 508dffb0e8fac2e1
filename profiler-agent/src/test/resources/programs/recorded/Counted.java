import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Allocates and waits for a monitor for ever, and prints once a line came in what it has done since
 * the line before.
 */
public class Counted {
    static final Object MONITOR = new Object();
    static final AtomicLong waitedNanos = new AtomicLong();
    static final AtomicLong waits = new AtomicLong();
    static final AtomicLong bytes = new AtomicLong();
    static volatile Object sink;
    static volatile double sum;

    static void allocate() {
        for (int i = 0; i < 500; i++) {
            sink = new byte[20_000];
        }
    }

    static void burn() {
        double x = 0;
        for (int i = 0; i < 500_000; i++) {
            x += Math.sqrt(i) * (i & 3);
        }
        sum += x;
    }

    static void enter() {
        long start = System.nanoTime();
        synchronized (MONITOR) {
            waitedNanos.addAndGet(System.nanoTime() - start);
            waits.incrementAndGet();
        }
    }

    static void hold() throws InterruptedException {
        Thread waiter;
        synchronized (MONITOR) {
            waiter = new Thread(Counted::enter, "waiter");
            waiter.start();
            Thread.sleep(25);
        }
        waiter.join();
    }

    public static void main(String[] args) throws Exception {
        com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        Thread holder =
                new Thread(
                        () -> {
                            try {
                                while (true) {
                                    hold();
                                }
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        "holder");
        holder.setDaemon(true);
        holder.start();
        Thread worker =
                new Thread(
                        () -> {
                            long id = Thread.currentThread().getId();
                            while (true) {
                                long before = threads.getThreadAllocatedBytes(id);
                                allocate();
                                bytes.addAndGet(threads.getThreadAllocatedBytes(id) - before);
                                burn();
                            }
                        },
                        "worker");
        worker.setDaemon(true);
        worker.start();
        while (System.in.read() == '\n') {
            System.out.println(
                    bytes.getAndSet(0) + " " + waitedNanos.getAndSet(0) + " " + waits.getAndSet(0));
        }
    }
}
