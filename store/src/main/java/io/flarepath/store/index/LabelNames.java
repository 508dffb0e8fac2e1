package io.flarepath.store.index;

import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.ProfileType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Labels beyond the stored ones: synthetic ones that speak of the type (Pyroscope's), and the
 * dotted names of OpenTelemetry's semantic conventions as aliases of what is stored.
 */
public final class LabelNames {
    /** In order; listed with the stored names. */
    static final List<String> SYNTHETIC =
            List.of(
                    "__name__",
                    "__period_type__",
                    "__period_unit__",
                    "__profile_type__",
                    "__type__",
                    "__unit__");

    private static final Map<String, String> ALIASES =
            Map.of(
                    "service.name", "service_name",
                    "k8s.pod.name", "pod",
                    "k8s.namespace.name", "namespace",
                    "k8s.container.name", "container",
                    "container.name", "container",
                    "container.id", "container_id",
                    "host.name", "node",
                    "k8s.node.name", "node",
                    "service.version", "version",
                    "k8s.pod.uid", "pod_uid");

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
