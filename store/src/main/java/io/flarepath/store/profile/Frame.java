package io.flarepath.store.profile;

/**
 * One frame of a stack, as it is stored.
 *
 * @param function the stored name: {@code java/lang/Thread.run}, {@code main}, {@code
 *     libc.so.6+0x29d90} where there is no symbol, {@code [reason]} for an error frame
 * @param file source file, or empty
 * @param line source line, or 0
 * @param mapping file name of the executable that holds the code, or empty
 * @param buildId its build-id in hex, or empty
 * @param address address of a frame without a symbol, so that it can be named later; otherwise 0
 * @param kind kind of code
 * @param inlined whether the compiler inlined this function into the next frame towards the root
 * @param lowConfidence whether it was found by a frame pointer alone: its caller may be missing
 * @param fileOffset whether {@code address} counts from the start of the file, which is all that a
 *     mapping tells; else it is the ELF virtual address
 * @param startLine source line where the function starts, or 0: Go's compiler wants it of a profile
 */
public record Frame(
        String function,
        String file,
        int line,
        String mapping,
        String buildId,
        long address,
        FrameKind kind,
        boolean inlined,
        boolean lowConfidence,
        boolean fileOffset,
        int startLine) {

    /** A frame of whose function it is not known where it starts. */
    public Frame(
            String function,
            String file,
            int line,
            String mapping,
            String buildId,
            long address,
            FrameKind kind,
            boolean inlined,
            boolean lowConfidence,
            boolean fileOffset) {
        this(
                function,
                file,
                line,
                mapping,
                buildId,
                address,
                kind,
                inlined,
                lowConfidence,
                fileOffset,
                0);
    }

    /** A frame that is sure, its address an ELF virtual address. */
    public Frame(
            String function,
            String file,
            int line,
            String mapping,
            String buildId,
            long address,
            FrameKind kind,
            boolean inlined) {
        this(function, file, line, mapping, buildId, address, kind, inlined, false, false);
    }

    /** A frame of which only the name is known. */
    public static Frame named(String function) {
        return new Frame(function, "", 0, "", "", 0, FrameKind.UNKNOWN, false);
    }

    /** This frame with another confidence. */
    public Frame withLowConfidence(boolean low) {
        return low == lowConfidence
                ? this
                : new Frame(
                        function,
                        file,
                        line,
                        mapping,
                        buildId,
                        address,
                        kind,
                        inlined,
                        low,
                        fileOffset,
                        startLine);
    }

    /** This frame with the line where its function starts; what is no line is 0. */
    public Frame withStartLine(long start) {
        int known = start < 0 || start > Integer.MAX_VALUE ? 0 : (int) start;
        return known == startLine
                ? this
                : new Frame(
                        function,
                        file,
                        line,
                        mapping,
                        buildId,
                        address,
                        kind,
                        inlined,
                        lowConfidence,
                        fileOffset,
                        known);
    }

    /** Whether nobody has named it yet, and a debug file of its executable could. */
    public boolean canBeNamedLater() {
        return address != 0 && !buildId.isEmpty();
    }
}
