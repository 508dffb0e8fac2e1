package io.flarepath.agent.export;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Compresses into gzip (RFC 1952), one body after the other with the same native memory. Not for
 * several threads.
 */
final class Gzip implements AutoCloseable {
    private static final int HEADER = 10;
    private static final int TRAILER = 8;
    private static final int KEPT = 1 << 18;

    private final Deflater deflater;
    private final CRC32 crc = new CRC32();
    private byte[] out = new byte[1 << 14];

    Gzip(int level) {
        deflater = new Deflater(level, true);
    }

    byte[] compress(byte[] bytes, int length) {
        deflater.reset();
        deflater.setInput(bytes, 0, length);
        deflater.finish();
        Arrays.fill(out, 0, HEADER, (byte) 0);
        out[0] = 0x1f;
        out[1] = (byte) 0x8b;
        out[2] = Deflater.DEFLATED;
        out[9] = (byte) 0xff; // unknown operating system
        int end = HEADER;
        while (!deflater.finished()) {
            end += deflater.deflate(out, end, out.length - end - TRAILER);
            if (out.length - end < TRAILER + 64) {
                out = Arrays.copyOf(out, out.length * 2);
            }
        }
        crc.reset();
        crc.update(bytes, 0, length);
        putInt(end, (int) crc.getValue());
        putInt(end + 4, length);
        byte[] result = Arrays.copyOf(out, end + TRAILER);
        if (out.length > KEPT) {
            out = new byte[1 << 14];
        }
        return result;
    }

    private void putInt(int at, int value) {
        for (int i = 0; i < 4; i++) {
            out[at + i] = (byte) (value >>> (8 * i));
        }
    }

    @Override
    public void close() {
        deflater.end();
    }
}
