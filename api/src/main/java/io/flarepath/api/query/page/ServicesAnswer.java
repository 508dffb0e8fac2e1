package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.AlignedSeries;
import io.flarepath.api.query.request.ProfilerChoice;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.ProfileQuery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Answers /api/v1/services: of each service the profiler with most samples counts. */
record ServicesAnswer(ProfileStore store, ProfileQuery query, long stepNanos, QueryLimits limits)
        implements JsonAnswer.Body {
    private static final String SERVICE = "service_name";
    private static final String POD = "pod";

    /** One service as one profiler saw it. */
    private record ServiceProfiler(String service, String profiler) {}

    @Override
    public void write(JsonGenerator json) throws IOException {
        AlignedSeries series =
                AlignedSeries.read(
                        store, query, stepNanos, List.of(SERVICE, ProfilerChoice.LABEL), limits);
        Map<ServiceProfiler, Integer> pods = pods();
        json.writeStartObject();
        Fields.steps(json, series, query.type().sampleUnit());
        json.writeArrayFieldStart("services");
        for (Service service : services(series)) {
            write(json, service, pods);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** One service: what each profiler saw of it, and the one that is shown. */
    private record Service(List<ProfilerChoice.Total> profilers, AlignedSeries.Group shown) {}

    /** The services in order of what is shown of them, largest first. */
    private static List<Service> services(AlignedSeries series) {
        Map<String, List<AlignedSeries.Group>> byName = new HashMap<>();
        for (AlignedSeries.Group group : series.groups()) {
            byName.computeIfAbsent(group.label(SERVICE), name -> new ArrayList<>()).add(group);
        }
        return byName.values().stream()
                .map(ServicesAnswer::service)
                .sorted(
                        Comparator.comparingLong((Service each) -> each.shown.total())
                                .reversed()
                                .thenComparing(each -> each.shown.label(SERVICE)))
                .toList();
    }

    private static Service service(List<AlignedSeries.Group> groups) {
        List<ProfilerChoice.Total> totals =
                ProfilerChoice.sorted(
                        groups.stream()
                                .map(each ->
                                        new ProfilerChoice.Total(
                                                each.label(ProfilerChoice.LABEL),
                                                each.total(),
                                                each.samples()))
                                .toList());
        String preferred = totals.getFirst().name();
        AlignedSeries.Group shown =
                groups.stream()
                        .filter(each -> each.label(ProfilerChoice.LABEL).equals(preferred))
                        .findFirst()
                        .orElseThrow();
        return new Service(totals, shown);
    }

    private static void write(
            JsonGenerator json, Service service, Map<ServiceProfiler, Integer> pods)
            throws IOException {
        AlignedSeries.Group shown = service.shown;
        String name = shown.label(SERVICE);
        String profiler = shown.label(ProfilerChoice.LABEL);
        json.writeStartObject();
        json.writeStringField("service", name);
        json.writeStringField("profiler", profiler);
        Fields.profilers(json, service.profilers);
        json.writeNumberField("pods", pods.getOrDefault(new ServiceProfiler(name, profiler), 0));
        Fields.values(json, shown.total(), shown.values());
        json.writeEndObject();
    }

    private Map<ServiceProfiler, Integer> pods() {
        Set<Labels> seen =
                new HashSet<>(
                        store.series(
                                query.tenant(),
                                ProfilerChoice.withType(query),
                                query.range(),
                                List.of(SERVICE, ProfilerChoice.LABEL, "namespace", POD)));
        Map<ServiceProfiler, Integer> pods = new HashMap<>();
        for (Labels labels : seen) {
            if (labels.get(POD) != null) {
                String service = labels.asMap().getOrDefault(SERVICE, "");
                String profiler = labels.asMap().getOrDefault(ProfilerChoice.LABEL, "");
                pods.merge(new ServiceProfiler(service, profiler), 1, Integer::sum);
            }
        }
        return pods;
    }
}
