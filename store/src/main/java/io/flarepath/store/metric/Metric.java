package io.flarepath.store.metric;

import io.flarepath.store.profile.ProfileType;
import java.util.Locale;

/**
 * What is measured.
 *
 * @param name as OpenTelemetry's semantic conventions call it
 * @param kind what its points are
 * @param unit in UCUM, {@code s} or {@code By}; may be empty
 */
public record Metric(String name, MetricKind kind, String unit) {

    /** All metrics of a kind that came when there were too many already. */
    static final String OTHERS = "<overflow>";

    /** Refuses names that are none. */
    public Metric {
        if (name.isEmpty() || name.indexOf(':') >= 0 || unit.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "a metric has a name, and neither that nor the unit a colon: \""
                            + name
                            + "\", \""
                            + unit
                            + "\"");
        }
    }

    /** The index knows it as a type: its name, kind and unit are what selectors ask for. */
    public ProfileType type() {
        return new ProfileType(name, kind.name().toLowerCase(Locale.ROOT), unit, "", "");
    }

    /** The metric of a type in the index. */
    public static Metric of(ProfileType type) {
        return new Metric(
                type.name(),
                MetricKind.valueOf(type.sampleType().toUpperCase(Locale.ROOT)),
                type.sampleUnit());
    }

    /** What it is counted under when there are too many. */
    public Metric others() {
        return new Metric(OTHERS, kind, "");
    }
}
