package io.flarepath.api.ingest.pyroscope;

/**
 * Tells a pprof from folded stacks by the first bytes. Text holds no control characters; a pprof
 * does, since its first field is a message and the first of its strings is empty.
 */
final class PprofShape {
    /** How many bytes are looked at. */
    static final int BYTES = 512;

    private PprofShape() {}

    static boolean looksLike(byte[] begin) {
        if (begin.length >= 4 && begin[0] == 0x0a && isValueType(begin)) {
            return true;
        }
        for (byte b : begin) {
            if (b >= 0 && b < 0x20 && b != '\n' && b != '\r' && b != '\t') {
                return true;
            }
        }
        return false;
    }

    /**
     * A sample type is the message {type: varint, unit: varint}; the first one names small ones.
     */
    private static boolean isValueType(byte[] begin) {
        int length = begin[1];
        return length >= 2 && length <= 12 && (begin[2] == 0x08 || begin[2] == 0x10);
    }
}
