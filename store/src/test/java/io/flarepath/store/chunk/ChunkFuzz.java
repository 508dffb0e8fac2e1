package io.flarepath.store.chunk;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;

/** Bytes of a file that may be anything, with a checksum that holds: the rest must be bounded. */
@Tag("fuzz")
class ChunkFuzz {
    private static final ZstdPool ZSTD = new ZstdPool();

    @FuzzTest(maxDuration = "30s")
    void anyBytes(byte[] value) {
        if (value.length > 8) {
            value[0] = (byte) 0xFC;
            value[1] = 0x41;
            value[2] = 1;
            value[3] &= 1;
            CRC32C crc = new CRC32C();
            crc.update(value, 8, value.length - 8);
            for (int i = 0; i < 4; i++) {
                value[4 + i] = (byte) (crc.getValue() >>> (24 - 8 * i));
            }
        }
        try {
            Chunk chunk = Chunk.open(value);
            long sum = 0;
            for (long one : chunk.read(ZSTD).values()) {
                sum += one;
            }
            if (sum != chunk.total()) {
                throw new AssertionError(sum + " is not " + chunk.total());
            }
        } catch (CorruptValueException e) {
            return; // refused, as it should be
        }
    }
}
