package io.flarepath.store;

import io.flarepath.store.chunk.RollupKey;
import io.flarepath.store.index.LabelGroups;
import io.flarepath.store.index.Selected;
import io.flarepath.store.index.Series;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Selected series of one service and type of which there may be sums together.
 *
 * @param group as it stands in keys: {@link RollupKey#SERVICE}, of labels, or of the only series
 * @param members the series, at least one
 */
record SummedSeries(int group, List<Selected> members) {

    /**
     * Divides series so that as few sums as possible have to be read.
     *
     * @param all every series of the service that has anything of the type in the range
     * @param together whether values of these may be given together
     */
    static List<SummedSeries> of(
            int tenant,
            List<Selected> selected,
            List<Series> all,
            LabelGroups groups,
            Predicate<List<Selected>> together) {
        if (all.size() == selected.size() && together.test(selected)) {
            return List.of(new SummedSeries(RollupKey.SERVICE, selected));
        }
        List<SummedSeries> fewest = each(selected);
        for (LabelGroups.LabelSet set : groups.sets()) {
            List<SummedSeries> found = by(tenant, set, selected, all, groups, together);
            if (found.size() < fewest.size()) {
                fewest = found;
            }
        }
        return fewest;
    }

    private static List<SummedSeries> each(List<Selected> selected) {
        return selected.stream()
                .map(one -> new SummedSeries(RollupKey.groupOf(one.series().id()), List.of(one)))
                .toList();
    }

    private static List<SummedSeries> by(
            int tenant,
            LabelGroups.LabelSet set,
            List<Selected> selected,
            List<Series> all,
            LabelGroups groups,
            Predicate<List<Selected>> together) {
        Map<String, Integer> sizes = new HashMap<>();
        all.forEach(series -> sizes.merge(LabelGroups.key(set, series.labels()), 1, Integer::sum));
        Map<String, List<Selected>> members = new LinkedHashMap<>();
        selected.forEach(one ->
                members.computeIfAbsent(
                                LabelGroups.key(set, one.series().labels()),
                                key -> new ArrayList<>())
                        .add(one));
        List<SummedSeries> found = new ArrayList<>();
        members.forEach((key, of) -> {
            int group =
                    of.size() > 1 && of.size() == sizes.getOrDefault(key, 0) && together.test(of)
                            ? groups.find(tenant, key)
                            : LabelGroups.NONE;
            if (group == LabelGroups.NONE) {
                found.addAll(each(of));
            } else {
                found.add(new SummedSeries(RollupKey.groupOfLabels(group), of));
            }
        });
        return found;
    }

    /** Whether these are all series of the service. */
    boolean isService() {
        return group == RollupKey.SERVICE;
    }

    /** Whether there may be sums of several series together. */
    boolean isGroup() {
        return group <= RollupKey.SERVICE;
    }
}
