package io.flarepath.api.ingest.pprof;

import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.ProfileType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Names the family of a pprof's types as Pyroscope does (pkg/og/convert/pprof/profile.go): any
 * {@code wall} makes it {@code wall}; else the first sample type that belongs to a family decides.
 */
final class PprofTypes {
    private static final Map<String, String> DEFAULT_DISPLAY_NAMES =
            Map.of(
                    "samples", "cpu",
                    "contentions", "mutex_count",
                    "delay", "mutex_duration",
                    "goroutine", "goroutines");

    private PprofTypes() {}

    /**
     * The types of a pprof, one a sample type.
     *
     * @throws ApiError 422 for a name that a profile type cannot have
     */
    static List<ProfileType> of(PprofData data, PprofRequest request, PprofStrings strings) {
        String periodType = strings.get(data.periodTypeString, "period type");
        String periodUnit = strings.get(data.periodUnitString, "period unit");
        List<String> names = new ArrayList<>();
        List<String> units = new ArrayList<>();
        for (int i = 0; i < data.sampleTypes.size(); i += 2) {
            names.add(sampleType(strings.get(data.sampleTypes.get(i), "sample type"), request));
            units.add(strings.get(data.sampleTypes.get(i + 1), "sample unit"));
        }
        String family =
                request.family().isEmpty()
                        ? family(names, request.displayNames())
                        : request.family();
        List<ProfileType> types = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            types.add(type(family, names.get(i), units.get(i), periodType, periodUnit));
        }
        if (new HashSet<>(types).size() < types.size()) {
            throw ApiError.unreadable("the pprof has the same sample type twice: " + names);
        }
        return types;
    }

    private static String sampleType(String name, PprofRequest request) {
        String mended = request.spyName().equals("dotnetspy") ? name.replace('-', '_') : name;
        if (mended.isEmpty() || mended.indexOf('-') >= 0) {
            throw ApiError.unreadable(
                    "a sample type of the pprof must have a name without \"-\", and is called \""
                            + name
                            + "\"");
        }
        return mended;
    }

    private static ProfileType type(
            String family, String name, String unit, String periodType, String periodUnit) {
        for (String part : List.of(family, name, unit, periodType, periodUnit)) {
            if (part.indexOf(':') >= 0
                    || part.length() > 200
                    || part.chars().anyMatch(Character::isISOControl)) {
                throw ApiError.unreadable(
                        "types and units of a pprof must have at most 200 characters, none of them"
                                + " \":\" or a control character");
            }
        }
        return new ProfileType(family, name, unit, periodType, periodUnit);
    }

    private static String family(List<String> names, Map<String, String> displayNames) {
        if (names.contains("wall")) {
            return "wall";
        }
        Map<String, String> shown = displayNames.isEmpty() ? DEFAULT_DISPLAY_NAMES : displayNames;
        String last = "";
        for (String name : names) {
            last = shown.getOrDefault(name, name);
            String family = familyOf(last);
            if (!family.isEmpty()) {
                return family;
            }
        }
        return last;
    }

    private static String familyOf(String name) {
        if (name.contains("cpu")) {
            return "process_cpu";
        }
        boolean memory = name.contains("alloc_") || name.contains("inuse_");
        if (memory || name.equals("space") || name.equals("objects")) {
            return "memory";
        }
        if (name.contains("mutex_")) {
            return "mutex";
        }
        if (name.contains("block_")) {
            return "block";
        }
        return name.contains("goroutines") ? "goroutines" : "";
    }
}
