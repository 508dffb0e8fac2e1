package io.flarepath.store.profile;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The labels of a series: names to values, in order of names, immutable. */
public final class Labels {
    private final SortedMap<String, String> values;

    private Labels(SortedMap<String, String> values) {
        this.values = java.util.Collections.unmodifiableSortedMap(values);
    }

    /** A copy of the map; an empty value is the same as no label, and is left out. */
    public static Labels of(Map<String, String> values) {
        TreeMap<String, String> sorted = new TreeMap<>(values);
        sorted.values().removeIf(String::isEmpty);
        return new Labels(sorted);
    }

    /** The value of a label, or null. */
    public @Nullable String get(String name) {
        return values.get(name);
    }

    /** All labels, in order of their names. */
    public SortedMap<String, String> asMap() {
        return values;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Labels that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
