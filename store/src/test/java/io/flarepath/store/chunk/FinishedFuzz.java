package io.flarepath.store.chunk;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.store.call.CallBlock;
import io.flarepath.store.call.CallIndex;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;

/** Values of finished windows, and calls, that may be anything, with a checksum that holds. */
@Tag("fuzz")
class FinishedFuzz {
    private static final ZstdPool ZSTD = new ZstdPool();
    private static final Rows SUMS = new Rows(new int[] {0, 3, 900}, new long[] {20, 60, 10});

    @FuzzTest(maxDuration = "30s")
    void anyBytes(byte[] value) {
        if (value.length < 9) {
            return;
        }
        value[2] = 1;
        value[3] &= 1;
        CRC32C crc = new CRC32C();
        crc.update(value, 8, value.length - 8);
        for (int i = 0; i < 4; i++) {
            value[4 + i] = (byte) (crc.getValue() >>> (24 - 8 * i));
        }
        value[0] = (byte) 0xF5;
        value[1] = (byte) 0xB5;
        refusedOrSound(() -> {
            SumsBlock block = SumsBlock.open(value);
            if (block.read(ZSTD).total() != block.total()) {
                throw new AssertionError("sums do not come to their total");
            }
        });
        value[1] = (byte) 0xB7;
        refusedOrSound(() -> {
            WindowSpread spread = WindowSpread.open(value);
            long total = spread.spread(SUMS, ZSTD).stream().mapToLong(Rows::total).sum();
            if (total != SUMS.total()) {
                throw new AssertionError("windows do not come to their two hours");
            }
        });
        value[0] = (byte) 0xFD;
        for (int form : new int[] {0xE7, 0xE8}) {
            value[1] = (byte) form;
            refusedOrSound(() -> {
                boolean[] all = {true, true, true};
                if (Detail.open(value, SUMS, 3, ZSTD).of(SUMS, all).total() != SUMS.total()) {
                    throw new AssertionError("a spread does not come to its sums");
                }
            });
        }
        value[0] = (byte) 0xF3;
        value[1] = (byte) 0xE3;
        refusedOrSound(() -> {
            if (Members.open(value, ZSTD).samples() < 0) {
                throw new AssertionError("fewer than no samples");
            }
        });
        value[0] = (byte) 0xFC;
        value[1] = (byte) 0xA1;
        refusedOrSound(() -> {
            if (CallBlock.open(value, ZSTD).all().size() != CallBlock.summary(value).calls()) {
                throw new AssertionError("calls are missing");
            }
        });
        value[1] = (byte) 0xA7;
        refusedOrSound(() -> {
            if (CallIndex.open(value, ZSTD).summary().calls() < 1) {
                throw new AssertionError("an index of no calls");
            }
        });
    }

    private static void refusedOrSound(Runnable reading) {
        try {
            reading.run();
        } catch (CorruptValueException e) {
            return; // refused, as it should be
        }
    }
}
