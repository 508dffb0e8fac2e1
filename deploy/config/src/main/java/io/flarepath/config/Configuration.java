package io.flarepath.config;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The values of all settings, checked. Immutable. A getter of another kind than the setting's own
 * is a programming error and throws {@link IllegalArgumentException}.
 */
public final class Configuration {
    private final Map<Setting, Object> values;
    private final Map<Setting, String> origins;

    private Configuration(Map<Setting, Object> values, Map<Setting, String> origins) {
        this.values = values;
        this.origins = origins;
    }

    /**
     * Reads the three sources and checks every value.
     *
     * @param file a YAML file, or null for none
     * @param environment all variables of the process; those named {@code FLAREPATH_*} override the
     *     file
     * @param sets {@code key=value} of each {@code --set}; they override both, and the last of one
     *     key holds
     * @throws ConfigurationException with all errors of all sources
     */
    public static Configuration load(
            @Nullable Path file, Map<String, String> environment, List<String> sets)
            throws ConfigurationException {
        return load(file, environment, sets, Machine.current(environment));
    }

    static Configuration load(
            @Nullable Path file,
            Map<String, String> environment,
            List<String> sets,
            Machine machine)
            throws ConfigurationException {
        List<String> errors = new ArrayList<>();
        Sources sources = new Sources(errors);
        if (file != null) {
            sources.addFile(file);
        }
        sources.addEnvironment(environment);
        sources.addSets(sets);
        Map<Setting, Object> values =
                read(sources.given(), new ValueReader(machine.home()), errors);
        addDefaults(values, environment, machine);
        Configuration configuration = new Configuration(values, sources.origins());
        configuration.checkTogether(errors);
        if (!errors.isEmpty()) {
            throw new ConfigurationException(errors);
        }
        return configuration;
    }

    private static Map<Setting, Object> read(
            Map<Setting, Given> given, ValueReader reader, List<String> errors) {
        Map<Setting, Object> values = new EnumMap<>(Setting.class);
        given.forEach((setting, value) -> {
            try {
                values.put(setting, reader.read(setting, value));
            } catch (ValueReader.BrokenRule e) {
                errors.add(
                        "%s: %s %s; it is %s"
                                .formatted(
                                        value.origin(),
                                        setting.key(),
                                        e.getMessage(),
                                        value.shown()));
            }
        });
        return values;
    }

    private static void addDefaults(
            Map<Setting, Object> values, Map<String, String> environment, Machine machine) {
        values.computeIfAbsent(Setting.DATA, s -> machine.stateFolder(environment));
        Path data = (Path) values.get(Setting.DATA);
        values.computeIfAbsent(Setting.QUEUE_PATH, s -> data.resolve("agent-queue"));
        values.computeIfAbsent(Setting.NODE, s -> machine.hostname());
        ValueReader reader = new ValueReader(machine.home());
        for (Setting setting : Setting.values()) {
            values.computeIfAbsent(setting, s -> readDefault(reader, s));
        }
    }

    private static Object readDefault(ValueReader reader, Setting setting) {
        try {
            return reader.read(
                    setting, Given.text(setting.key(), "default", setting.defaultText()));
        } catch (ValueReader.BrokenRule e) {
            throw new IllegalStateException("the default of " + setting.key() + " is wrong", e);
        }
    }

    /** Rules between settings. */
    private void checkTogether(List<String> errors) {
        int kept = integer(Setting.LIMITS_STACK_FRAMES);
        int refused = integer(Setting.LIMITS_STACK_REFUSED);
        if (refused < kept) {
            errors.add(
                    "%s: %s must not be below %s; they are %d and %d: raise the first or lower the second"
                            .formatted(
                                    origin(Setting.LIMITS_STACK_REFUSED),
                                    Setting.LIMITS_STACK_REFUSED.key(),
                                    Setting.LIMITS_STACK_FRAMES.key(),
                                    refused,
                                    kept));
        }
        checkPair(Setting.TLS_CERTIFICATE, Setting.TLS_KEY, errors);
        checkPair(Setting.CLIENT_CERTIFICATE, Setting.CLIENT_KEY, errors);
        if (optionalPath(Setting.TLS_CLIENT_CA).isPresent()
                && optionalPath(Setting.TLS_CERTIFICATE).isEmpty()) {
            errors.add(
                    "%s: %s needs %s: clients show certificates over TLS only"
                            .formatted(
                                    origin(Setting.TLS_CLIENT_CA),
                                    Setting.TLS_CLIENT_CA.key(),
                                    Setting.TLS_CERTIFICATE.key()));
        }
        if (text(Setting.AUTH).equals("on") && optionalPath(Setting.AUTH_TOKENS).isEmpty()) {
            errors.add(
                    "%s: auth: on needs tokens: set auth.tokens to the file that has them"
                            .formatted(origin(Setting.AUTH)));
        }
    }

    private void checkPair(Setting certificate, Setting key, List<String> errors) {
        if (optionalPath(certificate).isPresent() == optionalPath(key).isPresent()) {
            return;
        }
        Setting given = optionalPath(certificate).isPresent() ? certificate : key;
        Setting missing = given == certificate ? key : certificate;
        errors.add(
                "%s: %s needs %s beside it".formatted(origin(given), given.key(), missing.key()));
    }

    /** A value of any kind, as it is written. */
    String shown(Setting setting) {
        return String.valueOf(values.get(setting));
    }

    /** Where the value comes from: {@code file:line}, the variable, {@code --set}, or "default". */
    public String origin(Setting setting) {
        return origins.getOrDefault(setting, "default");
    }

    /** Whether the value was set by anyone, and is not the default. */
    public boolean isGiven(Setting setting) {
        return origins.containsKey(setting);
    }

    /** A text, name or choice. */
    public String text(Setting setting) {
        return as(String.class, setting, ValueKind.TEXT, ValueKind.NAME, ValueKind.CHOICE);
    }

    /** An address that must be there. */
    public Address address(Setting setting) {
        return as(Address.class, setting, ValueKind.ADDRESS);
    }

    /** An address that may be left out. */
    public Optional<Address> optionalAddress(Setting setting) {
        Object value = as(Object.class, setting, ValueKind.ADDRESS, ValueKind.OPTIONAL_ADDRESS);
        return value instanceof Address address ? Optional.of(address) : Optional.empty();
    }

    /** An http or https URL without a slash at the end. */
    public URI url(Setting setting) {
        return as(URI.class, setting, ValueKind.URL);
    }

    /** A number of bytes. */
    public long bytes(Setting setting) {
        return as(Long.class, setting, ValueKind.BYTES);
    }

    /** A length of time. */
    public Duration duration(Setting setting) {
        return as(Duration.class, setting, ValueKind.DURATION);
    }

    /** A whole number. */
    public int integer(Setting setting) {
        return as(Integer.class, setting, ValueKind.INTEGER);
    }

    /** Yes or no. */
    public boolean flag(Setting setting) {
        return as(Boolean.class, setting, ValueKind.FLAG);
    }

    /** Services that are recorded all the time. */
    public RecordedServices recordedServices(Setting setting) {
        return as(RecordedServices.class, setting, ValueKind.RECORDED_SERVICES);
    }

    /** Patterns of names. */
    public Globs globs(Setting setting) {
        return as(Globs.class, setting, ValueKind.GLOBS);
    }

    /** Durations by name. */
    @SuppressWarnings("unchecked") // what ValueReader.durations has made
    public Map<String, Duration> durations(Setting setting) {
        return (Map<String, Duration>) as(Map.class, setting, ValueKind.DURATIONS);
    }

    /** Sets of label names, each in order. */
    @SuppressWarnings("unchecked") // what ValueReader.labelGroups has made
    public List<List<String>> labelGroups(Setting setting) {
        return (List<List<String>>) as(List.class, setting, ValueKind.LABEL_GROUPS);
    }

    /** Numbers of bytes by name. */
    @SuppressWarnings("unchecked") // what ValueReader.sizes has made
    public Map<String, Long> sizes(Setting setting) {
        return (Map<String, Long>) as(Map.class, setting, ValueKind.SIZES);
    }

    /** An absolute, normalised path. */
    public Path path(Setting setting) {
        return as(Path.class, setting, ValueKind.PATH);
    }

    /** An absolute, normalised path that may be left out. */
    public Optional<Path> optionalPath(Setting setting) {
        Object value = as(Object.class, setting, ValueKind.OPTIONAL_PATH);
        return value instanceof Path path ? Optional.of(path) : Optional.empty();
    }

    private <T> T as(Class<T> type, Setting setting, ValueKind... kinds) {
        if (!List.of(kinds).contains(setting.kind())) {
            throw new IllegalArgumentException(
                    setting.key() + " is of kind " + setting.kind().label() + ", not " + type);
        }
        return type.cast(requireNonNull(values.get(setting), "every setting has a value"));
    }
}
