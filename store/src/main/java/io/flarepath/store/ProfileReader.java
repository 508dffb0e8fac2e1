package io.flarepath.store;

import io.flarepath.store.chunk.Chunk;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.dictionary.Dictionaries;
import io.flarepath.store.dictionary.ServiceDictionary;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.index.Selected;
import io.flarepath.store.index.SeriesIndex;
import io.flarepath.store.index.TenantIndex;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.LateNames;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.StackSums;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.query.TimeSeries;
import io.flarepath.store.query.TreeMerger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The way out: selects series, scans their profiles window by window, and adds up. */
final class ProfileReader {
    /** Steps of a time series; a page draws a few hundred. */
    private static final long MOST_STEPS = 100_000;

    /** Steps of all groups together, 8 bytes each. */
    private static final long MOST_CELLS = 8_000_000;

    private final Engine engine;
    private final SeriesIndex index;
    private final Dictionaries dictionaries;
    private final ZstdPool zstd;
    private final Damage damage;
    private final LateNames names;

    ProfileReader(
            Engine engine,
            SeriesIndex index,
            Dictionaries dictionaries,
            ZstdPool zstd,
            Damage damage,
            LateNames names) {
        this.engine = engine;
        this.index = index;
        this.dictionaries = dictionaries;
        this.zstd = zstd;
        this.damage = damage;
        this.names = names;
    }

    /** The series and types with profiles in the windows of a range. */
    List<Selected> select(String tenant, Selector selector, TimeRange range) {
        TenantIndex found = index.find(tenant);
        if (found == null || range.untilNanos() <= Math.max(0, range.fromNanos())) {
            return List.of();
        }
        return found.select(selector, firstWindow(range), endWindow(range));
    }

    private static int firstWindow(TimeRange range) {
        return ProfileKey.windowOf(Math.max(0, range.fromNanos()));
    }

    private static int endWindow(TimeRange range) {
        return ProfileKey.windowOf(range.untilNanos() - 1) + 1;
    }

    private interface Visitor {
        /** One profile of the range, sound on the outside. May throw CorruptValueException. */
        void visit(Selected selected, ProfileKey key, Chunk chunk);
    }

    FlameTree merge(ProfileQuery query) {
        record Vocabulary(int service, int epoch) {}
        Map<Vocabulary, StackSums> sums = new LinkedHashMap<>();
        long[] samplesAndTotal = new long[2];
        scan(
                query,
                (selected, key, chunk) -> {
                    Chunk.Rows rows = chunk.read(zstd);
                    samplesAndTotal[1] = addTotals(samplesAndTotal[1], chunk.total());
                    sums.computeIfAbsent(
                                    new Vocabulary(key.service(), chunk.epoch()),
                                    vocabulary -> new StackSums())
                            .add(rows.stacks(), rows.values());
                    samplesAndTotal[0] += chunk.samples();
                });
        TreeMerger merger = new TreeMerger(names, query.tenant());
        TenantIndex tenant = index.find(query.tenant());
        sums.forEach((vocabulary, sum) -> {
            if (tenant != null) {
                merger.add(
                        dictionaries.of(tenant.id(), vocabulary.service()).view(vocabulary.epoch()),
                        sum);
            }
        });
        dictionaries.evict();
        return merger.tree(samplesAndTotal[0]);
    }

    /** Frames of a build that have an address alone, by service. */
    Map<String, List<Frame>> unnamed(String tenantName, String buildId) {
        Map<String, List<Frame>> found = new TreeMap<>();
        TenantIndex tenant = index.find(tenantName);
        if (tenant == null) {
            return found;
        }
        tenant.services()
                .forEach((service, id) -> {
                    ServiceDictionary dictionary = dictionaries.of(tenant.id(), id);
                    Set<Frame> frames = new LinkedHashSet<>();
                    for (int epoch = 0; epoch <= dictionary.newestEpoch(); epoch++) {
                        dictionary.view(epoch).addUnnamed(buildId, frames);
                    }
                    if (!frames.isEmpty()) {
                        found.put(service, List.copyOf(frames));
                    }
                    dictionaries.evict();
                });
        return found;
    }

    private static long addTotals(long sum, long total) {
        try {
            return Math.addExact(sum, total);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "the sum of all values is above 2^63: ask for a shorter range", e);
        }
    }

    List<TimeSeries> timeSeries(ProfileQuery query, long stepNanos, List<String> groupBy) {
        TimeRange range = query.range();
        if (stepNanos < 1) {
            throw new IllegalArgumentException("a step must be positive, not " + stepNanos);
        }
        long length = Math.subtractExact(range.untilNanos(), range.fromNanos());
        long steps = Math.ceilDiv(length, stepNanos);
        if (steps > MOST_STEPS) {
            throw new IllegalArgumentException(
                    "a time series has at most "
                            + MOST_STEPS
                            + " steps, not "
                            + steps
                            + ": ask for a longer step or a shorter range");
        }
        Map<Labels, Group> groups = new HashMap<>();
        scan(
                query,
                (selected, key, chunk) -> {
                    Group group =
                            groups.computeIfAbsent(
                                    group(selected, groupBy),
                                    labels -> new Group(cells(groups.size(), steps)));
                    int step = (int) ((key.startNanos() - range.fromNanos()) / stepNanos);
                    group.values[step] = addTotals(group.values[step], chunk.total());
                    group.samples += chunk.samples();
                });
        List<TimeSeries> series = new ArrayList<>();
        groups.forEach((labels, group) ->
                series.add(
                        new TimeSeries(
                                labels,
                                range.fromNanos(),
                                stepNanos,
                                group.values,
                                group.samples)));
        series.sort(
                Comparator.comparingLong(TimeSeries::total)
                        .reversed()
                        .thenComparing(one -> one.labels().toString()));
        return series;
    }

    private static final class Group {
        private final long[] values;
        private long samples;

        private Group(long[] values) {
            this.values = values;
        }
    }

    private static long[] cells(int groups, long steps) {
        if ((groups + 1) * steps > MOST_CELLS) {
            throw new IllegalArgumentException(
                    "the groups and steps of a time series come to more than "
                            + MOST_CELLS
                            + " values: group by fewer labels or ask for a longer step");
        }
        return new long[(int) steps];
    }

    private static Labels group(Selected selected, List<String> names) {
        Map<String, String> labels = new HashMap<>();
        names.forEach(name -> labels.put(name, selected.label(name)));
        return Labels.of(labels);
    }

    private void scan(ProfileQuery query, Visitor visitor) {
        List<Selected> selected = new ArrayList<>();
        for (Selected each : select(query.tenant(), query.selector(), query.range())) {
            if (each.type().equals(query.type())) {
                selected.add(each);
            }
        }
        TenantIndex tenant = index.find(query.tenant());
        if (tenant == null || selected.isEmpty()) {
            return;
        }
        selected.sort(
                Comparator.comparingInt((Selected each) -> each.series().service())
                        .thenComparingInt(each -> each.series().id()));
        int end = endWindow(query.range());
        try (Cursor cursor = engine.scan(Family.PROFILES)) {
            int window = firstWindow(query.range());
            while (window >= 0 && window < end) {
                scanWindow(cursor, tenant.id(), window, selected, query.range(), visitor);
                window = nextWindow(selected, window + 1);
            }
        }
    }

    private static int nextWindow(List<Selected> selected, int from) {
        int next = -1;
        for (Selected each : selected) {
            int first = each.series().firstWindow(each.typeId(), from);
            if (first == from) {
                return from;
            }
            next = first >= 0 && (next < 0 || first < next) ? first : next;
        }
        return next;
    }

    private void scanWindow(
            Cursor cursor,
            int tenant,
            int window,
            List<Selected> selected,
            TimeRange range,
            Visitor visitor) {
        for (Selected each : selected) {
            if (!each.series().has(each.typeId(), window)) {
                continue;
            }
            int service = each.series().service();
            int series = each.series().id();
            cursor.seek(
                    ProfileKey.first(window, tenant, service, each.typeId(), series),
                    ProfileKey.first(window, tenant, service, each.typeId(), series + 1));
            while (cursor.next()) {
                ProfileKey key = ProfileKey.of(cursor.key());
                if (range.contains(key.startNanos())) {
                    visit(each, key, cursor.value(), visitor);
                }
            }
        }
    }

    private void visit(Selected selected, ProfileKey key, byte[] value, Visitor visitor) {
        try {
            visitor.visit(selected, key, Chunk.open(value));
        } catch (CorruptValueException e) {
            damage.found(
                    "profile of series "
                            + selected.series().labels()
                            + " at "
                            + key.startNanos()
                            + " ns: "
                            + e.getMessage());
        }
    }
}
