package io.flarepath.api;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back the memory that a load has taken, once it is over. The serial collector lets the old
 * generation grow to {@code -Xmx} before it looks at it, and then nobody tells it to: the process
 * would stay as large as its busiest minute, with a tenth of the heap in use. Other collectors give
 * memory back by themselves.
 */
final class QuietHeap implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QuietHeap.class);
    private static final String SERIAL_OLD = "Tenured Gen";
    private static final String SERIAL_YOUNG = "Copy";

    /** Parts of a hundred of the old generation that are left free behind a collection. */
    private static final String LEAST_FREE = "MinHeapFreeRatio";

    private static final String MOST_FREE = "MaxHeapFreeRatio";
    private static final long PAUSE_SECONDS = 30;

    /** Less is not worth a collection of the whole heap, which stops all threads. */
    static final long WORTH_BYTES = 32L << 20;

    /** More collections of the young generation between two looks are a load. */
    static final long QUIET_COLLECTIONS = 2;

    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("quiet-heap").factory());
    private long seen;

    /** Looks at the heap of this JVM from now on, if its collector is the serial one. */
    static QuietHeap watch() {
        QuietHeap watch = new QuietHeap();
        MemoryPoolMXBean old =
                ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getName().equals(SERIAL_OLD))
                        .findFirst()
                        .orElse(null);
        if (old != null) {
            var _ =
                    watch.thread.scheduleWithFixedDelay(
                            () -> watch.look(old), PAUSE_SECONDS, PAUSE_SECONDS, TimeUnit.SECONDS);
        }
        return watch;
    }

    private void look(MemoryPoolMXBean old) {
        long collections =
                ManagementFactory.getGarbageCollectorMXBeans().stream()
                        .filter(collector -> collector.getName().equals(SERIAL_YOUNG))
                        .mapToLong(collector -> collector.getCollectionCount())
                        .sum();
        long used = old.getUsage().getUsed();
        // What was left by the last collection of all of it; 0 before the first.
        long left = old.getCollectionUsage().getUsed();
        if (isDue(collections, used, left)) {
            collect();
            LOG.debug("{} bytes of the heap were in use, {} are", used, old.getUsage().getUsed());
        }
    }

    /**
     * Collects the heap and leaves a tenth of it free. Under a load there must be more room, or it
     * is collected all the time: the ratios that the JVM was started with hold again after that.
     */
    static void collect() {
        HotSpotDiagnosticMXBean vm =
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        String least = vm.getVMOption(LEAST_FREE).getValue();
        String most = vm.getVMOption(MOST_FREE).getValue();
        try {
            vm.setVMOption(LEAST_FREE, "5");
            vm.setVMOption(MOST_FREE, "10");
            System.gc();
        } finally {
            vm.setVMOption(MOST_FREE, most);
            vm.setVMOption(LEAST_FREE, least);
        }
    }

    /**
     * Whether the heap is worth collecting.
     *
     * @param collections of the young generation so far
     * @param used bytes of the old generation
     * @param left bytes in use behind its last collection
     */
    boolean isDue(long collections, long used, long left) {
        boolean quiet = collections - seen <= QUIET_COLLECTIONS;
        seen = collections;
        return quiet && used - left >= WORTH_BYTES;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
