package io.flarepath.symbolizer.live;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

/** Any text is read within bounds, what is malformed left out. */
@Tag("fuzz")
final class KallsymsFuzz {
    @FuzzTest
    void anyTextIsRead(byte[] bytes) {
        try {
            KernelSymbolTable table = KernelSymbolTable.read(new ByteArrayInputStream(bytes));
            int row = table.find(0xffffffff81000010L);
            if (row >= 0) {
                table.name(row);
                table.module(row);
            }
        } catch (IOException e) {
            throw new AssertionError("memory cannot fail to be read", e);
        }
    }
}
