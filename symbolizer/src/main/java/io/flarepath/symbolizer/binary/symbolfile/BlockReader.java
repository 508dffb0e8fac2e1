package io.flarepath.symbolizer.binary.symbolfile;

import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/** Reads one block of a symbol file, up to the row that holds an address. */
final class BlockReader {
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment bytes;
    private final long end;
    private long position;

    /**
     * @param start where it reads first
     * @param end where it must not read any more
     */
    BlockReader(MemorySegment bytes, long start, long end) throws MalformedBinaryException {
        if (start < 0 || start > end || end > bytes.byteSize()) {
            throw new MalformedBinaryException("a reference leaves the symbol file");
        }
        this.bytes = bytes;
        this.position = start;
        this.end = end;
    }

    long position() {
        return position;
    }

    /** A LEB128 number that fits an int. */
    int number() throws MalformedBinaryException {
        long value = uleb();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new MalformedBinaryException("a number of the symbol file is too large");
        }
        return (int) value;
    }

    List<CodePlace> find(SymbolFile file, long address) throws MalformedBinaryException {
        if (end - position < Long.BYTES) {
            throw new MalformedBinaryException("a block leaves the symbol file");
        }
        long at = bytes.get(LONG, position);
        position += Long.BYTES;
        int function = number();
        int nodes = number();
        int rows = number();
        if (nodes < 1 || nodes > CodeBlock.MAX_NODES || rows > CodeBlock.MAX_ROWS) {
            throw new MalformedBinaryException("a block has too many nodes or rows");
        }
        long nodesAt = position;
        for (int i = 1; i < nodes; i++) {
            skipNode();
        }
        int node = 0;
        int source = 0;
        int line = 0;
        int foundNode = 0;
        int foundFile = 0;
        int foundLine = 0;
        for (int i = 0; i < rows; i++) {
            long step = uleb();
            at += step >>> 2;
            node += (step & 1) != 0 ? zigzag() : 0;
            source += (step & 2) != 0 ? zigzag() : 0;
            line += zigzag();
            if (at > address) {
                break;
            }
            foundNode = node;
            foundFile = source;
            foundLine = line;
        }
        return chain(file, function, nodesAt, nodes, foundNode, foundFile, foundLine);
    }

    private List<CodePlace> chain(
            SymbolFile file,
            int function,
            long nodesAt,
            int nodes,
            int innermost,
            int source,
            int line)
            throws MalformedBinaryException {
        if (innermost < 0 || innermost >= nodes) {
            throw new MalformedBinaryException("a row refers to a node that is not there");
        }
        int[] columns = readNodes(nodesAt, innermost);
        int most = Math.min(SymbolFile.maxDepth(), innermost + 1);
        int[] functions = new int[most];
        int[] files = new int[most];
        int[] lines = new int[most];
        int depth = 0;
        int file0 = source;
        int line0 = line;
        int node = innermost;
        while (true) {
            functions[depth] = node == 0 ? function : columns[node * 4 + 1];
            files[depth] = file0;
            lines[depth] = line0;
            depth++;
            if (node == 0 || depth == most) {
                break;
            }
            file0 = columns[node * 4 + 2];
            line0 = columns[node * 4 + 3];
            node = columns[node * 4];
        }
        return file.places(functions, files, lines, depth);
    }

    /** Parent, function, file and line of the call, four columns a node. */
    private int[] readNodes(long nodesAt, int last) throws MalformedBinaryException {
        int[] columns = new int[(last + 1) * 4];
        position = nodesAt;
        for (int i = 1; i <= last; i++) {
            for (int field = 0; field < 4; field++) {
                columns[i * 4 + field] = number();
            }
            if (columns[i * 4] >= i) {
                throw new MalformedBinaryException("a node stands before its parent");
            }
        }
        return columns;
    }

    private void skipNode() throws MalformedBinaryException {
        for (int field = 0; field < 4; field++) {
            uleb();
        }
    }

    private int zigzag() throws MalformedBinaryException {
        long value = uleb();
        return (int) ((value >>> 1) ^ -(value & 1));
    }

    private long uleb() throws MalformedBinaryException {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (position >= end) {
                throw new MalformedBinaryException("a number leaves the symbol file");
            }
            byte b = bytes.get(ValueLayout.JAVA_BYTE, position++);
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedBinaryException("a number of the symbol file has too many bytes");
    }
}
