package io.flarepath.symbolizer.live;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The fixed fields of a line of {@code /proc/PID/maps}, and where its path begins. */
record MapsLine(
        long start,
        long end,
        boolean executable,
        long fileOffset,
        long device,
        long inode,
        int pathStart) {
    private static final String DELETED = " (deleted)";

    static @Nullable MapsLine parse(byte[] line, int length) {
        HexCursor cursor = new HexCursor(line, length);
        long start = cursor.hex();
        cursor.expect('-');
        long end = cursor.hex();
        cursor.expect(' ');
        cursor.next();
        cursor.next();
        boolean executable = cursor.next() == 'x';
        cursor.next();
        cursor.expect(' ');
        long offset = cursor.hex();
        cursor.expect(' ');
        long major = cursor.hex();
        cursor.expect(':');
        long minor = cursor.hex();
        cursor.expect(' ');
        long inode = cursor.decimal();
        cursor.skipBlanks();
        if (cursor.failed() || Long.compareUnsigned(start, end) >= 0) {
            return null;
        }
        return new MapsLine(
                start, end, executable, offset, device(major, minor), inode, cursor.position());
    }

    /** As glibc's makedev packs the two numbers. */
    static long device(long major, long minor) {
        return ((major & 0xfffff000L) << 32)
                | ((major & 0xfffL) << 8)
                | ((minor & 0xffffff00L) << 12)
                | (minor & 0xffL);
    }

    MemoryMapping toMapping(byte[] line, int length) {
        String path = unescape(line, pathStart, length);
        if (path.endsWith(DELETED) && path.startsWith("/")) {
            path = path.substring(0, path.length() - DELETED.length());
        }
        return new MemoryMapping(start, end, fileOffset, executable, device, inode, path);
    }

    /** The kernel writes a line feed in a path as {@code \012}, and nothing else. */
    private static String unescape(byte[] line, int start, int end) {
        byte[] path = new byte[end - start];
        int length = 0;
        for (int i = start; i < end; i++) {
            boolean escape =
                    line[i] == '\\'
                            && i + 3 < end
                            && line[i + 1] == '0'
                            && line[i + 2] == '1'
                            && line[i + 3] == '2';
            path[length++] = escape ? (byte) '\n' : line[i];
            i += escape ? 3 : 0;
        }
        return new String(path, 0, length, StandardCharsets.UTF_8);
    }
}
