package io.flarepath.store.index;

import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.Matcher;
import io.flarepath.store.query.Selector;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The series of one tenant. Safe for many threads. */
public final class TenantIndex {
    private final int id;
    private final Names services;
    private final Names types;
    private final Map<Integer, Series> byId = new HashMap<>();
    private final Map<Labels, Series> byLabels = new HashMap<>();
    private final Map<Integer, Integer> sizes = new HashMap<>();
    private final BitSet ids = new BitSet();
    private final Postings postings = new Postings();
    private int nextSeries;

    TenantIndex(int id, Names services, Names types) {
        this.id = id;
        this.services = services;
        this.types = types;
    }

    /** The number of the tenant. */
    public int id() {
        return id;
    }

    /** The number of a service, given when it has none. */
    public int serviceId(String name) {
        return services.intern(name);
    }

    /** Whether a service has a number. */
    public boolean knowsService(String name) {
        return services.find(name) >= 0;
    }

    /** All services with their numbers. */
    public Map<String, Integer> services() {
        return Map.copyOf(services.all());
    }

    /** The number of a type, given when it has none. */
    public int typeId(ProfileType type) {
        return types.intern(type.id());
    }

    /** The number of a type, or -1. */
    public int findType(ProfileType type) {
        return types.find(type.id());
    }

    /** How many types there are. */
    public int types() {
        return types.all().size();
    }

    /** The type of a number. */
    ProfileType type(int typeId) {
        return ProfileType.parse(types.name(typeId));
    }

    /** The series with exactly these labels, or null. */
    public synchronized @Nullable Series find(Labels labels) {
        return byLabels.get(labels);
    }

    /** A series with a new number, which nobody sees before {@link #publish}. */
    public synchronized Series prepare(int service, Labels labels) {
        return new Series(nextSeries++, service, labels);
    }

    /** Makes a stored series visible. */
    public synchronized void publish(Series series) {
        nextSeries = Math.max(nextSeries, series.id() + 1);
        if (byId.put(series.id(), series) == null) {
            byLabels.put(series.labels(), series);
            sizes.merge(series.service(), 1, Integer::sum);
            ids.set(series.id());
            postings.add(series.id(), series.labels());
        }
    }

    synchronized void remove(Series series) {
        if (byId.remove(series.id()) != null) {
            sizes.merge(series.service(), -1, (a, b) -> a + b == 0 ? null : a + b);
        }
        byLabels.remove(series.labels());
        ids.clear(series.id());
        postings.remove(series.id(), series.labels());
    }

    /** The series of a number, or null. */
    public synchronized @Nullable Series byId(int series) {
        return byId.get(series);
    }

    synchronized List<Series> all() {
        return new ArrayList<>(byId.values());
    }

    /** Of every service, in which stretches of so many windows it has profiles. */
    public Map<Integer, BitSet> bucketsByService(int windows) {
        Map<Integer, BitSet> buckets = new HashMap<>();
        for (Series series : all()) {
            series.addBuckets(
                    buckets.computeIfAbsent(series.service(), service -> new BitSet()), windows);
        }
        return buckets;
    }

    /** The series of a service with profiles of a type in windows {@code [from, until)}. */
    public List<Series> seriesIn(int service, int type, int from, int until) {
        List<Series> found = new ArrayList<>();
        for (Series series : all()) {
            if (series.service() == service && series.has(type, from, until)) {
                found.add(series);
            }
        }
        return found;
    }

    /** How many series a service has. */
    public synchronized long seriesOf(int service) {
        return sizes.getOrDefault(service, 0);
    }

    /** The first window with profiles, or -1. */
    public int firstWindow() {
        return all().stream()
                .mapToInt(Series::firstWindow)
                .filter(window -> window >= 0)
                .min()
                .orElse(-1);
    }

    /** How many series there are. */
    public synchronized int size() {
        return byId.size();
    }

    /**
     * The series and types that fulfil a selector and have profiles in windows {@code [from,
     * until)}, in order of series and type numbers.
     */
    public List<Selected> select(Selector selector, int from, int until) {
        List<Matcher> ofTypes = new ArrayList<>();
        List<Series> found = new ArrayList<>();
        synchronized (this) {
            BitSet candidates = (BitSet) ids.clone();
            for (Matcher matcher : selector.matchers()) {
                if (LabelNames.isSynthetic(matcher.name())) {
                    ofTypes.add(matcher);
                } else {
                    postings.retain(candidates, matcher);
                }
            }
            candidates.stream()
                    .forEach(candidate -> {
                        Series series = byId.get(candidate);
                        if (series != null) {
                            found.add(series);
                        }
                    });
        }
        List<Selected> selected = new ArrayList<>();
        Map<Integer, ProfileType> parsed = new HashMap<>();
        for (Series series : found) {
            for (int typeId : series.typesIn(from, until)) {
                ProfileType type = parsed.computeIfAbsent(typeId, this::type);
                if (fulfils(type, ofTypes)) {
                    selected.add(new Selected(series, typeId, type));
                }
            }
        }
        return selected;
    }

    private static boolean fulfils(ProfileType type, List<Matcher> matchers) {
        for (Matcher matcher : matchers) {
            String value = LabelNames.synthetic(matcher.name(), type);
            if (value == null || !matcher.matchesValue(value)) {
                return false;
            }
        }
        return true;
    }
}
