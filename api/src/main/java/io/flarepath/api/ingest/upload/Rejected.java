package io.flarepath.api.ingest.upload;

/** Points or spans of an upload that were not stored, and why: the rest was. One thread. */
public final class Rejected {
    private long parts;
    private String reason = "";

    /** Counts; the first reason is told. */
    public void count(long more, String why) {
        if (more > 0) {
            parts += more;
            reason = reason.isEmpty() ? why : reason;
        }
    }

    /** How many. */
    public long parts() {
        return parts;
    }

    /** Why the first was; empty when none was. */
    public String reason() {
        return reason;
    }
}
