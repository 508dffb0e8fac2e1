package io.flarepath.store;

import io.flarepath.store.dictionary.Dictionaries;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.retention.Retention;
import io.flarepath.store.rollup.Finaliser;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the store does by itself: sync the WAL every second, put windows together that are over,
 * drop what is too old.
 */
final class Upkeep implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

    private final Engine engine;
    private final StoreOptions options;
    private final Finaliser finaliser;
    private final Retention retention;
    private final StoredMetrics metrics;
    private final StoredCalls calls;
    private final Uploads uploads;
    private final Dictionaries dictionaries;
    private final AtomicBoolean failing = new AtomicBoolean();
    private final ScheduledExecutorService thread =
            // One syncs on while the other is at work.
            Executors.newScheduledThreadPool(
                    2, Thread.ofPlatform().daemon().name("store-upkeep").factory());

    Upkeep(
            Engine engine,
            StoreOptions options,
            Finaliser finaliser,
            Retention retention,
            StoredMetrics metrics,
            StoredCalls calls,
            Uploads uploads,
            Dictionaries dictionaries) {
        this.engine = engine;
        this.dictionaries = dictionaries;
        this.options = options;
        this.uploads = uploads;
        this.finaliser = finaliser;
        this.retention = retention;
        this.metrics = metrics;
        this.calls = calls;
    }

    void start() {
        var unusedSync =
                thread.scheduleWithFixedDelay(() -> reported(engine::sync), 1, 1, TimeUnit.SECONDS);
        long pause = options.finishingInterval().toMillis();
        var unusedFinishing =
                thread.scheduleWithFixedDelay(
                        () -> reported(this::finishWindows), pause, pause, TimeUnit.MILLISECONDS);
        long interval = options.retentionInterval().toMillis();
        var unusedRetention =
                thread.scheduleWithFixedDelay(
                        () -> reported(this::applyRetention),
                        interval,
                        interval,
                        TimeUnit.MILLISECONDS);
    }

    void finishWindows() {
        long now = nowNanos();
        finaliser.run(now);
        metrics.finish(now);
        calls.finish(now);
        dictionaries.join();
        engine.settle();
    }

    /** What is dropped must be in the sums that stay: windows are finished first. */
    void applyRetention() {
        long now = nowNanos();
        // Nothing is put together meanwhile: what it is made of must not go.
        synchronized (finaliser) {
            finaliser.run(now);
            retention.apply(now);
            metrics.applyRetention(now);
            calls.applyRetention(now);
            makeRoom();
        }
        long cutoff = now - options.retention().detail().toSeconds() * 1_000_000_000L;
        if (cutoff > 0) {
            uploads.dropBefore(cutoff);
        }
    }

    /**
     * One step a pass, since files shrink some time after. The oldest goes, be it of profiles or of
     * metrics, and sums of either after what lies one by one of both.
     */
    private void makeRoom() {
        if (engine.bytesOnDisk() <= options.mostBytes()
                // What is kept for the shortest time goes first.
                || calls.makeRoom(options.mostBytes())) {
            return;
        }
        Retention.Next ofProfiles = retention.next();
        Retention.Next ofMetrics = metrics.next();
        if (ofProfiles != null && (ofMetrics == null || ofProfiles.isBefore(ofMetrics))) {
            retention.makeRoom(ofProfiles, options.mostBytes());
        } else if (ofMetrics != null) {
            metrics.makeRoom(ofMetrics, options.mostBytes());
        }
    }

    private long nowNanos() {
        return options.clock().millis() * 1_000_000L;
    }

    /** A task that throws would never run again; a failure is logged once until it is over. */
    private void reported(Runnable task) {
        try {
            task.run();
            if (failing.compareAndSet(true, false)) {
                log.info("Upkeep of the store works again");
            }
        } catch (StoreException e) {
            if (e.reason() != StoreException.Reason.CLOSED && failing.compareAndSet(false, true)) {
                log.warn("Upkeep of the store failed and is tried again", e);
            }
        } catch (RuntimeException e) {
            log.error("Upkeep of the store failed", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
