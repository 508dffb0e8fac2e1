package io.flarepath.api.ingest.pprof;

import io.flarepath.api.ingest.upload.PooledText;
import io.flarepath.api.server.ApiError;
import java.util.List;

/** The string table of a pprof that has been read whole. */
final class PprofStrings {
    private final List<PooledText> strings;

    PprofStrings(List<PooledText> strings) {
        this.strings = strings;
    }

    /**
     * Checks that a string is there.
     *
     * @throws ApiError 422 for an index outside the table
     */
    void check(long index, String what) {
        PooledText _ = pooled(index, what);
    }

    /**
     * A string.
     *
     * @throws ApiError 422 for an index outside the table
     */
    String get(long index, String what) {
        return pooled(index, what).text();
    }

    /** The same, as it came from the pool. */
    PooledText pooled(long index, String what) {
        if (index == 0 && strings.isEmpty()) {
            return PooledText.EMPTY;
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
