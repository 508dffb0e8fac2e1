package io.flarepath.api.ingest.pprof;

import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.SampleLabels;
import io.flarepath.api.ingest.upload.SpanKey;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.store.profile.Labels;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Divides the samples of a pprof by the series they go into. */
final class SampleGroups {
    private static final int BYTES_A_SET = 400;

    private SampleGroups() {}

    /** The groups; that of samples without labels of their own is the first, if there are any. */
    static Collection<SampleGroup> of(
            PprofData data,
            PprofStrings strings,
            Labels series,
            LabelRules rules,
            Dropped dropped,
            UploadMemory memory) {
        if (data.labelled.size() == 0) {
            return List.of(SampleGroup.whole(series, data, memory));
        }
        int types = Math.max(1, data.valuesPerSample);
        Map<Labels, SampleGroup> groups = new LinkedHashMap<>();
        for (int stack = 0; stack * types < data.values.size(); stack++) {
            if (hasValue(data, stack * types)) {
                groups.computeIfAbsent(series, labels -> new SampleGroup(labels, data, memory))
                        .add(stack, data.values, stack * types, SpanKey.NONE);
            }
        }
        List<Map<String, String>> sets = sets(data, strings, memory);
        SampleLabels labels = new SampleLabels(series, sets, rules, dropped);
        long[] samples = new long[sets.size()];
        for (int pair = 0; pair < data.labelled.size(); pair++) {
            samples[setOf(data, pair)]++;
        }
        List<SampleGroup> ofSets = new ArrayList<>();
        for (int set = 0; set < samples.length; set++) {
            ofSets.add(
                    groups.computeIfAbsent(
                            labels.of(sets.get(set), samples[set]),
                            key -> new SampleGroup(key, data, memory)));
        }
        for (int pair = 0; pair < data.labelled.size(); pair++) {
            int set = setOf(data, pair);
            int stack = data.labelled.location(data.labelled.start(pair));
            ofSets.get(set)
                    .add(stack, data.labelledValues, pair * types, SpanKey.of(sets.get(set)));
        }
        return groups.values();
    }

    private static boolean hasValue(PprofData data, int place) {
        long any = 0;
        for (int type = 0; type < data.valuesPerSample; type++) {
            any |= data.values.getOrZero(place + type);
        }
        return any != 0;
    }

    private static int setOf(PprofData data, int pair) {
        return data.labelled.location(data.labelled.start(pair) + 1);
    }

    private static List<Map<String, String>> sets(
            PprofData data, PprofStrings strings, UploadMemory memory) {
        List<Map<String, String>> sets = new ArrayList<>();
        for (int set = 0; set < data.labelSets.size(); set++) {
            memory.charge(BYTES_A_SET);
            Map<String, String> labels = new TreeMap<>();
            for (int i = data.labelSets.start(set); i < data.labelSets.end(set); i += 2) {
                labels.put(
                        strings.get(data.labelSets.location(i), "label"),
                        strings.get(data.labelSets.location(i + 1), "label"));
            }
            sets.add(labels);
        }
        return sets;
    }
}
