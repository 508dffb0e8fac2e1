package io.flarepath.symbolizer.binary;

import io.flarepath.symbolizer.binary.ElfFile.Section;
import io.flarepath.symbolizer.binary.ElfFile.Segment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** Which build a file is: its GNU build-id, and a hash of samples of its content. */
public final class Identity {
    private static final int MAX_NOTE_BYTES = 1 << 16;
    private static final int MAX_NOTES = 64;
    private static final int MAX_BUILD_ID = 64;
    private static final int NT_GNU_BUILD_ID = 3;
    private static final int NT_GO_BUILD_ID = 4;
    private static final int SAMPLES = 16;
    private static final int SAMPLE_BYTES = 4096;

    private Identity() {}

    /** The GNU build-id in hex, or empty. */
    public static String buildId(ElfFile file) throws IOException {
        byte[] id = note(file, "GNU\0", NT_GNU_BUILD_ID);
        return id.length <= MAX_BUILD_ID ? HexFormat.of().formatHex(id) : "";
    }

    static boolean hasGoNote(ElfFile file) throws IOException {
        return note(file, "Go\0\0", NT_GO_BUILD_ID).length > 0;
    }

    /** Tells builds apart: build-id, colon, hash of the content. */
    public static String of(ElfFile file) throws IOException {
        // A stripped file has the build-id of the whole one, so the content counts as well.
        return buildId(file) + ":" + contentHash(file);
    }

    /**
     * SHA-256 of the size, of the first and the last 64 KiB (headers, section headers, end of the
     * names) and of pages in between. A whole hash would read a gigabyte for one frame.
     */
    public static String contentHash(ElfFile file) throws IOException {
        MessageDigest digest = sha256();
        Window window = file.window;
        long size = window.size();
        digest.update(Long.toString(size).getBytes(StandardCharsets.US_ASCII));
        int end = (int) Math.min(size, Window.BYTES);
        digest.update(window.bytes(0, end));
        for (int i = 1; i <= SAMPLES && size > 2L * Window.BYTES; i++) {
            long at = (size - SAMPLE_BYTES) / (SAMPLES + 1) * i;
            digest.update(window.bytes(at, SAMPLE_BYTES));
        }
        digest.update(window.bytes(size - end, end));
        return HexFormat.of().formatHex(digest.digest(), 0, 20);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static byte[] note(ElfFile file, String owner, int type) throws IOException {
        int seen = 0;
        for (Segment s : file.segments) {
            if (s.type() == ElfFile.PT_NOTE && seen++ < MAX_NOTES) {
                byte[] found = note(file.window, s.offset(), s.fileBytes(), s.align(), owner, type);
                if (found.length > 0) {
                    return found;
                }
            }
        }
        for (Section s : file.sections) {
            if (s.type() == ElfFile.SHT_NOTE && seen++ < MAX_NOTES) {
                byte[] found = note(file.window, s.offset(), s.bytes(), 4, owner, type);
                if (found.length > 0) {
                    return found;
                }
            }
        }
        return new byte[0];
    }

    private static byte[] note(
            Window window, long offset, long length, long align, String owner, int type)
            throws IOException {
        if (!window.contains(offset, length)) {
            return new byte[0];
        }
        byte[] wanted = owner.getBytes(StandardCharsets.US_ASCII);
        long padding = align == 8 ? 7 : 3;
        long end = offset + Math.min(length, MAX_NOTE_BYTES);
        for (long at = offset; at + 12 <= end; ) {
            long nameBytes = window.u32(at);
            long bytes = window.u32(at + 4);
            long content = at + 12 + ((nameBytes + 3) & ~3L);
            if (content + bytes > end) {
                break;
            }
            if (window.u32(at + 8) == type
                    && nameBytes >= 1
                    && nameBytes <= 4
                    && Arrays.equals(window.bytes(at + 12, 4), wanted)) {
                return window.bytes(content, (int) bytes);
            }
            at = content + ((bytes + padding) & ~padding);
        }
        return new byte[0];
    }
}
