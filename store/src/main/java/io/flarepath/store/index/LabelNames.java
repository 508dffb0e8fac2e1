package io.flarepath.store.index;

import static java.util.Map.entry;

import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.ProfileType;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Labels beyond the stored ones: synthetic ones that speak of the type (Pyroscope's), and the
 * dotted names of OpenTelemetry's semantic conventions as aliases of what is stored.
 */
public final class LabelNames {
    /** They speak of the type. */
    private static final List<String> SYNTHETIC =
            List.of(
                    "__name__",
                    "__period_type__",
                    "__period_unit__",
                    "__profile_type__",
                    "__type__",
                    "__unit__");

    /** Pyroscope's second name of the service, which its clients look for among the names. */
    private static final String PRIVATE_SERVICE = "__service_name__";

    private static final Map<String, String> ALIASES =
            Map.ofEntries(
                    entry(PRIVATE_SERVICE, "service_name"),
                    entry("service.name", "service_name"),
                    entry("k8s.pod.name", "pod"),
                    entry("k8s.namespace.name", "namespace"),
                    entry("k8s.container.name", "container"),
                    entry("container.name", "container"),
                    entry("container.id", "container_id"),
                    entry("host.name", "node"),
                    entry("k8s.node.name", "node"),
                    entry("service.version", "version"),
                    entry("k8s.pod.uid", "pod_uid"));

    /** What every series has and none stores; in lists of names it stands with the stored ones. */
    static final List<String> LISTED =
            Stream.concat(SYNTHETIC.stream(), Stream.of(PRIVATE_SERVICE)).toList();

    private LabelNames() {}

    static boolean isSynthetic(String name) {
        return SYNTHETIC.contains(name);
    }

    /** The name under which a label is stored. */
    public static String stored(String name) {
        return ALIASES.getOrDefault(name, name);
    }

    /** The value of a synthetic label; null when the name is not one. */
    static @Nullable String synthetic(String name, ProfileType type) {
        return switch (name) {
            case "__profile_type__" -> type.id();
            case "__name__" -> type.name();
            case "__type__" -> type.sampleType();
            case "__unit__" -> type.sampleUnit();
            case "__period_type__" -> type.periodType();
            case "__period_unit__" -> type.periodUnit();
            default -> null;
        };
    }

    /** The value of any label; empty when the series has none of that name. */
    static String value(String name, Labels labels, ProfileType type) {
        String synthetic = synthetic(name, type);
        if (synthetic != null) {
            return synthetic;
        }
        String value = labels.get(stored(name));
        return value == null ? "" : value;
    }
}
