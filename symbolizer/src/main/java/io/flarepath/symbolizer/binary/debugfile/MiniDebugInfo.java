package io.flarepath.symbolizer.binary.debugfile;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.SectionBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The small ELF file, packed with xz, that some distributions put into a stripped binary: the
 * symbols of functions that are not exported (GDB's manual, "MiniDebugInfo").
 */
public final class MiniDebugInfo {
    private static final int MOST_PACKED = 16 << 20;
    private static final int MOST_UNPACKED = 64 << 20;

    private MiniDebugInfo() {}

    /** The file in {@code .gnu_debugdata}; null if there is none, or it is damaged. */
    public static @Nullable ElfFile read(SectionBytes sections) throws IOException {
        ByteSource packed = sections.open(".gnu_debugdata");
        if (packed == null || packed.size() > MOST_PACKED) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) packed.size());
        while (bytes.hasRemaining() && packed.read(bytes, bytes.position()) > 0) {
            // until all of it is there
        }
        try {
            return ElfFile.read(ByteSource.of(XzDecoder.decode(bytes.array(), MOST_UNPACKED)));
        } catch (MalformedBinaryException e) {
            return null;
        }
    }
}
