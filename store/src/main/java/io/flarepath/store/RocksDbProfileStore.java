package io.flarepath.store;

import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.dictionary.Dictionaries;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.RocksDbEngine;
import io.flarepath.store.engine.View;
import io.flarepath.store.index.LabelGroups;
import io.flarepath.store.index.LabelQueries;
import io.flarepath.store.index.SeriesIndex;
import io.flarepath.store.index.Space;
import io.flarepath.store.index.TenantIndex;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.LateNames;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.ProfileTotals;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.SpanSelection;
import io.flarepath.store.query.SpanTotals;
import io.flarepath.store.query.ThreadSelection;
import io.flarepath.store.query.ThreadSeries;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.query.TimeSeries;
import io.flarepath.store.retention.KeptFrom;
import io.flarepath.store.retention.Retention;
import io.flarepath.store.retention.ShortLived;
import io.flarepath.store.retention.TenantAges;
import io.flarepath.store.rollup.Finaliser;
import io.flarepath.store.rollup.HotWindows;
import io.flarepath.store.rollup.Pace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Profiles in RocksDB, in one directory of this machine. */
public final class RocksDbProfileStore implements ProfileStore {
    private final StoreDirectory directory;
    private final StoreOptions options;
    private final RocksDbEngine engine;
    private final ZstdPool zstd = new ZstdPool();
    private final Damage damage = new Damage();
    private final SeriesIndex index;
    private final Dictionaries dictionaries;
    private final SeriesCap cap;
    private final LabelGroups groups;
    private final ShortLived exemplars;
    private final ShortLived fine;
    private final ProfileWriter writer;
    private final ProfileReader reader;
    private final Upkeep upkeep;
    private final StoredMetrics metrics;
    private final StoredCalls calls;
    private final StoredSettings settings;
    private final StoredProfileFiles files;

    private RocksDbProfileStore(
            StoreDirectory directory, StoreOptions options, LateNames names, RocksDbEngine engine) {
        this.directory = directory;
        this.options = options;
        this.engine = engine;
        this.index = new SeriesIndex(engine, zstd, damage::found);
        this.dictionaries =
                new Dictionaries(
                        engine,
                        zstd,
                        options.dictionaryNodes(),
                        options.dictionaryBytes(),
                        damage::found);
        Uploads uploads = new Uploads(engine);
        HotWindows hot = new HotWindows(engine);
        KeptFrom kept = new KeptFrom(engine, Space.PROFILES);
        TenantAges tenants = new TenantAges(options.tenantAges(), options.clock());
        LabelGroups groups = new LabelGroups(engine, index, options.groups());
        this.groups = groups;
        this.cap = new SeriesCap(options.series());
        this.exemplars =
                new ShortLived(
                        engine, Family.EXEMPLARS, options.exemplars(), options.exemplarBytes());
        this.fine = new ShortLived(engine, Family.FINE, options.fine(), options.fineBytes());
        this.writer =
                new ProfileWriter(
                        engine,
                        index,
                        dictionaries,
                        uploads,
                        zstd,
                        hot,
                        cap,
                        options.clock(),
                        exemplars,
                        fine,
                        damage);
        this.reader =
                new ProfileReader(
                        engine,
                        index,
                        dictionaries,
                        zstd,
                        damage,
                        names,
                        hot,
                        kept,
                        tenants,
                        groups);
        Finaliser finaliser =
                new Finaliser(
                        engine,
                        zstd,
                        index,
                        hot,
                        kept,
                        options.windowGrace(),
                        options.seriesSumRows(),
                        groups,
                        new Pace(writer::stored),
                        damage::found);
        Retention retention =
                new Retention(
                        engine,
                        index,
                        this::forget,
                        kept,
                        options.retention(),
                        tenants,
                        List.of(exemplars, fine));
        this.metrics =
                new StoredMetrics(
                        engine,
                        index.ofMetrics(damage::found),
                        uploads,
                        zstd,
                        tenants,
                        options,
                        directory,
                        damage);
        Runnable room = () -> directory.checkFree(options.minimumFreeBytes());
        boolean syncs = options.durability() == Durability.SYNC;
        this.settings = new StoredSettings(engine, room, syncs);
        this.files = new StoredProfileFiles(engine, room, syncs);
        this.calls =
                new StoredCalls(engine, index, uploads, zstd, tenants, options, directory, damage);
        this.upkeep =
                new Upkeep(
                        engine,
                        options,
                        finaliser,
                        retention,
                        metrics,
                        calls,
                        uploads,
                        dictionaries);
    }

    /**
     * Opens a store, or makes one.
     *
     * @param directory the store's own: one that does not exist or is empty becomes a store,
     *     readable by its owner only
     * @throws StoreException when the directory holds something else, another format version, or
     *     cannot be read
     */
    public static RocksDbProfileStore open(Path directory, StoreOptions options) {
        return open(directory, options, LateNames.NONE);
    }

    /**
     * Opens a store, or makes one, whose trees have names that came later.
     *
     * @param names asked while a tree is made
     * @see #open(Path, StoreOptions)
     */
    public static RocksDbProfileStore open(Path directory, StoreOptions options, LateNames names) {
        StoreDirectory prepared = StoreDirectory.prepare(directory);
        // The lock that it holds keeps others away from the checkpoints, too.
        RocksDbEngine engine =
                RocksDbEngine.open(
                        prepared.database(),
                        prepared.libraries(),
                        options.cacheBytes(),
                        options.memtableBytes(),
                        options.acceptLoss());
        try {
            prepared.checkFormat(engine);
            Checkpoint.sweep(prepared.checkpoints());
            RocksDbProfileStore store = new RocksDbProfileStore(prepared, options, names, engine);
            store.upkeep.start();
            return store;
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    @Override
    public WriteResult write(String tenant, List<Profile> profiles) {
        directory.checkFree(options.minimumFreeBytes());
        WriteResult result = writer.write(tenant, profiles);
        if (options.durability() == Durability.SYNC) {
            // A duplicate, too: the write that it repeats may still be waiting for the disk.
            engine.sync();
        }
        return result;
    }

    @Override
    public List<ProfileType> profileTypes(String tenant, Selector selector, TimeRange range) {
        return LabelQueries.types(reader.select(tenant, selector, range));
    }

    @Override
    public List<String> labelNames(String tenant, Selector selector, TimeRange range) {
        return LabelQueries.names(reader.select(tenant, selector, range));
    }

    @Override
    public List<String> labelValues(
            String tenant, String name, Selector selector, TimeRange range) {
        return LabelQueries.values(reader.select(tenant, selector, range), name);
    }

    @Override
    public List<Labels> series(
            String tenant, Selector selector, TimeRange range, List<String> names) {
        return LabelQueries.series(reader.select(tenant, selector, range), names);
    }

    @Override
    public FlameTree merge(ProfileQuery query) {
        return reader.merge(query, false);
    }

    @Override
    public FlameTree mergeLines(ProfileQuery query) {
        return reader.merge(query, true);
    }

    @Override
    public FlameTree mergeSpans(ProfileQuery query, SpanSelection which, boolean lines) {
        return reader.mergeSpans(query, which, lines);
    }

    @Override
    public List<ThreadSeries> threads(ProfileQuery query, long stepNanos) {
        return reader.threads(query, stepNanos);
    }

    @Override
    public FlameTree mergeThreads(ProfileQuery query, ThreadSelection which, boolean lines) {
        return reader.mergeThreads(query, which, lines);
    }

    @Override
    public void spans(ProfileQuery query, List<String> groupBy, SpanTotals visitor) {
        reader.spans(query, groupBy, visitor);
    }

    @Override
    public boolean totals(ProfileQuery query, List<String> groupBy, ProfileTotals visitor) {
        return reader.totals(query, groupBy, visitor);
    }

    @Override
    public List<TimeSeries> timeSeries(ProfileQuery query, long stepNanos, List<String> groupBy) {
        return reader.timeSeries(query, stepNanos, groupBy);
    }

    @Override
    public Map<String, List<Frame>> unnamed(String tenant, String buildId) {
        return reader.unnamed(tenant, buildId);
    }

    @Override
    public MetricStore metrics() {
        return metrics;
    }

    @Override
    public CallStore calls() {
        return calls;
    }

    @Override
    public SettingStore settings() {
        return settings;
    }

    @Override
    public ProfileFileStore files() {
        return files;
    }

    @Override
    public StoreStatistics statistics() {
        long firstWindow = index.firstWindow();
        long lastWindow = index.lastWindow();
        return new StoreStatistics(
                writer.stored(),
                writer.duplicates(),
                index.size(),
                engine.bytesOnDisk(),
                Math.max(0, firstWindow) * ProfileKey.WINDOW_NANOS,
                Math.max(writer.newestNanos(), Math.max(0, lastWindow) * ProfileKey.WINDOW_NANOS),
                damage.count(),
                writer.folded(),
                dictionaries.loads(),
                cap.folded(),
                calls.bytes(),
                groups.leftOut(),
                engine.uses(),
                exemplars.bytes(),
                exemplars.droppedBytes(),
                fine.bytes(),
                fine.droppedBytes(),
                metrics.statistics());
    }

    @Override
    public StoreContents contents(String tenant) {
        try (View view = engine.view()) {
            return new Inspection(view, dictionaries, zstd, index.find(tenant), groups, damage)
                    .run();
        }
    }

    /**
     * Everything that was acknowledged before the call, as files that do not change: a store of its
     * own once they are copied. It takes room until it is closed, at most what is dropped from the
     * store meanwhile.
     *
     * @throws StoreException DISK when there is no room for it
     */
    public Checkpoint checkpoint() {
        directory.checkFree(options.minimumFreeBytes());
        return Checkpoint.of(engine, directory.checkpoints());
    }

    /** Under the writer's lock: nobody can come to refer to what is being removed. */
    private void forget(TenantIndex tenant, int service, int window) {
        var dictionary = dictionaries.of(tenant.id(), service);
        dictionary.lock().lock();
        try {
            if (index.removeBefore(tenant, service, window)) {
                dictionaries.remove(tenant.id(), service);
            } else if (window > 0) {
                dictionaries.removeEpochsOver(
                        tenant.id(), service, window * ProfileKey.WINDOW_NANOS);
            }
        } finally {
            dictionary.lock().unlock();
        }
    }

    /** Whether a store of the given format version can be opened by this one. */
    public static boolean reads(String format) {
        return StoreDirectory.reads(format);
    }

    /**
     * Puts together the windows that are over, and sums up what they end; a background thread does
     * so by itself, too.
     */
    public void finishWindows() {
        upkeep.finishWindows();
    }

    /** Drops what is older than the retention now; a background thread does so by itself, too. */
    public void applyRetention() {
        upkeep.applyRetention();
    }

    @Override
    public void close() {
        upkeep.close();
        try (zstd) {
            engine.close();
        }
    }
}
