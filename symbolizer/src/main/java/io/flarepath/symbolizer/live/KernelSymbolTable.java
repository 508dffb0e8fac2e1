package io.flarepath.symbolizer.live;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Kernel functions in columns: 4 bytes of address, 4 of name, 2 of module each. A function ends
 * where the next one begins, since the kernel does not tell sizes.
 */
final class KernelSymbolTable {
    static final KernelSymbolTable EMPTY = without("/proc/kallsyms was not read");

    /** No function is longer: what lies farther behind one belongs to something not listed. */
    static final long MAX_FUNCTION_BYTES = 1 << 20;

    private final long base;
    private final int[] offsets;
    private final int[] nameOffsets;
    private final short[] modules;
    private final byte[] names;
    private final List<String> moduleNames;
    private final String problem;

    KernelSymbolTable(
            long base,
            int[] offsets,
            int[] nameOffsets,
            short[] modules,
            byte[] names,
            List<String> moduleNames,
            String problem) {
        this.base = base;
        this.offsets = offsets;
        this.nameOffsets = nameOffsets;
        this.modules = modules;
        this.names = names;
        this.moduleNames = moduleNames;
        this.problem = problem;
    }

    static KernelSymbolTable read(InputStream in) throws IOException {
        LineReader lines = new LineReader(in);
        KallsymsCollector collector = new KallsymsCollector();
        while (lines.next() && collector.hasRoom()) {
            collector.line(lines.bytes(), lines.length());
        }
        return collector.build();
    }

    /** The row of the function that holds the address, or -1. */
    int find(long address) {
        long offset = address - base;
        if (Long.compareUnsigned(address, base) < 0 || offset >>> 32 != 0) {
            return -1;
        }
        int low = 0;
        int high = offsets.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (Integer.compareUnsigned(offsets[middle], (int) offset) <= 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        boolean near =
                high >= 0 && offset - Integer.toUnsignedLong(offsets[high]) < MAX_FUNCTION_BYTES;
        // A row without a name is the end of what is known.
        return near && names[nameOffsets[high]] != 0 ? high : -1;
    }

    String name(int row) {
        int start = nameOffsets[row];
        int end = start;
        while (names[end] != 0) {
            end++;
        }
        return new String(names, start, end - start, StandardCharsets.UTF_8);
    }

    /** {@code [kernel]}, or the module's name in brackets as the kernel writes it. */
    String module(int row) {
        String module = moduleNames.get(Short.toUnsignedInt(modules[row]));
        return module.isEmpty() ? "[kernel]" : module;
    }

    int size() {
        return offsets.length;
    }

    long bytes() {
        return 10L * offsets.length + names.length;
    }

    Optional<String> problem() {
        return problem.isEmpty() ? Optional.empty() : Optional.of(problem);
    }

    static KernelSymbolTable without(String problem) {
        return new KernelSymbolTable(
                0, new int[0], new int[0], new short[0], new byte[1], List.of(""), problem);
    }
}
