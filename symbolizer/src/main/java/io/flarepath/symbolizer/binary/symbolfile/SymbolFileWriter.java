package io.flarepath.symbolizer.binary.symbolfile;

import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.SymbolTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Writes a symbol file. Blocks go to disk as they come; what stays in memory is strings, functions,
 * and 20 bytes a block. The file appears under its name when it is whole.
 */
public final class SymbolFileWriter implements CodeSink, AutoCloseable {
    private static final int MAX_FUNCTIONS = 8_000_000;
    private static final int MAX_FILES = 1_000_000;
    private static final int MAX_BLOCKS = 8_000_000;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int ROOM = 64;

    private final Path path;
    private final Path temporary;
    private final FileChannel channel;
    private final CRC32 crc = new CRC32();
    private final long mostBytes;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long written = SymbolFileLayout.HEADER_BYTES;

    private final StringPool strings;
    private final Map<String, Integer> files = new HashMap<>();
    private int[] fileStrings = new int[64];
    private int fileCount = 1;
    private int[] functions = new int[4 * 256];
    private int functionCount;
    private final BlockIndex index = new BlockIndex();
    private boolean hasLines;
    private boolean finished;

    /**
     * Starts a file.
     *
     * @param path where it appears when it is finished
     * @param mostBytes bytes that the file may have; above that writing fails
     */
    public SymbolFileWriter(Path path, long mostBytes) throws IOException {
        this.path = path;
        this.mostBytes = mostBytes;
        this.strings = new StringPool(mostBytes);
        this.temporary = path.resolveSibling(path.getFileName() + ".tmp");
        this.channel =
                FileChannel.open(
                        temporary,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        channel.position(SymbolFileLayout.HEADER_BYTES);
    }

    @Override
    public int string(byte[] utf8, int length) throws IOException {
        return strings.add(utf8, length);
    }

    @Override
    public int file(String name) throws IOException {
        if (name.isEmpty()) {
            return 0;
        }
        Integer known = files.get(name);
        if (known != null) {
            return known;
        }
        if (fileCount >= MAX_FILES) {
            return 0;
        }
        if (fileCount == fileStrings.length) {
            fileStrings = Arrays.copyOf(fileStrings, fileCount * 2);
        }
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        fileStrings[fileCount] = strings.add(utf8, utf8.length);
        files.put(name, fileCount);
        return fileCount++;
    }

    @Override
    public int function(int name, int file, int line, FrameKind kind) throws IOException {
        if (functionCount >= MAX_FUNCTIONS) {
            throw tooMany("functions", MAX_FUNCTIONS);
        }
        int at = functionCount * 4;
        if (at == functions.length) {
            functions = Arrays.copyOf(functions, at * 2);
        }
        functions[at] = name;
        functions[at + 1] = file;
        functions[at + 2] = Math.max(0, line);
        functions[at + 3] =
                switch (kind) {
                    case GO -> SymbolFileLayout.KIND_GO;
                    case RUST -> SymbolFileLayout.KIND_RUST;
                    default -> SymbolFileLayout.KIND_NATIVE;
                };
        return functionCount++;
    }

    @Override
    public void block(CodeBlock block, int priority) throws IOException {
        if (block.end() <= block.start() || block.start() < 0) {
            return;
        }
        if (index.size() >= MAX_BLOCKS) {
            throw tooMany("blocks", MAX_BLOCKS);
        }
        index.add(block.start(), block.end() - block.start(), position(), priority);
        int[] kept = keptNodes(block);
        writeNumber(block);
        for (int node = 1; node < block.nodes(); node++) {
            if (kept[node] > 0) {
                room(ROOM);
                uleb(kept[block.parent(node)]);
                uleb(block.functionOf(node));
                uleb(block.callFile(node));
                uleb(Math.max(0, block.callLine(node)));
            }
        }
        writeRows(block, kept);
    }

    /** New numbers of the nodes that a row refers to, and of those above them. */
    private int[] keptNodes(CodeBlock block) {
        int[] kept = new int[block.nodes()];
        for (int row = 0; row < block.rows(); row++) {
            for (int node = block.node(row); node > 0 && kept[node] == 0; ) {
                kept[node] = 1;
                node = block.parent(node);
            }
        }
        int next = 1;
        for (int node = 1; node < kept.length; node++) {
            if (kept[node] > 0) {
                kept[node] = next++;
            }
        }
        keptCount = next;
        return kept;
    }

    private int keptCount;

    private void writeNumber(CodeBlock block) throws IOException {
        room(ROOM);
        buffer.putLong(block.start());
        uleb(block.function());
        uleb(keptCount);
        uleb(block.rows());
    }

    private void writeRows(CodeBlock block, int[] kept) throws IOException {
        long address = block.start();
        int node = 0;
        int file = 0;
        int line = 0;
        for (int row = 0; row < block.rows(); row++) {
            room(ROOM);
            int rowNode = kept[block.node(row)];
            int rowFile = block.file(row);
            int changes = (rowNode != node ? 1 : 0) | (rowFile != file ? 2 : 0);
            uleb(((block.address(row) - address) << 2) | changes);
            if (rowNode != node) {
                zigzag(rowNode - node);
            }
            if (rowFile != file) {
                zigzag(rowFile - file);
            }
            zigzag(block.line(row) - line);
            hasLines |= block.line(row) > 0;
            address = block.address(row);
            node = rowNode;
            file = rowFile;
            line = block.line(row);
        }
    }

    /**
     * Writes the tables, and gives the file its name.
     *
     * @param identity of the executable, as {@link
     *     io.flarepath.symbolizer.binary.Executable#identity()} gives it
     */
    public void finish(String identity) throws IOException {
        byte[] utf8 = identity.getBytes(StandardCharsets.UTF_8);
        int identityString = strings.add(utf8, utf8.length);
        SymbolTable segments = index.segments();
        long stringsAt = position();
        bytes(strings.bytes(), strings.size());
        long functionsAt = position();
        ints(functions, functionCount * 4);
        long filesAt = position();
        ints(fileStrings, fileCount);
        long segmentsAt = position();
        for (int i = 0; i < segments.size(); i++) {
            room(ROOM);
            buffer.putLong(segments.start(i));
        }
        for (int i = 0; i < segments.size(); i++) {
            room(ROOM);
            buffer.putInt((int) segments.length(i));
        }
        for (int i = 0; i < segments.size(); i++) {
            room(ROOM);
            buffer.putLong(index.offset(segments, i));
        }
        flush();
        long crcValue = crc.getValue();
        ByteBuffer header =
                ByteBuffer.allocate(SymbolFileLayout.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(0, SymbolFileLayout.MAGIC)
                .putInt(SymbolFileLayout.VERSION_AT, SymbolFileLayout.VERSION)
                .putInt(SymbolFileLayout.FLAGS_AT, hasLines ? SymbolFileLayout.HAS_LINES : 0)
                .putLong(SymbolFileLayout.BYTES_AT, written)
                .putInt(SymbolFileLayout.SEGMENTS_AT, segments.size())
                .putInt(SymbolFileLayout.FUNCTIONS_AT, functionCount)
                .putInt(SymbolFileLayout.FILES_AT, fileCount)
                .putInt(SymbolFileLayout.CRC_AT, (int) crcValue)
                .putLong(SymbolFileLayout.STRINGS_OFFSET_AT, stringsAt)
                .putLong(SymbolFileLayout.FUNCTIONS_OFFSET_AT, functionsAt)
                .putLong(SymbolFileLayout.FILES_OFFSET_AT, filesAt)
                .putLong(SymbolFileLayout.SEGMENTS_OFFSET_AT, segmentsAt)
                .putInt(SymbolFileLayout.IDENTITY_AT, identityString);
        channel.write(header, 0);
        channel.force(false);
        channel.close();
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
        finished = true;
    }

    /** Functions that were added. */
    public int functions() {
        return functionCount;
    }

    /** Blocks that were added. */
    public int blocks() {
        return index.size();
    }

    private long position() {
        return written + buffer.position();
    }

    private void zigzag(long value) {
        uleb((value << 1) ^ (value >> 63));
    }

    private void uleb(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            buffer.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        buffer.put((byte) rest);
    }

    private void ints(int[] values, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            room(ROOM);
            buffer.putInt(values[i]);
        }
    }

    private void bytes(byte[] values, int count) throws IOException {
        for (int at = 0; at < count; ) {
            room(ROOM);
            int length = Math.min(buffer.remaining(), count - at);
            buffer.put(values, at, length);
            at += length;
        }
    }

    private void room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        if (written + buffer.remaining() > mostBytes) {
            throw tooMany("bytes of a symbol file", mostBytes);
        }
        crc.update(buffer.duplicate());
        while (buffer.hasRemaining()) {
            written += channel.write(buffer);
        }
        buffer.clear();
    }

    static MalformedBinaryException tooMany(String what, long most) {
        return new MalformedBinaryException("at most " + most + " " + what + " are written");
    }

    @Override
    public void close() throws IOException {
        if (!finished) {
            channel.close();
            Files.deleteIfExists(temporary);
        }
    }
}
