package io.flarepath.symbolizer.live.hotspot;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The code heaps of a VM: which blob an address belongs to (OpenJDK, memory/heap.cpp). */
final class CodeBlobs {
    private static final int MAX_HEAPS = 16;
    private static final long MAX_HEAP_BYTES = 4L << 30;
    private static final int MIN_SEGMENT_SHIFT = 4;
    private static final int MAX_SEGMENT_SHIFT = 16;
    private static final int FREE = 0xff;

    /** The interpreter takes 3 hops; a block of the largest size takes fewer than these. */
    private static final int MAX_HOPS = 4096;

    private static final int MAX_BLOB_BYTES = 64 << 20;
    private static final int MAX_FRAME_WORDS = 1 << 21;

    /** Of some stubs of the C1 compiler. */
    private static final int NO_FRAME = -1;

    private static final int MAX_NAME = 160;
    private static final int MAX_NAMES = 1024;
    private static final int MAX_FREE_BLOCKS = 4096;
    private static final int WALK_CHUNK = 1 << 14;

    private final MemoryReader reader;
    private final Layout layout;

    /** Addresses of CodeCache::_heaps and, before Java 9, of CodeCache::_heap; 0: there is none. */
    private final long list;

    private final long single;
    private final @Nullable VmField length;
    private final @Nullable VmField data;
    private final Map<Long, String> names = new HashMap<>();
    private List<CodeHeap> heaps = List.of();
    private List<Long> committed = List.of();
    private int segmentShift;

    CodeBlobs(MemoryReader reader, VmTables vm, Layout layout) throws UnknownLayoutException {
        this.reader = reader;
        this.layout = layout;
        list = vm.optionalStatic("CodeCache::_heaps");
        single = vm.optionalStatic("CodeCache::_heap");
        if (list == 0 && single == 0) {
            throw new UnknownLayoutException(
                    "the VM has no field CodeCache::_heaps or CodeCache::_heap");
        }
        length =
                list == 0
                        ? null
                        : vm.field(4, "GrowableArrayBase::_len", "GenericGrowableArray::_len");
        data = list == 0 ? null : vm.field(8, "GrowableArray<int>::_data");
    }

    /**
     * Reads where the heaps are.
     *
     * @return whether the VM has made them
     */
    boolean readHeaps() throws UnknownLayoutException {
        try {
            List<CodeHeap> found = new ArrayList<>();
            List<Long> ends = new ArrayList<>();
            for (long heap : heapAddresses()) {
                long memory = heap + layout.heapMemory.offset();
                long start = layout.spaceLow.at(reader, memory);
                long end = layout.spaceHigh.at(reader, memory);
                long map = layout.spaceLow.at(reader, heap + layout.heapSegmentMap.offset());
                long shift = layout.heapSegmentShift.at(reader, heap);
                if (start == 0 || end == 0 || map == 0) {
                    return false; // being made
                }
                if (start < 0 || end - start <= 0 || end - start > MAX_HEAP_BYTES) {
                    throw new UnknownLayoutException("a code heap has an impossible range");
                }
                if (shift < MIN_SEGMENT_SHIFT || shift > MAX_SEGMENT_SHIFT) {
                    throw new UnknownLayoutException("CodeHeap::_log2_segment_size is " + shift);
                }
                segmentShift = (int) shift;
                found.add(new CodeHeap(start, end, map));
                ends.add(layout.spaceCommitted.at(reader, memory));
            }
            heaps = List.copyOf(found);
            committed = List.copyOf(ends);
            return !heaps.isEmpty();
        } catch (UnreadableException e) {
            return false;
        }
    }

    private long[] heapAddresses() throws UnreadableException {
        if (length == null || data == null) {
            long heap = reader.pointer(single);
            return heap == 0 ? new long[0] : new long[] {heap};
        }
        long array = reader.pointer(list);
        if (array == 0) {
            return new long[0];
        }
        int count = Math.clamp(length.at(reader, array), 0, MAX_HEAPS);
        long first = data.at(reader, array);
        long[] addresses = new long[count];
        for (int i = 0; i < count; i++) {
            addresses[i] = reader.pointer(first + 8L * i);
            if (addresses[i] == 0) {
                return new long[0];
            }
        }
        return addresses;
    }

    List<CodeHeap> heaps() {
        return heaps;
    }

    int segmentShift() {
        return segmentShift;
    }

    /** The blob in use to which an address belongs. */
    CodeBlob find(long pc) throws UnreadableException {
        for (CodeHeap heap : heaps) {
            if (heap.contains(pc)) {
                long segment = (pc - heap.start()) >>> segmentShift;
                for (int hop = 0; hop < MAX_HOPS; hop++) {
                    int tag = reader.u8(heap.segmentMap() + segment);
                    if (tag == 0) {
                        CodeBlob blob = read(heap, segment);
                        if (pc - blob.address() < 0 || pc - blob.end() >= 0) {
                            break;
                        }
                        return blob;
                    }
                    segment -= tag;
                    if (tag == FREE || segment < 0) {
                        break;
                    }
                }
                throw new UnreadableException("no code at 0x" + Long.toHexString(pc));
            }
        }
        throw new UnreadableException("no code heap at 0x" + Long.toHexString(pc));
    }

    /** The blob in the block that begins at a segment. */
    private CodeBlob read(CodeHeap heap, long segment) throws UnreadableException {
        long block = heap.start() + (segment << segmentShift);
        byte[] bytes = new byte[layout.heapBlockBytes + layout.nmethodBytes];
        int count = reader.some(block, bytes);
        if (count < layout.heapBlockBytes + layout.blobBytes) {
            throw new UnreadableException("no blob at 0x" + Long.toHexString(block));
        }
        // HeapBlock::Header is { length in segments; bool used }: both parts have the same width.
        int half = layout.heapBlockBytes / 2;
        long segments = MemoryReader.number(bytes, 0, half == 4 ? 4 : 8, false);
        int used = bytes[half] & 0xff;
        if (used != 1 || segments <= 0 || segments > (heap.end() - block) >>> segmentShift) {
            throw new UnreadableException("no block in use at 0x" + Long.toHexString(block));
        }
        byte[] header = new byte[count - layout.heapBlockBytes];
        System.arraycopy(bytes, layout.heapBlockBytes, header, 0, header.length);
        return blob(block + layout.heapBlockBytes, block + (segments << segmentShift), header);
    }

    private CodeBlob blob(long address, long limit, byte[] header) throws UnreadableException {
        long size = layout.blobSize.in(header);
        long nameAddress = layout.blobName.in(header);
        long begin = layout.blobCodeBegin.in(header);
        if (!layout.codeBeginIsPointer) {
            begin += address;
        }
        long frameWords = layout.blobFrameSize.in(header);
        if (size < layout.blobBytes
                || size > MAX_BLOB_BYTES
                || size > limit - address
                || begin - address < layout.blobBytes
                || begin - address > size
                || frameWords < NO_FRAME
                || frameWords > MAX_FRAME_WORDS) {
            throw new UnreadableException("no blob at 0x" + Long.toHexString(address));
        }
        return new CodeBlob(
                address, limit, header, name(nameAddress), nameAddress, begin, (int) size);
    }

    private String name(long address) throws UnreadableException {
        String known = names.get(address);
        if (known != null) {
            return known;
        }
        String name = reader.cString(address, MAX_NAME);
        if (name.isEmpty()) {
            throw new UnreadableException("a blob has no name");
        }
        if (names.size() >= MAX_NAMES) {
            names.clear();
        }
        names.put(address, name);
        return name;
    }

    /** Whether the same blob is still there; what was read of it is only then known to be whole. */
    boolean isUnchanged(CodeBlob blob) {
        try {
            CodeBlob now = find(blob.codeBegin() == blob.end() ? blob.address() : blob.codeBegin());
            return now.address() == blob.address()
                    && now.nameAddress() == blob.nameAddress()
                    && (!blob.isNmethod()
                            || (layout.compileId.in(now.header())
                                            == layout.compileId.in(blob.header())
                                    && layout.method.in(now.header())
                                            == layout.method.in(blob.header())));
        } catch (UnreadableException e) {
            return false;
        }
    }

    /** What is done with each block of a walk. */
    interface Visitor {
        /**
         * A block that is in use.
         *
         * @param address of the block
         * @param blob null where no blob can be made out in it
         * @return whether to go on in this heap
         */
        boolean visit(long address, @Nullable CodeBlob blob);
    }

    /** Visits the blocks of each heap in the order of their addresses, {@code most} of each. */
    void walk(int most, Visitor visitor) {
        for (int i = 0; i < heaps.size(); i++) {
            try {
                walk(heaps.get(i), committed.get(i), most, visitor);
            } catch (UnreadableException e) {
                // the rest of this heap is not there
            }
        }
    }

    private void walk(CodeHeap heap, long end, int most, Visitor visitor)
            throws UnreadableException {
        long segments = (Math.min(end, heap.end()) - heap.start()) >>> segmentShift;
        byte[] tags = new byte[WALK_CHUNK];
        int visited = 0;
        long examined = 0;
        for (long at = 0; at < segments; at += WALK_CHUNK) {
            int count = (int) Math.min(reader.some(heap.segmentMap() + at, tags), segments - at);
            if (count <= 0) {
                throw new UnreadableException("no segment map");
            }
            for (int i = 0; i < count; i++) {
                if (tags[i] != 0) {
                    continue;
                }
                long block = heap.start() + ((at + i) << segmentShift);
                if (++examined > MAX_FREE_BLOCKS + 4L * most) {
                    return;
                }
                if (!isUsed(block)) {
                    continue;
                }
                CodeBlob blob;
                try {
                    blob = read(heap, at + i);
                } catch (UnreadableException e) {
                    blob = null;
                }
                visited++;
                if (!visitor.visit(block, blob) || visited >= most) {
                    return;
                }
            }
        }
    }

    private boolean isUsed(long block) {
        try {
            return reader.u8(block + layout.heapBlockBytes / 2) == 1;
        } catch (UnreadableException e) {
            return false;
        }
    }

    /** The first blob of a walk that is wanted. */
    @Nullable CodeBlob first(int most, Predicate<CodeBlob> wanted) {
        CodeBlob[] found = new CodeBlob[1];
        walk(
                most,
                (block, blob) -> {
                    if (found[0] == null && blob != null && wanted.test(blob)) {
                        found[0] = blob;
                    }
                    return found[0] == null;
                });
        return found[0];
    }

    void forget() {
        names.clear();
    }
}
