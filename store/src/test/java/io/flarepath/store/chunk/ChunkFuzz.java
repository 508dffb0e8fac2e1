package io.flarepath.store.chunk;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.MeasureSlots;
import java.util.SortedMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;

/** Bytes of a file that may be anything, with a checksum that holds: the rest must be bounded. */
@Tag("fuzz")
class ChunkFuzz {
    private static final int CHUNK = 0xFC41;
    private static final int MEASURES = 0xF3A5;
    private static final ZstdPool ZSTD = new ZstdPool();

    @FuzzTest(maxDuration = "30s")
    void anyBytes(byte[] value) {
        if (value.length > 8) {
            int magic = (value[0] & 8) == 0 ? MEASURES : CHUNK;
            value[0] = (byte) (magic >>> 8);
            value[1] = (byte) magic;
            value[2] = 1;
            value[3] &= 1;
            CRC32C crc = new CRC32C();
            crc.update(value, 8, value.length - 8);
            for (int i = 0; i < 4; i++) {
                value[4 + i] = (byte) (crc.getValue() >>> (24 - 8 * i));
            }
        }
        try {
            if (value.length > 0 && (value[0] & 8) == 0) {
                measures(value);
                return;
            }
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

    /** What is read is written as something that reads the same. */
    private static void measures(byte[] value) {
        SortedMap<Integer, Measure> slots = MeasureSlots.decode(value, ZSTD);
        SortedMap<Integer, Measure> again =
                MeasureSlots.decode(MeasureSlots.encode(slots, ZSTD), ZSTD);
        if (!slots.equals(again)) {
            throw new AssertionError(slots + " became " + again);
        }
    }
}
