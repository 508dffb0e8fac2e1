package io.flarepath.api.query.request;

import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.Matcher;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeSeries;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The one profiler whose profiles answer a query. Two profilers of one process see the same work
 * twice, so what they measured is never added up: the one with the larger total is shown, the
 * others are listed.
 *
 * @param profiler value of the label {@code profiler}; empty for series without it
 * @param others totals of the profilers that are not shown, largest first
 * @param query the query, narrowed to the profiler
 */
public record ProfilerChoice(String profiler, List<Total> others, ProfileQuery query) {
    /** The label that says who measured. */
    public static final String LABEL = "profiler";

    /**
     * What one profiler measured.
     *
     * @param name value of the label, or empty
     * @param total sum of its values, in the sample unit
     */
    public record Total(String name, long total) {}

    /** Chooses; when nothing is found the query stays as it was and the profiler is empty. */
    public static ProfilerChoice of(ProfileStore store, ProfileQuery query) {
        List<Labels> found =
                store.series(query.tenant(), withType(query), query.range(), List.of(LABEL));
        if (found.isEmpty()) {
            return new ProfilerChoice("", List.of(), query);
        }
        if (found.size() == 1) {
            return chosen(nameOf(found.getFirst()), List.of(), query);
        }
        List<Total> totals = totals(store, query);
        if (totals.isEmpty()) {
            return chosen(nameOf(found.getFirst()), List.of(), query);
        }
        return chosen(totals.getFirst().name(), totals.subList(1, totals.size()), query);
    }

    /** All profilers with their totals, largest first, the shown one among them. */
    public List<Total> totals(long shown) {
        List<Total> all = new ArrayList<>(others);
        if (!profiler.isEmpty() || shown > 0) {
            all.add(new Total(profiler, shown));
        }
        return sorted(all);
    }

    /** The query's selector with its profile type as one more matcher. */
    public static Selector withType(ProfileQuery query) {
        return and(
                query.selector(),
                new Matcher("__profile_type__", Matcher.Operator.EQUAL, query.type().id()));
    }

    /** A selector with one more matcher. */
    public static Selector and(Selector selector, Matcher matcher) {
        List<Matcher> matchers = new ArrayList<>(selector.matchers());
        matchers.add(matcher);
        return new Selector(matchers);
    }

    /** Totals in order: largest first, then by name. */
    public static List<Total> sorted(List<Total> totals) {
        return totals.stream()
                .sorted(
                        Comparator.comparingLong(Total::total)
                                .reversed()
                                .thenComparing(Total::name))
                .toList();
    }

    private static ProfilerChoice chosen(String name, List<Total> others, ProfileQuery query) {
        Selector narrowed = and(query.selector(), new Matcher(LABEL, Matcher.Operator.EQUAL, name));
        return new ProfilerChoice(
                name,
                List.copyOf(others),
                new ProfileQuery(query.tenant(), query.type(), narrowed, query.range()));
    }

    private static List<Total> totals(ProfileStore store, ProfileQuery query) {
        long whole = Math.max(1, query.range().untilNanos() - query.range().fromNanos());
        List<Total> totals = new ArrayList<>();
        for (TimeSeries series : store.timeSeries(query, whole, List.of(LABEL))) {
            totals.add(new Total(nameOf(series.labels()), series.total()));
        }
        return sorted(totals);
    }

    private static String nameOf(Labels labels) {
        String name = labels.get(LABEL);
        return name == null ? "" : name;
    }
}
