package io.flarepath.api.ingest.push;

import java.util.List;

/**
 * A series of a request as it was sent (push.proto, {@code RawProfileSeries}).
 *
 * @param labels its labels, not checked
 * @param samples its profiles
 */
record PushSeries(List<Label> labels, List<Sample> samples) {

    /** A label. */
    record Label(String name, String value) {}

    /**
     * A profile.
     *
     * @param id the client's; the server does not go by it
     * @param pprof plain or gzip
     */
    record Sample(String id, byte[] pprof) {}
}
