package io.flarepath.store.dictionary;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;

/** A piece of a dictionary that may be anything, with a checksum that holds. */
@Tag("fuzz")
class DictionaryFuzz {
    private static final ZstdPool ZSTD = new ZstdPool();

    @FuzzTest(maxDuration = "30s")
    void anyBytes(byte[] value) {
        if (value.length > 8) {
            value[0] = (byte) 0xFD;
            value[1] = 0x1C;
            value[2] = 1;
            value[3] &= 1;
            CRC32C crc = new CRC32C();
            crc.update(value, 8, value.length - 8);
            for (int i = 0; i < 4; i++) {
                value[4 + i] = (byte) (crc.getValue() >>> (24 - 8 * i));
            }
        }
        Dictionary dictionary = new Dictionary(1000, 1 << 20);
        try {
            DictionaryCodec.decode(value, dictionary, ZSTD);
        } catch (CorruptValueException e) {
            if (!dictionary.counts().equals(Counts.NONE)) {
                throw new AssertionError("a part of a corrupt piece was taken", e);
            }
            return;
        }
        dictionary.publish();
        DictionaryView view = dictionary.view();
        for (int stack = 0; stack < view.stackCount(); stack++) {
            for (int node = view.nodeOfStack(stack); node > 0; node = view.parent(node)) {
                if (view.frame(view.frameOfNode(node)).function() == null) {
                    throw new AssertionError("a frame without a name");
                }
            }
        }
    }
}
