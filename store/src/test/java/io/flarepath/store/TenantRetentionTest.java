package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.query.TimeSeries;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tenant whose data goes earlier than everybody else's. */
class TenantRetentionTest {
    private static final long HOUR = 3_600 * SECOND;
    private static final int HOURS = 6 * 24;

    @TempDir private Path directory;

    private final AtomicLong clock = new AtomicLong(START);

    private RocksDbProfileStore open() {
        return RocksDbProfileStore.open(
                directory,
                StoreOptions.defaults()
                        .withClock(() -> Instant.ofEpochSecond(0, clock.get()))
                        .withRetention(Duration.ofDays(30), Duration.ofDays(1))
                        .withFinishing(Duration.ofMinutes(2), Duration.ofDays(1))
                        .withTenantAges(Map.of("brief", Duration.ofDays(3))));
    }

    private static long total(RocksDbProfileStore store, String tenant, TimeRange range) {
        return store.merge(new ProfileQuery(tenant, ProfileType.CPU, Selector.parse("{}"), range))
                .total(0);
    }

    /** Sum of the numbers of hours in {@code [from, until)}. */
    private static long sum(long from, long until) {
        return (until - 1) * until / 2 - (from - 1) * from / 2;
    }

    @Test
    void onlyWhatIsYoungerIsReadAndTheRestGoes() {
        try (RocksDbProfileStore store = open()) {
            for (int hour = 0; hour < HOURS; hour++) {
                clock.set(START + hour * HOUR);
                for (String tenant : List.of("brief", "usual")) {
                    store.write(
                            tenant,
                            List.of(
                                    Profiles.of("shop", "a", clock.get(), Map.of("f", (long) hour))
                                            .build()));
                }
                if (hour % 24 == 5) {
                    store.applyRetention();
                    assertKept(store, hour + 1);
                }
            }
            clock.set(START + HOURS * HOUR);
            store.applyRetention();
            assertKept(store, HOURS);
            assertThat(rows(store, "brief")).isLessThan(rows(store, "usual") * 2 / 3);
        }
        try (RocksDbProfileStore store = open()) {
            assertKept(store, HOURS);
            clock.addAndGet(4 * 24 * HOUR);
            store.applyRetention();
            assertThat(total(store, "brief", ALL)).isZero();
            assertThat(store.profileTypes("brief", Selector.parse("{}"), ALL)).isEmpty();
            assertThat(total(store, "usual", ALL)).isEqualTo(sum(0, HOURS));
            assertThat(rows(store, "brief")).isZero();
        }
    }

    private void assertKept(RocksDbProfileStore store, int hours) {
        long now = (clock.get() - START) / HOUR;
        long kept = Math.max(0, now - 72);
        assertThat(total(store, "usual", ALL)).isEqualTo(sum(0, hours));
        assertThat(total(store, "brief", ALL)).as("hour %d", now).isEqualTo(sum(kept, hours));
        TimeRange range = new TimeRange(START, START + hours * HOUR);
        for (long step : List.of(HOUR, 5 * HOUR, 24 * HOUR)) {
            TimeSeries series =
                    store.timeSeries(
                                    new ProfileQuery(
                                            "brief", ProfileType.CPU, Selector.parse("{}"), range),
                                    step,
                                    List.of())
                            .getFirst();
            for (int i = 0; i < series.values().length; i++) {
                long first = Math.clamp(i * step / HOUR, kept, hours);
                long last = Math.clamp((i + 1) * step / HOUR, kept, hours);
                assertThat(series.values()[i]).isEqualTo(sum(first, last));
            }
        }
    }

    private static long rows(RocksDbProfileStore store, String tenant) {
        return store.contents(tenant).services().stream()
                .mapToLong(StoreContents.Service::rows)
                .sum();
    }
}
