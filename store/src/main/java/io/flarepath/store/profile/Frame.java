package io.flarepath.store.profile;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One frame of a stack, as it is stored. Immutable. Whoever makes the same frame again and again
 * should keep it: its hashes are worked out once.
 */
public final class Frame {
    private final String function;
    private final String file;
    private final int line;
    private final String mapping;
    private final String buildId;
    private final long address;
    private final FrameKind kind;
    private final boolean inlined;
    private final boolean lowConfidence;
    private final boolean fileOffset;
    private final int startLine;
    private final boolean approximateLine;

    // Worked out when first asked for; which of two threads does it is all the same. They lie in
    // the frame itself, since most of what finding a frame costs is to fetch memory.
    private volatile boolean hashed;
    private int hash;
    private long hashA;
    private long hashB;
    private long functionHash;
    private long fileHash;

    /**
     * A frame.
     *
     * @param function the stored name: {@code java/lang/Thread.run}, {@code main}, {@code
     *     libc.so.6+0x29d90} where there is no symbol, {@code [reason]} for an error frame
     * @param file source file, or empty
     * @param line source line, or 0
     * @param mapping file name of the executable that holds the code, or empty
     * @param buildId its build-id in hex, or empty
     * @param address address of a frame without a symbol, so that it can be named later; otherwise
     *     0
     * @param kind kind of code
     * @param inlined whether the compiler inlined this function into the next frame towards the
     *     root
     * @param lowConfidence whether it was found by a frame pointer alone: its caller may be missing
     * @param fileOffset whether {@code address} counts from the start of the file, which is all
     *     that a mapping tells; else it is the ELF virtual address
     * @param startLine source line where the function starts, or 0: Go's compiler wants it of a
     *     profile
     */
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
            boolean fileOffset,
            int startLine) {
        this.function = Objects.requireNonNull(function);
        this.file = Objects.requireNonNull(file);
        this.line = line;
        this.mapping = Objects.requireNonNull(mapping);
        this.buildId = Objects.requireNonNull(buildId);
        this.address = address;
        this.kind = kind;
        this.inlined = inlined;
        this.lowConfidence = lowConfidence;
        this.fileOffset = fileOffset;
        this.startLine = startLine;
        this.approximateLine = false;
    }

    private Frame(Frame other, boolean lowConfidence, int startLine, boolean approximateLine) {
        this.function = other.function;
        this.file = other.file;
        this.line = other.line;
        this.mapping = other.mapping;
        this.buildId = other.buildId;
        this.address = other.address;
        this.kind = other.kind;
        this.inlined = other.inlined;
        this.lowConfidence = lowConfidence;
        this.fileOffset = other.fileOffset;
        this.startLine = startLine;
        this.approximateLine = approximateLine;
    }

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
        return low == lowConfidence ? this : new Frame(this, low, startLine, approximateLine);
    }

    /** This frame with the line where its function starts; what is no line is 0. */
    public Frame withStartLine(long start) {
        int known = knownLine(start);
        return known == startLine ? this : new Frame(this, lowConfidence, known, approximateLine);
    }

    /** This frame with a line that is exact, or only near; no line is never near. */
    public Frame withApproximateLine(boolean approximate) {
        boolean near = approximate && line > 0;
        return near == approximateLine ? this : new Frame(this, lowConfidence, startLine, near);
    }

    /** A line as a frame has it; what is no line is 0. */
    public static int knownLine(long line) {
        return line < 0 || line > Integer.MAX_VALUE ? 0 : (int) line;
    }

    /** Whether nobody has named it yet, and a debug file of its executable could. */
    public boolean canBeNamedLater() {
        return address != 0 && !buildId.isEmpty();
    }

    /** The stored name. */
    public String function() {
        return function;
    }

    /** Source file, or empty. */
    public String file() {
        return file;
    }

    /** Source line, or 0. */
    public int line() {
        return line;
    }

    /** File name of the executable that holds the code, or empty. */
    public String mapping() {
        return mapping;
    }

    /** Build-id of the executable in hex, or empty. */
    public String buildId() {
        return buildId;
    }

    /** Address of a frame without a symbol, otherwise 0. */
    public long address() {
        return address;
    }

    /** Kind of code. */
    public FrameKind kind() {
        return kind;
    }

    /** Whether the compiler inlined this function into the next frame towards the root. */
    public boolean inlined() {
        return inlined;
    }

    /** Whether it was found by a frame pointer alone: its caller may be missing. */
    public boolean lowConfidence() {
        return lowConfidence;
    }

    /** Whether the address counts from the start of the file. */
    public boolean fileOffset() {
        return fileOffset;
    }

    /** Source line where the function starts, or 0. */
    public int startLine() {
        return startLine;
    }

    /**
     * Whether the line is that of a place near by: what a compiler notes of an interrupted frame
     * may be the next call or the end of a loop.
     */
    public boolean approximateLine() {
        return approximateLine;
    }

    /**
     * One half of the hash by which frames are told apart: with {@link #hashB()} 128 bits. Of
     * factors that are secret and others in every JVM: nobody can make two frames meet, and by
     * chance they do not.
     */
    public long hashA() {
        return hashed().hashA;
    }

    /** The other half. */
    public long hashB() {
        return hashed().hashB;
    }

    /** {@link FrameHash#stable} of the function. */
    public long functionHash() {
        return hashed().functionHash;
    }

    /** {@link FrameHash#stable} of the file. */
    public long fileHash() {
        return hashed().fileHash;
    }

    private Frame hashed() {
        if (!hashed) {
            FrameHash of = new FrameHash();
            of.text(function);
            of.text(file);
            of.text(mapping);
            of.text(buildId);
            of.number(line);
            of.number(startLine);
            of.number(address);
            of.number(
                    kind.code() << 4
                            | (inlined ? 1 : 0)
                            | (lowConfidence ? 2 : 0)
                            | (fileOffset ? 4 : 0)
                            | (approximateLine ? 8 : 0));
            hashA = of.a();
            hashB = of.b();
            functionHash = FrameHash.stable(function);
            fileHash = FrameHash.stable(file);
            hashed = true;
        }
        return this;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof Frame that
                        && line == that.line
                        && startLine == that.startLine
                        && address == that.address
                        && kind == that.kind
                        && inlined == that.inlined
                        && lowConfidence == that.lowConfidence
                        && fileOffset == that.fileOffset
                        && approximateLine == that.approximateLine
                        && function.equals(that.function)
                        && file.equals(that.file)
                        && mapping.equals(that.mapping)
                        && buildId.equals(that.buildId));
    }

    /**
     * Of what tells frames apart; the texts of most of the rest are the same all over a program.
     */
    @Override
    public int hashCode() {
        int known = hash;
        if (known == 0) {
            known = (31 * function.hashCode() + line) * 31 + Long.hashCode(address);
            hash = known;
        }
        return known;
    }

    @Override
    public String toString() {
        return String.format(
                "Frame[%s, %s:%d, %s, %s, 0x%x, %s%s%s%s%s%s]",
                function,
                file,
                line,
                mapping,
                buildId,
                address,
                kind,
                inlined ? ", inlined" : "",
                lowConfidence ? ", low confidence" : "",
                fileOffset ? ", file offset" : "",
                approximateLine ? ", near that line" : "",
                startLine == 0 ? "" : ", function from line " + startLine);
    }
}
