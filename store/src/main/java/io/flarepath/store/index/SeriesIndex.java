package io.flarepath.store.index;

import io.flarepath.store.chunk.Level;
import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.profile.Labels;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All tenants and their series, in memory; rebuilt from the engine at open. */
public final class SeriesIndex {
    private static final int MAGIC = 0xF5E7;
    private static final byte[] NOTHING = {};

    private final Engine engine;
    private final ZstdPool zstd;
    private final Space space;
    private final Names tenantNames;
    private final Map<Integer, TenantIndex> tenants = new ConcurrentHashMap<>();

    /**
     * Reads the index of profiles.
     *
     * @param onCorrupt told of every series that cannot be read
     */
    public SeriesIndex(Engine engine, ZstdPool zstd, Consumer<String> onCorrupt) {
        this(engine, zstd, Space.PROFILES, new Names(engine, Names.TENANT, 0), onCorrupt);
    }

    private SeriesIndex(
            Engine engine,
            ZstdPool zstd,
            Space space,
            Names tenantNames,
            Consumer<String> onCorrupt) {
        this.engine = engine;
        this.zstd = zstd;
        this.space = space;
        this.tenantNames = tenantNames;
        tenantNames.all().values().forEach(this::byId);
        readSeries(onCorrupt);
        readPresence();
        readSpans();
    }

    /** Reads the index of metrics of the same tenants. */
    public SeriesIndex ofMetrics(Consumer<String> onCorrupt) {
        return new SeriesIndex(engine, zstd, Space.METRICS, tenantNames, onCorrupt);
    }

    /** What its series are of. */
    public Space space() {
        return space;
    }

    /** A tenant that is known, or null. */
    public @Nullable TenantIndex find(String tenant) {
        int id = tenantNames.find(tenant);
        return id < 0 ? null : byId(id);
    }

    /** A tenant, made known when it is new. */
    public TenantIndex of(String tenant) {
        return byId(tenantNames.intern(tenant));
    }

    /** All tenants. */
    public Collection<TenantIndex> tenants() {
        return tenants.values();
    }

    /** The series of a service with profiles of a type in a window. */
    public List<Series> seriesIn(int tenant, int service, int type, int window) {
        TenantIndex found = tenants.get(tenant);
        return found == null ? List.of() : found.seriesIn(service, type, window, window + 1);
    }

    /** The series of a tenant. */
    List<Series> seriesOf(int tenant) {
        TenantIndex found = tenants.get(tenant);
        return found == null ? List.of() : found.all();
    }

    /**
     * The labels of a series, of one that is stored and not published yet as well.
     *
     * @return null when it is not known any more, or cannot be read
     */
    public @Nullable Labels labels(int tenant, int service, int id) {
        TenantIndex found = tenants.get(tenant);
        Series known = found == null ? null : found.byId(id);
        if (known != null) {
            return known.labels();
        }
        byte[] stored = engine.get(space.series(), seriesKey(tenant, service, id));
        try {
            return stored == null ? null : decode(service, id, stored).labels();
        } catch (CorruptValueException e) {
            return null; // told of when the index was read
        }
    }

    /** How many series there are. */
    public long size() {
        return tenants.values().stream().mapToLong(TenantIndex::size).sum();
    }

    /** The first window with profiles, or -1. */
    public int firstWindow() {
        return tenants.values().stream()
                .mapToInt(TenantIndex::firstWindow)
                .filter(window -> window >= 0)
                .min()
                .orElse(-1);
    }

    /** The last window with profiles, or -1. */
    public int lastWindow() {
        return tenants.values().stream()
                .flatMap(tenant -> tenant.all().stream())
                .mapToInt(Series::lastWindow)
                .max()
                .orElse(-1);
    }

    /** The services of a tenant with profiles before a window. */
    public Set<Integer> servicesWithBefore(TenantIndex tenant, int window) {
        Set<Integer> services = new TreeSet<>();
        for (Series series : tenant.all()) {
            int first = series.firstWindow();
            if (first < window) {
                services.add(series.service());
            }
        }
        return services;
    }

    /**
     * Forgets the windows of a service before one, and series that have no others. The caller holds
     * the lock of the service's writer.
     *
     * @return whether no series of the service is left
     */
    public boolean removeBefore(TenantIndex tenant, int service, int window) {
        Batch batch = new Batch();
        boolean none = true;
        for (Series series : tenant.all()) {
            if (series.service() != service) {
                continue;
            }
            series.removeBefore(window);
            if (series.isEmpty()) {
                tenant.remove(series);
                batch.delete(space.series(), seriesKey(tenant.id(), service, series.id()));
            } else {
                none = false;
            }
        }
        engine.write(batch);
        return none;
    }

    private TenantIndex byId(int id) {
        return tenants.computeIfAbsent(
                id,
                tenant ->
                        new TenantIndex(
                                tenant,
                                new Names(engine, space.servicePrefix(), tenant),
                                new Names(engine, space.typePrefix(), tenant)));
    }

    /** Puts a new series into a batch. */
    public void stage(Batch batch, TenantIndex tenant, Series series) {
        ByteWriter head = new ByteWriter(0);
        ByteWriter body = new ByteWriter(256);
        body.varint(series.labels().asMap().size());
        series.labels().asMap().forEach((name, value) -> body.text(name).text(value));
        batch.put(
                space.series(),
                seriesKey(tenant.id(), series.service(), series.id()),
                Envelope.seal(MAGIC, head, body, zstd));
    }

    /** Puts into a batch that a series has profiles of a type in a window. */
    public void stagePresence(Batch batch, int tenant, int series, int type, int window) {
        byte[] key = new ByteWriter(16).u32(window).u32(tenant).u32(series).u32(type).toArray();
        batch.put(space.presence(), key, NOTHING);
    }

    /** The stored batch is to be seen. */
    public void publish(TenantIndex tenant, Series series, int type, int window) {
        series.add(type, window);
        tenant.publish(series);
    }

    static byte[] seriesKey(int tenant, int service, int series) {
        return new ByteWriter(12).u32(tenant).u32(service).u32(series).toArray();
    }

    private void readSeries(Consumer<String> onCorrupt) {
        try (Cursor cursor = engine.scan(space.series())) {
            cursor.seek(new byte[0], new ByteWriter(16).u64(-1).u64(-1).toArray());
            while (cursor.next()) {
                byte[] key = cursor.key();
                ByteReader in = new ByteReader(key, 0, key.length);
                int tenant = in.u32();
                int service = in.u32();
                int id = in.u32();
                try {
                    byId(tenant).publish(decode(service, id, cursor.value()));
                } catch (CorruptValueException e) {
                    onCorrupt.accept(
                            "series " + id + " of tenant " + tenant + ": " + e.getMessage());
                    byId(tenant).publish(new Series(id, service, lostLabels(id)));
                }
            }
        }
    }

    /** Labels of a series whose own are lost: its profiles stay visible and countable. */
    private static Labels lostLabels(int id) {
        return Labels.of(Map.of("service_name", "[labels lost]", "series", Integer.toString(id)));
    }

    private Series decode(int service, int id, byte[] value) {
        Envelope envelope = Envelope.open(MAGIC, value);
        ByteReader body = envelope.body(zstd);
        int count = body.varintUpTo(body.remaining(), "a number of labels");
        Map<String, String> labels = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            labels.put(body.text(), body.text());
        }
        return new Series(id, service, Labels.of(labels));
    }

    private void readSpans() {
        try (Cursor cursor = engine.scan(space.spans())) {
            cursor.seek(new byte[0], new ByteWriter(17).u64(-1).u64(-1).u8(-1).toArray());
            while (cursor.next()) {
                byte[] key = cursor.key();
                ByteReader in = new ByteReader(key, 0, key.length);
                Level level = Level.ofCode(in.u8());
                int first = level.firstWindow(in.u32());
                Series series = byId(in.u32()).byId(in.u32());
                if (series != null) {
                    series.add(in.u32(), first, first + level.windows());
                }
            }
        }
    }

    private void readPresence() {
        try (Cursor cursor = engine.scan(space.presence())) {
            cursor.seek(new byte[0], new ByteWriter(16).u64(-1).u64(-1).toArray());
            while (cursor.next()) {
                byte[] key = cursor.key();
                ByteReader in = new ByteReader(key, 0, key.length);
                int window = in.u32();
                Series series = byId(in.u32()).byId(in.u32());
                if (series != null) {
                    series.add(in.u32(), window);
                }
            }
        }
    }
}
