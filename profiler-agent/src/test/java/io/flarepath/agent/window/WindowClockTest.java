package io.flarepath.agent.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WindowClockTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long UNIX = 1_700_000_000L * SECOND;

    private final AtomicLong monotonic = new AtomicLong(500 * SECOND);
    private final AtomicLong offset = new AtomicLong(UNIX + 3 * SECOND - 500 * SECOND);
    private final WindowClock clock =
            new WindowClock(monotonic::get, () -> monotonic.get() + offset.get(), 10 * SECOND);

    @Test
    void endsWindowsAtMultiplesOfTheirLength() {
        assertThat(clock.startNanos()).isEqualTo(UNIX + 3 * SECOND);
        assertThat(clock.isAfter(506 * SECOND)).isFalse();
        assertThat(clock.isAfter(507 * SECOND)).isTrue();

        monotonic.set(507 * SECOND + 30_000_000);
        clock.next();

        assertThat(clock.startNanos()).isEqualTo(UNIX + 10 * SECOND);
        assertThat(clock.isAfter(516 * SECOND)).isFalse();
        assertThat(clock.isAfter(517 * SECOND)).isTrue();
    }

    @Test
    void keepsTimesOfSamplesWithinTheWindow() {
        assertThat(clock.unixTime(504 * SECOND)).isEqualTo(UNIX + 7 * SECOND);
        assertThat(clock.unixTime(499 * SECOND)).isEqualTo(UNIX + 3 * SECOND);
        assertThat(clock.unixTime(600 * SECOND)).isEqualTo(UNIX + 10 * SECOND - 1);
    }

    @Test
    void followsAStepOfTheSystemsClock() {
        monotonic.set(507 * SECOND);
        offset.addAndGet(-3600 * SECOND);
        clock.next();

        assertThat(clock.startNanos()).isEqualTo(UNIX + (10 - 3600) * SECOND);
        assertThat(clock.isAfter(516 * SECOND)).isFalse();

        offset.addAndGet(7200 * SECOND);
        monotonic.set(517 * SECOND);
        clock.next();

        assertThat(clock.startNanos()).isEqualTo(UNIX + (20 + 3600) * SECOND);
    }

    @Test
    void cutsAWindowShortWhenItsLengthIsSet() {
        monotonic.set(505 * SECOND);
        clock.length(SECOND / 2);

        assertThat(clock.isAfter(505 * SECOND - 1)).isFalse();
        assertThat(clock.isAfter(505 * SECOND)).isTrue();
        assertThat(clock.endNanos()).isEqualTo(UNIX + 8 * SECOND);

        monotonic.set(505 * SECOND + 30_000_000);
        clock.next();

        assertThat(clock.startNanos()).isEqualTo(UNIX + 8 * SECOND);
        assertThat(clock.isAfter(505 * SECOND + SECOND / 2)).isTrue();
        assertThat(clock.isAfter(505 * SECOND + SECOND / 2 - 1)).isFalse();

        clock.length(10 * SECOND);
        monotonic.set(505 * SECOND + SECOND / 2 + 30_000_000);
        clock.next();

        assertThat(clock.startNanos()).isEqualTo(UNIX + 8 * SECOND + SECOND / 2);
        assertThat(clock.isAfter(507 * SECOND)).isTrue();
        assertThat(clock.isAfter(507 * SECOND - 1)).isFalse();
    }
}
