package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.server.ApiError;
import java.util.Locale;

/** What the values of a profile of speedscope are counted in. */
enum SpeedscopeUnit {
    NONE(0),
    NANOSECONDS(1),
    MICROSECONDS(1_000),
    MILLISECONDS(1_000_000),
    SECONDS(1_000_000_000),
    BYTES(0);

    private final long nanos;

    SpeedscopeUnit(long nanos) {
        this.nanos = nanos;
    }

    /**
     * The unit of a name.
     *
     * @throws ApiError 422 for a name that speedscope does not know
     */
    static SpeedscopeUnit of(String name) {
        for (SpeedscopeUnit unit : values()) {
            if (unit.suffix().equals(name)) {
                return unit;
            }
        }
        throw ApiError.unreadable(
                "the unit of a profile must be none, nanoseconds, microseconds, milliseconds,"
                        + " seconds or bytes, and is \""
                        + name
                        + "\"");
    }

    /** Its name, which is also what stands behind the application when a file has several. */
    String suffix() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Nanoseconds of one, 0 when it is no time. */
    long nanos() {
        return nanos;
    }
}
