package io.flarepath.agent.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Unix time of moments of the monotonic clock. */
class ClockDifferenceTest {

    @Test
    void momentsBeforeAndAfterItWasMeasuredKeepTheirDistance() {
        ClockDifference difference = ClockDifference.between(() -> 5_000, () -> 1_000_000);
        assertThat(difference.unixTime(5_000)).isEqualTo(1_000_000);
        assertThat(difference.unixTime(1)).isEqualTo(995_001);
        assertThat(difference.unixTime(9_000)).isEqualTo(1_004_000);
    }

    @Test
    void aPauseBetweenTwoReadingsIsNoDifference() {
        AtomicLong time = new AtomicLong();
        AtomicLong readings = new AtomicLong();
        ClockDifference difference =
                ClockDifference.between(
                        () -> time.addAndGet(readings.incrementAndGet() < 5 ? 1_000_000 : 2),
                        () -> 7_000_000_000L + time.get());
        assertThat(difference.nanos()).isBetween(6_999_999_990L, 7_000_000_010L);
    }

    @Test
    void nowIsWhatTheClocksSay() {
        long before = WindowClock.unixNow();
        long now = ClockDifference.now().unixTime(System.nanoTime());
        assertThat(now - before).isBetween(-2_000_000L, 10_000_000_000L);
    }
}
