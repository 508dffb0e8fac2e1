package io.flarepath.agent.unwind;

import io.flarepath.bpf.UnwindLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** The unwinder's memory without a kernel. */
final class FakeMemory implements UnwindMemory {
    private final ByteBuffer rules = buffer(UnwindLayout.RULES * UnwindLayout.RULE_BYTES);
    private final ByteBuffer pages = buffer(UnwindLayout.PAGES * UnwindLayout.PAGE_BYTES);
    private final ByteBuffer executables =
            buffer(UnwindLayout.EXECUTABLES * UnwindLayout.EXECUTABLE_BYTES);
    private final ByteBuffer mappings =
            buffer(UnwindLayout.MAPPING_ROWS * UnwindLayout.MAPPING_BYTES);
    private final ByteBuffer codeHeaps = buffer(UnwindLayout.CODE_HEAPS * UnwindLayout.HEAP_BYTES);
    private final Map<Integer, ByteBuffer> segments = new HashMap<>();

    /** All segments, so that a reader on another thread need not ask for them. */
    private final ByteBuffer[] all = new ByteBuffer[UnwindLayout.SEGMENTS];

    FakeMemory(int mostSegments) {
        for (int i = 0; i < mostSegments; i++) {
            all[i] = buffer(UnwindLayout.SEGMENT_BYTES);
        }
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Counts a use of an executable, as the kernel does. */
    void use(int number, int times) {
        int at = number * UnwindLayout.EXECUTABLE_BYTES + UnwindLayout.EXECUTABLE_USES;
        executables.putLong(at, executables.getLong(at) + times);
    }

    int segmentsMade() {
        return segments.size();
    }

    /** A segment for a reader, made or not. */
    ByteBuffer peek(int number) {
        return all[number];
    }

    @Override
    public ByteBuffer rules() {
        return rules;
    }

    @Override
    public ByteBuffer pages() {
        return pages;
    }

    @Override
    public ByteBuffer executables() {
        return executables;
    }

    @Override
    public ByteBuffer mappings() {
        return mappings;
    }

    @Override
    public ByteBuffer codeHeaps() {
        return codeHeaps;
    }

    @Override
    public ByteBuffer segment(int number) {
        // As the kernel's: another object for the same memory.
        return segments.computeIfAbsent(
                number, n -> all[n].duplicate().order(ByteOrder.LITTLE_ENDIAN));
    }

    @Override
    public void setProcess(
            int pid, long image, int first, int count, long generation, boolean unwalkable) {}

    @Override
    public void removeProcess(int pid, long image) {}

    @Override
    public int resume(
            ByteBuffer from, int position, int first, int count, long generation, ByteBuffer to) {
        throw new UnsupportedOperationException("there is no kernel");
    }
}
