package io.flarepath.api.ingest.upload;

import io.flarepath.store.profile.Labels;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which series the samples of one profile go into: their own labels (route, status, …) make a
 * series of the profile's each. What tells single samples apart (threads, spans) makes none, nor
 * does a label with many values, or one that breaks the rules for labels: it is left out, so that
 * every sample counts somewhere. A label that the series has already stays what it is.
 */
public final class SampleLabels {
    /** Values of one label in an upload; one with more would make series without end. */
    private static final int MOST_VALUES = 100;

    /** Series that an upload makes of one profile. */
    private static final int MOST_SERIES = 1_000;

    private static final Set<String> OF_SAMPLES =
            Set.of(
                    "span_id",
                    "profile_id",
                    "trace_id",
                    "span_name",
                    "thread_id",
                    "thread.id",
                    "thread.name",
                    "tid",
                    "pid",
                    "process.pid",
                    "cpu.logical_number");

    private final Labels series;
    private final LabelRules rules;
    private final Dropped dropped;
    private final Set<String> many = new HashSet<>();
    private final Map<Map<String, String>, Labels> known = new HashMap<>();
    private final Set<Labels> made = new HashSet<>();

    /**
     * The samples of one profile.
     *
     * @param series labels of the profile, checked
     * @param sets the labels of its samples, each set once
     * @param rules for labels
     * @param dropped where samples are counted that lose a label
     */
    public SampleLabels(
            Labels series,
            Collection<Map<String, String>> sets,
            LabelRules rules,
            Dropped dropped) {
        this.series = series;
        this.rules = rules;
        this.dropped = dropped;
        Map<String, Set<String>> values = new HashMap<>();
        for (Map<String, String> set : sets) {
            set.forEach((name, value) -> {
                Set<String> ofName = values.computeIfAbsent(name, key -> new HashSet<>());
                if (ofName.size() <= MOST_VALUES) {
                    ofName.add(value);
                }
            });
        }
        values.forEach((name, ofName) -> {
            if (ofName.size() > MOST_VALUES) {
                many.add(name);
            }
        });
    }

    /**
     * The series of a set of labels.
     *
     * @param samples how many samples have it, for the count of those that lose a label
     */
    public Labels of(Map<String, String> set, long samples) {
        if (set.isEmpty()) {
            return series;
        }
        Labels labels = known.get(set);
        if (labels == null) {
            labels = made(set);
            known.put(set, labels);
        }
        for (String name : set.keySet()) {
            if (labels.get(name) == null && !OF_SAMPLES.contains(name)) {
                dropped.count("sample-labels", samples);
                break;
            }
        }
        return labels;
    }

    private Labels made(Map<String, String> set) {
        Map<String, String> all = new TreeMap<>();
        set.forEach((name, value) -> {
            if (!OF_SAMPLES.contains(name)
                    && !many.contains(name)
                    && !value.isEmpty()
                    && rules.allows(name, value)) {
                all.put(name, value);
            }
        });
        all.putAll(series.asMap());
        Labels labels = Labels.of(all);
        boolean room = made.contains(labels) || made.size() < MOST_SERIES;
        if (!room || !rules.allows(all.size())) {
            return series;
        }
        made.add(labels);
        return labels;
    }
}
