package io.flarepath.symbolizer.live;

import java.io.IOException;
import java.io.InputStream;

/** Lines of a stream in one reused buffer; what a line has beyond the buffer is cut off. */
final class LineReader {
    static final int MAX_LINE = 8192;

    private final InputStream in;
    private final byte[] input = new byte[1 << 15];
    private int inputPosition;
    private int inputLimit;
    private final byte[] line = new byte[MAX_LINE];
    private int length;
    private boolean ended;
    private long consumed;
    private long consumedByLine;

    LineReader(InputStream in) {
        this.in = in;
    }

    /** Reads the next line; false at the end. A last line without a line feed counts. */
    boolean next() throws IOException {
        length = 0;
        ended = false;
        consumedByLine = 0;
        boolean any = false;
        while (true) {
            if (inputPosition == inputLimit) {
                inputLimit = Math.max(0, in.read(input));
                inputPosition = 0;
                if (inputLimit == 0) {
                    return any;
                }
            }
            any = true;
            consumed++;
            consumedByLine++;
            byte b = input[inputPosition++];
            if (b == '\n') {
                ended = true;
                return true;
            }
            if (length < MAX_LINE) {
                line[length++] = b;
            }
        }
    }

    /** The line is in the first {@link #length()} bytes, until the next call. */
    byte[] bytes() {
        return line;
    }

    int length() {
        return length;
    }

    /** Whether a line feed ended the line. */
    boolean ended() {
        return ended;
    }

    /** Bytes that were read up to the end of this line. */
    long consumed() {
        return consumed;
    }

    /** Bytes of this line with its line feed, those that were cut off too. */
    long consumedByLine() {
        return consumedByLine;
    }
}
