package io.flarepath.api.backup;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Writes files one after the other as a tar archive: POSIX's ustar form, with a record of the pax
 * form (IEEE Std 1003.1, pax) for names of more than 100 bytes.
 */
final class TarWriter {
    static final int BLOCK = 512;
    static final int NAME_BYTES = 100;

    /** Eleven octal digits. */
    static final long MOST_BYTES = (1L << 33) - 1;

    private final OutputStream out;
    private final byte[] piece = new byte[64 << 10];

    TarWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes a file of exactly so many bytes. */
    void file(String name, long bytes, InputStream content) throws IOException {
        if (name.length() > NAME_BYTES) {
            byte[] record = pathRecord(name);
            header("pax", record.length, 'x');
            out.write(record);
            pad(record.length);
            header(name.substring(0, NAME_BYTES), bytes, '0');
        } else {
            header(name, bytes, '0');
        }
        long left = bytes;
        while (left > 0) {
            int read = content.read(piece, 0, (int) Math.min(left, piece.length));
            if (read < 0) {
                throw new EOFException(name + " became shorter while it was read");
            }
            out.write(piece, 0, read);
            left -= read;
        }
        pad(bytes);
    }

    /** Two blocks of zeros. */
    void end() throws IOException {
        out.write(new byte[2 * BLOCK]);
    }

    /** {@code "LENGTH path=NAME\n"}, the length that of the whole record. */
    private static byte[] pathRecord(String name) {
        String rest = " path=" + name + "\n";
        int length = rest.length();
        while (length != rest.length() + Integer.toString(length).length()) {
            length = rest.length() + Integer.toString(length).length();
        }
        return (length + rest).getBytes(StandardCharsets.US_ASCII);
    }

    private void header(String name, long bytes, char type) throws IOException {
        if (bytes > MOST_BYTES) {
            throw new IOException(name + " is too long for a backup: " + bytes + " bytes");
        }
        byte[] block = new byte[BLOCK];
        put(block, 0, name);
        put(block, 100, "0000600\0");
        put(block, 108, "0000000\0");
        put(block, 116, "0000000\0");
        put(block, 124, String.format(Locale.ROOT, "%011o\0", bytes));
        put(block, 136, "00000000000\0");
        put(block, 148, "        ");
        block[156] = (byte) type;
        put(block, 257, "ustar\00000");
        put(block, 148, String.format(Locale.ROOT, "%06o\0 ", sum(block)));
        out.write(block);
    }

    /** The sum of a header's bytes, which was made with blanks in its own place. */
    static int sum(byte[] block) {
        int sum = 0;
        for (byte each : block) {
            sum += each & 0xFF;
        }
        return sum;
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    private void pad(long bytes) throws IOException {
        int over = (int) (bytes % BLOCK);
        if (over > 0) {
            out.write(new byte[BLOCK - over]);
        }
    }
}
