package io.flarepath.symbolizer.live;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

/** Any text is read within bounds, what is malformed left out. */
@Tag("fuzz")
final class MapsFuzz {
    @FuzzTest
    void anyTextIsRead(byte[] bytes) {
        try {
            ProcessMaps maps = ProcessMaps.read(new ByteArrayInputStream(bytes));
            maps.find(0x1000);
            for (MemoryMapping mapping : maps.mappings()) {
                mapping.fileName();
            }
        } catch (IOException e) {
            throw new AssertionError("memory cannot fail to be read", e);
        }
    }
}
