package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The machine's clock jumps, forward and back, by seconds and by days. */
class ClockJumpTest {
    @TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whereverTheClockJumpsTotalsStayExactWithinTheRetention(long seed) {
        Random random = new Random(seed);
        AtomicLong clock = new AtomicLong(START);
        StoreOptions options =
                StoreOptions.defaults()
                        .withClock(() -> Instant.ofEpochSecond(0, clock.get()))
                        .withRetention(Duration.ofDays(400), Duration.ofDays(1))
                        .withDictionaries(1 << 20, 50)
                        .withFinishing(Duration.ofMinutes(2), Duration.ofDays(1));
        long total = 0;
        List<io.flarepath.store.profile.Profile> sent = new ArrayList<>();
        RocksDbProfileStore store = RocksDbProfileStore.open(directory, options);
        try {
            for (int step = 0; step < 150; step++) {
                long jump =
                        switch (random.nextInt(5)) {
                            case 0 -> -random.nextInt(86_400 * 20);
                            case 1 -> random.nextInt(86_400 * 20);
                            case 2 -> -random.nextInt(900);
                            default -> random.nextInt(900);
                        };
                // To 1970, now and then, as machines without a battery do.
                clock.set(
                        random.nextInt(20) == 0
                                ? 5 * SECOND
                                : Math.clamp(
                                        clock.get() + jump * SECOND,
                                        START - 86_400L * 150 * SECOND,
                                        START + 86_400L * 150 * SECOND));
                // Named by the machine's clock, except where that is absurd.
                long start = Math.max(clock.get(), START - 86_400L * 150 * SECOND) + step;
                var profile =
                        Profiles.of("shop", "a", start, Map.of("main;f" + step, 1L + step)).build();
                assertThat(store.write(TENANT, List.of(profile)).stored()).isEqualTo(1);
                sent.add(profile);
                total += 1L + step;
                if (random.nextInt(6) == 0) {
                    store.finishWindows();
                }
                if (random.nextInt(12) == 0) {
                    store.applyRetention();
                }
                if (random.nextInt(30) == 0) {
                    store.close();
                    store = RocksDbProfileStore.open(directory, options);
                }
            }
            assertThat(store.merge(query("", ALL)).total(0)).as("seed %d", seed).isEqualTo(total);
            assertThat(store.write(TENANT, sent))
                    .as("retries, seed %d", seed)
                    .isEqualTo(new WriteResult(0, sent.size()));
        } finally {
            store.close();
        }
    }
}
