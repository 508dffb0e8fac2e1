package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.AlignedSeries;
import io.flarepath.api.query.request.ProfilerChoice;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.query.ProfileQuery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers /api/v1/pods: one entry a pod, and one for all series without a pod. */
record PodsAnswer(ProfileStore store, ProfileQuery query, long stepNanos, QueryLimits limits)
        implements JsonAnswer.Body {
    private static final List<String> LABELS = List.of("pod", "namespace", "node", "container");

    private record Key(String pod, String namespace) {}

    /** One entry, summed over what is finer than a pod. */
    private static final class Pod {
        private final Key key;
        private String node;
        private String container;
        private final long[] values;
        private long total;

        Pod(Key key, AlignedSeries.Group first) {
            this.key = key;
            this.node = first.label("node");
            this.container = first.label("container");
            this.values = new long[first.values().length];
        }

        void add(AlignedSeries.Group group) {
            node = node.equals(group.label("node")) ? node : "";
            container = container.equals(group.label("container")) ? container : "";
            total += group.total();
            for (int i = 0; i < values.length; i++) {
                values[i] += group.values()[i];
            }
        }

        void write(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("pod", key.pod);
            json.writeStringField("namespace", key.namespace);
            json.writeStringField("node", node);
            json.writeStringField("container", container);
            Fields.values(json, total, values);
            json.writeEndObject();
        }
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
        ProfilerChoice choice = ProfilerChoice.of(store, query);
        AlignedSeries series = AlignedSeries.read(store, choice.query(), stepNanos, LABELS, limits);
        Map<Key, Pod> pods = new LinkedHashMap<>();
        long total = 0;
        long samples = 0;
        for (AlignedSeries.Group group : series.groups()) {
            total += group.total();
            samples += group.samples();
            String pod = group.label("pod");
            Key key = new Key(pod, pod.isEmpty() ? "" : group.label("namespace"));
            pods.computeIfAbsent(key, absent -> new Pod(absent, group)).add(group);
        }
        List<Pod> sorted = new ArrayList<>(pods.values());
        sorted.sort(
                Comparator.comparingLong((Pod pod) -> pod.total)
                        .reversed()
                        .thenComparing(pod -> pod.key.pod));
        json.writeStartObject();
        Fields.steps(json, series, query.type().sampleUnit());
        json.writeStringField("profiler", choice.profiler());
        Fields.profilers(json, choice.totals(total, samples));
        json.writeArrayFieldStart("pods");
        for (Pod pod : sorted) {
            pod.write(json);
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
