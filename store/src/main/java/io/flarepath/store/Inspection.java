package io.flarepath.store;

import io.flarepath.store.call.CallBlock;
import io.flarepath.store.call.CallIndex;
import io.flarepath.store.call.CallKey;
import io.flarepath.store.chunk.Chunk;
import io.flarepath.store.chunk.DetailKey;
import io.flarepath.store.chunk.Level;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.chunk.RollupKey;
import io.flarepath.store.chunk.SumsBlock;
import io.flarepath.store.chunk.WindowSpread;
import io.flarepath.store.dictionary.Dictionaries;
import io.flarepath.store.dictionary.DictionarySize;
import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.View;
import io.flarepath.store.index.LabelGroups;
import io.flarepath.store.index.TenantIndex;
import io.flarepath.store.metric.MeasureSlots;
import io.flarepath.store.metric.PointKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Walks over everything once, as it is at one moment, and counts. One thread. */
final class Inspection {
    private static final byte[] END = new byte[64];

    static {
        Arrays.fill(END, (byte) -1);
    }

    private static final class Count {
        private long values;
        private long rows;
        private long bytes;

        private void add(long ofRows, long ofBytes) {
            values++;
            rows += ofRows;
            bytes += ofBytes;
        }
    }

    private final View view;
    private final Dictionaries dictionaries;
    private final Damage damage;
    private final @Nullable TenantIndex tenant;
    private final LabelGroups groups;
    private final Map<String, Count> labelSums = new TreeMap<>();
    private final Map<String, Count> metrics = new LinkedHashMap<>();
    private final Map<Level, Count> levels = new EnumMap<>(Level.class);
    private final Count single = new Count();
    private final Count calls = new Count();
    private final ZstdPool zstd;
    private final Map<Integer, Count> services = new HashMap<>();

    Inspection(
            View view,
            Dictionaries dictionaries,
            ZstdPool zstd,
            @Nullable TenantIndex tenant,
            LabelGroups groups,
            Damage damage) {
        this.zstd = zstd;
        this.groups = groups;
        this.damage = damage;
        this.view = view;
        this.dictionaries = dictionaries;
        this.tenant = tenant;
        for (Level level : Level.values()) {
            levels.put(level, new Count());
        }
    }

    StoreContents run() {
        List<StoreContents.Family> families = new ArrayList<>();
        for (Family family : Family.values()) {
            Count count = new Count();
            try (Cursor cursor = view.scan(family)) {
                cursor.seek(new byte[0], END);
                while (cursor.next()) {
                    byte[] key = cursor.key();
                    byte[] value = cursor.value();
                    count.add(0, (long) key.length + value.length);
                    try {
                        count(family, key, value);
                    } catch (CorruptValueException e) {
                        damage.found("a value of family " + family + ": " + e.getMessage());
                    }
                }
            }
            families.add(new StoreContents.Family(family.storedName(), count.values, count.bytes));
        }
        List<StoreContents.Part> parts = new ArrayList<>();
        parts.add(part("profiles", single));
        levels.forEach((level, count) -> parts.add(part(name(level), count)));
        labelSums.forEach((name, count) -> parts.add(part(name, count)));
        metrics.forEach((name, count) -> parts.add(part(name, count)));
        parts.add(part("calls", calls));
        return new StoreContents(families, parts, services());
    }

    private static StoreContents.Part part(String name, Count count) {
        return new StoreContents.Part(name, count.values, count.rows, count.bytes);
    }

    private static String name(Level level) {
        return switch (level) {
            case TEN_MINUTES -> "10 minutes";
            case TWO_HOURS -> "2 hours";
            case DAY -> "day";
        };
    }

    private void count(Family family, byte[] key, byte[] value) {
        int bytes = key.length + value.length;
        switch (family) {
            case PROFILES -> {
                ProfileKey of = ProfileKey.of(key);
                if (isAsked(of.tenant())) {
                    int rows = Chunk.open(value).rows();
                    single.add(rows, bytes);
                    service(of.service()).add(rows, bytes);
                }
            }
            case MEMBERS, DETAIL -> {
                DetailKey of = DetailKey.of(key);
                if (isAsked(of.tenant())) {
                    service(of.service()).add(0, bytes);
                }
            }
            case ROLLUP -> {
                if (key.length == RollupKey.BYTES) {
                    sums(RollupKey.of(key), value, bytes);
                }
            }
            case CALL_PARTS -> {
                if (isAsked(CallKey.of(key).tenant())) {
                    calls.add(CallBlock.summary(value).calls(), bytes);
                }
            }
            case CALL_INDEX -> {
                if (isAsked(CallKey.of(key).tenant())) {
                    CallIndex index = CallIndex.open(value, zstd);
                    calls.add(index.summary().calls(), (long) bytes + index.blockBytes());
                }
            }
            case METRIC_POINTS -> metric("metric points", PointKey.of(key).tenant(), value, bytes);
            case METRIC_SLOTS -> metric("metric slots", tenantAt(key, 4), value, bytes);
            case METRIC_SUMS ->
                    metric(
                            "metrics, " + name(Level.ofCode(key[0])),
                            tenantAt(key, 5),
                            value,
                            bytes);
            default -> {
                // their size is all there is to tell
            }
        }
    }

    private static int tenantAt(byte[] key, int at) {
        return new ByteReader(key, at, key.length).u32();
    }

    private void metric(String name, int ofTenant, byte[] value, int bytes) {
        if (isAsked(ofTenant)) {
            metrics.computeIfAbsent(name, absent -> new Count())
                    .add(MeasureSlots.count(value), bytes);
        }
    }

    private void sums(RollupKey key, byte[] value, int bytes) {
        if (!isAsked(key.tenant())) {
            return;
        }
        int rows =
                key.isOfWindows() ? WindowSpread.open(value).cells() : SumsBlock.open(value).rows();
        Count level = levels.get(key.level());
        if (level != null) {
            level.add(rows, bytes);
        }
        if (key.labelGroup() >= 0) {
            String labels = groups.describe(key.tenant(), key.labelGroup());
            labelSums
                    .computeIfAbsent(
                            name(key.level())
                                    + " by "
                                    + (labels.isEmpty() ? "labels no longer set" : labels),
                            absent -> new Count())
                    .add(rows, bytes);
        }
        boolean own = key.level() == Level.TEN_MINUTES && (key.isOfSeries() || key.isOfWindows());
        service(key.service()).add(own ? rows : 0, bytes);
    }

    private boolean isAsked(int tenantId) {
        return tenant != null && tenant.id() == tenantId;
    }

    private Count service(int service) {
        return services.computeIfAbsent(service, id -> new Count());
    }

    private List<StoreContents.Service> services() {
        List<StoreContents.Service> found = new ArrayList<>();
        if (tenant == null) {
            return found;
        }
        new TreeMap<>(tenant.services())
                .forEach((name, id) -> {
                    Count count = services.getOrDefault(id, new Count());
                    DictionarySize size = dictionaries.stored(view, tenant.id(), id);
                    found.add(
                            new StoreContents.Service(
                                    name,
                                    tenant.seriesOf(id),
                                    count.rows,
                                    count.bytes,
                                    size.bytes(),
                                    size.nodes(),
                                    size.stacks()));
                });
        return found;
    }
}
