package io.flarepath.agent.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class WindowPaceTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicBoolean behind = new AtomicBoolean();
    private final WindowPace pace = new WindowPace(behind::get, 10 * SECOND);

    @Test
    void isUsualWhileTheServerTakesProfiles() {
        assertThat(pace.lengthNanos(0)).isEqualTo(10 * SECOND);
        behind.set(true);
        assertThat(pace.lengthNanos(1)).isEqualTo(10 * SECOND);
        assertThat(pace.lengthNanos(WindowPace.GRACE_NANOS)).isEqualTo(10 * SECOND);
        behind.set(false);
        assertThat(pace.lengthNanos(2 * SECOND)).isEqualTo(10 * SECOND);
    }

    @Test
    void isAHundredthOfAnOutageAndAtLeastHalfASecond() {
        behind.set(true);
        assertThat(pace.lengthNanos(0)).isEqualTo(10 * SECOND);
        assertThat(pace.lengthNanos(SECOND)).isEqualTo(SECOND / 2);
        assertThat(pace.lengthNanos(60 * SECOND)).isEqualTo(SECOND / 2);
        assertThat(pace.lengthNanos(210 * SECOND)).isEqualTo(2 * SECOND);
        assertThat(pace.lengthNanos(86_400 * SECOND)).isEqualTo(10 * SECOND);
        behind.set(false);
        assertThat(pace.lengthNanos(86_401 * SECOND)).isEqualTo(10 * SECOND);
    }

    @Test
    void isNeverLongerThanUsual() {
        WindowPace quick = new WindowPace(() -> true, SECOND / 10);
        assertThat(quick.lengthNanos(0)).isEqualTo(SECOND / 10);
        assertThat(quick.lengthNanos(5 * SECOND)).isEqualTo(SECOND / 10);
    }
}
