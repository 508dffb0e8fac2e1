package io.flarepath.api.ingest.otlp;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.profiles.v1development.ScopeProfiles;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The labels of a resource: the well-known attributes under short names, all others as they are
 * called.
 */
final class ResourceLabels {
    /** Short names; of several attributes for one name the first that is there holds. */
    private static final Map<String, List<String>> SHORT =
            Map.of(
                    "service_name", List.of("service.name"),
                    "pod", List.of("k8s.pod.name"),
                    "namespace", List.of("k8s.namespace.name"),
                    "container", List.of("k8s.container.name", "container.name"),
                    "container_id", List.of("container.id"),
                    "node", List.of("host.name", "k8s.node.name"),
                    "version", List.of("service.version"),
                    "pod_uid", List.of("k8s.pod.uid"));

    /** Beside all of {@code k8s.} and {@code deployment.}: what tells services and pods apart. */
    private static final List<String> PLACE =
            List.of(
                    "service_name",
                    "service.namespace",
                    "pod",
                    "pod_uid",
                    "namespace",
                    "container",
                    "node",
                    "version",
                    "cloud.region",
                    "cloud.availability_zone");

    private ResourceLabels() {}

    /** Whether a label tells services, pods and the like apart, and not processes. */
    static boolean isOfPlace(String name) {
        return PLACE.contains(name) || name.startsWith("k8s.") || name.startsWith("deployment.");
    }

    static Map<String, String> of(Resource resource, OtlpDictionary dictionary) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (KeyValue attribute : resource.getAttributesList()) {
            labels.put(dictionary.key(attribute), dictionary.text(attribute.getValue()));
        }
        shorten(labels);
        if (labels.getOrDefault("service_name", "").isEmpty()) {
            String executable = labels.getOrDefault("process.executable.name", "");
            labels.put(
                    "service_name",
                    "unknown_service" + (executable.isEmpty() ? "" : ":" + executable));
        }
        return labels;
    }

    /** Gives well-known attributes their short names. */
    static void shorten(Map<String, String> labels) {
        SHORT.forEach((shortName, attributes) -> rename(labels, shortName, attributes));
    }

    private static void rename(
            Map<String, String> labels, String shortName, List<String> attributes) {
        String chosen = "";
        for (String attribute : attributes) {
            String value = labels.remove(attribute);
            if (chosen.isEmpty() && value != null) {
                chosen = value;
            }
        }
        if (!chosen.isEmpty()) {
            labels.put(shortName, chosen);
        }
    }

    /** Who profiled: the name of the scope; a scope without a name is {@code otlp}. */
    static String profiler(ScopeProfiles scope) {
        String name = scope.getScope().getName();
        return name.isEmpty() ? "otlp" : name;
    }
}
