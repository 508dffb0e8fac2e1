package io.flarepath.store;

import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.index.SeriesIndex;
import io.flarepath.store.index.Space;
import io.flarepath.store.metric.MetricPoint;
import io.flarepath.store.metric.MetricQuery;
import io.flarepath.store.metric.MetricSeries;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.retention.KeptFrom;
import io.flarepath.store.retention.Retention;
import io.flarepath.store.retention.TenantAges;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The metrics in a store: what comes in, goes out, and is done by itself. */
final class StoredMetrics implements MetricStore {
    private final Engine engine;
    private final StoreOptions options;
    private final StoreDirectory directory;
    private final MetricWriter writer;
    private final MetricReader reader;
    private final MetricFinaliser finaliser;
    private final Retention retention;

    StoredMetrics(
            Engine engine,
            SeriesIndex index,
            Uploads uploads,
            ZstdPool zstd,
            TenantAges tenants,
            StoreOptions options,
            StoreDirectory directory,
            Damage damage) {
        this.engine = engine;
        this.options = options;
        this.directory = directory;
        KeptFrom kept = new KeptFrom(engine, Space.METRICS);
        this.writer =
                new MetricWriter(
                        engine, index, uploads, zstd, new SeriesCap(options.series()), damage);
        this.reader = new MetricReader(engine, index, zstd, kept, tenants, damage);
        this.finaliser = new MetricFinaliser(engine, zstd, kept, options.windowGrace(), damage);
        this.retention =
                new Retention(
                        engine,
                        index,
                        writer::forget,
                        kept,
                        options.retention(),
                        tenants,
                        List.of());
    }

    @Override
    public WriteResult write(String tenant, byte[] upload, List<MetricPoint> points) {
        directory.checkFree(options.minimumFreeBytes());
        WriteResult result = writer.write(tenant, upload, points);
        if (options.durability() == Durability.SYNC) {
            // A duplicate, too: the write that it repeats may still be waiting for the disk.
            engine.sync();
        }
        return result;
    }

    @Override
    public List<MetricSeries> read(MetricQuery query) {
        return reader.read(query);
    }

    @Override
    public boolean isAny(String tenant, Selector selector, TimeRange range) {
        return reader.isAny(tenant, selector, range);
    }

    void finish(long nowNanos) {
        finaliser.run(nowNanos);
    }

    /** What is dropped must be in the sums that stay: windows are finished first. */
    void applyRetention(long nowNanos) {
        synchronized (finaliser) {
            finaliser.run(nowNanos);
            retention.apply(nowNanos);
        }
    }

    /** What would go next for want of room, or null. */
    Retention.@Nullable Next next() {
        return retention.next();
    }

    void makeRoom(Retention.Next next, long mostBytes) {
        synchronized (finaliser) {
            retention.makeRoom(next, mostBytes);
        }
    }

    /** What was written. */
    MetricStatistics statistics() {
        return writer.statistics();
    }
}
