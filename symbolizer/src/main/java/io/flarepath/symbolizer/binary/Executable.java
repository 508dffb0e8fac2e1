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
     * much while it is read, and compilers' libraries have tables of 25 MiB. Until there is a
     * symbol file, frames are then named by a shorter table of the file ({@code .dynsym}), or by
     * their address.
     */
    static final long MAX_TABLE_BYTES = 4 << 20;

    /** Symbols that take more are better kept in a symbol file. */
    private static final long FEW_BYTES = 256 << 10;

    private record CachedFrame(int row, Frame frame) {}

    private final String fileName;
    private final String buildId;
    private final String identity;
    private final FrameKind kind;
    private final List<Segment> segments;
    private final boolean tablePassedOver;
    private volatile OwnSymbols own;
    private volatile boolean lost;
    private volatile @Nullable SymbolFile symbolFile;

    /** Symbols on the heap, and the frames that were named by them lately. */
    private record OwnSymbols(
            SymbolTable table, AtomicReferenceArray<@Nullable CachedFrame> cache) {
        static OwnSymbols of(SymbolTable table) {
            int slots = Math.min(CACHED_FRAMES, table.size() + 1);
            return new OwnSymbols(table, new AtomicReferenceArray<>(slots));
        }
    }

    private Executable(
            Identified file,
            String fileName,
            SymbolReader.Found symbols,
            FrameKind kind,
            @Nullable SymbolFile symbolFile) {
        this.fileName = fileName;
        this.buildId = file.buildId;
        this.identity = file.identity;
        this.kind = kind;
        this.segments =
                file.elf.segments.stream().filter(s -> s.type() == ElfFile.PT_LOAD).toList();
        this.own = OwnSymbols.of(symbols.table());
        this.tablePassedOver = symbols.passedOver();
        this.symbolFile = symbolFile;
    }

    /** A file whose headers are read, and whose symbols are not yet. */
    record Identified(ElfFile elf, String buildId, String identity) {
        static Identified read(ByteSource source) throws IOException {
            ElfFile elf = ElfFile.read(source);
            String buildId = Identity.buildId(elf);
            return new Identified(elf, buildId, Identity.of(elf));
        }

        /** Reads the symbols, unless there is a symbol file. */
        Executable load(String fileName, @Nullable SymbolFile ready) throws IOException {
            SymbolReader.Found symbols =
                    ready == null
                            ? SymbolReader.read(elf, MAX_TABLE_BYTES)
                            : SymbolReader.Found.NOTHING;
            FrameKind kind = Language.of(elf, symbols.table());
            return new Executable(this, fileName, symbols, kind, ready);
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
        return Identified.read(source).load(fileName, null);
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
        return own.table.size();
    }

    /** Heap bytes that this executable takes, about. */
    public long bytes() {
        OwnSymbols now = own;
        return now.table.bytes() + now.cache.length() * FRAME_BYTES + 1024;
    }

    /** Whether a symbol file would say more of its own symbols, or spare much of the heap. */
    public boolean isBetterInSymbolFile() {
        return symbolFile == null && (tablePassedOver || lost || own.table.bytes() > FEW_BYTES);
    }

    /**
     * The ELF virtual address (what {@code addr2line} takes) of an offset in the file; for a
     * mapping, the offset is {@code pc - mapping.start + mapping.fileOffset}.
     */
    public OptionalLong virtualAddress(long fileOffset) {
        return ElfFile.virtualAddress(segments, fileOffset);
    }

    /**
     * The ELF virtual address of the first byte of a mapping of code. The mapping may begin before
     * its segment and end behind it, since both ends are moved to those of pages.
     *
     * @param fileOffset position in the file of the mapping's first byte
     * @param bytes of the mapping
     * @return empty if no segment with code lies there
     */
    public OptionalLong codeAddress(long fileOffset, long bytes) {
        long most = 0;
        OptionalLong address = OptionalLong.empty();
        for (Segment s : segments) {
            long from = Math.max(s.offset(), fileOffset);
            long to = Math.min(s.offset() + s.fileBytes(), fileOffset + bytes);
            if (s.executable() && to - from > most) {
                most = to - from;
                address = OptionalLong.of(fileOffset - s.offset() + s.address());
            }
        }
        return address;
    }

    /**
     * Names addresses by a symbol file from now on. It has the executable's own symbols too, so
     * these leave the heap.
     *
     * @throws IllegalArgumentException if it was made for another executable
     */
    public void attach(SymbolFile file) {
        if (!file.identity().equals(identity)) {
            throw new IllegalArgumentException(
                    "the symbol file of " + file.identity() + " does not belong to " + identity);
        }
        symbolFile = file;
        own = OwnSymbols.of(SymbolTable.EMPTY);
    }

    /** Gives the heap of its symbols back: without a symbol file it has none from now on. */
    void loseSymbols() {
        if (symbolFile == null && own.table.size() > 0) {
            lost = true;
            own = OwnSymbols.of(SymbolTable.EMPTY);
        }
    }

    /** Whether its symbols were given up, and nothing names its addresses. */
    boolean hasLostSymbols() {
        return lost && symbolFile == null;
    }

    /** Reads the symbols that were given up once more. */
    void restore(Identified file) throws IOException {
        own = OwnSymbols.of(SymbolReader.read(file.elf, MAX_TABLE_BYTES).table());
        lost = false;
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
        OwnSymbols now = own;
        int row = now.table.find(virtualAddress);
        if (row < 0) {
            String name = fileName + "+0x" + Long.toHexString(virtualAddress);
            return new Frame(name, "", 0, fileName, buildId, virtualAddress, kind, false);
        }
        int slot = row % now.cache.length();
        CachedFrame cached = now.cache.get(slot);
        if (cached != null && cached.row == row) {
            return cached.frame;
        }
        Frame frame = named(now.table.name(row));
        now.cache.set(slot, new CachedFrame(row, frame));
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
