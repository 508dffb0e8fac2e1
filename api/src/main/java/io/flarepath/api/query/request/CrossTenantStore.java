package io.flarepath.api.query.request;

import io.flarepath.api.server.Tenant;
import io.flarepath.store.CallStore;
import io.flarepath.store.MetricStore;
import io.flarepath.store.ProfileFileStore;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.SettingStore;
import io.flarepath.store.StoreContents;
import io.flarepath.store.StoreStatistics;
import io.flarepath.store.WriteResult;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.JoinedTrees;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.ProfileTotals;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.SpanSelection;
import io.flarepath.store.query.SpanTotals;
import io.flarepath.store.query.ThreadSelection;
import io.flarepath.store.query.ThreadSeries;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.query.TimeSeries;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Reads for several tenants at once: a name like {@code a|b} stands for both, and what they have is
 * put together as if it were of one. Everything else goes to the store as it is.
 */
public final class CrossTenantStore implements ProfileStore {
    private final ProfileStore store;

    /** Reads from a store, which stays its owner's to close. */
    public CrossTenantStore(ProfileStore store) {
        this.store = store;
    }

    private static <T> List<T> each(String tenants, Function<String, T> read) {
        return Tenant.split(tenants).stream().map(read).toList();
    }

    private static ProfileQuery of(String tenant, ProfileQuery query) {
        return new ProfileQuery(tenant, query.type(), query.selector(), query.range());
    }

    private static <T> List<T> distinct(List<List<T>> parts, Comparator<T> order) {
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        Set<T> all = new LinkedHashSet<>();
        parts.forEach(all::addAll);
        return all.stream().sorted(order).toList();
    }

    @Override
    public WriteResult write(String tenant, List<Profile> profiles) {
        return store.write(tenant, profiles);
    }

    @Override
    public List<ProfileType> profileTypes(String tenant, Selector selector, TimeRange range) {
        return distinct(
                each(tenant, one -> store.profileTypes(one, selector, range)),
                Comparator.comparing(ProfileType::id));
    }

    @Override
    public List<String> labelNames(String tenant, Selector selector, TimeRange range) {
        return distinct(
                each(tenant, one -> store.labelNames(one, selector, range)),
                Comparator.<String>naturalOrder());
    }

    @Override
    public List<String> labelValues(
            String tenant, String name, Selector selector, TimeRange range) {
        return distinct(
                each(tenant, one -> store.labelValues(one, name, selector, range)),
                Comparator.<String>naturalOrder());
    }

    @Override
    public List<Labels> series(
            String tenant, Selector selector, TimeRange range, List<String> names) {
        return distinct(
                each(tenant, one -> store.series(one, selector, range, names)),
                Comparator.comparing(Labels::toString));
    }

    @Override
    public FlameTree merge(ProfileQuery query) {
        return JoinedTrees.of(each(query.tenant(), one -> store.merge(of(one, query))));
    }

    @Override
    public FlameTree mergeLines(ProfileQuery query) {
        return JoinedTrees.of(each(query.tenant(), one -> store.mergeLines(of(one, query))));
    }

    @Override
    public FlameTree mergeSpans(ProfileQuery query, SpanSelection which, boolean lines) {
        return JoinedTrees.of(
                each(query.tenant(), one -> store.mergeSpans(of(one, query), which, lines)));
    }

    @Override
    public void spans(ProfileQuery query, List<String> groupBy, SpanTotals visitor) {
        Tenant.split(query.tenant()).forEach(one -> store.spans(of(one, query), groupBy, visitor));
    }

    @Override
    public List<ThreadSeries> threads(ProfileQuery query, long stepNanos) {
        // Threads of two tenants are never one: their processes are not.
        return each(query.tenant(), one -> store.threads(of(one, query), stepNanos)).stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparingLong(ThreadSeries::total).reversed())
                .toList();
    }

    @Override
    public FlameTree mergeThreads(ProfileQuery query, ThreadSelection which, boolean lines) {
        return JoinedTrees.of(
                each(query.tenant(), one -> store.mergeThreads(of(one, query), which, lines)));
    }

    @Override
    public boolean totals(ProfileQuery query, List<String> groupBy, ProfileTotals visitor) {
        return each(query.tenant(), one -> store.totals(of(one, query), groupBy, visitor)).stream()
                .allMatch(whole -> whole);
    }

    @Override
    public List<TimeSeries> timeSeries(ProfileQuery query, long stepNanos, List<String> groupBy) {
        List<List<TimeSeries>> parts =
                each(query.tenant(), one -> store.timeSeries(of(one, query), stepNanos, groupBy));
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        Map<Labels, TimeSeries> sums = new HashMap<>();
        parts.stream()
                .flatMap(Collection::stream)
                .forEach(part -> sums.merge(part.labels(), part, CrossTenantStore::sum));
        List<TimeSeries> sorted = new ArrayList<>(sums.values());
        sorted.sort(
                Comparator.comparingLong(TimeSeries::total)
                        .reversed()
                        .thenComparing(one -> one.labels().toString()));
        return sorted;
    }

    private static TimeSeries sum(TimeSeries a, TimeSeries b) {
        long[] values = a.values().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.addExact(values[i], b.values()[i]);
        }
        return new TimeSeries(
                a.labels(), a.startNanos(), a.stepNanos(), values, a.samples() + b.samples());
    }

    @Override
    public Map<String, List<Frame>> unnamed(String tenant, String buildId) {
        Map<String, Set<Frame>> found = new TreeMap<>();
        each(tenant, one -> store.unnamed(one, buildId))
                .forEach(part ->
                        part.forEach((service, frames) ->
                                found.computeIfAbsent(service, name -> new LinkedHashSet<>())
                                        .addAll(frames)));
        Map<String, List<Frame>> lists = new TreeMap<>();
        found.forEach((service, frames) -> lists.put(service, List.copyOf(frames)));
        return lists;
    }

    @Override
    public SettingStore settings() {
        return store.settings();
    }

    @Override
    public ProfileFileStore files() {
        return store.files();
    }

    @Override
    public MetricStore metrics() {
        return new CrossTenantMetrics(store.metrics());
    }

    @Override
    public CallStore calls() {
        return new CrossTenantCalls(store.calls());
    }

    @Override
    public StoreStatistics statistics() {
        return store.statistics();
    }

    @Override
    public StoreContents contents(String tenant) {
        return store.contents(tenant);
    }

    @Override
    public void close() {
        store.close();
    }
}
