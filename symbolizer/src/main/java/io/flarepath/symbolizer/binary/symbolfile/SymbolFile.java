package io.flarepath.symbolizer.binary.symbolfile;

import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A symbol file that is mapped: what runs at an address, inlined calls first. Its layout is in
 * {@link SymbolFileLayout}. Takes next to no heap; safe for use by several threads. What is damaged
 * is refused when it is opened, by its checksum; every reference is checked all the same.
 */
public final class SymbolFile {
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int CHECK_BYTES = 1 << 16;

    /** Inlined calls above each other; deeper ones are cut at their root end. */
    private static final int MAX_DEPTH = 256;

    private final MemorySegment bytes;
    private final int segments;
    private final int functions;
    private final int files;
    private final long stringsAt;
    private final long stringsEnd;
    private final long functionsAt;
    private final long filesAt;
    private final long segmentsAt;
    private final String identity;
    private final boolean hasLines;

    private SymbolFile(MemorySegment bytes) throws MalformedBinaryException {
        this.bytes = bytes;
        this.segments = bytes.get(INT, SymbolFileLayout.SEGMENTS_AT);
        this.functions = bytes.get(INT, SymbolFileLayout.FUNCTIONS_AT);
        this.files = bytes.get(INT, SymbolFileLayout.FILES_AT);
        this.stringsAt = bytes.get(LONG, SymbolFileLayout.STRINGS_OFFSET_AT);
        this.functionsAt = bytes.get(LONG, SymbolFileLayout.FUNCTIONS_OFFSET_AT);
        this.filesAt = bytes.get(LONG, SymbolFileLayout.FILES_OFFSET_AT);
        this.segmentsAt = bytes.get(LONG, SymbolFileLayout.SEGMENTS_OFFSET_AT);
        this.stringsEnd = functionsAt;
        this.hasLines =
                (bytes.get(INT, SymbolFileLayout.FLAGS_AT) & SymbolFileLayout.HAS_LINES) != 0;
        checkTables();
        this.identity =
                string(Integer.toUnsignedLong(bytes.get(INT, SymbolFileLayout.IDENTITY_AT)));
    }

    private void checkTables() throws MalformedBinaryException {
        long size = bytes.byteSize();
        boolean counts = segments >= 0 && functions >= 0 && files >= 1;
        boolean order =
                stringsAt >= SymbolFileLayout.HEADER_BYTES
                        && functionsAt >= stringsAt
                        && filesAt >= functionsAt
                        && segmentsAt >= filesAt
                        && size >= segmentsAt;
        boolean room =
                counts
                        && order
                        && filesAt - functionsAt
                                == (long) functions * SymbolFileLayout.FUNCTION_BYTES
                        && segmentsAt - filesAt == 4L * files
                        && size - segmentsAt == 20L * segments;
        if (!room) {
            throw new MalformedBinaryException("the tables of the symbol file do not fit into it");
        }
    }

    /**
     * Opens a file; it stays mapped for as long as this object is used.
     *
     * @throws MalformedBinaryException if it is damaged or of another version
     */
    public static SymbolFile open(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            check(channel, size);
            return new SymbolFile(channel.map(MapMode.READ_ONLY, 0, size, Arena.ofAuto()));
        }
    }

    /** Reads an image in memory, which must not change; its checksum is not checked. */
    static SymbolFile of(byte[] image) throws MalformedBinaryException {
        checkHeader(ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN), image.length);
        return new SymbolFile(MemorySegment.ofArray(image));
    }

    private static void checkHeader(ByteBuffer header, long size) throws MalformedBinaryException {
        if (size < SymbolFileLayout.HEADER_BYTES
                || header.getLong(0) != SymbolFileLayout.MAGIC
                || header.getLong(SymbolFileLayout.BYTES_AT) != size) {
            throw new MalformedBinaryException("not a symbol file, or not a whole one");
        }
        int version = header.getInt(SymbolFileLayout.VERSION_AT);
        if (version != SymbolFileLayout.VERSION) {
            throw new MalformedBinaryException(
                    "symbol files of version "
                            + SymbolFileLayout.VERSION
                            + " are read, this one has version "
                            + version);
        }
    }

    /** Reads all of it, rather than touching the mapping: what is mapped counts as our memory. */
    private static void check(FileChannel channel, long size) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(CHECK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        fill(channel, buffer.limit(SymbolFileLayout.HEADER_BYTES), 0);
        if (buffer.hasRemaining()) {
            throw new MalformedBinaryException("not a symbol file: it is too short");
        }
        checkHeader(buffer, size);
        int wanted = buffer.getInt(SymbolFileLayout.CRC_AT);
        CRC32 crc = new CRC32();
        for (long at = SymbolFileLayout.HEADER_BYTES; at < size; ) {
            fill(channel, buffer.clear(), at);
            buffer.flip();
            if (!buffer.hasRemaining()) {
                break;
            }
            at += buffer.remaining();
            crc.update(buffer);
        }
        if ((int) crc.getValue() != wanted) {
            throw new MalformedBinaryException("the symbol file is damaged: its checksum differs");
        }
    }

    private static void fill(FileChannel channel, ByteBuffer buffer, long start)
            throws IOException {
        while (buffer.hasRemaining() && channel.read(buffer, start + buffer.position()) > 0) {
            // until it is full or the file ends
        }
    }

    /** The identity of the executable for which it was made. */
    public String identity() {
        return identity;
    }

    /** Whether lines are known, and not names alone. */
    public boolean hasLines() {
        return hasLines;
    }

    /** Bytes of the file. */
    public long bytes() {
        return bytes.byteSize();
    }

    /** Number of address ranges that have a name. */
    public int segments() {
        return segments;
    }

    /** The first address of a range; ranges are in the order of their addresses. */
    public long segmentStart(int index) {
        return bytes.get(LONG, segmentsAt + 8L * index);
    }

    /** The number of addresses of a range. */
    public long segmentLength(int index) {
        return Integer.toUnsignedLong(bytes.get(INT, segmentsAt + 8L * segments + 4L * index));
    }

    /**
     * What runs at an ELF virtual address: the innermost inlined call first, the function into
     * which all of them were inlined last. Empty where nothing is known.
     */
    public List<CodePlace> find(long address) {
        int low = 0;
        int high = segments - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (segmentStart(middle) <= address) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        if (high < 0 || address - segmentStart(high) >= segmentLength(high)) {
            return List.of();
        }
        long block = bytes.get(LONG, segmentsAt + 12L * segments + 8L * high);
        try {
            return new BlockReader(bytes, block, stringsAt).find(this, address);
        } catch (MalformedBinaryException e) {
            return List.of(); // The checksum was right: only a file made by hand comes here.
        }
    }

    /** The places of a chain of calls, given from the innermost to the function itself. */
    List<CodePlace> places(int[] functionOf, int[] fileOf, int[] lineOf, int depth)
            throws MalformedBinaryException {
        List<CodePlace> places = new ArrayList<>(depth);
        for (int i = 0; i < depth; i++) {
            places.add(place(functionOf[i], fileOf[i], lineOf[i], i + 1 < depth));
        }
        return places;
    }

    private CodePlace place(int function, int file, int line, boolean inlined)
            throws MalformedBinaryException {
        if (function < 0 || function >= functions) {
            throw new MalformedBinaryException("there is no function " + function);
        }
        long at = functionsAt + (long) function * SymbolFileLayout.FUNCTION_BYTES;
        FrameKind kind =
                switch (bytes.get(INT, at + 12)) {
                    case SymbolFileLayout.KIND_GO -> FrameKind.GO;
                    case SymbolFileLayout.KIND_RUST -> FrameKind.RUST;
                    default -> FrameKind.NATIVE;
                };
        String symbol = string(Integer.toUnsignedLong(bytes.get(INT, at)));
        return new CodePlace(symbol, kind, file(file), line, bytes.get(INT, at + 8), inlined);
    }

    private String file(int index) throws MalformedBinaryException {
        if (index == 0) {
            return "";
        }
        if (index < 0 || index >= files) {
            throw new MalformedBinaryException("there is no file " + index);
        }
        return string(Integer.toUnsignedLong(bytes.get(INT, filesAt + 4L * index)));
    }

    private String string(long offset) throws MalformedBinaryException {
        if (offset == 0) {
            return "";
        }
        BlockReader reader = new BlockReader(bytes, stringsAt + offset, stringsEnd);
        int length = reader.number();
        long start = reader.position();
        if (start + length > stringsEnd) {
            throw new MalformedBinaryException("a string leaves the strings");
        }
        byte[] utf8 = bytes.asSlice(start, length).toArray(ValueLayout.JAVA_BYTE);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    static int maxDepth() {
        return MAX_DEPTH;
    }
}
