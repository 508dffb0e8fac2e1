package io.flarepath.api.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class AttimeTest {
    private static final long NOW = Instant.parse("2026-03-01T12:00:00Z").toEpochMilli();

    @Test
    void readsNumbersByTheirLength() {
        assertThat(parse("1700000000")).isEqualTo(1_700_000_000_000L);
        assertThat(parse("1700000000123")).isEqualTo(1_700_000_000_123L);
        assertThat(parse("1700000000123456")).isEqualTo(1_700_000_000_123L);
        assertThat(parse("1700000000123456789")).isEqualTo(1_700_000_000_123L);
        assertThat(parse("7")).isEqualTo(7_000);
    }

    @Test
    void keepsNanoseconds() {
        assertThat(Attime.nanos("1700000000123456", 0)).isEqualTo(1_700_000_000_123_456_000L);
        assertThat(Attime.nanos("1700000000123456789", 0)).isEqualTo(1_700_000_000_123_456_789L);
        assertThat(Attime.nanos("now-1s", 1_700_000_000_123_456_789L))
                .isEqualTo(1_699_999_999_123_456_789L);
    }

    @Test
    void readsDates() {
        assertThat(parse("20260301"))
                .isEqualTo(Instant.parse("2026-03-01T00:00:00Z").toEpochMilli());
        assertThat(parse("20261301")).isEqualTo(NOW);
    }

    @Test
    void leavesOutSeparators() {
        assertThat(parse("1_700_000_000")).isEqualTo(1_700_000_000_000L);
        assertThat(parse("now - 1h")).isEqualTo(NOW - 3_600_000);
    }

    @Test
    void readsOffsets() {
        assertThat(parse("now")).isEqualTo(NOW);
        assertThat(parse("now-30s")).isEqualTo(NOW - 30_000);
        assertThat(parse("now-5m")).isEqualTo(NOW - 300_000);
        assertThat(parse("now-5min")).isEqualTo(NOW - 300_000);
        assertThat(parse("now-2h")).isEqualTo(NOW - 7_200_000);
        assertThat(parse("now-1d")).isEqualTo(NOW - 86_400_000);
        assertThat(parse("now-1w")).isEqualTo(NOW - 7 * 86_400_000L);
        assertThat(parse("now-1M")).isEqualTo(NOW - 30 * 86_400_000L);
        assertThat(parse("now-2mon")).isEqualTo(NOW - 60 * 86_400_000L);
        assertThat(parse("now-1y")).isEqualTo(NOW - 365 * 86_400_000L);
        assertThat(parse("now+1h")).isEqualTo(NOW + 3_600_000);
        assertThat(parse("now-1h30m")).isEqualTo(NOW - 5_400_000);
        assertThat(parse("whatever-1h")).isEqualTo(NOW - 3_600_000);
    }

    @Test
    void takesWhatItCannotReadForNow() {
        assertThat(parse("")).isEqualTo(NOW);
        assertThat(parse("yesterday")).isEqualTo(NOW);
        assertThat(parse("now-")).isEqualTo(NOW);
        assertThat(parse("now-5parsec")).isEqualTo(NOW);
        assertThat(parse("99999999999999999999999")).isEqualTo(NOW);
    }

    @Test
    void staysWithinWhatCanBeStored() {
        assertThat(parse("now-99999999999999y")).isZero();
        assertThat(parse("now+99999999999999y99999999999999y")).isEqualTo(Instants.LATEST_MILLIS);
        assertThat(parse("99991231")).isEqualTo(Instants.LATEST_MILLIS);
        assertThat(parse("19691231")).isZero();
        assertThat(parse("9999999999999")).isEqualTo(Instants.LATEST_MILLIS);
        assertThat(parse("999999999999")).isEqualTo(Instants.LATEST_MILLIS);
    }

    private static long parse(String text) {
        return Attime.millis(text, NOW);
    }
}
