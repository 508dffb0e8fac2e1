package io.flarepath.store;

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

/**
 * Profiles by tenant, labels, type and time. Safe for many threads; every call may block on disk
 * and must stay off event loops. Failures of the store itself are {@link StoreException}s; bad
 * arguments are {@link IllegalArgumentException}s.
 *
 * <p>Besides the stored labels, selectors and label queries know the synthetic {@code
 * __profile_type__}, {@code __name__}, {@code __type__}, {@code __unit__}, {@code __period_type__}
 * and {@code __period_unit__}, and aliases of the stored names: {@code __service_name__} and the
 * dotted names of OpenTelemetry.
 */
public interface ProfileStore extends AutoCloseable {

    /**
     * Stores all of the profiles or none. When it returns they survive a kill of this process. A
     * profile that is already stored (same id; or, without an id, same labels, type, time and
     * content) counts once.
     */
    WriteResult write(String tenant, List<Profile> profiles);

    /** The types of which there are profiles, in order of their ids. */
    List<ProfileType> profileTypes(String tenant, Selector selector, TimeRange range);

    /** The names of labels, in order. */
    List<String> labelNames(String tenant, Selector selector, TimeRange range);

    /** The values of one label, in order. */
    List<String> labelValues(String tenant, String name, Selector selector, TimeRange range);

    /**
     * The distinct label sets of the selected series, in order.
     *
     * @param names only these labels are returned; empty for all of them
     */
    List<Labels> series(String tenant, Selector selector, TimeRange range, List<String> names);

    /** All selected profiles merged into one tree, not truncated. */
    FlameTree merge(ProfileQuery query);

    /**
     * Like {@link #merge}, but frames are told apart by line, address and build as well: what was
     * stored can be had back from it, stack by stack.
     */
    FlameTree mergeLines(ProfileQuery query);

    /**
     * What was measured of certain spans, of the selected profiles merged into one tree. It is kept
     * for a shorter time than profiles.
     *
     * @param lines whether frames are told apart as {@link #mergeLines} does
     */
    FlameTree mergeSpans(ProfileQuery query, SpanSelection which, boolean lines);

    /**
     * Gives what each selected profile has of each span, in no order.
     *
     * @param groupBy labels to group by
     */
    void spans(ProfileQuery query, List<String> groupBy, SpanTotals visitor);

    /**
     * What each thread took, as far as samples said when they were taken, and in which thread. It
     * is kept for a shorter time than profiles.
     *
     * @param stepNanos width of a step, a multiple of a tenth of a second; the first starts at the
     *     query's {@code from}
     * @return the threads, largest total first
     */
    List<ThreadSeries> threads(ProfileQuery query, long stepNanos);

    /**
     * What certain threads did in the range, to a tenth of a second, merged into one tree.
     *
     * @param lines whether frames are told apart as {@link #mergeLines} does
     */
    FlameTree mergeThreads(ProfileQuery query, ThreadSelection which, boolean lines);

    /**
     * Gives the total of each selected profile, in no order.
     *
     * @param groupBy labels to group by
     * @return false when of a part of the range there are sums only: of that nothing is given
     */
    boolean totals(ProfileQuery query, List<String> groupBy, ProfileTotals visitor);

    /**
     * Totals over time.
     *
     * @param stepNanos width of a step; the first starts at the query's {@code from}
     * @param groupBy labels to group by; none makes one series of all
     * @return the groups, largest total first
     */
    List<TimeSeries> timeSeries(ProfileQuery query, long stepNanos, List<String> groupBy);

    /**
     * The frames of a build that were stored with an address alone, by service: what a debug file
     * of that build can name. Reads the dictionaries of all services of the tenant.
     */
    Map<String, List<Frame>> unnamed(String tenant, String buildId);

    /** The metrics beside the profiles; closed with them. */
    MetricStore metrics();

    /** The call log beside the profiles; closed with them. */
    CallStore calls();

    /** The settings that are kept beside the profiles. */
    SettingStore settings();

    /** The files with profiles that are kept beside the series. */
    ProfileFileStore files();

    /** What lies in the store. */
    StoreStatistics statistics();

    /** What lies where. Reads all of the store: for those who look after it, not for a page. */
    StoreContents contents(String tenant);

    /** Syncs and closes; waits for calls that are under way. */
    @Override
    void close();
}
