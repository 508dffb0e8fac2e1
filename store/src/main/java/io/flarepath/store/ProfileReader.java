package io.flarepath.store;

import io.flarepath.store.chunk.FineChunk;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.chunk.Rows;
import io.flarepath.store.chunk.SpanChunk;
import io.flarepath.store.chunk.StackSums;
import io.flarepath.store.dictionary.Dictionaries;
import io.flarepath.store.dictionary.ServiceDictionary;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.View;
import io.flarepath.store.index.LabelGroups;
import io.flarepath.store.index.Selected;
import io.flarepath.store.index.SeriesIndex;
import io.flarepath.store.index.TenantIndex;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.SampledThread;
import io.flarepath.store.profile.TimedSamples;
import io.flarepath.store.query.Allowance;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.LateNames;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.ProfileTotals;
import io.flarepath.store.query.QueryRefusedException;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.SpanSelection;
import io.flarepath.store.query.SpanTotals;
import io.flarepath.store.query.ThreadSelection;
import io.flarepath.store.query.ThreadSeries;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.query.TimeSeries;
import io.flarepath.store.query.TreeMerger;
import io.flarepath.store.retention.KeptFrom;
import io.flarepath.store.retention.TenantAges;
import io.flarepath.store.rollup.HotWindows;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** The way out: selects series, scans what covers the range, and adds up. */
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
    private final HotWindows hot;
    private final KeptFrom kept;
    private final TenantAges tenants;
    private final LabelGroups groups;

    ProfileReader(
            Engine engine,
            SeriesIndex index,
            Dictionaries dictionaries,
            ZstdPool zstd,
            Damage damage,
            LateNames names,
            HotWindows hot,
            KeptFrom kept,
            TenantAges tenants,
            LabelGroups groups) {
        this.groups = groups;
        this.engine = engine;
        this.index = index;
        this.dictionaries = dictionaries;
        this.zstd = zstd;
        this.damage = damage;
        this.names = names;
        this.hot = hot;
        this.kept = kept;
        this.tenants = tenants;
    }

    /** The series and types with profiles in the windows of a range. */
    List<Selected> select(String tenant, Selector selector, TimeRange asked) {
        TimeRange range = kept(tenant, asked);
        TenantIndex found = index.find(tenant);
        if (found == null || range.untilNanos() <= Math.max(0, range.fromNanos())) {
            return List.of();
        }
        return found.select(selector, RangeScan.firstWindow(range), RangeScan.endWindow(range));
    }

    /** What is kept of a range, by the age of the tenant's own. */
    private TimeRange kept(String tenant, TimeRange asked) {
        long from = tenants.firstWindow(tenant) * ProfileKey.WINDOW_NANOS;
        return asked.fromNanos() >= from
                ? asked
                : new TimeRange(from, Math.max(from, asked.untilNanos()));
    }

    /** Whose numbers stacks have. */
    private record Vocabulary(int service, int epoch) {}

    FlameTree merge(ProfileQuery query, boolean lines) {
        Map<Vocabulary, StackSums> sums = new LinkedHashMap<>();
        long[] samplesAndTotal = new long[2];
        scan(
                query,
                Long.MAX_VALUE,
                true,
                service -> true,
                (selected, epoch, start, total, samples, rows) -> {
                    samplesAndTotal[0] += samples;
                    samplesAndTotal[1] = addTotals(samplesAndTotal[1], total);
                    if (rows != null) {
                        sums.computeIfAbsent(
                                        new Vocabulary(selected.series().service(), epoch),
                                        vocabulary -> new StackSums())
                                .add(rows, samples);
                    }
                });
        return tree(query, lines, sums, samplesAndTotal[0]);
    }

    private FlameTree tree(
            ProfileQuery query, boolean lines, Map<Vocabulary, StackSums> sums, long samples) {
        TreeMerger merger = new TreeMerger(names, query.tenant(), lines);
        TenantIndex tenant = index.find(query.tenant());
        Allowance allowance = Allowance.current();
        sums.forEach((vocabulary, sum) -> {
            if (tenant != null) {
                allowance.check();
                merger.add(
                        dictionaries.of(tenant.id(), vocabulary.service()).view(vocabulary.epoch()),
                        sum);
            }
        });
        dictionaries.evict();
        return merger.tree(samples);
    }

    FlameTree mergeSpans(ProfileQuery query, SpanSelection which, boolean lines) {
        Map<Vocabulary, StackSums> sums = new LinkedHashMap<>();
        long[] total = new long[1];
        Allowance allowance = Allowance.current();
        exemplars(
                query,
                (selected, start, spans) -> {
                    IntPredicate wanted =
                            span ->
                                    which.holds(
                                            spans.spanId(span),
                                            spans.traceHigh(span),
                                            spans.traceLow(span));
                    if (IntStream.range(0, spans.spans()).noneMatch(wanted)) {
                        return;
                    }
                    Rows rows = spans.read(wanted, zstd);
                    allowance.spend(rows.count());
                    total[0] = addTotals(total[0], rows.total());
                    sums.computeIfAbsent(
                                    new Vocabulary(selected.series().service(), spans.epoch()),
                                    vocabulary -> new StackSums())
                            .add(rows, 0);
                });
        return tree(query, lines, sums, 0);
    }

    void spans(ProfileQuery query, List<String> groupBy, SpanTotals visitor) {
        IdentityHashMap<Selected, Labels> groups = new IdentityHashMap<>();
        exemplars(
                query,
                (selected, start, spans) -> {
                    Labels group = groups.computeIfAbsent(selected, each -> group(each, groupBy));
                    for (int span = 0; span < spans.spans(); span++) {
                        visitor.found(
                                group,
                                selected.series().labels(),
                                start,
                                spans.spanId(span),
                                new SpanSelection.TraceId(
                                        spans.traceHigh(span), spans.traceLow(span)),
                                spans.total(span));
                    }
                });
    }

    /** Takes what a profile that started at an instant has of single spans. */
    private interface SpanVisitor {
        void found(Selected selected, long startNanos, SpanChunk spans);
    }

    /** Each span costs a row of the allowance. */
    private void exemplars(ProfileQuery query, SpanVisitor visitor) {
        Allowance allowance = Allowance.current();
        beside(
                Family.EXEMPLARS,
                query,
                query.range(),
                (selected, start, value) -> {
                    SpanChunk spans = SpanChunk.open(value);
                    allowance.spend(Math.max(1, spans.spans()));
                    visitor.found(selected, start, spans);
                });
    }

    /** One thread of one series. */
    private record ThreadOf(Labels series, SampledThread thread) {}

    List<ThreadSeries> threads(ProfileQuery query, long stepNanos) {
        TimeRange range = query.range();
        if (stepNanos < TimedSamples.SLOT_NANOS || stepNanos % TimedSamples.SLOT_NANOS != 0) {
            throw new IllegalArgumentException(
                    "a step must be a multiple of "
                            + TimedSamples.SLOT_NANOS
                            + " nanoseconds, not "
                            + stepNanos);
        }
        long steps = Math.ceilDiv(range.untilNanos() - range.fromNanos(), stepNanos);
        Map<ThreadOf, long[]> found = new HashMap<>();
        timed(
                query,
                (selected, chunk) -> {
                    long[][] of = new long[chunk.threads()][];
                    chunk.read(
                            zstd,
                            (slot, thread, stack, value) -> {
                                long at = slot * TimedSamples.SLOT_NANOS;
                                if (!range.contains(at)) {
                                    return;
                                }
                                if (of[thread] == null) {
                                    ThreadOf key =
                                            new ThreadOf(
                                                    selected.series().labels(),
                                                    chunk.thread(thread));
                                    of[thread] =
                                            found.computeIfAbsent(
                                                    key, each -> cells(found.size(), steps));
                                }
                                int step = (int) ((at - range.fromNanos()) / stepNanos);
                                of[thread][step] = addTotals(of[thread][step], value);
                            });
                });
        List<ThreadSeries> series = new ArrayList<>();
        found.forEach((of, values) ->
                series.add(
                        new ThreadSeries(
                                of.series(), of.thread(), range.fromNanos(), stepNanos, values)));
        series.sort(
                Comparator.comparingLong(ThreadSeries::total)
                        .reversed()
                        .thenComparingLong(one -> one.thread().id())
                        .thenComparing(one -> one.series().toString()));
        return series;
    }

    FlameTree mergeThreads(ProfileQuery query, ThreadSelection which, boolean lines) {
        Map<Vocabulary, StackSums> sums = new LinkedHashMap<>();
        timed(
                query,
                (selected, chunk) -> {
                    StackSums sum =
                            sums.computeIfAbsent(
                                    new Vocabulary(selected.series().service(), chunk.epoch()),
                                    vocabulary -> new StackSums());
                    chunk.read(
                            zstd,
                            (slot, thread, stack, value) -> {
                                if (query.range().contains(slot * TimedSamples.SLOT_NANOS)
                                        && which.holds(chunk.thread(thread))) {
                                    sum.add(stack, value);
                                }
                            });
                });
        return tree(query, lines, sums, 0);
    }

    /** Takes when samples of one profile were taken. */
    private interface TimedVisitor {
        void found(Selected selected, FineChunk chunk);
    }

    /** Those of profiles that started up to a window before the range too: they reach into it. */
    private void timed(ProfileQuery query, TimedVisitor visitor) {
        Allowance allowance = Allowance.current();
        TimeRange range = query.range();
        long from = Math.max(0, range.fromNanos() - ProfileKey.WINDOW_NANOS);
        beside(
                Family.FINE,
                query,
                new TimeRange(from, Math.max(from, range.untilNanos())),
                (selected, start, value) -> {
                    FineChunk chunk = FineChunk.open(value);
                    allowance.spend(Math.max(1, chunk.rows()));
                    visitor.found(selected, chunk);
                });
    }

    private void beside(
            Family family, ProfileQuery query, TimeRange range, BesideScan.Visitor visitor) {
        TenantIndex tenant = index.find(query.tenant());
        List<Selected> selected =
                select(query.tenant(), query.selector(), range).stream()
                        .filter(each -> each.type().equals(query.type()))
                        .toList();
        if (tenant == null || selected.isEmpty()) {
            return;
        }
        try (View view = engine.view()) {
            new BesideScan(view, family, damage, tenant.id(), kept(query.tenant(), range), visitor)
                    .run(selected);
        }
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
                stepNanos,
                false,
                service -> groups(service, groupBy) == 1,
                (selected, epoch, start, total, samples, rows) -> {
                    Group group =
                            groups.computeIfAbsent(
                                    group(selected, groupBy),
                                    labels -> new Group(cells(groups.size(), steps)));
                    int step = (int) ((start - range.fromNanos()) / stepNanos);
                    group.values[step] = addTotals(group.values[step], total);
                    group.samples += samples;
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

    private static long groups(List<Selected> selected, List<String> names) {
        return names.isEmpty()
                ? 1
                : selected.stream().map(each -> group(each, names)).distinct().limit(2).count();
    }

    private static Labels group(Selected selected, List<String> names) {
        Map<String, String> labels = new HashMap<>();
        names.forEach(name -> labels.put(name, selected.label(name)));
        return Labels.of(labels);
    }

    boolean totals(ProfileQuery query, List<String> groupBy, ProfileTotals visitor) {
        boolean[] whole = {true};
        IdentityHashMap<Selected, Labels> groups = new IdentityHashMap<>();
        scan(
                query,
                1,
                false,
                service -> false,
                (selected, epoch, start, total, samples, rows) -> {
                    if (ProfileKey.windowOf(start) < kept.detail()) {
                        whole[0] = false;
                    } else {
                        visitor.found(
                                groups.computeIfAbsent(selected, each -> group(each, groupBy)),
                                selected.series().labels(),
                                start,
                                total);
                    }
                });
        return whole[0];
    }

    private void scan(
            ProfileQuery query,
            long stepNanos,
            boolean wantsRows,
            Predicate<List<Selected>> together,
            RangeScan.Visitor visitor) {
        TreeMap<Integer, List<Selected>> services = new TreeMap<>();
        for (Selected each : select(query.tenant(), query.selector(), query.range())) {
            if (each.type().equals(query.type())) {
                services.computeIfAbsent(each.series().service(), id -> new ArrayList<>())
                        .add(each);
            }
        }
        TenantIndex tenant = index.find(query.tenant());
        if (tenant == null || services.isEmpty()) {
            return;
        }
        TimeRange range = kept(query.tenant(), query.range());
        int from = RangeScan.firstWindow(range);
        int until = RangeScan.endWindow(range);
        // Before the view: a window that is put together in between is seen as it was.
        List<Integer> hotWindows = hot.within(from, until);
        int finished = 0;
        try (View view = engine.view()) {
            for (List<Selected> selected : services.values()) {
                int type = selected.getFirst().typeId();
                int service = selected.getFirst().series().service();
                List<SummedSeries> summed =
                        SummedSeries.of(
                                tenant.id(),
                                selected,
                                tenant.seriesIn(service, type, from, until),
                                groups,
                                together);
                RangeScan scan =
                        new RangeScan(
                                view,
                                zstd,
                                damage,
                                kept,
                                tenant.id(),
                                selected,
                                summed,
                                range,
                                query.range().fromNanos(),
                                stepNanos,
                                wantsRows,
                                visitor);
                try {
                    scan.run(hotWindows);
                } catch (QueryRefusedException e) {
                    throw e.advised(
                            (finished + scan.done()) / services.size(),
                            scan.span() * ProfileKey.WINDOW_NANOS,
                            services.values().stream().mapToInt(List::size).sum());
                }
                finished++;
            }
        }
    }
}
