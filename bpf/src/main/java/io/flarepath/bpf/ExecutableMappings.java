package io.flarepath.bpf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads the executable mappings of processes, and only these: one with millions of others costs no
 * more (ioctl {@code PROCMAP_QUERY}, since Linux 6.11). For one thread.
 */
public final class ExecutableMappings {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int MAPPING_BYTES = 48;
    private static final int ENOTTY = 25;
    private static final int EINVAL = 22;

    private final ByteBuffer buffer =
            ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final byte[] path = new byte[1 << 12];
    private boolean supported = true;

    /** Takes mappings, in the order of their addresses. */
    @FunctionalInterface
    public interface Sink {
        /**
         * A mapping.
         *
         * @param start its first address
         * @param end address behind it
         * @param fileOffset position in the file of its first byte
         * @param device major number in the upper 32 bits, minor in the lower
         * @param inode of the file; 0 if there is none
         * @param path as {@code /proc/PID/maps} shows it
         * @return false to be told of no more
         */
        boolean mapping(
                long start, long end, long fileOffset, long device, long inode, String path);
    }

    /**
     * Reads the executable mappings of a process.
     *
     * @return false if this kernel cannot: read {@code /proc/PID/maps} then
     * @throws IOException if the process has ended, or may not be read
     */
    public boolean read(int pid, Sink sink) throws IOException {
        if (!supported || !NativeLibrary.present()) {
            return false;
        }
        NativeLibrary.load();
        long[] next = {0};
        do {
            long bytes = SamplerNatives.processMappings(pid, next[0], buffer, next);
            if (bytes == -ENOTTY || bytes == -EINVAL) {
                supported = false;
                return false;
            }
            if (bytes < 0) {
                throw new IOException(
                        "the mappings of process " + pid + " cannot be read: error " + -bytes);
            }
            if (!hand((int) bytes, sink)) {
                return true;
            }
        } while (next[0] != 0);
        return true;
    }

    private boolean hand(int bytes, Sink sink) {
        int at = 0;
        while (at < bytes) {
            int length = buffer.getInt(at + 40);
            buffer.get(at + MAPPING_BYTES, path, 0, length);
            String text = new String(path, 0, length, StandardCharsets.UTF_8);
            if (!sink.mapping(
                    buffer.getLong(at),
                    buffer.getLong(at + 8),
                    buffer.getLong(at + 16),
                    buffer.getLong(at + 24),
                    buffer.getLong(at + 32),
                    text)) {
                return false;
            }
            at += MAPPING_BYTES + (length + 7 & ~7);
        }
        return true;
    }
}
