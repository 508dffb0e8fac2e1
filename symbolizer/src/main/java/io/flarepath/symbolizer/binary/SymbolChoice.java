package io.flarepath.symbolizer.binary;

import java.util.Arrays;

/**
 * Picks one name for each address out of a file's symbols: a typed one with a size before one
 * without, global before weak before local, then the one with the fewest leading underscores. A
 * symbol without a size extends to the next symbol of its section.
 */
final class SymbolChoice {
    private static final int STB_LOCAL = 0;
    private static final int STB_WEAK = 2;

    private long[] addresses = new long[256];
    private long[] sizes = new long[256];
    private long[] limits = new long[256];
    private long[] nameOffsets = new long[256];
    private byte[] ranks = new byte[256];
    private int count;
    private final ByteColumn names = new ByteColumn();

    /** Lower is better. */
    static byte rank(int binding, boolean typed) {
        int bound = binding == STB_LOCAL ? 2 : binding == STB_WEAK ? 1 : 0;
        return (byte) (typed ? bound : bound + 4);
    }

    int size() {
        return count;
    }

    ByteColumn names() {
        return names;
    }

    long nameOffset(int index) {
        return nameOffsets[index];
    }

    void named(int index, int start) {
        nameOffsets[index] = start;
    }

    void add(long address, long size, long limit, long nameOffset, byte rank) {
        if (count == addresses.length) {
            int larger = count * 2;
            addresses = Arrays.copyOf(addresses, larger);
            sizes = Arrays.copyOf(sizes, larger);
            limits = Arrays.copyOf(limits, larger);
            nameOffsets = Arrays.copyOf(nameOffsets, larger);
            ranks = Arrays.copyOf(ranks, larger);
        }
        addresses[count] = address;
        sizes[count] = Math.max(size, 0);
        limits[count] = limit;
        nameOffsets[count] = nameOffset;
        ranks[count] = rank;
        count++;
    }

    SymbolTable build() {
        int[] order = RowSort.by(count, this::compare);
        SymbolTableBuilder builder = new SymbolTableBuilder();
        long sizedEnd = 0;
        for (int i = 0; i < count; ) {
            int chosen = order[i];
            int next = i + 1;
            while (next < count && addresses[order[next]] == addresses[chosen]) {
                next++;
            }
            i = next;
            if (skipped(chosen)) {
                continue;
            }
            long start = addresses[chosen];
            long size = sizes[chosen];
            if (size == 0 && start < sizedEnd) {
                continue; // a label inside a function
            }
            long end = limits[chosen];
            if (size > 0) {
                end = size > end - start ? end : start + size;
                sizedEnd = Math.max(sizedEnd, end);
            } else if (next < count) {
                end = Math.min(end, addresses[order[next]]);
            }
            if (end > start) {
                addTo(builder, start, end - start, chosen);
            }
        }
        return builder.build();
    }

    private void addTo(SymbolTableBuilder builder, long start, long length, int chosen) {
        ByteColumn kept = builder.names();
        int offset = kept.size();
        for (int at = (int) nameOffsets[chosen]; names.get(at) != 0; at++) {
            kept.add(names.get(at));
        }
        kept.add((byte) 0);
        builder.addNamed(start, length, offset, 0);
    }

    private int compare(int a, int b) {
        int byAddress = Long.compare(addresses[a], addresses[b]);
        if (byAddress != 0) {
            return byAddress;
        }
        int bySkipped = Boolean.compare(skipped(a), skipped(b));
        if (bySkipped != 0) {
            return bySkipped;
        }
        int bySize = Boolean.compare(sizes[a] == 0, sizes[b] == 0);
        if (bySize != 0) {
            return bySize;
        }
        return ranks[a] != ranks[b]
                ? Byte.compare(ranks[a], ranks[b])
                : Integer.compare(underscores(a), underscores(b));
    }

    private int underscores(int index) {
        int at = (int) nameOffsets[index];
        int leading = 0;
        while (leading < 8 && names.get(at + leading) == '_') {
            leading++;
        }
        return leading;
    }

    /** Mapping symbols ($x, $d), padding before functions, and names that broke a cap. */
    private boolean skipped(int index) {
        int at = (int) nameOffsets[index];
        return names.get(at) == 0 || names.get(at) == '$' || startsWith(at, "__pfx_");
    }

    private boolean startsWith(int at, String prefix) {
        for (int i = 0; i < prefix.length(); i++) {
            if (names.get(at + i) != prefix.charAt(i)) {
                return false; // the NUL at the end of a shorter name differs
            }
        }
        return true;
    }
}
