package io.flarepath.api.ingest.pyroscope;

import java.io.IOException;
import java.io.InputStream;

/** A part of a stream. */
final class Slice extends InputStream {
    private final InputStream in;
    private long left;

    private Slice(InputStream in, long length) {
        this.in = in;
        this.left = length;
    }

    static InputStream of(InputStream in, Multipart.Part part) throws IOException {
        in.skipNBytes(part.offset());
        return new Slice(in, part.length());
    }

    @Override
    public int read() throws IOException {
        if (left <= 0) {
            return -1;
        }
        int one = in.read();
        left--;
        return one;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (left <= 0) {
            return -1;
        }
        int read = in.read(target, offset, (int) Math.min(length, left));
        left -= Math.max(0, read);
        return read;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
