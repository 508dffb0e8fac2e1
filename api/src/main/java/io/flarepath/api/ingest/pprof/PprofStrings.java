package io.flarepath.api.ingest.pprof;

import io.flarepath.api.server.ApiError;
import java.util.List;

/** The string table of a pprof that has been read whole. */
final class PprofStrings {
    private final List<String> strings;

    PprofStrings(List<String> strings) {
        this.strings = strings;
    }

    /**
     * A string.
     *
     * @throws ApiError 422 for an index outside the table
     */
    String get(long index, String what) {
        if (index == 0 && strings.isEmpty()) {
            return "";
        }
        if (index < 0 || index >= strings.size()) {
            throw ApiError.unreadable(
                    "a "
                            + what
                            + " of the pprof refers to string "
                            + index
                            + ", the table has "
                            + strings.size());
        }
        return strings.get((int) index);
    }
}
