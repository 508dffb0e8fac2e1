package io.flarepath.api.ingest.upload;

/** Points of an upload that were not stored, and why: the rest of it was. One thread. */
public final class Rejected {
    private long points;
    private String reason = "";

    /** Counts; the first reason is told. */
    public void count(long more, String why) {
        if (more > 0) {
            points += more;
            reason = reason.isEmpty() ? why : reason;
        }
    }

    /** How many. */
    public long points() {
        return points;
    }

    /** Why the first was; empty when none was. */
    public String reason() {
        return reason;
    }
}
