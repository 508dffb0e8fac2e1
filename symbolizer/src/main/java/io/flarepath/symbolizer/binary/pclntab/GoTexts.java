package io.flarepath.symbolizer.binary.pclntab;

import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads the names of the table, each ended by a NUL, into one buffer that grows. */
final class GoTexts {
    private static final int MAX_BYTES = 1 << 14;

    private final Window window;
    private byte[] bytes = new byte[256];

    GoTexts(Window window) {
        this.window = window;
    }

    /** Reads a name to the front of {@link #bytes}; one that is too long is cut. */
    int read(long position) throws IOException {
        int length = 0;
        while (length < MAX_BYTES) {
            byte b = (byte) window.u8(position + length);
            if (b == 0) {
                break;
            }
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, length * 2);
            }
            bytes[length++] = b;
        }
        return length;
    }

    /** What was read last; the next reading overwrites it. */
    byte[] bytes() {
        return bytes;
    }

    String string(long position) throws IOException {
        int length = read(position);
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
