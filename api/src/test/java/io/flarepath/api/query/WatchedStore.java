package io.flarepath.api.query;

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
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.ProfileTotals;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.SpanSelection;
import io.flarepath.store.query.SpanTotals;
import io.flarepath.store.query.ThreadSelection;
import io.flarepath.store.query.ThreadSeries;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.query.TimeSeries;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A store that notes every call which comes from an event loop. */
final class WatchedStore implements ProfileStore {
    private final ProfileStore store;
    private final Queue<String> offences = new ConcurrentLinkedQueue<>();

    WatchedStore(ProfileStore store) {
        this.store = store;
    }

    /** Calls that came from an event loop. */
    List<String> offences() {
        return List.copyOf(offences);
    }

    private ProfileStore watched(String call) {
        String thread = Thread.currentThread().getName();
        if (thread.contains("eventloop")) {
            offences.add(call + " on " + thread);
        }
        return store;
    }

    @Override
    public WriteResult write(String tenant, List<Profile> profiles) {
        return watched("write").write(tenant, profiles);
    }

    @Override
    public List<ProfileType> profileTypes(String tenant, Selector selector, TimeRange range) {
        return watched("profileTypes").profileTypes(tenant, selector, range);
    }

    @Override
    public List<String> labelNames(String tenant, Selector selector, TimeRange range) {
        return watched("labelNames").labelNames(tenant, selector, range);
    }

    @Override
    public List<String> labelValues(
            String tenant, String name, Selector selector, TimeRange range) {
        return watched("labelValues").labelValues(tenant, name, selector, range);
    }

    @Override
    public List<Labels> series(
            String tenant, Selector selector, TimeRange range, List<String> names) {
        return watched("series").series(tenant, selector, range, names);
    }

    @Override
    public FlameTree merge(ProfileQuery query) {
        return watched("merge").merge(query);
    }

    @Override
    public FlameTree mergeLines(ProfileQuery query) {
        return watched("mergeLines").mergeLines(query);
    }

    @Override
    public FlameTree mergeSpans(ProfileQuery query, SpanSelection which, boolean lines) {
        return watched("mergeSpans").mergeSpans(query, which, lines);
    }

    @Override
    public List<ThreadSeries> threads(ProfileQuery query, long stepNanos) {
        return watched("threads").threads(query, stepNanos);
    }

    @Override
    public FlameTree mergeThreads(ProfileQuery query, ThreadSelection which, boolean lines) {
        return watched("mergeThreads").mergeThreads(query, which, lines);
    }

    @Override
    public void spans(ProfileQuery query, List<String> groupBy, SpanTotals visitor) {
        watched("spans").spans(query, groupBy, visitor);
    }

    @Override
    public boolean totals(ProfileQuery query, List<String> groupBy, ProfileTotals visitor) {
        return watched("totals").totals(query, groupBy, visitor);
    }

    @Override
    public List<TimeSeries> timeSeries(ProfileQuery query, long stepNanos, List<String> groupBy) {
        return watched("timeSeries").timeSeries(query, stepNanos, groupBy);
    }

    @Override
    public Map<String, List<Frame>> unnamed(String tenant, String buildId) {
        return watched("unnamed").unnamed(tenant, buildId);
    }

    @Override
    public StoreContents contents(String tenant) {
        return watched("contents").contents(tenant);
    }

    @Override
    public StoreStatistics statistics() {
        return watched("statistics").statistics();
    }

    @Override
    public SettingStore settings() {
        return watched("settings").settings();
    }

    @Override
    public ProfileFileStore files() {
        return watched("files").files();
    }

    @Override
    public MetricStore metrics() {
        return store.metrics();
    }

    @Override
    public CallStore calls() {
        return store.calls();
    }

    @Override
    public void close() {
        store.close();
    }
}
