package io.flarepath.config;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Gathers the values that were given; a later source overrides an earlier one. */
final class Sources {
    private static final String PREFIX = "FLAREPATH_";

    /**
     * Variables of this prefix that are not settings: the launcher's, and the sampled process's.
     */
    private static final Set<String> NOT_SETTINGS =
            Set.of(
                    "FLAREPATH_CONFIG",
                    "FLAREPATH_PROFILE",
                    "FLAREPATH_HOME",
                    "FLAREPATH_JAVA_OPTS");

    private final Map<Setting, Given> given = new EnumMap<>(Setting.class);
    private final List<String> errors;

    Sources(List<String> errors) {
        this.errors = errors;
    }

    Map<Setting, Given> given() {
        return given;
    }

    Map<Setting, String> origins() {
        Map<Setting, String> origins = new EnumMap<>(Setting.class);
        given.forEach((setting, value) -> origins.put(setting, value.origin()));
        return origins;
    }

    void addFile(Path file) {
        Map<String, Given> first = new HashMap<>();
        for (Given value : YamlFile.read(file, errors)) {
            Given earlier = first.putIfAbsent(value.key(), value);
            if (earlier == null) {
                add(value);
            } else {
                errors.add(
                        "%s: %s is already set at %s: remove one of the two"
                                .formatted(value.origin(), value.key(), earlier.origin()));
            }
        }
    }

    void addEnvironment(Map<String, String> environment) {
        // Sorted, so that errors come in the same order each time.
        new TreeMap<>(environment)
                .forEach((name, value) -> {
                    if (name.startsWith(PREFIX) && !NOT_SETTINGS.contains(name)) {
                        addVariable(name, value);
                    }
                });
    }

    private void addVariable(String name, String value) {
        Setting setting = Setting.byVariable().get(name);
        if (setting != null) {
            given.put(setting, Given.text(setting.key(), name, value));
            return;
        }
        Set<String> known = new TreeSet<>(Setting.byVariable().keySet());
        known.addAll(NOT_SETTINGS);
        errors.add(
                "%s: no setting has this variable: did you mean %s? Otherwise unset it"
                        .formatted(Given.quoted(name), NearestName.of(name, known)));
    }

    void addSets(List<String> sets) {
        for (String set : sets) {
            int equals = set.indexOf('=');
            if (equals < 0) {
                errors.add(
                        "--set %s: must be key=value: write it like --set frequency=97"
                                .formatted(Given.quoted(set)));
            } else {
                String key = set.substring(0, equals).strip();
                add(Given.text(key, "--set", set.substring(equals + 1)));
            }
        }
    }

    private void add(Given value) {
        Setting setting = Setting.byKey().get(value.key());
        if (setting != null) {
            given.put(setting, value);
            return;
        }
        errors.add(
                "%s: %s is not a setting: did you mean %s? Otherwise remove it"
                        .formatted(
                                value.origin(),
                                Given.quoted(value.key()),
                                NearestName.of(value.key(), Setting.byKey().keySet())));
    }
}
