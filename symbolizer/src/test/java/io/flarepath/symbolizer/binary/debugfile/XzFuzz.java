package io.flarepath.symbolizer.binary.debugfile;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import org.junit.jupiter.api.Tag;

/** Any bytes are unpacked within the bound or refused. */
@Tag("fuzz")
final class XzFuzz {
    private static final int MOST = 1 << 20;

    @FuzzTest
    void anyBytesAreUnpackedOrRefused(byte[] bytes) {
        try {
            if (XzDecoder.decode(bytes, MOST).length > MOST) {
                throw new AssertionError("more was unpacked than may be");
            }
        } catch (MalformedBinaryException e) {
            // the answer to damaged bytes
        }
    }

    /** Past the checksums: chunks alone. */
    @FuzzTest
    void anyChunksAreUnpackedOrRefused(byte[] bytes) {
        try {
            new Lzma2Decoder(bytes, 0, new LzmaOutput(MOST)).decode();
        } catch (MalformedBinaryException | ArrayIndexOutOfBoundsException e) {
            // the answer to damaged bytes; the caller turns the second into the first
        }
    }
}
