package io.flarepath.store.dictionary;

import io.flarepath.store.profile.Frame;

/**
 * The flags of a stored frame, a number: 1 inlined, 2 of low confidence, 4 its address is an offset
 * in the file, 8 its line is approximate, and from bit 8 on the line where its function starts.
 * Format version 1 knows the first only; a number of a later version is read without what is not
 * known here.
 */
final class FrameFlags {
    private static final int INLINED = 1;
    private static final int LOW_CONFIDENCE = 2;
    private static final int FILE_OFFSET = 4;
    private static final int APPROXIMATE_LINE = 8;

    private static final int START_LINE = 8;

    private FrameFlags() {}

    static long of(Frame frame) {
        return (frame.inlined() ? INLINED : 0)
                | (frame.lowConfidence() ? LOW_CONFIDENCE : 0)
                | (frame.fileOffset() ? FILE_OFFSET : 0)
                | (frame.approximateLine() ? APPROXIMATE_LINE : 0)
                | ((long) frame.startLine() << START_LINE);
    }

    static boolean inlined(long flags) {
        return (flags & INLINED) != 0;
    }

    static boolean lowConfidence(long flags) {
        return (flags & LOW_CONFIDENCE) != 0;
    }

    static boolean fileOffset(long flags) {
        return (flags & FILE_OFFSET) != 0;
    }

    static boolean approximateLine(long flags) {
        return (flags & APPROXIMATE_LINE) != 0;
    }

    static int startLine(long flags) {
        return (int) (flags >>> START_LINE) & Integer.MAX_VALUE;
    }
}
