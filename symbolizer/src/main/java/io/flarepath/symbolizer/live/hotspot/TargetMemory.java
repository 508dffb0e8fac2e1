package io.flarepath.symbolizer.live.hotspot;

/** The memory of another process, which may change, vanish or lie at any time. */
public interface TargetMemory {
    /**
     * Reads bytes.
     *
     * @param address of the first byte
     * @param to receives them
     * @param offset where in {@code to} the first one goes
     * @param length how many are wanted
     * @return how many were read from the address on, 0 to {@code length}; 0 when nothing can be
     *     read. Never throws for what the target does.
     */
    int read(long address, byte[] to, int offset, int length);
}
