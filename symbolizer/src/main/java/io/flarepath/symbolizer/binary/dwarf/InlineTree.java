package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.symbolfile.CodeBlock;
import java.util.Arrays;

/**
 * The inlined calls of one function, parents first, with the addresses of each; and which of them
 * is the innermost at an address. Used again for function after function.
 */
final class InlineTree {
    /** Steps that finding the innermost calls of a function may take: a bound for made-up trees. */
    private static final long MAX_WORK = 1 << 26;

    private int nodes;
    private int[] parents = new int[16];
    private int[] functions = new int[16];
    private int[] callFiles = new int[16];
    private int[] callLines = new int[16];

    private int ranges;
    private int[] rangeNodes = new int[16];
    private long[] starts = new long[16];
    private long[] ends = new long[16];

    private long[] cuts = new long[32];
    private int[] innermost = new int[32];
    private int cutCount;

    void clear() {
        nodes = 1;
        ranges = 0;
    }

    int size() {
        return nodes;
    }

    boolean isFull() {
        return nodes >= CodeBlock.MAX_NODES;
    }

    int add(int parent, int function, int callFile, int callLine) {
        if (nodes == parents.length) {
            int larger = nodes * 2;
            parents = Arrays.copyOf(parents, larger);
            functions = Arrays.copyOf(functions, larger);
            callFiles = Arrays.copyOf(callFiles, larger);
            callLines = Arrays.copyOf(callLines, larger);
        }
        parents[nodes] = parent;
        functions[nodes] = function;
        callFiles[nodes] = callFile;
        callLines[nodes] = callLine;
        return nodes++;
    }

    void addRange(int node, long start, long end) {
        if (ranges >= 4 * CodeBlock.MAX_NODES) {
            return;
        }
        if (ranges == starts.length) {
            int larger = ranges * 2;
            rangeNodes = Arrays.copyOf(rangeNodes, larger);
            starts = Arrays.copyOf(starts, larger);
            ends = Arrays.copyOf(ends, larger);
        }
        rangeNodes[ranges] = node;
        starts[ranges] = start;
        ends[ranges++] = end;
    }

    /** Fills a block that has begun: its calls, and rows that join calls and lines. */
    void fill(CodeBlock block, long low, long high, LineRows lines) {
        for (int node = 1; node < nodes; node++) {
            block.node(parents[node], functions[node], callFiles[node], callLines[node]);
        }
        paint(low, high);
        int row = lines.find(low);
        int cut = 0;
        int file = row < 0 ? 0 : lines.file(row);
        int line = row < 0 ? 0 : lines.line(row);
        long at = low;
        while (true) {
            block.row(at, innermost[cut], file, line);
            long nextCut = cut + 1 < cutCount ? cuts[cut + 1] : Long.MAX_VALUE;
            long nextRow = row + 1 < lines.count() ? lines.address(row + 1) : Long.MAX_VALUE;
            at = Math.min(nextCut, nextRow);
            if (at >= high) {
                return;
            }
            if (nextCut == at) {
                cut++;
            }
            while (row + 1 < lines.count() && lines.address(row + 1) == at) {
                row++;
                file = lines.file(row);
                line = lines.line(row);
            }
        }
    }

    /** Finds the innermost call of each part of the range: later ones lie within earlier ones. */
    private void paint(long low, long high) {
        if (cuts.length < 2 * ranges + 1) {
            cuts = new long[4 * ranges + 1];
            innermost = new int[cuts.length];
        }
        cutCount = 0;
        cuts[cutCount++] = low;
        for (int i = 0; i < ranges; i++) {
            if (starts[i] > low && starts[i] < high) {
                cuts[cutCount++] = starts[i];
            }
            if (ends[i] > low && ends[i] < high) {
                cuts[cutCount++] = ends[i];
            }
        }
        Arrays.sort(cuts, 0, cutCount);
        int distinct = 1;
        for (int i = 1; i < cutCount; i++) {
            if (cuts[i] != cuts[distinct - 1]) {
                cuts[distinct++] = cuts[i];
            }
        }
        cutCount = distinct;
        Arrays.fill(innermost, 0, cutCount, 0);
        long work = 0;
        for (int i = 0; i < ranges && work < MAX_WORK; i++) {
            if (starts[i] >= high || ends[i] <= low) {
                continue;
            }
            int from = cutAt(Math.max(starts[i], low));
            int to = ends[i] >= high ? cutCount : cutAt(ends[i]);
            Arrays.fill(innermost, from, to, rangeNodes[i]);
            work += to - from;
        }
    }

    private int cutAt(long address) {
        return Arrays.binarySearch(cuts, 0, cutCount, address);
    }
}
