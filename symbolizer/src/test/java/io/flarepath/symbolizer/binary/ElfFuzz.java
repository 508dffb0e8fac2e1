package io.flarepath.symbolizer.binary;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

/** Any bytes are read within bounds or refused. */
@Tag("fuzz")
final class ElfFuzz {
    @FuzzTest
    void anyBytesAreReadOrRefused(byte[] bytes) {
        try {
            Executable executable = Executable.read(ByteSource.of(bytes), "fuzz");
            for (long address = 0; address < 1 << 16; address += 977) {
                executable.frame(address);
                executable.virtualAddress(address);
            }
        } catch (MalformedBinaryException e) {
            // the answer to a damaged file
        } catch (IOException e) {
            throw new AssertionError("memory cannot fail to be read", e);
        }
    }
}
