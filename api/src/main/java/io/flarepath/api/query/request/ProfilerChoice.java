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
 * twice, so what they measured is never added up: the one with more samples is shown, the others
 * are listed. Where the profiles of one do not tell the value of a sample, the larger total
 * decides.
 *
 * @param profiler value of the label {@code profiler}; empty for series without it
 * @param others what the profilers measured that are not shown, in order
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
     * @param samples how many samples that is, 0 if the profiles do not tell
     */
    public record Total(String name, long total, long samples) {}

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

    /**
     * What all profilers measured, the shown one first.
     *
     * @param total of the shown one
     * @param samples of the shown one
     */
    public List<Total> totals(long total, long samples) {
        List<Total> all = new ArrayList<>();
        if (!profiler.isEmpty() || total > 0) {
            all.add(new Total(profiler, total, samples));
        }
        all.addAll(others);
        return all;
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

    /** In the order in which profilers are preferred. */
    public static List<Total> sorted(List<Total> totals) {
        boolean told = totals.stream().allMatch(each -> each.samples() > 0 || each.total() == 0);
        Comparator<Total> byTotal = Comparator.comparingLong(Total::total).reversed();
        Comparator<Total> preferred =
                told
                        ? Comparator.comparingLong(Total::samples).reversed().thenComparing(byTotal)
                        : byTotal;
        return totals.stream().sorted(preferred.thenComparing(Total::name)).toList();
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
            totals.add(new Total(nameOf(series.labels()), series.total(), series.samples()));
        }
        return sorted(totals);
    }

    private static String nameOf(Labels labels) {
        String name = labels.get(LABEL);
        return name == null ? "" : name;
    }
}
