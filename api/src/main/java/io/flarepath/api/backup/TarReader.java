package io.flarepath.api.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link TarWriter} writes, and nothing else: plain files. What is not as it should be
 * is a {@link BackupException}; so is an archive that was cut.
 */
final class TarReader {
    private static final int MOST_RECORD_BYTES = 4 << 10;

    private final InputStream in;
    private long left;
    private int padding;
    private boolean ended;

    TarReader(InputStream in) {
        this.in = in;
    }

    /** The head of a file. */
    record Head(String name, long bytes) {}

    /** The next file, or null at the end; what was not read of the one before is skipped. */
    @Nullable Head next() throws IOException {
        if (ended) {
            return null;
        }
        in.skipNBytes(left + padding);
        left = 0;
        padding = 0;
        byte[] block = block();
        if (isZero(block)) {
            ended = true;
            return null;
        }
        String name = text(block, 0, TarWriter.NAME_BYTES);
        if (block[156] == 'x') {
            name = path(content(block));
            block = block();
        }
        if (block[156] != '0') {
            throw new BackupException("the archive holds something else than files");
        }
        left = size(block);
        padding = padding(left);
        return new Head(name, left);
    }

    /** Bytes of the file that {@link #next()} has named; -1 behind its last. */
    int read(byte[] into) throws IOException {
        if (left == 0) {
            return -1;
        }
        int read = in.read(into, 0, (int) Math.min(left, into.length));
        if (read < 0) {
            throw cut();
        }
        left -= read;
        return read;
    }

    private static BackupException cut() {
        return new BackupException("the archive ends too early");
    }

    private byte[] content(byte[] head) throws IOException {
        long bytes = size(head);
        if (bytes > MOST_RECORD_BYTES) {
            throw new BackupException("a name in the archive is too long");
        }
        byte[] content = in.readNBytes((int) bytes);
        if (content.length < bytes) {
            throw cut();
        }
        in.skipNBytes(padding(bytes));
        return content;
    }

    private static String path(byte[] record) throws BackupException {
        String text = new String(record, StandardCharsets.US_ASCII);
        int at = text.indexOf(" path=");
        if (at < 0 || !text.endsWith("\n")) {
            throw new BackupException("a name in the archive is damaged");
        }
        return text.substring(at + " path=".length(), text.length() - 1);
    }

    private static int padding(long bytes) {
        return (int) ((TarWriter.BLOCK - bytes % TarWriter.BLOCK) % TarWriter.BLOCK);
    }

    private byte[] block() throws IOException {
        byte[] block = in.readNBytes(TarWriter.BLOCK);
        if (block.length < TarWriter.BLOCK) {
            throw cut();
        }
        if (!isZero(block)) {
            byte[] blank = block.clone();
            Arrays.fill(blank, 148, 156, (byte) ' ');
            if (octal(block, 148, 6) != TarWriter.sum(blank)) {
                throw new BackupException("a head in the archive is damaged");
            }
        }
        return block;
    }

    private static boolean isZero(byte[] block) {
        for (byte each : block) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }

    private static long size(byte[] block) throws BackupException {
        return octal(block, 124, 11);
    }

    private static long octal(byte[] block, int at, int digits) throws BackupException {
        long number = 0;
        for (int i = at; i < at + digits; i++) {
            int digit = block[i] - '0';
            if (digit < 0 || digit > 7) {
                throw new BackupException("a number in the archive is damaged");
            }
            number = number << 3 | digit;
        }
        return number;
    }

    private static String text(byte[] block, int at, int most) {
        int end = at;
        while (end < at + most && block[end] != 0) {
            end++;
        }
        return new String(block, at, end - at, StandardCharsets.US_ASCII);
    }
}
