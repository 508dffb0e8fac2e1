package io.flarepath.api.ingest.upload;

import java.util.Map;
import java.util.TreeMap;

/** What was left out of an upload that is stored, by reason. Counted once the upload is stored. */
public final class Dropped {
    private final Map<String, Long> counts = new TreeMap<>();

    /** Counts. */
    public void count(String reason, long more) {
        if (more > 0) {
            counts.merge(reason, more, Long::sum);
        }
    }

    /** The counts by reason. */
    public Map<String, Long> counts() {
        return counts;
    }
}
