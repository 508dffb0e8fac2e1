package io.flarepath.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDbEngineTest extends EngineContract {
    @TempDir private Path other;

    @Override
    Engine open(Path at) {
        return RocksDbEngine.open(at.resolve("db"), at.resolve("native"), 16 << 20, 8 << 20, false);
    }

    /** What was deleted again has to lie nowhere, or small services would pay for it most. */
    @Test
    void whatWasWrittenAndDeletedTakesNoRoomOnceItHasSettled() throws IOException {
        long kept;
        try (Engine engine = open(other)) {
            byte[] value = new byte[1_000];
            new Random(1).nextBytes(value);
            for (int i = 0; i < 3_000; i++) {
                engine.write(new Batch().put(Family.PROFILES, key("p" + i), value));
            }
            for (int i = 10; i < 3_000; i++) {
                engine.write(new Batch().delete(Family.PROFILES, key("p" + i)));
            }
            assertThat(filesOf(".log")).isGreaterThan(3_000_000);
            engine.settle();
            engine.settle(); // nothing was written since: it is worth it
            assertThat(filesOf(".log")).isLessThan(100_000);
            kept = filesOf(".sst");
            assertThat(kept).isBetween(10_000L, 30_000L);
        }
        assertThat(filesOf(".sst")).isLessThanOrEqualTo(kept);
    }

    private long filesOf(String ending) throws IOException {
        long bytes = 0;
        try (var files = Files.newDirectoryStream(other.resolve("db"), "*" + ending)) {
            for (Path file : files) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }
}
