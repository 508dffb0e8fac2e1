package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flarepath.store.profile.Profile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that really is full. Needs the right to mount a tmpfs. */
@Tag("slow")
class DiskFullTest {
    @TempDir private Path directory;

    @Test
    void writesFailWholeReadsGoOnAndWritesComeBackByThemselves() throws Exception {
        // The native library, once loaded from the tmpfs, would keep it mounted.
        RocksDbProfileStore.open(directory.resolve("first"), StoreOptions.defaults()).close();
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("disk"))) {
            fill(disk);
        }
    }

    @Test
    void windowsAreNotPutTogetherAndNothingIsFlushedUntilThereIsRoomAgain() throws Exception {
        RocksDbProfileStore.open(directory.resolve("first"), StoreOptions.defaults()).close();
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("disk"))) {
            fillByFinishing(disk);
        }
    }

    private static void fillByFinishing(SmallDisk disk) throws IOException {
        StoreOptions options =
                StoreOptions.defaults()
                        .withMinimumFreeBytes(0)
                        .withEngineMemory(8 << 20, 4 << 20)
                        .withFinishing(Duration.ZERO, Duration.ofDays(1));
        Random random = new Random(7);
        long total = 0;
        try (RocksDbProfileStore store = RocksDbProfileStore.open(disk.path(), options)) {
            for (int number = 1; number <= 150; number++) {
                store.write(TENANT, List.of(profile(random, number)));
                total += 500;
            }
            disk.fill();
            assertThatThrownBy(store::checkpoint).as("flushes").isInstanceOf(StoreException.class);
            try {
                store.finishWindows();
            } catch (StoreException e) {
                assertThat(e.reason()).isEqualTo(StoreException.Reason.DISK);
            }
            assertThat(store.merge(query("", ALL)).total(0)).as("full").isEqualTo(total);
            disk.dropBallast();
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptionsInstanceOf(StoreException.class)
                    .until(() -> {
                        store.finishWindows();
                        return true;
                    });
            assertThat(store.merge(query("", ALL)).total(0)).as("room").isEqualTo(total);
            assertThat(store.statistics().corruptValues()).isZero();
        }
        try (RocksDbProfileStore store = RocksDbProfileStore.open(disk.path(), options)) {
            assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(total);
        }
    }

    private static void fill(SmallDisk disk) throws IOException {
        StoreOptions options =
                StoreOptions.defaults().withMinimumFreeBytes(0).withEngineMemory(8 << 20, 4 << 20);
        Random random = new Random(5);
        long total = 0;
        try (RocksDbProfileStore store = RocksDbProfileStore.open(disk.path(), options)) {
            int number = 0;
            List<StoreException> failures = new ArrayList<>();
            while (failures.isEmpty() && number < 20_000) {
                try {
                    store.write(TENANT, List.of(profile(random, ++number)));
                    total += 500;
                } catch (StoreException e) {
                    failures.add(e);
                }
            }
            assertThat(failures)
                    .extracting(StoreException::reason)
                    .containsExactly(StoreException.Reason.DISK);
            assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(total);
            disk.dropBallast();
            int retried = number;
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptionsInstanceOf(StoreException.class)
                    .until(() ->
                            store.write(TENANT, List.of(profile(new Random(6), retried + 1)))
                                            .stored()
                                    == 1);
            total += 500;
            assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(total);
        }
        try (RocksDbProfileStore store = RocksDbProfileStore.open(disk.path(), options)) {
            assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(total);
        }
    }

    /** 500 stacks worth 1 each, with names that do not pack well. */
    private static Profile profile(Random random, int number) {
        Map<String, Long> stacks = new HashMap<>();
        while (stacks.size() < 500) {
            stacks.put("main;" + Long.toHexString(random.nextLong()), 1L);
        }
        return Profiles.of("shop", "a", START + number * SECOND, stacks).build();
    }
}
