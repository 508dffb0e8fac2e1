package io.flarepath.api.ingest.pyroscope;

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
    FOLDED,
    /** A stack a line, each of which counts one. */
    LINES,
    /** Nodes that are frames. */
    TREE,
    /** Nodes that are pieces of the text of stacks. */
    TRIE,
    /** A file of speedscope. */
    SPEEDSCOPE;

    /** Chooses in the reference's order (pkg/ingester/pyroscope/ingest_handler.go). */
    static UploadFormat choose(String format, String contentType) {
        String type = contentType.toLowerCase(Locale.ROOT);
        boolean form = type.contains("multipart/form-data");
        if (format.equals("trie") || isMedia(type, "binary/octet-stream+trie")) {
            return TRIE;
        }
        if (format.equals("tree") || isMedia(type, "binary/octet-stream+tree")) {
            return TREE;
        }
        return switch (format) {
            case "lines" -> LINES;
            case "jfr" -> form ? FORM : JFR;
            case "pprof" -> PPROF;
            case "speedscope" -> SPEEDSCOPE;
            default -> form ? FORM : FOLDED;
        };
    }

    private static boolean isMedia(String contentType, String media) {
        int end = contentType.indexOf(';');
        return (end < 0 ? contentType : contentType.substring(0, end)).strip().equals(media);
    }
}
