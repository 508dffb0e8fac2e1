package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.server.ApiError;
import java.util.Locale;

/** Formats of an upload, chosen by the parameter {@code format} and then by the content type. */
enum UploadFormat {
    /** pprof as the body. */
    PPROF,
    /** pprof as a part of a form. */
    PPROF_MULTIPART,
    /** Folded stacks, unless the body turns out to be a pprof. */
    FOLDED;

    private static final String LATER =
            " is not taken yet; send pprof, folded stacks or OpenTelemetry profiles";

    /**
     * Chooses in the reference's order.
     *
     * @throws ApiError 422 for a format that only a later version takes
     */
    static UploadFormat choose(String format, String contentType) {
        String type = contentType.toLowerCase(Locale.ROOT);
        if (format.equals("trie") || type.startsWith("binary/octet-stream+trie")) {
            throw later("trie");
        }
        if (format.equals("tree") || type.startsWith("binary/octet-stream+tree")) {
            throw later("tree");
        }
        if (format.equals("jfr")) {
            throw ApiError.unreadable(
                    "the format jfr (JDK Flight Recorder) is not taken yet, nothing was stored: the"
                            + " Pyroscope Java agent can send OpenTelemetry profiles instead"
                            + " (PYROSCOPE_FORMAT=otlp)");
        }
        if (format.equals("lines") || format.equals("speedscope")) {
            throw later(format);
        }
        if (format.equals("pprof")) {
            return PPROF;
        }
        return type.contains("multipart/form-data") ? PPROF_MULTIPART : FOLDED;
    }

    private static ApiError later(String format) {
        return ApiError.unreadable("the format " + format + LATER + "; nothing was stored");
    }
}
