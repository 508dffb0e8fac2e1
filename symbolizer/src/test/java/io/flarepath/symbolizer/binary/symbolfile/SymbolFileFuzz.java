package io.flarepath.symbolizer.binary.symbolfile;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Tag;

/** Any bytes behind a good header are looked up within bounds, or refused. */
@Tag("fuzz")
final class SymbolFileFuzz {
    @FuzzTest
    void anyBytesAreLookedUpOrRefused(byte[] bytes) {
        byte[] image = bytes.clone();
        if (image.length >= 24) {
            ByteBuffer.wrap(image)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(0, SymbolFileLayout.MAGIC)
                    .putInt(SymbolFileLayout.VERSION_AT, SymbolFileLayout.VERSION)
                    .putLong(SymbolFileLayout.BYTES_AT, image.length);
        }
        try {
            SymbolFile file = SymbolFile.of(image);
            for (int i = 0; i < Math.min(64, file.segments()); i++) {
                long start = file.segmentStart(i);
                file.find(start);
                file.find(start + file.segmentLength(i) / 2);
            }
            file.find(0);
            file.find(Long.MAX_VALUE);
        } catch (MalformedBinaryException e) {
            // the answer to a damaged file
        }
    }
}
