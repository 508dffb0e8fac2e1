package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.UploadMemory;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a text into its lines, which may be as long as memory allows; the reference stops at 64 KiB
 * and loses the rest.
 */
final class TextLines {
    private static final int BUFFER_BYTES = 64 << 10;

    private TextLines() {}

    /** Takes a line. */
    @FunctionalInterface
    interface Taker {
        /**
         * Takes the bytes from start to end, without the line's end.
         *
         * @param number of the line, from 1
         */
        void take(byte[] bytes, int start, int end, int number);
    }

    /** Hands all lines over; what stands behind the last line's end is one too. */
    static void read(InputStream in, UploadMemory memory, Taker taker) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        int held = 0;
        int number = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer, held, buffer.length - held)) {
            int start = 0;
            for (int i = held; i < held + n; i++) {
                if (buffer[i] == '\n') {
                    taker.take(buffer, start, withoutReturn(buffer, start, i), ++number);
                    start = i + 1;
                }
            }
            held += n - start;
            System.arraycopy(buffer, start, buffer, 0, held);
            if (held == buffer.length) {
                // A line is held about four times: grown, copied, as text, and as a frame's text.
                memory.charge(4L * held);
                buffer = Arrays.copyOf(buffer, 2 * held);
            }
        }
        taker.take(buffer, 0, withoutReturn(buffer, 0, held), ++number);
    }

    private static int withoutReturn(byte[] bytes, int start, int end) {
        return end > start && bytes[end - 1] == '\r' ? end - 1 : end;
    }
}
