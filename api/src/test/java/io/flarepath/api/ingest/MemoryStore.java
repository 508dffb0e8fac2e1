package io.flarepath.api.ingest;

import io.flarepath.store.CallStore;
import io.flarepath.store.MetricStore;
import io.flarepath.store.ProfileFileStore;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.SettingStore;
import io.flarepath.store.StoreContents;
import io.flarepath.store.StoreException;
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
import io.vertx.core.Context;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Keeps what is written as it came, and fails when it is called on an event loop. */
public final class MemoryStore implements ProfileStore {
    private final List<Profile> profiles = new CopyOnWriteArrayList<>();
    private final List<String> tenants = new CopyOnWriteArrayList<>();

    /** What the next writes fail with. */
    public volatile @Nullable StoreException failure;

    /** What writes wait for. */
    public volatile @Nullable CountDownLatch gate;

    /** Whether any call came on an event loop. */
    public volatile boolean calledOnEventLoop;

    private void check() {
        calledOnEventLoop |= Context.isOnEventLoopThread();
    }

    /** What was written. */
    public List<Profile> profiles() {
        return profiles;
    }

    /** Whose it was. */
    public List<String> tenants() {
        return tenants;
    }

    @Override
    public WriteResult write(String tenant, List<Profile> written) {
        check();
        CountDownLatch wait = gate;
        if (wait != null) {
            try {
                wait.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        StoreException fault = failure;
        if (fault != null) {
            throw fault;
        }
        profiles.addAll(written);
        tenants.add(tenant);
        return new WriteResult(written.size(), 0);
    }

    @Override
    public Map<String, List<Frame>> unnamed(String tenant, String buildId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public StoreContents contents(String tenant) {
        check();
        return new StoreContents(List.of(), List.of(), List.of());
    }

    @Override
    public StoreStatistics statistics() {
        check();
        StoreException fault = failure;
        if (fault != null) {
            throw fault;
        }
        return new StoreStatistics(profiles.size(), 0, 0, 0, 0, 0);
    }

    @Override
    public List<ProfileType> profileTypes(String tenant, Selector selector, TimeRange range) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<String> labelNames(String tenant, Selector selector, TimeRange range) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<String> labelValues(
            String tenant, String name, Selector selector, TimeRange range) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Labels> series(
            String tenant, Selector selector, TimeRange range, List<String> names) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FlameTree merge(ProfileQuery query) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FlameTree mergeLines(ProfileQuery query) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FlameTree mergeSpans(ProfileQuery query, SpanSelection which, boolean lines) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<ThreadSeries> threads(ProfileQuery query, long stepNanos) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FlameTree mergeThreads(ProfileQuery query, ThreadSelection which, boolean lines) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void spans(ProfileQuery query, List<String> groupBy, SpanTotals visitor) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean totals(ProfileQuery query, List<String> groupBy, ProfileTotals visitor) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<TimeSeries> timeSeries(ProfileQuery query, long stepNanos, List<String> groupBy) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}

    @Override
    public CallStore calls() {
        throw new UnsupportedOperationException("this store keeps profiles alone");
    }

    @Override
    public SettingStore settings() {
        throw new UnsupportedOperationException("this store keeps profiles alone");
    }

    @Override
    public ProfileFileStore files() {
        throw new UnsupportedOperationException("this store keeps profiles alone");
    }

    @Override
    public MetricStore metrics() {
        throw new UnsupportedOperationException("this store keeps profiles alone");
    }
}
