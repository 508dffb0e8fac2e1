package io.flarepath.agent.processes;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The executable mappings of one process, by address. A mapping replaces what it covers, as mmap(2)
 * does. Columns of primitives, copied only when two processes share them and one changes.
 */
public final class Mappings {
    /** Mappings kept of one process; a program that maps more is mapping data. */
    static final int MAX = 4096;

    private long[] starts = new long[8];
    private long[] ends = new long[8];
    private long[] offsets = new long[8];
    private MappedFile[] files = new MappedFile[8];
    private int count;
    private int generation;
    private int version;
    private boolean shared;
    private final ReplacedRanges replaced = new ReplacedRanges();

    /** Number of mappings. */
    public int size() {
        return count;
    }

    /** Changes whenever an address may have come to mean something else. */
    public int generation() {
        return generation;
    }

    /** Changes with every change. */
    public int version() {
        return version;
    }

    /** Ranges whose mapping was replaced since these were read last. */
    public ReplacedRanges replaced() {
        return replaced;
    }

    /** Index of the mapping that holds the address, or -1. */
    public int find(long address) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(address, starts[middle]) < 0) {
                high = middle - 1;
            } else if (Long.compareUnsigned(address, ends[middle]) >= 0) {
                low = middle + 1;
            } else {
                return middle;
            }
        }
        return -1;
    }

    /** First address of a mapping. */
    public long start(int index) {
        return starts[index];
    }

    /** Address behind a mapping. */
    public long end(int index) {
        return ends[index];
    }

    /** What is mapped. */
    public MappedFile file(int index) {
        return files[index];
    }

    /** Position in the file of an address within a mapping. */
    public long fileOffset(int index, long address) {
        return address - starts[index] + offsets[index];
    }

    /** A file whose name starts so, if one is mapped. */
    public @Nullable MappedFile withName(String beginning) {
        for (int i = 0; i < count; i++) {
            if (files[i].name().startsWith(beginning)) {
                return files[i];
            }
        }
        return null;
    }

    /**
     * Adds a mapping over whatever was there.
     *
     * @return false if there are too many and it was left out
     */
    boolean add(long start, long end, long offset, MappedFile file) {
        if (Long.compareUnsigned(start, end) >= 0) {
            return false;
        }
        int first = firstEndingAfter(start);
        if (first < count && isSame(first, start, end, offset, file)) {
            return true;
        }
        if (growBefore(first, start, end, offset, file)) {
            return true;
        }
        if (count + 2 > MAX) {
            return false;
        }
        own(count + 2);
        if (holdsOther(first, start, end, offset, file)) {
            replaced.add(start, end);
        }
        first = cutOut(first, start, end);
        insert(first, start, end, offset, file);
        return true;
    }

    /** Adds what another has over what this has, as far as there is room. */
    void addAll(Mappings other) {
        for (int i = 0; i < other.count; i++) {
            add(other.starts[i], other.ends[i], other.offsets[i], other.files[i]);
        }
    }

    /** Adds what another has where this has nothing, as far as there is room. */
    void addMissing(Mappings other) {
        for (int i = 0; i < other.count; i++) {
            long at = other.starts[i];
            long end = other.ends[i];
            while (Long.compareUnsigned(at, end) < 0) {
                int next = firstEndingAfter(at);
                boolean free = next == count || Long.compareUnsigned(starts[next], end) >= 0;
                long gapEnd = free ? end : starts[next];
                long behind = free ? end : ends[next];
                if (Long.compareUnsigned(at, gapEnd) < 0) {
                    add(at, gapEnd, other.fileOffset(i, at), other.files[i]);
                }
                at = behind;
            }
        }
    }

    /**
     * Whether another has one of the files of this at the same address, or neither has any file.
     */
    boolean sharesFileWith(Mappings other) {
        boolean hasFile = false;
        for (int i = 0; i < count; i++) {
            if (files[i].isFile()) {
                hasFile = true;
                int there = other.find(starts[i]);
                if (there >= 0 && other.files[there].path().equals(files[i].path())) {
                    return true;
                }
            }
        }
        return !hasFile;
    }

    /** The same mappings for a forked process; either may change without the other. */
    Mappings fork() {
        Mappings copy = new Mappings();
        copy.starts = starts;
        copy.ends = ends;
        copy.offsets = offsets;
        copy.files = files;
        copy.count = count;
        copy.shared = true;
        shared = true;
        return copy;
    }

    private int firstEndingAfter(long address) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(ends[middle], address) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean isSame(int i, long start, long end, long offset, MappedFile file) {
        return starts[i] <= start
                && ends[i] >= end
                && files[i].isSameAs(file)
                && (file.isAnonymous() || fileOffset(i, start) == offset);
    }

    /** Whether something else was mapped in a part of the range than now is. */
    private boolean holdsOther(int first, long start, long end, long offset, MappedFile file) {
        for (int i = first; i < count && Long.compareUnsigned(starts[i], end) < 0; i++) {
            long common = Math.max(start, starts[i]);
            if (!files[i].isSameAs(file)
                    || (!file.isAnonymous() && fileOffset(i, common) != common - start + offset)) {
                return true;
            }
        }
        return false;
    }

    /** A JIT commits its code cache piece by piece: the pieces are kept as one mapping. */
    private boolean growBefore(int next, long start, long end, long offset, MappedFile file) {
        boolean free = next == count || Long.compareUnsigned(starts[next], end) >= 0;
        int previous = next - 1;
        if (!free || previous < 0 || ends[previous] != start || !files[previous].isSameAs(file)) {
            return false;
        }
        if (!file.isAnonymous() && fileOffset(previous, start) != offset) {
            return false;
        }
        own(count);
        version++;
        ends[previous] = end;
        return true;
    }

    /** Removes what lies in the range from the mappings; gives where a new one belongs. */
    private int cutOut(int first, long start, long end) {
        if (first == count || Long.compareUnsigned(starts[first], end) >= 0) {
            return first;
        }
        generation++;
        version++;
        if (Long.compareUnsigned(starts[first], start) < 0) {
            if (Long.compareUnsigned(ends[first], end) > 0) {
                long tail = fileOffset(first, end);
                insert(first + 1, end, ends[first], tail, files[first]);
                ends[first] = start;
                return first + 1;
            }
            ends[first] = start;
            first++;
        }
        int last = first;
        while (last < count && Long.compareUnsigned(ends[last], end) <= 0) {
            last++;
        }
        removeRange(first, last);
        if (first < count && Long.compareUnsigned(starts[first], end) < 0) {
            offsets[first] = fileOffset(first, end);
            starts[first] = end;
        }
        return first;
    }

    private void insert(int at, long start, long end, long offset, MappedFile file) {
        int moved = count - at;
        System.arraycopy(starts, at, starts, at + 1, moved);
        System.arraycopy(ends, at, ends, at + 1, moved);
        System.arraycopy(offsets, at, offsets, at + 1, moved);
        System.arraycopy(files, at, files, at + 1, moved);
        starts[at] = start;
        ends[at] = end;
        offsets[at] = offset;
        files[at] = file;
        count++;
        version++;
    }

    private void removeRange(int from, int to) {
        int moved = count - to;
        System.arraycopy(starts, to, starts, from, moved);
        System.arraycopy(ends, to, ends, from, moved);
        System.arraycopy(offsets, to, offsets, from, moved);
        System.arraycopy(files, to, files, from, moved);
        count -= to - from;
    }

    private void own(int capacity) {
        if (!shared && capacity <= starts.length) {
            return;
        }
        int size = Math.max(capacity, capacity <= starts.length ? starts.length : capacity * 2);
        starts = Arrays.copyOf(starts, size);
        ends = Arrays.copyOf(ends, size);
        offsets = Arrays.copyOf(offsets, size);
        files = Arrays.copyOf(files, size);
        shared = false;
    }
}
