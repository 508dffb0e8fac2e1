package io.flarepath.store.index;

import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.ProfileType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Lists what selected series have: types, names, values, label sets. Each list is in order. */
public final class LabelQueries {
    private LabelQueries() {}

    /** The distinct types. */
    public static List<ProfileType> types(List<Selected> selected) {
        Set<ProfileType> types = new HashSet<>();
        selected.forEach(each -> types.add(each.type()));
        return types.stream().sorted(Comparator.comparing(ProfileType::id)).toList();
    }

    /** The names of stored and, when anything is selected, of synthetic labels. */
    public static List<String> names(List<Selected> selected) {
        Set<String> names = new TreeSet<>();
        selected.forEach(each -> names.addAll(each.series().labels().asMap().keySet()));
        if (!selected.isEmpty()) {
            names.addAll(LabelNames.LISTED);
        }
        return List.copyOf(names);
    }

    /** The distinct values of a label. */
    public static List<String> values(List<Selected> selected, String name) {
        Set<String> values = new TreeSet<>();
        selected.forEach(each -> values.add(each.label(name)));
        values.remove("");
        return new ArrayList<>(values);
    }

    /**
     * The distinct label sets.
     *
     * @param names only these, under the names given here; none for all stored ones
     */
    public static List<Labels> series(List<Selected> selected, List<String> names) {
        Set<Labels> sets = new HashSet<>();
        for (Selected each : selected) {
            if (names.isEmpty()) {
                sets.add(each.series().labels());
            } else {
                Map<String, String> labels = new HashMap<>();
                names.forEach(name -> labels.put(name, each.label(name)));
                sets.add(Labels.of(labels));
            }
        }
        return sets.stream().sorted(Comparator.comparing(Labels::toString)).toList();
    }
}
