package io.flarepath.symbolizer;

/**
 * One named frame.
 *
 * @param function the name; {@code file+0x<ELF virtual address>} where there is no symbol, {@code
 *     [reason]} for an error frame
 * @param file source file, or empty
 * @param line source line, or 0
 * @param mapping file name (last part of the path) of the executable, {@code [vdso]}, a kernel
 *     module, or empty
 * @param buildId its GNU build-id in hex, or empty
 * @param address ELF virtual address of a frame without a symbol; otherwise 0
 * @param kind kind of code
 * @param inlined whether the function was inlined into the next frame towards the root
 * @param systemName the name as it stands in the binary, where {@code function} is made of it; or
 *     empty
 * @param startLine line at which the function is declared, or 0
 * @param lowConfidence whether the unwinder found it by a frame pointer alone, in code that has no
 *     unwind rules: the frame itself is right, its caller may be missing or wrong
 * @param approximateLine whether {@code line} is only near: of compiled Java code the VM keeps the
 *     lines of calls and safepoints, of which an interrupted frame has the next
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
        String systemName,
        int startLine,
        boolean lowConfidence,
        boolean approximateLine) {

    /** A frame that was found by rules, or that is not an unwinder's. */
    public Frame(
            String function,
            String file,
            int line,
            String mapping,
            String buildId,
            long address,
            FrameKind kind,
            boolean inlined,
            String systemName,
            int startLine) {
        this(
                function,
                file,
                line,
                mapping,
                buildId,
                address,
                kind,
                inlined,
                systemName,
                startLine,
                false,
                false);
    }

    /** A frame of which neither another name nor a start line is known. */
    public Frame(
            String function,
            String file,
            int line,
            String mapping,
            String buildId,
            long address,
            FrameKind kind,
            boolean inlined) {
        this(function, file, line, mapping, buildId, address, kind, inlined, "", 0);
    }

    // Frames are compared all the time, in a process that compiles by C1 alone. That does not see
    // through the method handles which a record's own methods are made of.
    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof Frame frame
                        && address == frame.address
                        && line == frame.line
                        && startLine == frame.startLine
                        && kind == frame.kind
                        && inlined == frame.inlined
                        && lowConfidence == frame.lowConfidence
                        && approximateLine == frame.approximateLine
                        && function.equals(frame.function)
                        && mapping.equals(frame.mapping)
                        && file.equals(frame.file)
                        && buildId.equals(frame.buildId)
                        && systemName.equals(frame.systemName));
    }

    @Override
    public int hashCode() {
        int hash = function.hashCode();
        hash = hash * 31 + Long.hashCode(address);
        hash = hash * 31 + line;
        hash = hash * 31 + mapping.hashCode();
        return hash * 31 + file.hashCode();
    }

    /** This frame, marked as low in confidence or not. */
    public Frame withLowConfidence(boolean low) {
        return low == lowConfidence ? this : marked(low, approximateLine);
    }

    /** This frame, its line known to be only near. */
    public Frame withApproximateLine() {
        return marked(lowConfidence, true);
    }

    private Frame marked(boolean low, boolean near) {
        return new Frame(
                function,
                file,
                line,
                mapping,
                buildId,
                address,
                kind,
                inlined,
                systemName,
                startLine,
                low,
                near);
    }

    /** The typed frame that ends a truncated stack. */
    public static Frame error(String reason) {
        return new Frame("[" + reason + "]", "", 0, "", "", 0, FrameKind.ERROR, false);
    }
}
