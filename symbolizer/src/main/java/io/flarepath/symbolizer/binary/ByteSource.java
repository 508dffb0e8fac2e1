package io.flarepath.symbolizer.binary;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Bytes that are read by position, so that a large file never lies on the heap as a whole. */
public interface ByteSource {
    /** Number of bytes. */
    long size() throws IOException;

    /** Reads up to {@code target.remaining()} bytes from {@code position}; -1 at the end. */
    int read(ByteBuffer target, long position) throws IOException;

    /** Reads a file by {@code pread}; the caller closes the channel. */
    static ByteSource of(FileChannel channel) {
        return new ByteSource() {
            @Override
            public long size() throws IOException {
                return channel.size();
            }

            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                return channel.read(target, position);
            }
        };
    }

    /** Reads an image in memory, which must not change. */
    static ByteSource of(byte[] image) {
        return new ByteSource() {
            @Override
            public long size() {
                return image.length;
            }

            @Override
            public int read(ByteBuffer target, long position) {
                if (position >= image.length) {
                    return -1;
                }
                int count = (int) Math.min(target.remaining(), image.length - position);
                target.put(image, (int) position, count);
                return count;
            }
        };
    }

    /** A part of another source; what lies outside of that source ends it. */
    static ByteSource slice(ByteSource whole, long offset, long length) throws IOException {
        long size = offset < 0 ? 0 : Math.clamp(length, 0, Math.max(0, whole.size() - offset));
        return new ByteSource() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                if (position >= size) {
                    return -1;
                }
                int limit = target.limit();
                target.limit((int) Math.min(limit, target.position() + (size - position)));
                try {
                    return whole.read(target, offset + position);
                } finally {
                    target.limit(limit);
                }
            }
        };
    }
}
