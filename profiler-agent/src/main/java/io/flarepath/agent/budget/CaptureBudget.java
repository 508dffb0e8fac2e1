package io.flarepath.agent.budget;

import io.flarepath.bpf.BpfException;
import io.flarepath.bpf.MessageCounters;
import io.flarepath.bpf.ProgramTime;
import io.flarepath.bpf.RequestBytes;
import io.flarepath.bpf.RunStatistics;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what requests and the network take of the machine's CPUs within a budget: measures it each
 * second, in the kernel and in the reader, and has less read when it is too much. Safe for several
 * threads.
 */
public final class CaptureBudget implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CaptureBudget.class);
    private static final long PERIOD_MILLIS = 1_000;

    /** Of a period the kernel counts for a tenth. */
    private static final int SLICES = 10;

    /** What a message takes in the kernel, about, where the kernel does not let us count. */
    private static final long MESSAGE_NANOS = 1_000;

    private final RequestBytes source;
    private final Supplier<List<ProgramTime>> programs;
    private final LongSupplier readerNanos;
    private final double budget;
    private final long periodMillis;
    private final LevelRule rule;
    private final KernelTime kernelTime = new KernelTime();
    private final Thread thread = new Thread(this::run, "budget");
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile CaptureLevel level = CaptureLevel.FULL;
    private volatile double share;
    private long changes;
    private boolean counting = true;
    private boolean sampled;
    private long lastNanos = System.nanoTime();
    private long lastReader;
    private MessageCounters lastCounters;

    private CaptureBudget(
            RequestBytes source,
            Supplier<List<ProgramTime>> programs,
            LongSupplier readerNanos,
            double budget,
            long periodMillis) {
        this.source = source;
        this.periodMillis = periodMillis;
        this.programs = programs;
        this.readerNanos = readerNanos;
        this.budget = budget;
        rule = new LevelRule(budget);
        lastReader = readerNanos.getAsLong();
        lastCounters = source.counters();
    }

    /**
     * Begins to measure.
     *
     * @param source of the bytes; stays the caller's to close, after this
     * @param programs all programs in the kernel that count
     * @param readerNanos CPU time so far of what reads
     * @param budget share of all CPUs, above 0
     */
    public static CaptureBudget start(
            RequestBytes source,
            Supplier<List<ProgramTime>> programs,
            LongSupplier readerNanos,
            double budget) {
        return start(source, programs, readerNanos, budget, PERIOD_MILLIS);
    }

    static CaptureBudget start(
            RequestBytes source,
            Supplier<List<ProgramTime>> programs,
            LongSupplier readerNanos,
            double budget,
            long periodMillis) {
        CaptureBudget started =
                new CaptureBudget(source, programs, readerNanos, budget, periodMillis);
        started.thread.setDaemon(true);
        started.thread.start();
        return started;
    }

    private void run() {
        try {
            while (sleep(periodMillis - periodMillis / SLICES) && measure()) {
                LOG.trace("{} of the CPUs, {}", share, level);
            }
        } catch (IllegalStateException e) {
            if (stop.getCount() > 0) {
                throw e;
            }
        } catch (InterruptedException e) {
            LOG.debug("the budget is not watched any more: {}", e.toString());
        }
    }

    /** Waits; false when it was stopped meanwhile. */
    private boolean sleep(long millis) throws InterruptedException {
        return !stop.await(millis, TimeUnit.MILLISECONDS);
    }

    /** Measures for a slice; false when it was stopped meanwhile. */
    private boolean measure() throws InterruptedException {
        double kernel = kernelCpus();
        if (stop.getCount() == 0) {
            return false;
        }
        long now = System.nanoTime();
        double elapsed = Math.max(1, now - lastNanos);
        long reader = readerNanos.getAsLong();
        MessageCounters counters = source.counters();
        long told = counters.messages() - lastCounters.messages();
        long lost = counters.messagesLost() - lastCounters.messagesLost();
        if (!counting) {
            kernel = (told + lost) * MESSAGE_NANOS / elapsed;
        }
        share =
                (kernel + (reader - lastReader) / elapsed)
                        / Runtime.getRuntime().availableProcessors();
        lastReader = reader;
        lastCounters = counters;
        lastNanos = now;
        follow(rule.next(share, (double) lost / Math.max(1, lost + told)));
        return true;
    }

    /** CPUs that the programs take while the kernel counts. */
    private double kernelCpus() throws InterruptedException {
        if (!counting) {
            sleep(periodMillis / SLICES);
            return 0;
        }
        try (RunStatistics _ = RunStatistics.count()) {
            List<ProgramTime> before = programs.get();
            long began = System.nanoTime();
            sleep(periodMillis / SLICES);
            List<ProgramTime> after = programs.get();
            double slice = Math.max(1, System.nanoTime() - began);
            double times = (System.nanoTime() - lastNanos) / slice;
            return kernelTime.add(before, after, times) / slice;
        } catch (BpfException e) {
            counting = false;
            LOG.info(
                    "the time of programs in the kernel is not counted, but taken as {} ns a"
                            + " message: {}",
                    MESSAGE_NANOS,
                    e.toString());
            return 0;
        }
    }

    private void follow(CaptureLevel next) {
        CaptureLevel before = level;
        if (next == before) {
            return;
        }
        try {
            source.tell(next.mostBytes(), next.oneIn(), next.attached());
        } catch (BpfException e) {
            LOG.warn("what is read of requests stays {}: {}", before.label(), e.toString());
            return;
        }
        synchronized (this) {
            level = next;
            sampled |= next == CaptureLevel.SAMPLED;
            changes++;
        }
        LOG.warn(
                "requests and the network take {} % of the CPUs, of {} % that they may: what is read"
                        + " is now {}, and was {}",
                percent(share), percent(budget), next.label(), before.label());
    }

    private static String percent(double part) {
        return String.format(Locale.ROOT, "%.1f", 100 * part);
    }

    /** How much is read now. */
    public CaptureLevel level() {
        return level;
    }

    /** Share of all CPUs that was taken in the last second. */
    public double share() {
        return share;
    }

    /** How often the level changed. */
    public synchronized long changes() {
        return changes;
    }

    /** Nanoseconds that a program of this name took in the kernel so far, about. */
    public long kernelNanos(String program) {
        return kernelTime.nanos(program);
    }

    /**
     * Whether requests were read of some connections only, at any time since this was last asked.
     */
    public synchronized boolean takeSampled() {
        boolean was = sampled;
        sampled = level == CaptureLevel.SAMPLED;
        return was;
    }

    /** Why less is read, or empty where all is. */
    public String reason() {
        CaptureLevel now = level;
        return now == CaptureLevel.FULL
                ? ""
                : "requests.budget: what is read of requests is " + now.label();
    }

    @Override
    public void close() {
        stop.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
