import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Burns CPU, allocates, and contends for a monitor and a lock for about so many milliseconds, and
 * says what it did. Between the lines "ready" and "done" it does nothing else.
 */
public class Recorded {
    static final Object MONITOR = new Object();
    static final ReentrantLock LOCK = new ReentrantLock();
    static final AtomicLong monitorNanos = new AtomicLong();
    static final AtomicLong monitorCount = new AtomicLong();
    static final AtomicLong lockNanos = new AtomicLong();
    static final AtomicLong lockCount = new AtomicLong();
    static volatile Object sink;
    static volatile double sum;
    static volatile boolean stop;

    static void allocate() {
        for (int i = 0; i < 2_000; i++) {
            sink = new byte[10_000];
        }
    }

    static void burn() {
        double x = 0;
        for (int i = 0; i < 2_000_000; i++) {
            x += Math.sqrt(i) * (i & 3);
        }
        sum += x;
    }

    static void descend(int levels) {
        if (levels == 0) {
            burn();
        } else {
            descend(levels - 1);
        }
    }

    static void enterMonitor() {
        long start = System.nanoTime();
        synchronized (MONITOR) {
            monitorNanos.addAndGet(System.nanoTime() - start);
            monitorCount.incrementAndGet();
        }
    }

    static void takeLock() {
        long start = System.nanoTime();
        LOCK.lock();
        lockNanos.addAndGet(System.nanoTime() - start);
        lockCount.incrementAndGet();
        LOCK.unlock();
    }

    /** Holds both, so that the others have to wait for them. */
    static void hold() throws InterruptedException {
        synchronized (MONITOR) {
            LOCK.lock();
            Thread entering = new Thread(Recorded::enterMonitor, "monitor-waiter");
            Thread taking = new Thread(Recorded::takeLock, "lock-waiter");
            entering.start();
            taking.start();
            Thread.sleep(30);
            LOCK.unlock();
        }
        Thread.sleep(5);
    }

    public static void main(String[] args) throws Exception {
        long end = System.nanoTime() + Long.parseLong(args[0]) * 1_000_000;
        com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        long cpu = 0;
        long bytes = 0;
        Thread holder =
                new Thread(
                        () -> {
                            try {
                                while (!stop) {
                                    hold();
                                }
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        "holder");
        holder.start();
        while (System.nanoTime() < end) {
            long cpuBefore = threads.getCurrentThreadCpuTime();
            long before = threads.getThreadAllocatedBytes(id);
            allocate();
            bytes += threads.getThreadAllocatedBytes(id) - before;
            Runnable burning = () -> descend(20);
            burning.run();
            cpu += threads.getCurrentThreadCpuTime() - cpuBefore;
        }
        stop = true;
        holder.join();
        System.out.println("cpuNanos=" + cpu);
        System.out.println("allocatedBytes=" + bytes);
        System.out.println("monitorNanos=" + monitorNanos);
        System.out.println("monitorCount=" + monitorCount);
        System.out.println("lockNanos=" + lockNanos);
        System.out.println("lockCount=" + lockCount);
    }
}
