package io.flarepath.symbolizer.binary;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Which state of which file.
 *
 * @param device {@code st_dev}
 * @param inode {@code st_ino}
 * @param size bytes
 * @param modifiedNanos time of the last change, in nanoseconds since 1970
 */
public record FileKey(long device, long inode, long size, long modifiedNanos) {
    /** Asks the file system, following links. */
    public static FileKey of(Path path) throws IOException {
        Map<String, Object> attributes =
                Files.readAttributes(path, "unix:dev,ino,size,lastModifiedTime");
        return new FileKey(
                number(attributes, "dev"),
                number(attributes, "ino"),
                number(attributes, "size"),
                attributes.get("lastModifiedTime") instanceof FileTime time
                        ? time.to(TimeUnit.NANOSECONDS)
                        : 0);
    }

    private static long number(Map<String, Object> attributes, String name) {
        return attributes.get(name) instanceof Number number ? number.longValue() : 0;
    }
}
