package io.flarepath.api.server;

import java.util.Set;

/**
 * What a token lets its bearer do.
 *
 * @param uses for what
 * @param tenant of whose profiles; {@code *} for everybody's
 */
record Token(Set<Use> uses, String tenant) {
    /** The tenant of a token for all of them. */
    static final String EVERY_TENANT = "*";

    /** What a request does. */
    enum Use {
        /** Sends profiles, debug files, heartbeats. */
        INGEST,
        /** Reads. */
        QUERY,
        /** Changes what agents or the store do: orders recordings, for instance. */
        CONTROL
    }

    boolean isFor(String name) {
        return tenant.equals(EVERY_TENANT) || tenant.equals(name);
    }
}
