package io.flarepath.symbolizer.live;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.symbolizer.FrameKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** Any text is read within bounds, what is malformed left out. */
@Tag("fuzz")
final class PerfMapFuzz {
    @FuzzTest
    void anyTextIsRead(byte[] bytes) {
        try {
            PerfMap map = new PerfMap(Path.of("/nowhere"), 0, FrameKind.NODE);
            map.readFrom(new ByteArrayInputStream(bytes), PerfMap.MAX_BYTES);
            map.frame(0x1000);
        } catch (IOException e) {
            throw new AssertionError("memory cannot fail to be read", e);
        }
    }
}
