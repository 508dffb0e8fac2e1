package io.flarepath.store;

import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.chunk.Level;
import io.flarepath.store.chunk.RollupKey;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.RocksDbEngine;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.query.TimeRange;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Windows of small series, which lie as they spread the sums of their two hours. */
class WindowSpreadsTest {
    private static final long WINDOW = 600;
    private static final long HOUR = 3600;
    private static final int PODS = 3;
    private static final int DAY_WINDOWS = Level.DAY.windows();

    @TempDir private Path directory;
    private final AtomicLong now = new AtomicLong(START / SECOND);

    @Test
    void theyAreOneValueAndAnswerAsBefore() {
        try (RocksDbProfileStore store = open()) {
            write(store, DAY_WINDOWS);
        }
        List<Long> before;
        try (RocksDbProfileStore store = open()) {
            finish(store, 30);
            before = totals(store);
            finish(store, 2 * HOUR + 300);
            assertThat(totals(store)).isEqualTo(before);
            assertThat(store.statistics().corruptValues()).isZero();
        }
        assertThat(keys(RollupKey::isOfWindows)).hasSize(1);
        assertThat(keys(key -> key.isOfSeries() && key.bucket() < firstWindow() + 12)).isEmpty();
        try (RocksDbProfileStore store = open()) {
            finish(store, 25 * HOUR);
            assertThat(totals(store)).isEqualTo(before);
        }
        assertThat(keys(RollupKey::isOfWindows)).hasSize(12);
        assertThat(keys(key -> key.isOfSeries() && key.level() == Level.TEN_MINUTES)).isEmpty();
    }

    @Test
    void whatComesLateIsCountedOnceInEveryLevel() {
        List<Long> before;
        try (RocksDbProfileStore store = open()) {
            write(store, DAY_WINDOWS);
            finish(store, 25 * HOUR);
            before = totals(store);
            for (int again = 0; again < 2; again++) {
                store.write(
                        TENANT,
                        List.of(
                                Profiles.of(
                                                "shop",
                                                "pod1",
                                                START + (WINDOW + 7) * SECOND,
                                                Map.of("main;late", 1_000_000_000L))
                                        .build()));
                store.finishWindows();
            }
        }
        // A window late: its two hours are added to as they lie.
        assertThat(keys(RollupKey::isOfWindows)).hasSize(11);
        try (RocksDbProfileStore store = open()) {
            assertDiffers(before, totals(store), 1_000_000_000L);
            late(store, 5);
            // Many windows late: the two hours are made anew.
            store.finishWindows();
            assertDiffers(before, totals(store), 6_000_000_000L);
            assertThat(store.statistics().corruptValues()).isZero();
        }
        assertThat(keys(RollupKey::isOfWindows)).hasSize(12);
    }

    @Test
    void aDamagedSpreadLosesItsWindowsAlone() {
        List<Long> before = writtenDay();
        RollupKey first = keys(RollupKey::isOfWindows).getFirst();
        flipLastByte(first.toBytes());
        try (RocksDbProfileStore store = open()) {
            assertThat(windowTotal(store, 5)).isZero();
            assertThat(store.statistics().corruptValues()).isPositive();
            for (int window = 12; window < 24; window++) {
                assertThat(windowTotal(store, window)).isPositive();
            }
            assertThat(total(store, "", 0, 2 * HOUR)).isEqualTo(before.getFirst());
            late(store, 1);
            store.finishWindows();
            assertThat(total(store, "", 0, 2 * HOUR)).isEqualTo(before.getFirst() + 1_000_000_000L);
        }
    }

    @Test
    void whereTheSumsOfTwoHoursAreDamagedTheDayAndItsOtherHoursTellThem() {
        List<Long> before = writtenDay();
        RollupKey first = keys(RollupKey::isOfWindows).getFirst();
        flipLastByte(first.spreadSums().toBytes());
        try (RocksDbProfileStore store = open()) {
            // Two hours as a whole are read from their windows then.
            assertThat(totals(store)).isEqualTo(before);
            assertThat(store.statistics().corruptValues()).isPositive();
        }
        flipLastByte(
                new RollupKey(
                                Level.DAY,
                                Level.DAY.bucketOf(first.bucket()),
                                first.tenant(),
                                first.service(),
                                first.type(),
                                RollupKey.SERVICE,
                                first.epoch(),
                                0)
                        .toBytes());
        try (RocksDbProfileStore store = open()) {
            assertThat(windowTotal(store, 5)).isZero();
            assertThat(windowTotal(store, 15)).isPositive();
            assertThat(store.statistics().corruptValues()).isPositive();
        }
    }

    private List<Long> writtenDay() {
        try (RocksDbProfileStore store = open()) {
            write(store, DAY_WINDOWS);
            finish(store, 25 * HOUR);
            return totals(store);
        }
    }

    private RocksDbProfileStore open() {
        return RocksDbProfileStore.open(
                directory,
                StoreOptions.defaults()
                        .withFinishing(Duration.ofMinutes(2), Duration.ofDays(1))
                        .withMinimumFreeBytes(0)
                        .withClock(() -> Instant.ofEpochSecond(now.get())));
    }

    private void finish(RocksDbProfileStore store, long seconds) {
        now.set(START / SECOND + seconds);
        store.finishWindows();
    }

    /** Two profiles of each pod a window, so that there are spreads over profiles as well. */
    private static void write(RocksDbProfileStore store, int windows) {
        for (int window = 0; window < windows; window++) {
            List<Profile> batch = new ArrayList<>();
            for (int pod = 0; pod < PODS; pod++) {
                for (int half = 0; half < 2; half++) {
                    Map<String, Long> stacks = new TreeMap<>();
                    for (int i = 0; i < 4; i++) {
                        long hits = 1L + (window * 7 + pod * 3 + i * 5 + half) % 6;
                        stacks.put("main;f" + (window + i * i) % 23, hits * 10_000_000);
                    }
                    batch.add(
                            Profiles.of(
                                            "shop",
                                            "pod" + pod,
                                            START + (window * WINDOW + half * 300L + 5) * SECOND,
                                            stacks)
                                    .build());
                }
            }
            store.write(TENANT, batch);
        }
    }

    private static void late(RocksDbProfileStore store, int windows) {
        for (int window = 0; window < windows; window++) {
            store.write(
                    TENANT,
                    List.of(
                            Profiles.of(
                                            "shop",
                                            "pod0",
                                            START + (window * WINDOW + 9) * SECOND,
                                            Map.of("main;late", 1_000_000_000L))
                                    .build()));
        }
    }

    /** Of two hours, of each window in them, of one pod, of a part of a window, of the day. */
    private static List<Long> totals(RocksDbProfileStore store) {
        List<Long> totals = new ArrayList<>();
        totals.add(total(store, "", 0, 2 * HOUR));
        for (int window = 0; window < 12; window++) {
            totals.add(windowTotal(store, window));
        }
        totals.add(total(store, "pod=\"pod1\"", WINDOW, 7 * WINDOW));
        totals.add(total(store, "pod!=\"pod2\"", WINDOW + 100, 2 * WINDOW));
        totals.add(total(store, "", 0, 24 * HOUR));
        totals.add(
                store.timeSeries(
                                query("", new TimeRange(START, START + 2 * HOUR * SECOND)),
                                WINDOW * SECOND,
                                List.of())
                        .getFirst()
                        .total());
        assertThat(totals).allMatch(total -> total > 0);
        return totals;
    }

    private static long windowTotal(RocksDbProfileStore store, int window) {
        return total(store, "", window * WINDOW, (window + 1) * WINDOW);
    }

    private static long total(RocksDbProfileStore store, String selector, long from, long until) {
        TimeRange range = new TimeRange(START + from * SECOND, START + until * SECOND);
        return store.merge(query(selector, range)).total(0);
    }

    private static void assertDiffers(List<Long> before, List<Long> after, long late) {
        assertThat(after.getFirst()).isEqualTo(before.getFirst() + late);
        assertThat(after.subList(1, 13).stream().mapToLong(Long::longValue).sum())
                .isEqualTo(before.subList(1, 13).stream().mapToLong(Long::longValue).sum() + late);
        assertThat(after.get(15)).isEqualTo(before.get(15) + late);
        assertThat(after.getLast()).isEqualTo(before.getLast() + late);
    }

    private static int firstWindow() {
        return (int) (START / SECOND / WINDOW);
    }

    private List<RollupKey> keys(Predicate<RollupKey> wanted) {
        List<RollupKey> keys = new ArrayList<>();
        try (Engine engine = engine();
                Cursor cursor = engine.scan(Family.ROLLUP)) {
            cursor.seek(RollupKey.first(Level.TEN_MINUTES, 0), RollupKey.first(Level.DAY, -1));
            while (cursor.next()) {
                if (cursor.key().length == RollupKey.BYTES) {
                    RollupKey key = RollupKey.of(cursor.key());
                    if (wanted.test(key)) {
                        keys.add(key);
                    }
                }
            }
        }
        return keys;
    }

    private void flipLastByte(byte[] key) {
        try (Engine engine = engine()) {
            byte[] flipped = Objects.requireNonNull(engine.get(Family.ROLLUP, key)).clone();
            flipped[flipped.length - 1] ^= 1;
            engine.write(new Batch().put(Family.ROLLUP, key, flipped));
        }
    }

    private Engine engine() {
        return RocksDbEngine.open(
                directory.resolve("db"), directory.resolve("native"), 16 << 20, 8 << 20, false);
    }
}
