package io.flarepath.store;

import io.flarepath.store.dictionary.Dictionaries;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.index.SeriesIndex;
import io.flarepath.store.retention.Retention;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the store does by itself: sync the WAL every second, drop what is too old. */
final class Upkeep implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

    private final Engine engine;
    private final StoreOptions options;
    private final Retention retention;
    private final Uploads uploads;
    private final AtomicBoolean failing = new AtomicBoolean();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("store-upkeep").factory());

    Upkeep(
            Engine engine,
            StoreOptions options,
            SeriesIndex index,
            Dictionaries dictionaries,
            Uploads uploads) {
        this.engine = engine;
        this.options = options;
        this.uploads = uploads;
        this.retention = new Retention(engine, index, dictionaries);
    }

    void start() {
        var unusedSync =
                thread.scheduleWithFixedDelay(() -> reported(engine::sync), 1, 1, TimeUnit.SECONDS);
        long interval = options.retentionInterval().toMillis();
        var unusedRetention =
                thread.scheduleWithFixedDelay(
                        () -> reported(this::applyRetention),
                        interval,
                        interval,
                        TimeUnit.MILLISECONDS);
    }

    void applyRetention() {
        long cutoff =
                options.clock().millis() * 1_000_000L
                        - TimeUnit.MILLISECONDS.toNanos(options.retention().toMillis());
        if (cutoff > 0) {
            retention.dropBefore(cutoff);
            uploads.dropBefore(cutoff);
        }
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
