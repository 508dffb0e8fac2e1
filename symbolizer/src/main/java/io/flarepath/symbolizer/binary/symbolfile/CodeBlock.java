package io.flarepath.symbolizer.binary.symbolfile;

import java.util.Arrays;

/**
 * A range of code of one function: the calls that were inlined into it, as a tree, and rows that
 * say from which address on which of them runs, and at which file and line. Used again for block
 * after block; all in columns.
 *
 * <p>Node 0 is the function itself; a node stands behind its parent. A row holds up to the next
 * one.
 */
public final class CodeBlock {
    /** Inlined calls of a block at most. */
    public static final int MAX_NODES = 1 << 16;

    /** Rows of a block at most. */
    public static final int MAX_ROWS = 1 << 20;

    private long start;
    private long end;
    private int function;

    private int nodes;
    private int[] parents = new int[16];
    private int[] functions = new int[16];
    private int[] callFiles = new int[16];
    private int[] callLines = new int[16];

    private int rows;
    private long[] addresses = new long[64];
    private int[] rowNodes = new int[64];
    private int[] files = new int[64];
    private int[] lines = new int[64];

    /** Starts a block of the addresses from {@code start} to before {@code end}. */
    public void begin(long startAddress, long endAddress, int functionNumber) {
        start = startAddress;
        end = endAddress;
        function = functionNumber;
        nodes = 1;
        rows = 0;
    }

    /**
     * Adds an inlined call.
     *
     * @param parent node into which it was inlined
     * @param inlined number of the function that was called
     * @param callFile file of the call
     * @param callLine line of the call, or 0
     * @return its node, or the parent where there are too many
     */
    public int node(int parent, int inlined, int callFile, int callLine) {
        if (nodes >= MAX_NODES) {
            return parent;
        }
        if (nodes == parents.length) {
            int larger = nodes * 2;
            parents = Arrays.copyOf(parents, larger);
            functions = Arrays.copyOf(functions, larger);
            callFiles = Arrays.copyOf(callFiles, larger);
            callLines = Arrays.copyOf(callLines, larger);
        }
        parents[nodes] = parent;
        functions[nodes] = inlined;
        callFiles[nodes] = callFile;
        callLines[nodes] = callLine;
        return nodes++;
    }

    /**
     * Adds a row, at or after the one before it; of several at one address the last one holds.
     *
     * @param address where it begins, within the block
     * @param node the innermost call that runs there
     * @param file number of the source file, or 0
     * @param line source line, or 0
     */
    public void row(long address, int node, int file, int line) {
        if (rows > 0 && addresses[rows - 1] == address) {
            rows--;
        }
        if (rows > 0
                && rowNodes[rows - 1] == node
                && files[rows - 1] == file
                && lines[rows - 1] == line) {
            return;
        }
        if (rows >= MAX_ROWS) {
            return;
        }
        if (rows == addresses.length) {
            int larger = rows * 2;
            addresses = Arrays.copyOf(addresses, larger);
            rowNodes = Arrays.copyOf(rowNodes, larger);
            files = Arrays.copyOf(files, larger);
            lines = Arrays.copyOf(lines, larger);
        }
        addresses[rows] = address;
        rowNodes[rows] = node;
        files[rows] = file;
        lines[rows] = line;
        rows++;
    }

    long start() {
        return start;
    }

    long end() {
        return end;
    }

    int function() {
        return function;
    }

    int rows() {
        return rows;
    }

    long address(int row) {
        return addresses[row];
    }

    int node(int row) {
        return rowNodes[row];
    }

    int file(int row) {
        return files[row];
    }

    int line(int row) {
        return lines[row];
    }

    /** The parent of a node; -1 of the function itself. */
    int parent(int node) {
        return node == 0 ? -1 : parents[node];
    }

    int functionOf(int node) {
        return node == 0 ? function : functions[node];
    }

    int callFile(int node) {
        return callFiles[node];
    }

    int callLine(int node) {
        return callLines[node];
    }

    int nodes() {
        return nodes;
    }
}
