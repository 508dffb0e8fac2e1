package io.flarepath.api.ingest.otlp;

import io.flarepath.api.server.Limits;
import java.nio.charset.StandardCharsets;

/**
 * How long the texts of a call may be. Unlike labels they may hold anything: a statement of SQL has
 * line breaks. Safe for many threads.
 */
final class CallTexts {
    private final int nameBytes;
    private final int valueBytes;

    CallTexts(Limits limits) {
        this.nameBytes = limits.labelNameBytes();
        this.valueBytes = limits.labelValueBytes();
    }

    boolean allowsName(String name) {
        return !name.isEmpty() && name.getBytes(StandardCharsets.UTF_8).length <= nameBytes;
    }

    /** The longest beginning that is short enough and cuts no character. */
    String cut(String text) {
        if (3L * text.length() <= valueBytes) {
            return text;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (utf8.length <= valueBytes) {
            return text;
        }
        int end = valueBytes;
        while (end > 0 && (utf8[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(utf8, 0, end, StandardCharsets.UTF_8);
    }
}
