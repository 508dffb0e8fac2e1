package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.server.ApiError;
import java.util.Locale;

/** Formats of an upload, chosen by the parameter {@code format} and then by the content type. */
enum UploadFormat {
    /** pprof as the body. */
    PPROF,
    /** A recording as the body. */
    JFR,
    /** A form with a pprof or a recording as a part. */
    FORM,
    /** Folded stacks, unless the body turns out to be a pprof or a recording. */
    FOLDED;

    private static final String LATER =
            " is not taken yet; send pprof, JFR, folded stacks or OpenTelemetry profiles";

    /**
     * Chooses in the reference's order.
     *
     * @throws ApiError 422 for a format that only a later version takes
     */
    static UploadFormat choose(String format, String contentType) {
        String type = contentType.toLowerCase(Locale.ROOT);
        boolean form = type.contains("multipart/form-data");
        if (format.equals("trie") || type.startsWith("binary/octet-stream+trie")) {
            throw later("trie");
        }
        if (format.equals("tree") || type.startsWith("binary/octet-stream+tree")) {
            throw later("tree");
        }
        if (format.equals("jfr")) {
            return form ? FORM : JFR;
        }
        if (format.equals("lines") || format.equals("speedscope")) {
            throw later(format);
        }
        if (format.equals("pprof")) {
            return PPROF;
        }
        return form ? FORM : FOLDED;
    }

    private static ApiError later(String format) {
        return ApiError.unreadable("the format " + format + LATER + "; nothing was stored");
    }
}
