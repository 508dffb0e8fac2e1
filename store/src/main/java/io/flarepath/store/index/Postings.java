package io.flarepath.store.index;

import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.Matcher;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.agrona.collections.IntHashSet;

/** For every label and value, which series have it. Guarded by its owner. */
final class Postings {
    private final Map<String, Map<String, IntHashSet>> series = new HashMap<>();

    void add(int id, Labels labels) {
        labels.asMap()
                .forEach((name, value) ->
                        series.computeIfAbsent(name, key -> new HashMap<>())
                                .computeIfAbsent(value, key -> new IntHashSet(4))
                                .add(id));
    }

    void remove(int id, Labels labels) {
        labels.asMap().forEach((name, value) -> remove(id, name, value));
    }

    private void remove(int id, String name, String value) {
        Map<String, IntHashSet> values = series.get(name);
        IntHashSet ids = values == null ? null : values.get(value);
        if (values == null || ids == null) {
            return;
        }
        ids.remove(id);
        if (ids.isEmpty()) {
            values.remove(value);
        }
        if (values.isEmpty()) {
            series.remove(name);
        }
    }

    /**
     * Leaves in a set of series those that fulfil a matcher. Every distinct value is looked at
     * once, however many series have it.
     */
    void retain(BitSet candidates, Matcher matcher) {
        Map<String, IntHashSet> values =
                series.getOrDefault(LabelNames.stored(matcher.name()), Map.of());
        boolean absentMatches = matcher.matchesValue("");
        BitSet named = new BitSet();
        values.forEach((value, ids) -> {
            // With absent series in, it is shorter to collect those that are out.
            if (matcher.matchesValue(value) != absentMatches) {
                IntHashSet.IntIterator each = ids.iterator();
                while (each.hasNext()) {
                    named.set(each.nextValue());
                }
            }
        });
        if (absentMatches) {
            candidates.andNot(named);
        } else {
            candidates.and(named);
        }
    }
}
