package io.flarepath.config;

/** Which process reads a setting. The other one checks it all the same: they may share a file. */
public enum UsedBy {
    SERVER("server"),
    AGENT("agent"),
    BOTH("both");

    private final String label;

    UsedBy(String label) {
        this.label = label;
    }

    /** The word for it in the documentation. */
    public String label() {
        return label;
    }
}
