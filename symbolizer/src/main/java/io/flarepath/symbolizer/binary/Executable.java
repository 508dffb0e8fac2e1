package io.flarepath.symbolizer.binary;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.ElfFile.Segment;
import io.flarepath.symbolizer.binary.symbolfile.CodePlace;
import io.flarepath.symbolizer.binary.symbolfile.SymbolFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one executable or library: identity, segments, functions. It holds no open file.
 * Safe for use by several threads.
 */
public final class Executable {
    /** Frames that were named lately are kept, one for each slot. */
    private static final int CACHED_FRAMES = 256;

    private static final long FRAME_BYTES = 300;

    /**
     * A longer symbol table, names included, is not read onto the heap: it takes three times as
     * much while it is read, and compilers' libraries have tables of 25 MiB. Frames are then named
     * by a shorter table of the file ({@code .dynsym}), or by their address.
     */
    static final long MAX_TABLE_BYTES = 8 << 20;

    private record CachedFrame(int row, Frame frame) {}

    private final String fileName;
    private final String buildId;
    private final String identity;
    private final FrameKind kind;
    private final List<Segment> segments;
    private final SymbolTable symbols;
    private final AtomicReferenceArray<@Nullable CachedFrame> cache;
    private volatile @Nullable SymbolFile symbolFile;

    private Executable(Identified file, String fileName, SymbolTable symbols, FrameKind kind) {
        this.fileName = fileName;
        this.buildId = file.buildId;
        this.identity = file.identity;
        this.kind = kind;
        this.segments =
                file.elf.segments.stream().filter(s -> s.type() == ElfFile.PT_LOAD).toList();
        this.symbols = symbols;
        this.cache = new AtomicReferenceArray<>(Math.min(CACHED_FRAMES, symbols.size() + 1));
    }

    /** A file whose headers are read, and whose symbols are not yet. */
    record Identified(ElfFile elf, String buildId, String identity) {
        static Identified read(ByteSource source) throws IOException {
            ElfFile elf = ElfFile.read(source);
            String buildId = Identity.buildId(elf);
            return new Identified(elf, buildId, Identity.of(elf));
        }

        Executable load(String fileName) throws IOException {
            SymbolTable symbols = SymbolReader.read(elf, MAX_TABLE_BYTES);
            return new Executable(this, fileName, symbols, Language.of(elf, symbols));
        }
    }

    /**
     * Reads an executable.
     *
     * @throws MalformedBinaryException if it is not an ELF file that we read
     */
    public static Executable open(Path path) throws IOException {
        Path name = path.getFileName();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return read(ByteSource.of(channel), name == null ? "" : name.toString());
        }
    }

    /**
     * Reads an executable out of any source of bytes, which is not used after this call.
     *
     * @param fileName what its frames name as their mapping: the last part of a path
     */
    public static Executable read(ByteSource source, String fileName) throws IOException {
        return Identified.read(source).load(fileName);
    }

    /** The GNU build-id in hex, or empty. */
    public String buildId() {
        return buildId;
    }

    /** Tells builds apart where there is no build-id too: build-id, colon, hash of the content. */
    public String identity() {
        return identity;
    }

    /** The last part of the path. */
    public String fileName() {
        return fileName;
    }

    /** GO, RUST, or NATIVE. */
    public FrameKind kind() {
        return kind;
    }

    /** Number of address ranges that have a name. */
    public int symbolCount() {
        return symbols.size();
    }

    /** Heap bytes that this executable takes, about. */
    public long bytes() {
        return symbols.bytes() + cache.length() * FRAME_BYTES + 1024;
    }

    /**
     * The ELF virtual address (what {@code addr2line} takes) of an offset in the file; for a
     * mapping, the offset is {@code pc - mapping.start + mapping.fileOffset}.
     */
    public OptionalLong virtualAddress(long fileOffset) {
        return ElfFile.virtualAddress(segments, fileOffset);
    }

    /**
     * Names addresses by a symbol file from now on, where it knows them.
     *
     * @throws IllegalArgumentException if it was made for another executable
     */
    public void attach(SymbolFile file) {
        if (!file.identity().equals(identity)) {
            throw new IllegalArgumentException(
                    "the symbol file of " + file.identity() + " does not belong to " + identity);
        }
        symbolFile = file;
    }

    /** Whether a symbol file names its addresses. */
    public boolean hasSymbolFile() {
        return symbolFile != null;
    }

    /** What gives addresses their names now: another object when a symbol file came. */
    public Object names() {
        SymbolFile file = symbolFile;
        return file == null ? this : file;
    }

    /**
     * What runs at an ELF virtual address: inlined calls first, the function into which they were
     * inlined last; never empty.
     */
    public List<Frame> frames(long virtualAddress) {
        SymbolFile file = symbolFile;
        List<CodePlace> places = file == null ? List.of() : file.find(virtualAddress);
        if (places.isEmpty()) {
            return List.of(frame(virtualAddress));
        }
        List<Frame> frames = new ArrayList<>(places.size());
        for (CodePlace place : places) {
            frames.add(named(place));
        }
        return frames;
    }

    private Frame named(CodePlace place) {
        String symbol = place.symbol();
        boolean go = place.kind() == FrameKind.GO;
        String shown = go ? symbol : SymbolNames.shown(symbol);
        return new Frame(
                shown,
                place.file(),
                place.line(),
                fileName,
                buildId,
                0,
                SymbolNames.isRust(symbol) ? FrameKind.RUST : place.kind(),
                place.inlined(),
                shown.equals(symbol) ? "" : symbol,
                place.startLine());
    }

    /** The function at an ELF virtual address, or {@code file+0x<address>}. */
    public Frame frame(long virtualAddress) {
        int row = symbols.find(virtualAddress);
        if (row < 0) {
            String name = fileName + "+0x" + Long.toHexString(virtualAddress);
            return new Frame(name, "", 0, fileName, buildId, virtualAddress, kind, false);
        }
        int slot = row % cache.length();
        CachedFrame cached = cache.get(slot);
        if (cached != null && cached.row == row) {
            return cached.frame;
        }
        Frame frame = named(symbols.name(row));
        cache.set(slot, new CachedFrame(row, frame));
        return frame;
    }

    private Frame named(String symbol) {
        if (kind == FrameKind.GO) {
            return new Frame(symbol, "", 0, fileName, buildId, 0, kind, false);
        }
        boolean cpp = symbol.startsWith("_Z");
        FrameKind language =
                SymbolNames.isRust(symbol) ? FrameKind.RUST : cpp ? FrameKind.NATIVE : kind;
        String shown = SymbolNames.shown(symbol);
        String systemName = shown.equals(symbol) ? "" : symbol;
        return new Frame(shown, "", 0, fileName, buildId, 0, language, false, systemName, 0);
    }
}
