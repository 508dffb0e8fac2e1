package io.flarepath.symbolizer.binary.debugfile;

import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.ElfFile.Section;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The name of another file in a section: {@code .gnu_debuglink}, a file name and its CRC-32, and
 * {@code .gnu_debugaltlink}, a path and a build-id (GDB's manual, "Separate Debug Files").
 *
 * @param name file name or path
 * @param crc CRC-32 of the file, of a {@code .gnu_debuglink}
 * @param buildId of the file in hex, of a {@code .gnu_debugaltlink}
 */
record DebugLink(String name, int crc, String buildId) {
    private static final int LONGEST = 4096;

    /** The file that has the debug information; null if none is named. */
    static @Nullable DebugLink of(ElfFile elf) throws IOException {
        byte[] content = content(elf, ".gnu_debuglink");
        int length = nameLength(content);
        int at = (length + 4) & ~3;
        if (length <= 0 || at + 4 > content.length) {
            return null;
        }
        String name = new String(content, 0, length, StandardCharsets.UTF_8);
        int crc = 0;
        for (int i = 3; i >= 0; i--) {
            crc = (crc << 8) | Byte.toUnsignedInt(content[at + i]);
        }
        // Only a name: a path would lead to places of the file's own choosing.
        return name.indexOf('/') >= 0 ? null : new DebugLink(name, crc, "");
    }

    /** The file into which dwz moved what several have in common; null if none is named. */
    static @Nullable DebugLink supplementary(ElfFile elf) throws IOException {
        byte[] content = content(elf, ".gnu_debugaltlink");
        int length = nameLength(content);
        if (length <= 0) {
            return null;
        }
        String name = new String(content, 0, length, StandardCharsets.UTF_8);
        byte[] id = Arrays.copyOfRange(content, length + 1, content.length);
        return new DebugLink(name, 0, HexFormat.of().formatHex(id));
    }

    private static int nameLength(byte[] content) {
        for (int i = 0; i < content.length; i++) {
            if (content[i] == 0) {
                return i;
            }
        }
        return -1;
    }

    private static byte[] content(ElfFile elf, String section) throws IOException {
        Optional<Section> found = elf.section(section);
        if (found.isEmpty()
                || found.get().type() == ElfFile.SHT_NOBITS
                || found.get().bytes() > LONGEST
                || !elf.window().contains(found.get().offset(), found.get().bytes())) {
            return new byte[0];
        }
        return elf.window().bytes(found.get().offset(), (int) found.get().bytes());
    }
}
