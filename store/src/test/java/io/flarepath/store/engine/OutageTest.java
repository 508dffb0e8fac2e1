package io.flarepath.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flarepath.store.SmallDisk;
import io.flarepath.store.StoreException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutageTest {
    @TempDir private Path directory;

    @Test
    void reopensOnlyWhenThereHasBeenRoomForAWhile() {
        Outage outage = new Outage();
        outage.begin();
        long second = 1_000_000_000L;
        assertThat(outage.needsReopening(false, 0)).isFalse();
        assertThat(outage.needsReopening(false, 60 * second)).isFalse();
        assertThat(outage.needsReopening(true, 61 * second)).isFalse();
        assertThat(outage.needsReopening(true, 70 * second)).isFalse();
        assertThat(outage.needsReopening(true, 72 * second)).isTrue();
        assertThat(outage.needsReopening(false, 73 * second)).isFalse();
        assertThat(outage.needsReopening(true, 74 * second)).isFalse();
    }

    /** A sync that falls into the outage is what RocksDB does not recover from. */
    @Test
    @Tag("slow")
    void aDatabaseThatDoesNotRecoverIsReopenedAndReadMeanwhile() throws Exception {
        NativeLibrary.load(directory.resolve("native"));
        Random random = new Random(1);
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("disk"));
                RocksDbEngine engine =
                        RocksDbEngine.open(
                                Files.createDirectory(disk.path().resolve("db")),
                                directory.resolve("native"),
                                // No flush before the disk is full: the WAL is what fails.
                                64 << 20,
                                32 << 20,
                                false)) {
            int number = 0;
            StoreException refused = null;
            while (refused == null && number < 1000) {
                try {
                    engine.write(batch(random, number));
                    number++;
                } catch (StoreException e) {
                    refused = e;
                }
            }
            assertThat(refused).isNotNull();
            int written = number;
            assertThatThrownBy(engine::flushToDisk).isInstanceOf(StoreException.class);
            disk.dropBallast();
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(500))
                    .ignoreExceptionsInstanceOf(StoreException.class)
                    .until(() -> {
                        assertThat(engine.get(Family.PROFILES, key(0))).isNotNull();
                        engine.sync();
                        return true;
                    });
            engine.write(batch(random, written + 1));
            for (int i = 0; i < written; i++) {
                assertThat(engine.get(Family.PROFILES, key(i))).isNotNull();
            }
            assertThat(engine.get(Family.PROFILES, key(written))).isNull();
            assertThat(engine.get(Family.PROFILES, key(written + 1))).isNotNull();
        }
    }

    private static Batch batch(Random random, int number) {
        byte[] value = new byte[50_000];
        random.nextBytes(value);
        return new Batch().put(Family.PROFILES, key(number), value);
    }

    private static byte[] key(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }
}
