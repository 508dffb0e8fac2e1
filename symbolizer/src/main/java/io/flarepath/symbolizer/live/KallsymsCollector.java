package io.flarepath.symbolizer.live;

import io.flarepath.symbolizer.binary.RowSort;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes the lines of {@code /proc/kallsyms} ({@code address type name [module]}), keeps functions,
 * one name for each address.
 */
final class KallsymsCollector {
    private static final int MAX_SYMBOLS = 1_000_000;
    private static final int MAX_NAME_BYTES = 64 << 20;
    private static final int MAX_MODULES = 65_535;

    private long[] addresses = new long[1 << 12];
    private int[] nameOffsets = new int[1 << 12];
    private byte[] types = new byte[1 << 12];
    private short[] modules = new short[1 << 12];
    private int count;
    private byte[] names = new byte[1 << 16];
    private int nameBytes = 1; // offset 0 is the empty name
    private final List<String> moduleNames = new ArrayList<>(List.of(""));
    private final Map<String, Integer> moduleIndex = new HashMap<>(Map.of("", 0));
    private int functions;
    private int zeros;

    boolean hasRoom() {
        return functions < MAX_SYMBOLS && nameBytes < MAX_NAME_BYTES;
    }

    void line(byte[] line, int length) {
        HexCursor cursor = new HexCursor(line, length);
        long address = cursor.hex();
        cursor.expect(' ');
        char type = cursor.next();
        cursor.expect(' ');
        if (cursor.failed() || "tTwW".indexOf(type) < 0) {
            return;
        }
        int start = cursor.position();
        int end = start;
        while (end < length && line[end] != '\t' && line[end] != ' ') {
            end++;
        }
        functions++;
        if (address == 0) {
            zeros++;
            return;
        }
        if (end == start || isPadding(line, start, end)) {
            return;
        }
        add(address, type, line, start, end, module(line, end, length));
    }

    private static boolean isPadding(byte[] line, int start, int end) {
        String prefix = "__pfx_";
        return end - start > prefix.length()
                && new String(line, start, prefix.length(), StandardCharsets.ISO_8859_1)
                        .equals(prefix);
    }

    private short module(byte[] line, int from, int length) {
        int start = from;
        while (start < length && line[start] != '[') {
            start++;
        }
        if (start == length) {
            return 0;
        }
        String name =
                new String(line, start, Math.min(length - start, 128), StandardCharsets.UTF_8);
        Integer index = moduleIndex.get(name);
        if (index == null) {
            if (moduleNames.size() >= MAX_MODULES) {
                return 0;
            }
            index = moduleNames.size();
            moduleIndex.put(name, index);
            moduleNames.add(name);
        }
        return index.shortValue();
    }

    private void add(long address, char type, byte[] line, int start, int end, short module) {
        if (count == addresses.length) {
            int larger = count * 2;
            addresses = Arrays.copyOf(addresses, larger);
            nameOffsets = Arrays.copyOf(nameOffsets, larger);
            types = Arrays.copyOf(types, larger);
            modules = Arrays.copyOf(modules, larger);
        }
        int length = end - start;
        if (nameBytes + length + 1 > names.length) {
            names = Arrays.copyOf(names, names.length * 2);
        }
        addresses[count] = address;
        nameOffsets[count] = nameBytes;
        types[count] = (byte) type;
        modules[count] = module;
        System.arraycopy(line, start, names, nameBytes, length);
        nameBytes += length + 1;
        count++;
    }

    KernelSymbolTable build() {
        if (count == 0) {
            return KernelSymbolTable.without(
                    zeros > 0
                            ? "/proc/kallsyms shows zeros for all "
                                    + zeros
                                    + " functions: kernel.kptr_restrict hides addresses; run the"
                                    + " agent with CAP_SYSLOG and kernel.kptr_restrict at 0 or 1"
                            : "/proc/kallsyms lists no function");
        }
        int[] order = RowSort.by(count, this::compare);
        long base = addresses[order[0]];
        int[] offsets = new int[count];
        int[] offsetsOfNames = new int[count];
        short[] rowModules = new short[count];
        int rows = 0;
        for (int i = 0; i < count; i++) {
            int symbol = order[i];
            long offset = addresses[symbol] - base;
            if (offset >>> 32 != 0) {
                break; // kernel text and modules lie within 2 GiB on x86-64
            }
            if (i > 0 && addresses[order[i - 1]] == addresses[symbol]) {
                continue;
            }
            offsets[rows] = (int) offset;
            offsetsOfNames[rows] = name(symbol).equals("_etext") ? 0 : nameOffsets[symbol];
            rowModules[rows++] = modules[symbol];
        }
        return new KernelSymbolTable(
                base,
                Arrays.copyOf(offsets, rows),
                Arrays.copyOf(offsetsOfNames, rows),
                Arrays.copyOf(rowModules, rows),
                Arrays.copyOf(names, nameBytes),
                List.copyOf(moduleNames),
                "");
    }

    private int compare(int a, int b) {
        int byAddress = Long.compareUnsigned(addresses[a], addresses[b]);
        if (byAddress != 0) {
            return byAddress;
        }
        int byRank = Integer.compare(rank(a), rank(b));
        return byRank != 0 ? byRank : Integer.compare(underscores(a), underscores(b));
    }

    /** Marks of sections last, then global before weak before local. */
    private int rank(int symbol) {
        int mark = isSectionMark(name(symbol)) ? 4 : 0;
        return mark
                + switch (types[symbol]) {
                    case 'T' -> 0;
                    case 'W', 'w' -> 1;
                    default -> 2;
                };
    }

    private static boolean isSectionMark(String name) {
        return name.equals("_text")
                || name.equals("_stext")
                || name.equals("_sinittext")
                || name.endsWith("_text_start")
                || name.endsWith("_text_end");
    }

    private int underscores(int symbol) {
        int leading = 0;
        while (names[nameOffsets[symbol] + leading] == '_') {
            leading++;
        }
        return leading;
    }

    private String name(int symbol) {
        int start = nameOffsets[symbol];
        int end = start;
        while (names[end] != 0) {
            end++;
        }
        return new String(names, start, end - start, StandardCharsets.UTF_8);
    }
}
