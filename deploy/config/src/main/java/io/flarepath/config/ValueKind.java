package io.flarepath.config;

/** How the value of a setting is written, and which getter of {@link Configuration} reads it. */
public enum ValueKind {
    /** Printable text; the bounds are its length in characters. */
    TEXT("text"),
    /** Letters, digits and {@code _ . -}; the bounds are its length in characters. */
    NAME("name"),
    /** One of the words in the setting's choices. */
    CHOICE("choice"),
    /** {@code host:port}, with an IPv6 host in brackets. Port 0 means any free one. */
    ADDRESS("address"),
    /** An address, or nothing. */
    OPTIONAL_ADDRESS("address or empty"),
    /** An http or https URL without user, query and fragment. */
    URL("URL"),
    /** A number of bytes; the bounds are bytes. */
    BYTES("bytes"),
    /** A length of time; the bounds are milliseconds. */
    DURATION("duration"),
    /** A whole number. */
    INTEGER("integer"),
    /** {@code true} or {@code false}. */
    FLAG("boolean"),
    /** Patterns with {@code *} and {@code ?}, as a YAML list or separated by commas. */
    GLOBS("glob list"),
    /** Services and what is recorded of them, as {@link RecordedServices} says. */
    RECORDED_SERVICES("service list"),
    /** {@code name=duration}, any number of times, as a YAML list or separated by commas. */
    DURATIONS("list of name=duration"),
    /** Label names joined by {@code +}, any number of times, as a YAML list or between commas. */
    LABEL_GROUPS("list of label names joined by +"),
    /** {@code name=bytes}, any number of times, as a YAML list or separated by commas. */
    SIZES("list of name=bytes"),
    /** An absolute path, or one that starts with {@code ~/}. */
    PATH("path"),
    /** A path, or nothing. */
    OPTIONAL_PATH("path or empty");

    private final String label;

    ValueKind(String label) {
        this.label = label;
    }

    /** The word for it in the documentation. */
    public String label() {
        return label;
    }
}
